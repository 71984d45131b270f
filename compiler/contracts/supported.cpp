// Everything that the run would have to do is something that the runtime implements (R0603).
#include "compiler/contracts/components.h"
#include "compiler/contracts/contracts.h"

namespace rexp::contracts {
using diagnostics::Kind;

namespace {

/// Operations that are no components: `plan` makes nodes of their own of them.
bool has_node_of_its_own(Evaluator& e, const Made& made) {
  return is_stage(e, made) || is_made_of(e.program, made, Known::Table) ||
         is(e, made, Intrinsic::scores_guesses) || is(e, made, Intrinsic::hybrid);
}

/// A record that the runtime implements by its name. Models, sources and the like stand in fields and arguments.
bool is_component(Program& program, const Value& value) {
  return value.shared<Record>() != nullptr && !component_base(program, type_of(value)).empty();
}

void check_record(Program& program, const Record& record) {
  const check::Schema& schema = program.schema(program.types[record.type].index);
  for (const check::Field& field : std::vector<check::Field>(schema.fields)) {
    const Value* value = find_field(program, record, field.name);
    if (value != nullptr && is_component(program, *value))
      require_component(program, *value, field_span(program, record, field.name));
  }
}

void check_made_components(Subject& s, const Value& value, const Made& made) {
  Program& program = s.e.program;
  for (const auto& [name, argument] : made.arguments) {
    if (is_component(program, argument)) require_component(program, argument, made.span);
  }
  if (!has_node_of_its_own(s.e, made) && !component_base(program, made.type).empty())
    require_component(program, value, made.span);
}

/// A field that someone wrote and nothing of this version reads.
void refuse_field(Program& program, const Record& record, const char* name,
                  const std::string& help) {
  if (!written(program, record, name)) return;
  if (field(program, record, name).as<eval::None>() != nullptr) return;
  program.sink
      .add(Kind::not_available_yet, field_span(program, record, name),
           "`" + std::string(name) +
               "` is part of the language but not available yet in this version")
      .help = help;
}

/// The compiler itself knows what these are; a schema that extends one of them is something else.
constexpr Known kKnown[] = {Known::Stage, Known::Protocol, Known::Codebook, Known::Interactions};

void check_own_schema(Program& program, const Record& record) {
  for (const Known known : kKnown) {
    const int32_t id = program.types[record.type].index;
    if (!program.is(record.type, known) || id == program.known(known)) continue;
    refuse(program, program.types[record.type].name, program.schema(program.known(known)).name,
           name_span(program, record));
  }
}

}  // namespace

void check_fields(Subject& s) {
  for (const Value& value : s.values) {
    const auto* record = value.shared<Record>();
    if (record == nullptr) continue;
    if (s.e.program.is(record->type, Known::Stage)) {
      refuse_field(
          s.e.program, *record, "select",
          "leave it out, a stage keeps its last checkpoint; write a stage for each `length` "
          "to compare them on `valid`");
    }
  }
}

void check_components(Subject& s) {
  for (const Value& value : s.values) {
    if (const auto* record = value.shared<Record>()) {
      check_record(s.e.program, *record);
      check_own_schema(s.e.program, *record);
      if (s.e.program.is(record->type, Known::Codebook)) {
        refuse_field(
            s.e.program, *record, "text",
            "no learner of this version reads it; `vectors = text_features(films.items, text "
            "= i => …)` gives `residual_k_means` vectors of a text");
      }
    }
    if (const auto* made = value.shared<Made>()) check_made_components(s, value, *made);
  }
}

}  // namespace rexp::contracts
