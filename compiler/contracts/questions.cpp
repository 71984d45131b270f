#include "compiler/contracts/questions.h"

#include "compiler/contracts/components.h"
#include "compiler/row/turns.h"

namespace rexp::contracts {
using check::Label;
using diagnostics::Kind;

Span ask_span(Program& program, const Record& protocol) {
  return field_span(program, protocol, "ask");
}

bool asks(Program& program, const Record& protocol) {
  return field(program, protocol, "ask").as<eval::None>() == nullptr;
}

TypeId row_type(Program& program, const Value& rows) {
  TypeId type = program.as_base(type_of(rows), program.known(Known::Rows));
  const std::vector<TypeId>& arguments = program.types[type].arguments;
  if (arguments.empty()) return {};
  const check::TypeNode& row = program.types[arguments[0]];
  return row.kind == check::TypeKind::labelled ? row.arguments[0] : arguments[0];
}

bool has_next(Program& program, TypeId row) {
  if (program.is(row, Known::Window)) return true;
  if (!program.is(row, Known::Joined)) return false;
  const std::vector<TypeId> sides = program.types[row].arguments;
  return !sides.empty() && has_next(program, sides[0]);
}

// ---- prompts --------------------------------------------------------------------------------------------------------------

namespace {

/// A template that is filled from the row: its history and its next event. Parameters that take facts of the catalogue only are
/// not filled with either.
bool check_filled(Program& program, const eval::TemplateRef& wording, TypeId row, Span asked_at) {
  const check::Schema& window = program.schema(program.known(Known::Window));
  const auto& declared = std::get<ast::TemplateDecl>(program.decl(wording.symbol).node);
  const TypeId seen = program.as_base(row, program.known(Known::Window));
  for (const ast::Parameter& p : declared.parameters) {
    const TypeId wanted = program.resolve(wording.symbol.module, p.type);
    const Label bound = program.label(wording.symbol.module, p.type);
    if (bound != Label::static_ || program.types.is_error(seen)) continue;
    for (const check::Field& field : window.fields) {
      if (field.label == Label::static_) continue;
      if (!program.assignable(program.field_type(seen, field), wanted)) continue;
      auto& error = program.sink.add(Kind::label_too_high, asked_at,
                                     "`" + p.name.text + "` takes `static` data, found `" +
                                         check::name_of(field.label) + "` data");
      point_at(program, error, p.name.span, "declared here");
      error.help =
          "declare it `" + std::string(check::name_of(field.label)) + "` if it may read that";
      return false;
    }
  }
  return true;
}

}  // namespace

std::optional<eval::Kernel> make_prompt(Evaluator& e, const Record& protocol) {
  Program& program = e.program;
  if (!asks(program, protocol)) return std::nullopt;
  const Value& rows = field(program, protocol, "rows");
  const auto* wording = field(program, protocol, "ask").as<eval::TemplateRef>();
  if (wording != nullptr &&
      !check_filled(program, *wording, row_type(program, rows), ask_span(program, protocol)))
    return std::nullopt;
  const TypeId asked =
      program.types.function({row_type(program, rows), program.known_type(Known::Example)});
  return eval::make_kernel(e, field(program, protocol, "ask"), asked, {rows}, "prompt",
                           ask_span(program, protocol));
}

const std::optional<eval::Kernel>& prompt_of(Subject& s, const Value& protocol) {
  const std::string key = eval::print(s.e, protocol, /*canonical=*/true);
  const auto at = s.prompts.find(key);
  if (at != s.prompts.end()) return at->second;
  return s.prompts[key] = make_prompt(s.e, *protocol.shared<Record>());
}

std::optional<int32_t> answered_codebook(const row::RowFunction& prompt) {
  const row::Turns turns = row::look_at_turns(prompt);
  if (!turns.answers_with_id() || !turns.answers_always) return std::nullopt;
  if (turns.first_codebook < 0) return std::nullopt;
  return prompt.codebooks[static_cast<size_t>(turns.first_codebook)];
}

std::optional<int32_t> legal_codebook(Evaluator& e, const Record& protocol) {
  const auto* decoder = field(e.program, protocol, "decode").shared<Record>();
  const Value* within = decoder == nullptr ? nullptr : find_field(e.program, *decoder, "within");
  if (within == nullptr) return std::nullopt;
  std::optional<int32_t> found;
  Walk walk([&](const Value& inner) {
    const auto* made = inner.shared<Made>();
    if (made != nullptr && is(e, *made, Intrinsic::codebook_legal))
      found = table_id(e, receiver(*made));
  });
  walk(*within);
  return found;
}

std::optional<double> guesses_of(Program& program, const Record& protocol) {
  const auto* decoder = field(program, protocol, "decode").shared<Record>();
  if (decoder == nullptr || !find_component(program, field(program, protocol, "decode")))
    return std::nullopt;
  const Value* beams = find_field(program, *decoder, "beams");
  return beams == nullptr ? 1 : number_in(*beams);
}

}  // namespace rexp::contracts
