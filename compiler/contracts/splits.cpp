// P6 and P7: what is learnt comes from train or from the catalogue; a choice is made on valid (R0307, R0309).
#include "compiler/contracts/contracts.h"

namespace rexp::contracts {
using diagnostics::Kind;

namespace {

void check_stage(Subject& s, const Record& stage) {
  const Value& data = field(s.e.program, stage, "data");
  const auto report = [&](const eval::Task& task) {
    for (const eval::TaskPart& part : task.parts) {
      const Splits splits = splits_of(s.e, Value{part.rows});
      if (!splits.held_out()) continue;
      auto& error = s.e.program.sink.add(
          Kind::trains_on_held_out_rows, name_span(s.e.program, stage),
          called("stage", stage) + " would train on " + words_of(splits.held_out_only()) + " rows" +
              (task.name.empty() ? "" : ", through task `" + task.name + "`"));
      point_at(s.e.program, error, part.span,
               "reads " + words_of(splits.held_out_only()) + " rows");
    }
  };
  if (const auto* task = data.shared<eval::Task>()) report(*task);
  if (const auto* mixture = data.shared<eval::Mixture>()) {
    for (const eval::MixtureEntry& entry : mixture->entries) report(*entry.task);
  }
}

/// Something that answers questions, or a list of such: what it learnt from is looked at where it is made.
bool answers(Program& program, const Value& value) {
  if (const auto* list = value.shared<eval::List>())
    return !list->elements.empty() && answers(program, list->elements[0]);
  return is(program, value, Known::Recommender);
}

/// The parts that something learns from: `valid` is only looked at to end its training.
Splits learnt_from(const Evaluator& e, const Made& made) {
  Splits splits;
  const Value* valid = find_argument(made, "valid");
  for (const auto& [name, argument] : made.arguments) {
    if (&argument == valid || answers(e.program, argument)) continue;
    const Splits read = splits_of(e, argument);
    splits.train |= read.train;
    splits.valid |= read.valid;
    splits.test |= read.test;
  }
  return splits;
}

/// `sasrec(films.train, valid = films.valid)`
void check_ending(Subject& s, const Made& made) {
  const Value* valid = find_argument(made, "valid");
  if (valid == nullptr || !is(s.e.program, *valid, Known::Part)) return;
  const Splits splits = splits_of(s.e, *valid);
  if (!splits.test && !splits.train) return;
  s.e.program.sink
      .add(Kind::chosen_by_test, made.span,
           "training of `" + name_of(s.e.program, made) + "` would be ended by " +
               words_of(splits) + " rows")
      .help = "pass the `valid` part of the dataset as `valid`";
}

void check_made_splits(Subject& s, const Value& value, const Made& made) {
  Program& program = s.e.program;
  if (is(s.e, made, Intrinsic::part_sequences)) {
    const Splits splits = splits_of(s.e, value);
    if (!splits.held_out()) return;
    program.sink.add(Kind::trains_on_held_out_rows, made.span,
                     "stretches are cut out of `train`, `" + words_of(splits.held_out_only()) +
                         "` holds one event per user");
    return;
  }
  const bool vectors = program.is(made.type, Known::Vectors);
  const bool learns =
      vectors || (program.is(made.type, Known::Recommender) && !is_stage(s.e, made));
  if (!learns) return;
  check_ending(s, made);
  const Splits splits = learnt_from(s.e, made);
  if (!splits.held_out()) return;
  const std::string name = "`" + name_of(program, made) + "`";
  auto& error = program.sink.add(Kind::trains_on_held_out_rows, made.span,
                                 vectors ? "vectors of " + name + " would be learnt from " +
                                               words_of(splits.held_out_only()) + " rows"
                                         : "baseline " + name + " would learn from " +
                                               words_of(splits.held_out_only()) + " rows");
  error.help = "pass the `train` part of the dataset";
}

/// `select = best(ndcg@10, on = valid_last)`
void check_choice(Subject& s, const Made& best) {
  const auto* protocol = argument(best, "on").shared<Record>();
  if (protocol == nullptr) return;
  Program& program = s.e.program;
  const Splits splits = splits_of(s.e, field(program, *protocol, "rows"));
  if (!splits.test && !splits.train) return;
  auto& error = program.sink.add(Kind::chosen_by_test, best.span,
                                 "a choice would be made by " + called("protocol", *protocol) +
                                     ", which reads " + words_of(splits) + " rows");
  point_at(program, error, field_span(program, *protocol, "rows"), words_of(splits) + " rows");
  error.help = splits.test ? "choose on `valid`, so that test is only looked at once"
                           : "choose on `valid`: a model knows its train rows";
}

/// The part that a constant expression names: `films.test`, or a `let` that holds it.
std::optional<Value> part_of(Evaluator& e, check::ModuleId module, ast::ExprId id) {
  const check::Target& target = e.typed.at(module, id).target;
  const bool named = target.kind == check::Target::Kind::declaration;
  const bool member = target.kind == check::Target::Kind::member;
  if (named) return eval::evaluate_declaration(e, target.symbol);
  return member ? eval::evaluate(e, {module, nullptr, nullptr}, id) : std::nullopt;
}

void check_count(Evaluator& e, check::ModuleId module, const ast::Call& call, Span span) {
  if (e.intrinsics.of(e.typed.at(module, call.callee).target.symbol) != Intrinsic::interactions)
    return;
  for (const ast::Argument& argument : call.arguments) {
    if (!e.program.is(e.typed.at(module, argument.value).type, Known::Part)) continue;
    const auto part = part_of(e, module, argument.value);
    const Splits splits = part ? splits_of(e, *part) : Splits{};
    if (!splits.held_out()) continue;
    e.program.sink
        .add(Kind::trains_on_held_out_rows, span, "`interactions` counts the events of `train`")
        .help = "pass the `train` part of the dataset";
  }
}

}  // namespace

void check_counted(Evaluator& e) {
  for (check::ModuleId m = 0; m < e.program.module_count(); ++m) {
    if (e.program.module(m).standard) continue;
    for (const ast::Expr& expr : e.program.module(m).tree.expr_nodes) {
      if (const auto* call = std::get_if<ast::Call>(&expr.node))
        check_count(e, m, *call, expr.span);
    }
  }
}

void check_splits(Subject& s) {
  for (const Value& value : s.values) {
    if (const auto* record = value.shared<Record>();
        record != nullptr && s.e.program.is(record->type, Known::Stage))
      check_stage(s, *record);
    if (const auto* made = value.shared<Made>()) check_made_splits(s, value, *made);
  }
}

void check_choices(Subject& s) {
  for (const Value& value : s.values) {
    const auto* made = value.shared<Made>();
    if (made != nullptr && is(s.e, *made, Intrinsic::best)) check_choice(s, *made);
  }
}

}  // namespace rexp::contracts
