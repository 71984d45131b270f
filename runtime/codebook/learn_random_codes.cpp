// RandomCodes {levels, seed}: codes that know nothing of the items, the control that every codebook is compared with.
#include "runtime/base/fields.h"
#include "runtime/base/random.h"
#include "runtime/base/registry.h"
#include "runtime/codebook/learn.h"

namespace rexp::codebook {
namespace {

Result<Codes> learn(const nlohmann::json& args, const LearnInput& in) {
  Codes out{{64, 64, 64}, {}};
  uint64_t seed = 7;
  Fields fields(args, "the codebook's learner");
  fields.counts("levels", &out.level_sizes, 1, "a list of whole numbers of at least 1");
  fields.seed("seed", &seed);
  REXP_TRY(fields.status());
  const uint64_t codes = stream(seed, "random codes");
  for (int64_t item = 0; item < in.dataset->item_count(); ++item) {
    std::vector<int32_t>& drawn = out.codes.emplace_back();
    const uint64_t own = stream(codes, static_cast<uint64_t>(item));
    for (size_t level = 0; level < out.level_sizes.size(); ++level) {
      const auto size = static_cast<uint64_t>(out.level_sizes[level]);
      drawn.push_back(static_cast<int32_t>(below(own, level, size)));
    }
  }
  return out;
}

REXP_REGISTER(Learner, RandomCodes, learn)

}  // namespace
}  // namespace rexp::codebook
