// Messages, and the two budgets that end a program that would not end.
#include <algorithm>

#include "compiler/eval/constructs.h"

namespace rexp::eval {

namespace {

constexpr int64_t kMaxSteps = 4'000'000;
// How much stack nested expressions may take. A nested call takes about 2 KB, a nested `map` 4 KB; threads have 512 KB at least.
// Builds that are not optimised or watch their memory take several times as much, and run with the stack of a process.
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__)
constexpr ptrdiff_t kMaxStack = 384 * 1024;
#else
constexpr ptrdiff_t kMaxStack = 4096 * 1024;
#endif

std::string row_described(const row::Type& type) {
  switch (type.kind) {
    case row::Kind::boolean: return "`Bool`";
    case row::Kind::integer:
    case row::Kind::real: return "plain number";
    case row::Kind::text: return "`Text`";
    case row::Kind::item: return "`Item`";
    case row::Kind::event: return "`Event`";
    case row::Kind::sid: return "`Sid`";
    case row::Kind::list: return "list";
    case row::Kind::none: break;
  }
  return "value of this kind";
}

}  // namespace

Evaluator::Evaluator(check::Program& the_program, const check::Typed& the_typed,
                     Settings the_settings)
    : program(the_program),
      typed(the_typed),
      settings(std::move(the_settings)),
      intrinsics(the_program) {
  for (const auto& [symbol, info] : typed.declarations) {
    if (program.is(info.type, Known::Codebook) &&
        std::holds_alternative<ast::BlockDecl>(program.decl(symbol).node))
      codebooks.push_back(symbol);
  }
}

int32_t Tables::id(const Value& value, const std::string& printed) {
  const auto [at, fresh] = ids_.try_emplace(printed, static_cast<int32_t>(values_.size()));
  if (fresh) values_.push_back(value);
  return at->second;
}

const ast::Module& tree(const Evaluator& e, ModuleId module) {
  return e.program.module(module).tree;
}

Span span_of(const Evaluator& e, const Scope& scope, ast::ExprId id) {
  return id.valid() ? tree(e, scope.module)[id].span : Span{};
}

std::string source_text(const Evaluator& e, Span span) {
  return span.file < 0 ? std::string() : std::string(e.program.sources.text(span));
}

diagnostics::Diagnostic& report(Evaluator& e, Kind kind, Span span, std::string message) {
  return e.program.sink.add(kind, span, std::move(message));
}

std::nullopt_t fail(Evaluator& e, Kind kind, Span span, std::string message,
                    const std::string& help) {
  report(e, kind, span, std::move(message)).help = help;
  return std::nullopt;
}

std::nullopt_t not_yet(Evaluator& e, const std::string& what, Span span, const std::string& help) {
  return fail(e, Kind::not_available_yet, span,
              "`" + what + "` is part of the language but not available yet in this version", help);
}

std::string described(Evaluator& e, const Value& value) {
  const check::TypeTable& types = e.program.types;
  return std::visit(
      Overloaded{
          [](const None&) -> std::string { return "missing value (`none`)"; },
          [](const bool&) -> std::string { return "`Bool`"; },
          [](const int64_t&) -> std::string { return "plain number"; },
          [](const double&) -> std::string { return "plain number"; },
          [](const std::string&) -> std::string { return "`Text`"; },
          [](const Amount& amount) -> std::string {
            const std::string unit = check::describe_unit(amount.unit);
            return unit.empty() ? "plain number" : unit.substr(2);  // without its "a "
          },
          [](const std::shared_ptr<const List>&) -> std::string { return "list"; },
          [](const std::shared_ptr<const Range>&) -> std::string { return "range"; },
          [&](const std::shared_ptr<const Record>& record) {
            return "`" + types.name(record->type) + "`";
          },
          [&](const std::shared_ptr<const RowRecord>& record) {
            return "`" + types.name(record->type) + "`";
          },
          [&](const std::shared_ptr<const Made>& made) {
            return "`" + types.name(made->type) + "`";
          },
          [](const Row& row) { return row_described(row.builder->type(row.expr)); },
          [](const std::shared_ptr<const Task>&) -> std::string { return "`Task`"; },
          [](const std::shared_ptr<const Mixture>&) -> std::string { return "`Mixture`"; },
          [](const std::shared_ptr<const Example>&) -> std::string { return "`Example`"; },
          [](const TemplateRef&) -> std::string { return "`Template`"; },
          [](const std::shared_ptr<const Closure>&) -> std::string { return "function"; },
          [](const auto&) -> std::string { return "value of this kind"; },
      },
      value.data);
}

std::string shown(Evaluator& e, const Value& value, Span span) {
  const std::string source = source_text(e, span);
  if (!source.empty() && source.size() <= 40 && source.find('\n') == std::string::npos)
    return "`" + source + "`";
  return "a " + described(e, value);
}

std::nullopt_t not_constant(Evaluator& e, const std::string& what, const Value& value, Span span) {
  const bool row = reads_row(value);
  return fail(e, Kind::not_known_while_compiling, span,
              what + " is fixed before the run; " + shown(e, value, span) + " is only known " +
                  (row ? "per example" : "when the run has counted"));
}

bool counted(Evaluator& e, const Value& value) {
  const auto* made = value.shared<Made>();
  if (made == nullptr) return false;
  const TypeKind kind = e.program.types.kind(made->type);
  return check::is_amount(kind) || kind == TypeKind::boolean || kind == TypeKind::text;
}

bool spend(Evaluator& e, Span span, size_t more) {
  const bool told = e.steps > kMaxSteps;
  e.steps += 1 + static_cast<int64_t>(more);
  if (e.steps > kMaxSteps) {
    if (!told) report(e, Kind::definition_cycle, span, "this takes too many steps");
    return false;
  }
  const char* here = static_cast<const char*>(__builtin_frame_address(0));
  if (e.depth == 0) e.stack = here;
  if (e.stack - here < kMaxStack) return true;
  report(e, Kind::definition_cycle, span, "expressions are nested too deeply here");
  return false;
}

}  // namespace rexp::eval
