// What stands behind a dot: a field, a codebook's id of an item, a member that the library declares. `h.sid` of a list is read from
// each element.
#include <algorithm>

#include "compiler/eval/constructs.h"

namespace rexp::eval {

namespace {

using Target = check::Target;

Maybe one_member(Evaluator& e, const Scope& scope, const Value& object, const ast::Name& name,
                 const Target& target, const Place& place) {
  if (target.kind == Target::Kind::codebook) return sid_of(e, scope, object, name.text, name.span);
  if (target.kind == Target::Kind::member) return member_of(e, object, target.symbol, place);
  if (const auto* wording = object.as<TemplateRef>())
    return Value{TemplateRef{wording->symbol, name.text}};
  return field_of(e, scope, object, name.text, name.span);
}

/// The record whose fields a trained model has: that of the model it began as.
const Value* base_model(Evaluator& e, const Value& value) {
  const auto* made = value.shared<Made>();
  if (made == nullptr || !is_made_of(e.program, *made, Known::Stage)) return &value;
  return base_model(e, made->arguments[1].second);
}

}  // namespace

const Value* field(Evaluator& e, const Record& record, const std::string& name) {
  const check::Schema& schema = e.program.schema(e.program.types[record.type].index);
  for (size_t i = 0; i < schema.fields.size() && i < record.fields.size(); ++i) {
    if (schema.fields[i].name == name) return record.fields[i].value.get();
  }
  return nullptr;
}

bool has_field(Evaluator& e, const Value& object, const std::string& name) {
  if (const auto* row = object.as<Row>()) return has_column(e, *row, name);
  if (const auto* record = object.shared<Record>()) return field(e, *record, name) != nullptr;
  if (const auto* record = object.shared<RowRecord>()) {
    const bool joined = e.program.is(record->type, Known::Joined);
    return std::any_of(record->fields.begin(), record->fields.end(), [&](const auto& entry) {
      return joined ? has_field(e, entry.second, name) : entry.first == name;
    });
  }
  return false;
}

Maybe field_of(Evaluator& e, const Scope& scope, const Value& object, const std::string& name,
               Span span) {
  if (const auto* row = object.as<Row>()) return column_of(e, scope, *row, name, span);
  if (const auto* record = object.shared<RowRecord>()) {
    const bool joined = e.program.is(record->type, Known::Joined);
    for (const auto& [key, value] : record->fields) {
      if (joined && has_field(e, value, name)) return field_of(e, scope, value, name, span);
      if (!joined && key == name) return value;
    }
  }
  if (const auto* fields = object.shared<Fields>()) {
    for (const auto& [key, value] : fields->entries) {
      if (key == name) return value;
    }
  }
  if (const auto* record = base_model(e, object)->shared<Record>()) {
    if (const Value* found = field(e, *record, name)) return *found;
  }
  return fail(e, Kind::unknown_field, span, "a " + described(e, object) + " has no `" + name + "`");
}

Maybe evaluate_field(Evaluator& e, const Scope& scope, const ast::FieldRef& ref, Span span,
                     const check::ExprInfo& info) {
  const Target& target = info.target;
  if (target.kind == Target::Kind::declaration) return evaluate_declaration(e, target.symbol);
  if (target.kind == Target::Kind::enum_value) return enum_value(e, info.type, target.index);
  const Maybe object = evaluate(e, scope, ref.object);
  if (!object) return std::nullopt;
  if (const auto* site = object->as<Site>()) return site_field(e, *site, ref.field);
  if (const auto* module = object->as<ModuleName>()) {
    if (const auto symbol = e.program.exported(module->module, ref.field.text))
      return evaluate_declaration(e, *symbol);
  }
  const Place place{scope, span, info.type};
  if (!target.lifted) return one_member(e, scope, *object, ref.field, target, place);
  return map_list(
      e, scope, *object,
      [&](const Value& element) {
        return one_member(e, scope, element, ref.field, target, {scope, span, {}});
      },
      span);
}

namespace intrinsic {

Maybe event_item(Evaluator& e, std::vector<Value>& a, const Place& place) {
  const auto* row = a[0].as<Row>();
  if (row == nullptr || builder_of(e, place.scope, *row, place.span) == nullptr)
    return std::nullopt;
  return row_value(place.scope, item_of(place.scope, row->expr, row->table), row->table);
}

Maybe user_events(Evaluator& e, std::vector<Value>& a, const Place& place) {
  if (has_field(e, a[0], "events")) return field_of(e, place.scope, a[0], "events", place.span);
  return fail(e, Kind::not_in_row_function, place.span,
              "all events of a user are only there where the rows are users",
              "take `w.history`, the events before the one to predict");
}

Maybe group_sample(Evaluator& e, std::vector<Value>& a, const Place& place) {
  Maybe items = field_of(e, place.scope, a[0], "items", place.span);
  if (!items) return std::nullopt;
  std::vector<Value> arguments = {std::move(*items), a[1]};
  return list_sample(e, arguments, place);
}

}  // namespace intrinsic

}  // namespace rexp::eval
