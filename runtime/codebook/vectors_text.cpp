// text_features {items, text, size}
#include "runtime/base/fields.h"
#include "runtime/base/registry.h"
#include "runtime/codebook/item_vectors.h"
#include "runtime/codebook/learn.h"

namespace rexp::codebook {
namespace {

Result<Vectors> learn(const nlohmann::json& args, const LearnInput& in) {
  int64_t size = 48, kernel = 0, items = 0;
  Fields fields(args, "text_features");
  fields.count("size", &size, 1, "a whole number of at least 1");
  fields.kernel("text", &kernel);
  fields.input("items", &items);
  REXP_TRY(fields.status());
  REXP_TRY(check_all_items(in, items, "text_features"));
  std::vector<std::string> texts;
  for (int64_t item = 0; item < in.dataset->item_count(); ++item) {
    Result<std::string> text = in.text(kernel, item);
    if (!text.ok()) return text.error();
    texts.push_back(std::move(*text));
  }
  return text_features(texts, static_cast<int32_t>(size), in.seed);
}

REXP_REGISTER(VectorsKind, text_features, learn)

}  // namespace
}  // namespace rexp::codebook
