// `rows` nodes: windows of a part, items of a catalogue, and what is made of other rows. The general way does all of it.
//
//   films.train.windows(max = 20).where(w => …)     films/train/windows, then films/train/windows/where
#include "compiler/plan/lower.h"
#include "runtime/base/random.h"

namespace rexp::plan {

namespace {

std::string name_of_rows(Lowering& l, const Value& value) {
  if (const auto* record = value.shared<Record>()) return name_or(*record, "dataset");
  const auto* made = value.shared<Made>();
  if (made == nullptr || made->arguments.empty()) return "rows";
  Program& program = l.program();
  if (contracts::is_made_of(program, *made, Known::Table)) return "table";
  const std::string before = name_of_rows(l, made->arguments[0].second);
  return before + "/" +
         (contracts::is_made_of(program, *made, Known::Rows) ? std::string("joined")
                                                             : contracts::name_of(program, *made));
}

}  // namespace

std::optional<DraftId> lower_rows(Lowering& l, const Made& rows) {
  Draft draft;
  draft.kind = "rows";
  const Value value = eval::shared_value(Made(rows));
  draft.name = name_of_rows(l, value);
  if (const Value* dataset = eval::dataset_of(l.e, value)) {  // first of the inputs
    const auto load = lower(l, *dataset);
    if (!load) return std::nullopt;
    draft.input(*load);
  }
  auto args = describe_component(l, draft, value, rows.span);
  if (!args) return std::nullopt;
  draft.args = std::move(*args);
  draft.stream = stream(l.e.settings.package_seed, draft.kind);
  return l.add(std::move(draft));
}

std::optional<DraftId> lower_learnt(Lowering& l, const Value& value, const Made& made) {
  Program& program = l.program();
  const bool vectors = program.is(made.type, Known::Vectors);
  Draft draft;
  draft.kind = vectors ? "vectors" : "baseline";
  draft.name = contracts::name_of(program, made);
  if (const Value* dataset = eval::dataset_of(l.e, value)) {
    const auto load = lower(l, *dataset);
    if (!load) return std::nullopt;
    draft.input(*load);
    draft.name = l[*load].name + "/" + draft.name;
  }
  auto args = describe_component(l, draft, value, made.span);
  if (!args) return std::nullopt;
  draft.args = std::move(*args);
  locate_file(draft, made);
  draft.stream = stream(l.e.settings.package_seed, draft.kind);
  return l.add(std::move(draft));
}

}  // namespace rexp::plan
