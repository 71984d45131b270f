// Between values and row expressions: which types exist in row functions, how a constant is lifted into one, and which slots
// the rows of each shape have.
#include "compiler/eval/elaborator.h"
#include "runtime/base/assert.h"

namespace rexp::elaborate {

std::optional<row::Type> Elaborator::row_type(TypeId type) {
  switch (types().kind(type)) {
    case TypeKind::boolean: return row::Type{row::Kind::boolean};
    case TypeKind::integer: return row::Type{row::Kind::integer};
    case TypeKind::real:
    case TypeKind::ratio: return row::Type{row::Kind::real};
    case TypeKind::text: return row::Type{row::Kind::text};
    case TypeKind::event: return row::Type{row::Kind::event};
    case TypeKind::record:
      return program_.is_item(type) ? std::optional(row::Type{row::Kind::item}) : std::nullopt;
    case TypeKind::domain:
      if (types().is_domain(type, "Sid")) return row::Type{row::Kind::sid};
      return std::nullopt;
    case TypeKind::list: {
      const std::optional<row::Type> element = row_type(types()[type].arguments[0]);
      if (!element || element->kind == row::Kind::list) return std::nullopt;
      return row::Type{row::Kind::list, element->kind};
    }
    default: return std::nullopt;
  }
}

namespace {

/// The text when nothing has to be filled in.
std::optional<std::string> literal_of(const ast::Text& text) {
  std::string out;
  for (const ast::TextPart& part : text.parts) {
    if (part.kind != ast::TextPart::Kind::chars) return std::nullopt;
    out += part.chars;
  }
  return out;
}

}  // namespace

row::ExprId Elaborator::lift(const Value& value) {
  REXP_ASSERT(row_ != nullptr, "a value is lifted outside a row function");
  if (const auto* residual = value.as<Residual>()) return residual->expr;
  if (const auto* flag = value.as<bool>()) return row_->constant(*flag);
  if (const auto* integer = value.as<int64_t>()) {
    return types().kind(value.type) == TypeKind::real
               ? row_->constant(static_cast<double>(*integer))
               : row_->constant(*integer);
  }
  if (const auto* real = value.as<double>()) return row_->constant(*real);
  if (const auto* chars = value.as<std::string>()) return row_->constant(*chars);
  if (const auto* list = value.shared<ListValue>()) {
    const std::optional<row::Type> type = row_type(value.type);
    REXP_ASSERT(type.has_value(), "a list of this type has no row form");
    std::vector<row::ExprId> elements;
    for (const Value& element : list->elements) elements.push_back(lift(element));
    return row_->add(row::Op::make_list, *type, std::move(elements));
  }
  if (const auto* choice = value.shared<ChoiceValue>()) {
    std::vector<std::string> texts;
    for (const int index : choice->known >= 0 ? std::vector<int>{choice->known} : choice->offered) {
      const ast::Variant& variant = choice->options->variants[static_cast<size_t>(index)];
      const std::optional<std::string> text = literal_of(variant.text);
      if (!text) {
        report(diagnostics::Kind::not_available_yet, variant.text.span,
               "a choice whose wordings have holes is not available as a value yet")
            .help = "print it, or ask which one it is: `x is " + variant.name.text + "`";
      }
      texts.push_back(text.value_or(""));
    }
    row::ExprId chain = row_->constant(texts.back());
    for (size_t i = texts.size() - 1; i-- > 0;) {
      const row::ExprId drawn = row_->add(row::Op::var, {row::Kind::integer}, {}, choice->var);
      const row::ExprId here = row_->add(row::Op::eq, {row::Kind::boolean},
                                         {drawn, row_->constant(static_cast<int64_t>(i))});
      chain = row_->add(row::Op::if_, {row::Kind::text}, {here, row_->constant(texts[i]), chain});
    }
    return chain;
  }
  return row_->constant(
      int64_t{0});  // an unknown or a failed value; a diagnostic exists, so nothing runs this
}

Value Elaborator::residual(TypeId type, row::ExprId expr, const Provenance& from, int dataset) {
  return Value{type, Residual{expr}, from, dataset};
}

void Elaborator::add_slots(RowShape shape) {
  const row::Type event{row::Kind::event}, integer{row::Kind::integer};
  switch (shape) {  // the columns of the rows artifact, in its order
    case RowShape::windows:
      row_->slot("user", integer);
      row_->slot("history_begin", event);
      row_->slot("history_end", event);
      row_->slot("next", event);
      return;
    case RowShape::sequences:
      row_->slot("user", integer);
      row_->slot("seen_begin", event);
      row_->slot("seen_end", event);
      return;
    case RowShape::items: row_->slot("item", {row::Kind::item}); return;
  }
}

Value Elaborator::row_variable(RowShape shape, int dataset, const std::string& split) {
  const TypeId item = datasets_[static_cast<size_t>(dataset)].item;
  Provenance from;
  from.splits = split == "train"   ? check::kTrain
                : split == "valid" ? check::kValid
                : split == "test"  ? check::kTest
                                   : 0;
  Value out;
  switch (shape) {
    case RowShape::windows:
      out = value(types().window(item), RowVariable{shape, dataset}, from);
      break;
    case RowShape::sequences:
      from.label = Label::target;
      out = residual(types().list(types().event(item)),
                     row_->add(row::Op::range, {row::Kind::list, row::Kind::event}, {}, 1), from,
                     dataset);
      break;
    case RowShape::items:
      out = residual(item, row_->add(row::Op::param, {row::Kind::item}, {}, 0), from, dataset);
      break;
  }
  out.dataset = dataset;
  return out;
}

}  // namespace rexp::elaborate
