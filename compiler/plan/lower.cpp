#include "compiler/plan/lower.h"

#include <algorithm>

#include "compiler/plan/key.h"
#include "runtime/base/assert.h"

namespace rexp::plan {
using contracts::is;
using contracts::is_made_of;
using contracts::is_stage;
using diagnostics::Kind;
using eval::Intrinsic;

int64_t Draft::input(DraftId id) {
  const auto at = std::find(inputs.begin(), inputs.end(), id);
  if (at != inputs.end()) return at - inputs.begin();
  inputs.push_back(id);
  return static_cast<int64_t>(inputs.size()) - 1;
}

namespace {

std::string content_of(const Lowering& l, const Draft& draft) {
  std::vector<std::string> inputs;
  for (const DraftId input : draft.inputs) inputs.push_back(l.content(input));
  return content_key(draft.kind, draft.args, draft.kernels, draft.stream, inputs);
}

}  // namespace

DraftId Lowering::add(Draft draft) {
  contents.push_back(content_of(*this, draft));
  const int count = ++names[draft.name];
  if (count > 1) draft.name += "#" + std::to_string(count);
  drafts.push_back(std::move(draft));
  return static_cast<DraftId>(drafts.size()) - 1;
}

DraftId Lowering::add_once(Draft draft) {
  const auto equal = std::find(contents.begin(), contents.end(), content_of(*this, draft));
  if (equal != contents.end()) return static_cast<DraftId>(equal - contents.begin());
  return add(std::move(draft));
}

std::string last_part(const std::string& name) { return name.substr(name.rfind('/') + 1); }

std::string name_or(const Record& record, const char* fallback) {
  return record.name.empty() ? fallback : record.name;
}

std::string name_in(const Lowering& l, const std::string& leaf) {
  return l.experiment.empty() ? leaf : l.experiment + "/" + leaf;
}

namespace {

std::optional<DraftId> lower_record(Lowering& l, const Value& value, const Record& record) {
  Program& program = l.program();
  if (program.is(record.type, Known::Interactions)) return lower_dataset(l, record);
  if (program.is(record.type, Known::Codebook)) return lower_codebook(l, record);
  if (program.is(record.type, Known::Model)) return lower_model(l, record);
  program.sink.add(Kind::wrong_type, record.span,
                   "the run makes nothing of `" + eval::print(l.e, value) + "`");
  return std::nullopt;
}

std::optional<DraftId> lower_made(Lowering& l, const Value& value, const Made& made) {
  Program& program = l.program();
  if (is_stage(l.e, made)) return lower_stage(l, value, made);
  if (is_made_of(program, made, Known::Table)) return lower_table(l, made);
  if (is(l.e, made, Intrinsic::evaluate)) return lower_evaluate(l, made);
  if (is(l.e, made, Intrinsic::tally)) return lower_tally(l, made);
  if (is(l.e, made, Intrinsic::scores_guesses)) {
    const Made& scores = *contracts::receiver(made).shared<Made>();
    return lower_guesses(l, contracts::argument(scores, "system"),
                         *contracts::argument(scores, "protocol").shared<Record>());
  }
  if (is(l.e, made, Intrinsic::hybrid)) {
    program.sink
        .add(Kind::wrong_type, made.span, "a hybrid is made of answers, nobody asks this one")
        .help = "ask it under a protocol: `hybrid([a, b]) |> evaluate(last_one)`";
    return std::nullopt;
  }
  // A part is kept with its dataset.
  if (program.is(made.type, Known::Part)) return lower(l, contracts::receiver(made));
  if (program.is(made.type, Known::Rows)) return lower_rows(l, made);
  if (program.is(made.type, Known::Vectors) || program.is(made.type, Known::Recommender))
    return lower_learnt(l, value, made);
  program.sink.add(Kind::not_available_yet, made.span,
                   "`" + contracts::name_of(program, made) +
                       "` is part of the language but not available yet in this version");
  return std::nullopt;
}

}  // namespace

std::optional<DraftId> lower(Lowering& l, const Value& value) {
  const std::string key = eval::print(l.e, value, /*canonical=*/true);
  const auto at = l.by_value.find(key);
  if (at != l.by_value.end()) return at->second;
  std::optional<DraftId> made;
  if (const auto* record = value.shared<Record>()) {
    made = lower_record(l, value, *record);
  } else if (const auto* operation = value.shared<Made>()) {
    made = lower_made(l, value, *operation);
  } else {
    REXP_ASSERT(false, "something is lowered that the run does not make");
  }
  return l.by_value[key] = made;
}

}  // namespace rexp::plan
