// Lists, known while compiling or read per example: both kinds have the same members.
#include <algorithm>
#include <map>

#include "compiler/eval/elaborator.h"

namespace rexp::elaborate {
using diagnostics::Kind;
using row::ExprId;

TypeId Elaborator::element_type(TypeId list) {
  const check::TypeNode& node = types()[list];
  return (node.kind == TypeKind::list || node.kind == TypeKind::rows) ? node.arguments[0] : any();
}

Value Elaborator::element_variable(const Value& list, int64_t var) {
  const TypeId element = element_type(list.type);
  const row::Type row{row_->type(lift(list)).element};
  return residual(element, row_->add(row::Op::var, row, {}, var), list.from, list.dataset);
}

Value Elaborator::map_list(const Value& source, const std::function<Value(const Value&)>& body,
                           Span span) {
  if (types().kind(source.type) != TypeKind::list && !source.is_unknown()) {
    report(Kind::wrong_type, span, "a list is required here, found a " + described(source.type));
    return failed();
  }
  if (source.is_unknown()) {
    const Value element = body(unknown(element_type(source.type), source.from));
    return is_error(element) ? element
                             : unknown(types().list(element.type), join(source.from, element.from));
  }
  if (const auto* elements = source.shared<ListValue>()) {
    std::vector<Value> out;
    TypeId common{};
    for (const Value& one : elements->elements) {
      out.push_back(body(one));
      if (is_error(out.back())) return failed();
      common = out.size() == 1 ? out[0].type : program_.common(common, out.back().type);
    }
    return list(out.empty() ? any() : common, std::move(out));
  }
  const ExprId items = lift(source);
  const int64_t var = row_->variable();
  const Value element = body(element_variable(source, var));
  if (is_error(element)) return element;
  const Provenance from = join(source.from, element.from);
  if (element.is_unknown()) return unknown(types().list(element.type), from);
  const std::optional<row::Type> row = row_type(element.type);
  if (!row || row->kind == row::Kind::list) {
    auto& error =
        report(Kind::not_in_row_function, span,
               row ? "this is a list of lists, which does not exist per example"
                   : "a list of `" + types().name(element.type) + "` does not exist per example");
    if (row) error.help = "`flat_map` makes one list of all";
    return failed();
  }
  const ExprId inner = lift(element);
  Value out =
      residual(types().list(element.type),
               row_->add(row::Op::map, {row::Kind::list, row->kind}, {items, inner}, var), from);
  out.dataset = element.dataset;
  return out;
}

Value Elaborator::filter_list(const Value& source, const std::function<Value(const Value&)>& keep,
                              Span span) {
  const TypeId flag = type(TypeKind::boolean);
  if (source.is_unknown()) {
    const Value kept =
        coerce(keep(unknown(element_type(source.type), source.from)), flag, "the condition", span);
    return is_error(kept) ? kept : unknown(source.type, join(source.from, kept.from));
  }
  if (const auto* elements = source.shared<ListValue>()) {
    std::vector<Value> out;
    for (const Value& one : elements->elements) {
      const Value kept = coerce(keep(one), flag, "the condition", span);
      if (!constant(kept, "the condition", span)) return failed();
      if (const bool* yes = kept.as<bool>(); yes != nullptr && *yes) out.push_back(one);
    }
    return list(element_type(source.type), std::move(out));
  }
  if (!source.is_residual()) {
    report(Kind::wrong_type, span, "a list is required here, found a " + described(source.type));
    return failed();
  }
  const ExprId items = lift(source);
  const int64_t var = row_->variable();
  const Value kept = coerce(keep(element_variable(source, var)), flag, "the condition", span);
  if (is_error(kept)) return kept;
  if (kept.is_unknown()) return unknown(source.type, join(source.from, kept.from));
  const ExprId test = lift(kept);
  return residual(source.type, row_->add(row::Op::filter, row_->type(items), {items, test}, var),
                  join(source.from, kept.from), source.dataset);
}

Value Elaborator::flat_map_list(const Value& source, const std::function<Value(const Value&)>& body,
                                Span span) {
  if (source.is_unknown()) {
    const Value element = body(unknown(element_type(source.type), source.from));
    return is_error(element) ? element : unknown(element.type, join(source.from, element.from));
  }
  if (const auto* elements = source.shared<ListValue>()) {
    std::vector<Value> out;
    TypeId inner = any();
    for (const Value& one : elements->elements) {
      const Value part = body(one);
      if (is_error(part)) return part;
      if (const auto* parts = part.shared<ListValue>())
        out.insert(out.end(), parts->elements.begin(), parts->elements.end());
      inner = element_type(part.type);
    }
    return list(inner, std::move(out));
  }
  if (!source.is_residual()) {
    report(Kind::wrong_type, span, "a list is required here, found a " + described(source.type));
    return failed();
  }
  const ExprId items = lift(source);
  const int64_t var = row_->variable();
  const Value part = body(element_variable(source, var));
  if (is_error(part)) return part;
  const Provenance from = join(source.from, part.from);
  if (types().kind(part.type) != TypeKind::list) {
    report(Kind::wrong_type, span,
           "`flat_map` needs a list for each element, found a " + described(part.type))
        .help = "`map` takes one value for each";
    return failed();
  }
  if (part.is_unknown()) return unknown(part.type, from);
  const ExprId inner = lift(part);
  return residual(part.type, row_->add(row::Op::flat_map, row_->type(inner), {items, inner}, var),
                  from, part.dataset);
}

Value Elaborator::take(const Value& source, const Value& count, bool last, Span) {
  const Provenance from = join(source.from, count.from);
  if (source.is_unknown() || count.is_unknown()) return unknown(source.type, from);
  const auto* elements = source.shared<ListValue>();
  const auto* n = count.as<int64_t>();
  if (elements != nullptr && n != nullptr) {
    const size_t size = elements->elements.size();
    const size_t kept = std::min(size, static_cast<size_t>(std::max<int64_t>(*n, 0)));
    const auto begin =
        elements->elements.begin() + static_cast<std::ptrdiff_t>(last ? size - kept : 0);
    return list(element_type(source.type),
                std::vector<Value>(begin, begin + static_cast<std::ptrdiff_t>(kept)));
  }
  const ExprId items = lift(source), number = lift(count);
  return residual(
      source.type,
      row_->add(last ? row::Op::last : row::Op::first, row_->type(items), {items, number}), from,
      source.dataset);
}

Value Elaborator::length_of(const Value& v, Span) {
  if (const auto* elements = v.shared<ListValue>())
    return integer(static_cast<int64_t>(elements->elements.size()));
  if (const auto* chars = v.as<std::string>()) {
    int64_t points = 0;
    for (char c : *chars) points += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    return integer(points);
  }
  if (!v.is_residual()) return unknown(type(TypeKind::integer), v.from);
  return residual(type(TypeKind::integer),
                  row_->add(row::Op::length, {row::Kind::integer}, {lift(v)}), v.from);
}

Value Elaborator::contains(const Value& hay, const Value& needle, Span span) {
  const TypeId flag = type(TypeKind::boolean);
  const Provenance from = join(hay.from, needle.from);
  if (types().kind(hay.type) != TypeKind::list) {
    if (hay.is_unknown()) return unknown(flag, from);
    report(Kind::wrong_type, span, "`in` looks into a list, found a " + described(hay.type));
    return failed();
  }
  const TypeId element = element_type(hay.type);
  if (!program_.assignable(needle.type, element) && !program_.assignable(element, needle.type)) {
    report(Kind::wrong_type, span,
           "the list holds `" + types().name(element) + "`, a `" + types().name(needle.type) +
               "` is never in it");
    return failed();
  }
  if (hay.is_unknown() || needle.is_unknown()) return unknown(flag, from);
  const auto* elements = hay.shared<ListValue>();
  if (elements != nullptr && !needle.is_residual()) {
    for (const Value& one : elements->elements) {
      if (equal(one, needle)) return boolean(true);
    }
    return boolean(false);
  }
  if (elements != nullptr && elements->elements.empty()) return boolean(false);
  ExprId items = lift(hay), wanted = lift(needle);
  const row::Type held{row_->type(items).element};
  if (held.kind == row::Kind::event &&
      row_->type(wanted).kind == row::Kind::item) {  // a film among events: by item
    const int64_t var = row_->variable();
    const ExprId event = row_->add(row::Op::var, held, {}, var);
    items = row_->add(row::Op::map, {row::Kind::list, row::Kind::item},
                      {items, row_->item_of(hay.dataset, event)}, var);
  } else if (held.kind != row_->type(wanted).kind) {
    if (held.kind == row::Kind::item && row_->type(wanted).kind == row::Kind::event) {
      wanted = row_->item_of(needle.dataset, wanted);
    } else if (held.kind == row::Kind::real) {
      wanted = row_->add(row::Op::to_real, held, {wanted});
    }
  }
  return residual(flag, row_->add(row::Op::contains, {row::Kind::boolean}, {items, wanted}), from);
}

Value Elaborator::list_method(const MethodValue& method, const Scope& scope,
                              const std::vector<ast::Argument>& arguments, Span span) {
  const Value& source = *method.object;
  const std::string& name = method.name;
  const bool counted = name == "first" || name == "last" || name == "most_common";
  const std::string parameter = counted ? "n" : name == "contains" ? "element" : "each";
  const auto given = member_arguments(name, scope, arguments, {parameter}, span);
  if (!given) return failed();
  if (!(*given)[0]) {
    report(Kind::wrong_arguments, span, "`" + name + "` needs `" + parameter + "`");
    return failed();
  }
  const Value argument = *(*given)[0];
  if (name == "contains") return contains(source, argument, span);
  if (counted) {
    const Value count = coerce(argument, type(TypeKind::integer), "`n`", span);
    if (is_error(count)) return count;
    if (name != "most_common") return take(source, count, name == "last", span);
    if (types().kind(element_type(source.type)) != TypeKind::text) {
      report(Kind::wrong_type, span,
             "`most_common` counts texts, found a " + described(source.type));
      return failed();
    }
    const Provenance from = join(source.from, count.from);
    if (source.is_unknown() || count.is_unknown() || row_ == nullptr)
      return unknown(source.type, from);
    const ExprId items = lift(source), number = lift(count);
    return residual(source.type,
                    row_->add(row::Op::most_common, row_->type(items), {items, number}), from);
  }
  auto body = [&](const Value& element) { return call_value(argument, {element}, span); };
  if (name == "map") return map_list(source, body, span);
  if (name == "where") return filter_list(source, body, span);
  return flat_map_list(source, body, span);
}

Value Elaborator::list_member(const Value& object, const ast::Name& name, Span span) {
  static const std::vector<std::string> kMethods = {"first", "last",     "map",        "flat_map",
                                                    "where", "contains", "most_common"};
  if (name.text == "length" || name.text == "count") return length_of(object, span);
  if (std::find(kMethods.begin(), kMethods.end(), name.text) != kMethods.end()) {
    MethodValue method{std::make_shared<const Value>(object), name.text, name.span};
    return value(any(), std::make_shared<const MethodValue>(std::move(method)), object.from);
  }
  const TypeId element = element_type(object.type);
  const TypeKind kind = types().kind(element);
  const bool has_fields =
      kind == TypeKind::record || kind == TypeKind::event || kind == TypeKind::window;
  if (has_fields)
    return map_list(object, [&](const Value& one) { return member(one, name, span); }, span);
  std::vector<std::string> known = kMethods;
  known.push_back("length");
  return no_member("`" + types().name(object.type) + "`", name, known);
}

}  // namespace rexp::elaborate
