// `codebook` nodes.
//
//   codebook sid { of = films.items; learn = residual_k_means { vectors = ppmi_svd(films.train) } }
#include "compiler/contracts/codebooks.h"
#include "compiler/plan/lower.h"
#include "runtime/base/random.h"

namespace rexp::plan {

std::optional<DraftId> lower_codebook(Lowering& l, const Record& codebook) {
  Program& program = l.program();
  Draft draft;
  draft.kind = "codebook";
  draft.name = name_or(codebook, "codebook");
  const Value* dataset = eval::dataset_of(l.e, contracts::field(program, codebook, "of"));
  if (dataset != nullptr) {
    const auto load = lower(l, *dataset);
    if (!load) return std::nullopt;
    draft.input(*load);
  }
  const Value& learner = contracts::field(program, codebook, "learn");
  const Span span = contracts::field_span(program, codebook, "learn");
  auto learn = describe_component(l, draft, learner, span);
  const auto facts = contracts::codebook_facts(l.e, codebook);
  if (!learn || !facts) return std::nullopt;
  draft.args = {{"name", draft.name},
                {"learn", std::move(*learn)},
                {"clashes", constant_json(l.e, contracts::field(program, codebook, "clashes"))},
                {"surface", facts->surface},
                {"named", contracts::written(program, codebook, "surface")},
                {"open", constant_json(l.e, contracts::field(program, codebook, "open"))},
                {"close", constant_json(l.e, contracts::field(program, codebook, "close"))}};
  if (const auto* record = learner.shared<Record>()) locate_files(l, draft, *record, "learn", span);
  draft.stream = stream(l.e.settings.package_seed, draft.kind);
  return l.add(std::move(draft));
}

}  // namespace rexp::plan
