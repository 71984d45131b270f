// Labels where a value is handed on: what a parameter may be given, what a call reads.
#include "compiler/check/context.h"
#include "compiler/check/labels.h"

namespace rexp::check {

namespace {

bool too_high(Checker& c, Label found, Label bound, const std::string& what, Span span,
              Span declared) {
  if (found == Label::future) {
    auto& error =
        report(c, Kind::reads_future, span, "value contains events after the prediction point");
    error.primary.text = "all events of the user, so also the target";
    error.help = "`history` stops before the target";
    return false;
  }
  auto& error =
      report(c, Kind::label_too_high, span,
             what + " takes `" + name_of(bound) + "` data, found `" + name_of(found) + "` data");
  if (declared.file >= 0) error.secondary.push_back({declared, "declared here"});
  error.help = std::string("declare it `") + name_of(found) + "` if it may read that";
  return false;
}

}  // namespace

bool check_label(Checker& c, const Scope& scope, const Reads& reads, Label bound,
                 const std::string& what, Span span, Span declared) {
  if (reads.label > bound) return too_high(c, reads.label, bound, what, span, declared);
  if (bound == Label::future || scope.frame == nullptr) return true;
  std::vector<SignatureParameter>& parameters = scope.frame->signature.parameters;
  for (size_t i = 0; i < parameters.size() && i < 64; ++i) {
    if ((reads.parameters >> i & 1) == 0 || parameters[i].bound <= bound) continue;
    if (parameters[i].declared_bound)
      return too_high(c, parameters[i].bound, bound, what, span, declared);
    parameters[i].bound = bound;
    parameters[i].bound_at = span;
  }
  return true;
}

Reads substitute(const Reads& reads, const std::vector<Reads>& arguments) {
  Reads out = reads;
  out.parameters = 0;
  out.peak = reads.label;
  if (reads.label == Label::static_) out.origin = out.declared = {};
  for (size_t i = 0; i < arguments.size() && i < 64; ++i) {
    if ((reads.parameters >> i & 1) != 0) out = join(out, arguments[i]);
  }
  return out;
}

void check_demands(Checker& c, const Scope& scope, const SignatureParameter& parameter,
                   const Reads& reads, const std::string& what, Span span) {
  check_label(c, scope, reads, parameter.bound, what, span,
              parameter.bound_at.file >= 0 ? parameter.bound_at : parameter.span);
  check_world(c, scope, reads, parameter.world, what, span, parameter.world_at);
}

void check_applied(Checker& c, const Scope& scope, const Signature& function,
                   const std::vector<Reads>& reads, Span span) {
  for (size_t i = 0; i < function.parameters.size(); ++i) {
    const Reads read = i < reads.size() ? reads[i] : Reads{};
    const SignatureParameter& p = function.parameters[i];
    const std::string what = "`" + p.name + "` of `" + function.name + "`";
    check_label(c, scope, read, p.bound, what, span, p.bound_at.file >= 0 ? p.bound_at : p.span);
    check_world(c, scope, read, p.world, what, span, p.world_at, "what it is called with");
  }
}

void check_kept(Checker& c, const Scope& scope, const ExprInfo& info, ast::ExprId id) {
  const bool function = c.types().kind(info.type) == TypeKind::function;
  if (!function && !c.program.is(info.type, Known::Template)) return;
  const SignaturePtr signature = signature_of(c, scope, id);
  if (signature == nullptr) return;
  Reads read;
  if (exists_per_row(c.program, signature->result)) read.world = World::row;
  if (function) {
    check_applied(c, scope, *signature, std::vector<Reads>(signature->parameters.size(), read),
                  span_of(c, scope, id));
    return;
  }
  for (const SignatureParameter& p : signature->parameters)  // labels: by the row that asks
    check_world(c, scope, read, p.world, "`" + p.name + "` of `" + signature->name + "`",
                span_of(c, scope, id), p.world_at, "what it is called with");
}

}  // namespace rexp::check
