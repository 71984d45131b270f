// ToyTree {levels}: codes without learning, the digits of the item's index, the first level changing fastest. In the toy
// catalogue, with eight codes on the first level, that level is the genre.
#include "runtime/base/fields.h"
#include "runtime/base/registry.h"
#include "runtime/codebook/learn.h"

namespace rexp::codebook {
namespace {

Result<Codes> learn(const nlohmann::json& args, const LearnInput& in) {
  Codes out{{8, 8, 8}, {}};
  Fields fields(args, "the codebook's learner");
  fields.counts("levels", &out.level_sizes, 1, "a list of whole numbers of at least 1");
  REXP_TRY(fields.status());
  for (int64_t item = 0; item < in.dataset->item_count(); ++item) {
    std::vector<int32_t>& digits = out.codes.emplace_back();
    int64_t rest = item;
    for (const int32_t size : out.level_sizes) {
      digits.push_back(static_cast<int32_t>(rest % size));
      rest /= size;
    }
  }
  return out;
}

REXP_REGISTER(Learner, ToyTree, learn)

}  // namespace
}  // namespace rexp::codebook
