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

void check_applied(Checker& c, const Scope& scope, const Signature& function,
                   const std::vector<Reads>& reads, Span span) {
  for (size_t i = 0; i < function.parameters.size(); ++i) {
    const SignatureParameter& parameter = function.parameters[i];
    const Reads read = i < reads.size() ? reads[i] : Reads{};
    check_label(c, scope, read, parameter.bound,
                "`" + parameter.name + "` of `" + function.name + "`", span,
                parameter.bound_at.file >= 0 ? parameter.bound_at : parameter.span);
  }
}

void check_kept(Checker& c, const Scope& scope, const ExprInfo& info, ast::ExprId id) {
  if (c.types().kind(info.type) != TypeKind::function) return;
  const SignaturePtr signature = signature_of(c, scope, id);
  if (signature == nullptr) return;
  check_applied(c, scope, *signature, {}, span_of(c, scope, id));
}

}  // namespace rexp::check
