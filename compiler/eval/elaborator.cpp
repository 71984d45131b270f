#include "compiler/eval/elaborator.h"

#include "runtime/base/assert.h"

namespace rexp::elaborate {
using diagnostics::Kind;

Elaborator::Elaborator(check::Program& program, Graph& graph, Settings settings)
    : program_(program),
      graph_(graph),
      settings_(std::move(settings)),
      seed_(settings_.package_seed) {
  for (Symbol symbol : program_.blocks("codebook"))
    codebook_names_.insert(program_.decl(symbol).name.text);
  resolve_assignments();
}

diagnostics::Diagnostic& Elaborator::report(Kind kind, Span span, std::string message) {
  // Inlining meets the same line again and again; it is reported once.
  const auto key = std::make_pair(static_cast<int>(kind), std::make_pair(span.file, span.begin));
  if (!reported_.insert(key).second) {
    ignored_ = {kind, {}, {}, {}, {}};
    return ignored_;
  }
  return program_.sink.add(kind, span, std::move(message));
}

Value Elaborator::not_yet(const std::string& what, Span span) {
  report(Kind::not_available_yet, span,
         "`" + what + "` is part of the language but not available yet in this version");
  return failed();
}

std::string Elaborator::source_text(Span span) const {
  return span.file < 0 ? std::string() : std::string(program_.sources.text(span));
}

std::string Elaborator::node_name(const std::string& leaf) const {
  return experiment_.empty() ? leaf : experiment_ + "/" + leaf;
}

Value Elaborator::list(TypeId element, std::vector<Value> elements) {
  Provenance from;
  int dataset = -1;
  for (const Value& part : elements) {
    from = join(from, part.from);
    dataset = std::max(dataset, part.dataset);
  }
  Value out = value(types().list(element),
                    std::make_shared<const ListValue>(ListValue{std::move(elements)}), from);
  out.dataset = dataset;
  return out;
}

Value Elaborator::unknown(TypeId type, const Provenance& from) const {
  return Value{type, Unknown{}, from, -1};
}

}  // namespace rexp::elaborate
