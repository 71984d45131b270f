// Where a value meets a required type: conversions that lose nothing, and the messages for everything else.
#include "compiler/eval/elaborator.h"

namespace rexp::elaborate {
using diagnostics::Kind;

std::string Elaborator::described(TypeId type) {
  const std::string unit = check::describe_unit(types().kind(type));
  const TypeKind kind = types().kind(type);
  if (kind == TypeKind::none) return "missing value (`none`)";
  if (kind == TypeKind::any) return "value of this kind";
  if (kind == TypeKind::integer || kind == TypeKind::real) return "plain number";
  if (!unit.empty()) return unit.substr(2);  // without its "a "
  return "`" + types().name(type) + "`";
}

std::string Elaborator::shown(const Value& value, Span span) {
  std::string source = source_text(span);
  if (!source.empty() && source.size() <= 40 && source.find('\n') == std::string::npos)
    return "`" + source + "`";
  return "a " + described(value.type);
}

Value Elaborator::wrong_type(const Value& value, TypeId expected, const std::string& what,
                             Span span) {
  const TypeKind want = types().kind(expected), found = types().kind(value.type);
  const std::string unit = check::describe_unit(want);
  if (!unit.empty() && check::is_amount(found)) {
    auto& error =
        report(Kind::wrong_unit, span, what + " is " + unit + ", found " + shown(value, span));
    if (!check::is_amount(want) || found == TypeKind::integer || found == TypeKind::real)
      error.help = "write it like `" + check::unit_example(want) + "`";
    return failed();
  }
  if (want == TypeKind::union_ && check::is_amount(found)) {
    std::string units, example;
    for (TypeId part : types()[expected].arguments) {
      const std::string one = check::describe_unit(types().kind(part));
      if (one.empty()) continue;
      units += (units.empty() ? "" : " or ") + one;
      if (example.empty()) example = check::unit_example(types().kind(part));
    }
    if (!units.empty()) {
      report(Kind::wrong_unit, span, what + " is " + units + ", found " + shown(value, span)).help =
          "write it like `" + example + "`";
      return failed();
    }
  }
  std::string message = what + " is " +
                        (unit.empty() ? check::with_article(types().name(expected)) : unit) +
                        ", found " + shown(value, span);
  if (source_text(span).size() <= 40 && check::describe_unit(found).empty())
    message += ", " + check::with_article(types().name(value.type));
  report(Kind::wrong_type, span, message);
  return failed();
}

bool Elaborator::constant(const Value& value, const std::string& what, Span span) {
  if (is_error(value)) return false;
  if (!value.is_residual() && value.as<RowVariable>() == nullptr) return true;
  report(Kind::not_known_while_compiling, span,
         what + " is fixed before the run; " + shown(value, span) + " is only known per example");
  return false;
}

Value Elaborator::coerce(Value v, TypeId expected, const std::string& what, Span span) {
  const TypeKind want = types().kind(expected), found = types().kind(v.type);
  if (want == TypeKind::error || found == TypeKind::error) return failed();
  if (const auto* method = v.shared<MethodValue>()) {
    report(Kind::wrong_type, span, what + " needs a value, `" + method->name + "` has to be called")
        .help = "write `" + source_text(span) + "(…)`";
    return failed();
  }
  if (v.as<ModuleValue>() != nullptr && want != TypeKind::any)
    return wrong_type(v, expected, what, span);
  if (want == TypeKind::any) return v;
  if (found == TypeKind::any && v.is_unknown()) {
    v.type = expected;
    return v;
  }
  if (want == TypeKind::union_) {
    if (v.is_unknown() && program_.assignable(v.type, expected)) return v;
    const std::vector<TypeId> parts = types()[expected].arguments;
    for (TypeId part : parts) {
      if (program_.assignable(v.type, part)) return coerce(std::move(v), part, what, span);
    }
    for (TypeId part : parts) {  // a schema's name stands for its defaults
      if (const auto* schema = v.as<SchemaValue>();
          schema != nullptr && types().kind(part) == TypeKind::record) {
        if (program_.derives(schema->schema, types()[part].index))
          return coerce(std::move(v), part, what, span);
      }
      if (types().kind(part) == TypeKind::rows && v.as<PartValue>() != nullptr) return v;
    }
    return wrong_type(v, expected, what, span);
  }
  if (const auto* schema = v.as<SchemaValue>(); schema != nullptr && want == TypeKind::record) {
    if (!program_.derives(schema->schema, types()[expected].index))
      return wrong_type(v, expected, what, span);
    const int32_t id = schema->schema;
    return make_record(id, Scope{program_.schema(id).module, nullptr}, nullptr, nullptr,
                       program_.schema(id).name, span);
  }
  if (want == TypeKind::rows && v.as<PartValue>() != nullptr) return v;
  if (want == TypeKind::rows && v.shared<TaskValue>() != nullptr) return v;
  if (want == TypeKind::function) {
    const bool callable = v.shared<FunctionValue>() != nullptr || v.as<ExternValue>() != nullptr ||
                          v.as<TemplateValue>() != nullptr || v.is_unknown();
    if (!callable) return wrong_type(v, expected, what, span);
    const auto* function = v.shared<FunctionValue>();
    const size_t required = types()[expected].arguments.size() - 1;
    if (function != nullptr && function->parameters.size() != required) {
      report(Kind::wrong_arguments, span,
             what + " takes a function of " + std::to_string(required) +
                 " parameters, found one of " + std::to_string(function->parameters.size()));
      return failed();
    }
    return v;
  }
  if (want == TypeKind::list && found == TypeKind::list) {
    const TypeId element = types()[expected].arguments[0];
    if (const auto* elements = v.shared<ListValue>()) {
      std::vector<Value> out;
      for (const Value& one : elements->elements) {
        // hit@[1, 5] is a list of metrics inside a list of metrics
        if (const auto* inner = one.shared<ListValue>();
            inner != nullptr && types().kind(element) != TypeKind::list) {
          for (const Value& nested : inner->elements)
            out.push_back(coerce(nested, element, "an element of " + what, span));
        } else {
          out.push_back(coerce(one, element, "an element of " + what, span));
        }
        if (is_error(out.back())) return failed();
      }
      Value result = list(element, std::move(out));
      return result;
    }
  }
  if (!program_.assignable(v.type, expected)) return wrong_type(v, expected, what, span);
  if (want == TypeKind::real && found == TypeKind::integer) {
    if (const auto* whole = v.as<int64_t>())
      return value(expected, static_cast<double>(*whole), v.from);
    if (v.is_residual())
      return residual(expected, row_->add(row::Op::to_real, {row::Kind::real}, {lift(v)}), v.from);
  }
  if (want == TypeKind::seed) v.type = expected;
  return v;
}

}  // namespace rexp::elaborate
