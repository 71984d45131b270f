// The typed tree as text, for golden tests and for reading along: signatures first, then every expression.
#include <algorithm>

#include "compiler/check/print.h"

namespace rexp::check {

namespace {

std::string meaning(const Program& program, const Target& target) {
  using Kind = Target::Kind;
  const std::string lifted = target.lifted ? " of each" : "";
  auto name = [&] {
    return target.symbol.valid() ? " " + program.module(target.symbol.module).name + "." +
                                       program.decl(target.symbol).name.text
                                 : std::string();
  };
  switch (target.kind) {
    case Kind::none: return "";
    case Kind::local: return "local";
    case Kind::declaration: return "declaration" + name();
    case Kind::enum_value: return "value of an enum";
    case Kind::module: return "module";
    case Kind::site: return "site";
    case Kind::field: return "field" + lifted;
    case Kind::codebook: return "codebook" + lifted;
    case Kind::variant: return "variant";
    case Kind::option: return "option";
    case Kind::member: return "member" + name() + lifted;
  }
  return "";
}

const char* name_of(World world) {
  return world == World::constant ? "const" : world == World::row ? "row" : "node";
}

/// "hits(k: const Int) -> [Metric], reads k": what callers are checked against.
std::string signature_text(Program& program, const Signature& signature) {
  std::string parameters, read;
  for (size_t i = 0; i < signature.parameters.size(); ++i) {
    const SignatureParameter& p = signature.parameters[i];
    parameters += (i > 0 ? ", " : "") + p.name + ": ";
    if (p.world == World::constant) parameters += "const ";
    const bool bound = p.bound < Label::future && (p.declared_bound || p.bound_at.file >= 0);
    if (bound && p.bound > Label::static_) parameters += check::name_of(p.bound) + std::string(" ");
    parameters += program.types.name(p.type);
    if (i < 64 && (signature.reads.parameters >> i & 1) != 0)
      read += (read.empty() ? ", reads " : ", ") + p.name;
  }
  std::string out =
      signature.name + "(" + parameters + ") -> " + program.types.name(signature.result);
  if (signature.reads.label > Label::static_)
    out += std::string(", ") + check::name_of(signature.reads.label);
  if (signature.reads.world > World::constant)
    out += std::string(", ") + name_of(signature.reads.world);
  return out + read;
}

}  // namespace

std::string print_types(Program& program, const Typed& typed, ModuleId module) {
  const ast::Module& tree = program.module(module).tree;
  std::vector<int32_t> order;
  for (size_t i = 0; i < tree.expr_nodes.size(); ++i) order.push_back(static_cast<int32_t>(i));
  std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
    const auto& x = tree.expr_nodes[static_cast<size_t>(a)].span;
    const auto& y = tree.expr_nodes[static_cast<size_t>(b)].span;
    return x.begin != y.begin ? x.begin < y.begin : x.end > y.end;
  });
  std::string out;
  for (const ast::DeclId id : tree.decls) {
    const auto info = typed.declarations.find(Symbol{module, id});
    if (info == typed.declarations.end() || info->second.signature == nullptr) continue;
    const source::Span span = tree[id].name.span;
    const auto place = program.sources.place(span.file, span.begin);
    out += std::to_string(place.line) + ":" + std::to_string(place.display_column) + " " +
           signature_text(program, *info->second.signature) + "\n";
  }
  for (int32_t index : order) {
    const ast::Expr& expr = tree.expr_nodes[static_cast<size_t>(index)];
    const ExprInfo& info = typed.at(module, ast::ExprId{index});
    if (program.types.is_error(info.type)) continue;
    const auto place = program.sources.place(expr.span.file, expr.span.begin);
    std::string source(program.sources.text(expr.span));
    if (const size_t end = source.find('\n'); end != std::string::npos) source.resize(end);
    out += std::to_string(place.line) + ":" + std::to_string(place.display_column) + " " + source +
           ": " + program.types.name(info.type);
    if (!program.types.is_error(info.wanted) && info.wanted != info.type)
      out += " as " + program.types.name(info.wanted);
    if (info.reads.peak > Label::static_)
      out += std::string(", ") + check::name_of(info.reads.peak);
    if (info.reads.world > World::constant) out += std::string(", ") + name_of(info.reads.world);
    const std::string what = meaning(program, info.target);
    out += (what.empty() ? "" : ", " + what) + "\n";
  }
  return out;
}

}  // namespace rexp::check
