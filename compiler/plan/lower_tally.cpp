// `tally` nodes: guesses counted by two things that are said of them.
//
//   tally(scores.guesses, by = g => g.rank, into = g => reach(g.sid))     classes: the values of the enum, in its order
#include "compiler/plan/lower.h"

namespace rexp::plan {
using nlohmann::json;

namespace {

/// Names of the values that `into` gives, when they are known.
json classes_of(Program& program, const eval::Kernel& into) {
  json out = json::array();
  if (program.types.kind(into.result) != check::TypeKind::enum_) return out;
  for (const std::string& value : program.enumeration(program.types[into.result].index).values)
    out.push_back(value);
  return out;
}

/// The protocol under which somebody guessed.
const Record& protocol_of(Lowering& l, const Value& guesses) {
  const Made* made = guesses.shared<Made>();
  while (!contracts::is(l.e, *made, eval::Intrinsic::evaluate))
    made = contracts::receiver(*made).shared<Made>();
  return *contracts::argument(*made, "protocol").shared<Record>();
}

}  // namespace

std::optional<DraftId> lower_tally(Lowering& l, const Made& tally) {
  Draft draft;
  draft.kind = "tally";
  const Value& guesses = contracts::argument(tally, "guesses");
  const auto answered = lower(l, guesses);
  if (!answered) return std::nullopt;
  const Record& protocol = protocol_of(l, guesses);
  draft.name = l[*answered].name + "/" + name_or(protocol, "protocol") + "/tally";
  draft.args["guesses"] = {{"input", draft.input(*answered)}};
  draft.args["seen"] = constant_json(l.e, contracts::field(l.program(), protocol, "seen"));
  for (const char* name : {"by", "into"}) {
    const auto* kernel = contracts::argument(tally, name).as<eval::Kernel>();
    if (kernel == nullptr) return std::nullopt;
    const auto index = add_kernel(l, draft, name, *kernel->function);
    if (!index) return std::nullopt;
    draft.args[name] = {{"kernel", *index}};
  }
  draft.args["classes"] =
      classes_of(l.program(), *contracts::argument(tally, "into").as<eval::Kernel>());
  return l.add(std::move(draft));
}

}  // namespace rexp::plan
