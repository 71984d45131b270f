#include "runtime/decode/decoder.h"

#include "runtime/base/registry.h"

namespace rexp::decode {

Result<DecoderPlan> read_decoder(const nlohmann::json& args) {
  Result<const Decoder*> decoder = Registry<Decoder>::find(args);
  if (!decoder.ok()) return decoder.error();
  DecoderPlan plan;
  Fields fields(args, "`decode`");
  fields.choice<ScoreRule>(
      "score", &plan.search.rule,
      {{"model", ScoreRule::model}, {"level", ScoreRule::level}, {"trie", ScoreRule::trie}});
  (*decoder)->read(&fields, &plan.search);
  const nlohmann::json* within = fields.find("within");
  plan.search.constrained = within != nullptr;
  if (within != nullptr) {
    Fields inner(*within, "`within`");
    if (inner.find("where") != nullptr) inner.kernel("where", &plan.where);
    REXP_TRY(inner.status());
  }
  REXP_TRY(fields.status());
  return plan;
}

}  // namespace rexp::decode
