#include "compiler/plan/overrides.h"

#include <algorithm>

#include "compiler/parse/parse.h"

namespace rexp::plan {
using diagnostics::Kind;

namespace {

ast::Path path_of(const std::string& text, source::FileId file) {
  ast::Path path;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find('.', begin), text.size());
    path.push_back({text.substr(begin, end - begin),
                    {file, static_cast<uint32_t>(begin), static_cast<uint32_t>(end)}});
    begin = end + 1;
  }
  return path;
}

}  // namespace

ast::Path read_path(const std::string& text, check::Program& program) {
  return path_of(text, program.sources.add("PATH", text));
}

/// The right side becomes a small file of its own, so that messages can show it.
std::optional<check::Assignment> read_override(const std::string& text, check::Program& program,
                                               const std::string& origin) {
  const size_t equals = text.find('=');
  const source::FileId file = program.sources.add(origin, text);
  const auto span = [&](size_t begin, size_t end) {
    return source::Span{file, static_cast<uint32_t>(begin), static_cast<uint32_t>(end)};
  };
  if (equals == std::string::npos || equals == 0) {
    program.sink.add(Kind::bad_override, span(0, text.size()),
                     "found `" + text + "`, required: path=value");
    return std::nullopt;
  }
  check::Assignment out;
  out.path = path_of(text.substr(0, equals), file);
  // The expression keeps its columns: what stands before it is blanked out.
  const source::FileId value =
      program.sources.add(origin, std::string(equals + 1, ' ') + text.substr(equals + 1));
  const size_t errors = program.sink.size();
  parse::Fragment fragment = parse::parse_expression(program.sources, value, program.sink);
  if (program.sink.size() != errors) return std::nullopt;
  for (ast::Expr& expr : fragment.module.expr_nodes) {  // messages show the whole assignment
    expr.span.file = file;
    if (auto* name = std::get_if<ast::NameRef>(&expr.node)) name->name.span.file = file;
    if (auto* field = std::get_if<ast::FieldRef>(&expr.node)) field->field.span.file = file;
  }
  out.value = fragment.expr;
  out.module = program.add_fragment(std::move(fragment.module), program.main());
  return out;
}

}  // namespace rexp::plan
