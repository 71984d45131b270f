// `a with { x = 1; y.z = 2 }`: another record, with what the body says.
#include <algorithm>

#include "compiler/eval/constructs.h"

namespace rexp::eval {

namespace {

/// The field's value, for a path that goes on below it: a schema's name stands for its defaults.
Maybe current_value(Evaluator& e, const check::Field& f, const RecordField& target, Span span) {
  Maybe value;
  if (target.value) {
    value = *target.value;
  } else if (f.initial) {
    value = evaluate(e, {f.module, nullptr, nullptr}, *f.initial);
  }
  if (value && value->as<SchemaName>() != nullptr)
    value = record_of_defaults(e, value->as<SchemaName>()->schema, {{}, span, {}});
  if (value && value->shared<Record>() != nullptr) return value;
  return fail(e, Kind::not_a_record, span, "`" + f.name + "` has no fields that could be set");
}

}  // namespace

Maybe nested_value(Evaluator& e, const Scope& scope, const Record& record, const ast::Item& item,
                   RecordField& target) {
  const ast::Name& name = item.path[0];
  const check::Field* f = e.program.schema(e.program.types[record.type].index).find(name.text);
  const bool changes = target.written;
  target.origins.push_back({changes ? Origin::Kind::with : Origin::Kind::declaration, name.span});
  TypeId type = e.program.types.without_none(e.program.field_type(record.type, *f));
  for (TypeId part : e.program.types.alternatives(type)) {
    if (!e.program.is(part, Known::Mixture)) continue;
    const auto* start = target.value ? target.value->shared<Mixture>() : nullptr;
    return make_mixture(e, item.body, start, {scope, item.span, part});
  }
  const bool present = changes || (f->initial && target.value == nullptr);
  if (!present)
    return with_body(e, Value{SchemaName{e.program.types[type].index}}, item.body,
                     {scope, item.span, type});
  const Maybe current = current_value(e, *f, target, name.span);
  return current ? with_body(e, *current, item.body, {scope, item.span, type}) : std::nullopt;
}

bool assign_field(Evaluator& e, Record& record, const ast::Path& path, size_t depth,
                  Origin::Kind kind, const MakeField& make, const std::string& owner) {
  const check::Schema& schema = e.program.schema(e.program.types[record.type].index);
  const ast::Name& name = path[depth];
  const auto at = std::find_if(schema.fields.begin(), schema.fields.end(),
                               [&](const check::Field& f) { return f.name == name.text; });
  if (at == schema.fields.end()) {
    report(e, Kind::unknown_field, name.span, "unknown field `" + name.text + "` in " + owner);
    return false;
  }
  RecordField& target = record.fields[static_cast<size_t>(at - schema.fields.begin())];
  if (!target.written) target.origins.clear();
  Maybe value;
  if (depth + 1 < path.size()) {  // optimizer.lr = 1e-3 inside a body
    const Maybe current = current_value(e, *at, target, name.span);
    if (!current) return false;
    Record copy = *current->shared<Record>();
    const std::string below = "`" + name.text + "`";
    if (!assign_field(e, copy, path, depth + 1, kind, make, below) ||
        !fill_defaults(e, copy, below, name.span) || !check_conditions(e, copy, below))
      return false;
    target.origins.push_back({kind, name.span});
    value = shared_value(std::move(copy));
  } else {
    value = make(target);
  }
  if (!value) return false;
  const TypeId type = e.program.field_type(record.type, *at);
  value = convert(e, std::move(*value), type, {Scope{}, target.span(), type});
  if (!value) return false;
  target.written = true;
  target.value = std::make_shared<const Value>(std::move(*value));
  return true;
}

Maybe with_body(Evaluator& e, const Value& object, ast::BodyId body, const Place& place) {
  if (const auto* mixture = object.shared<Mixture>()) return make_mixture(e, body, mixture, place);
  const ast::Body* written = &tree(e, place.scope.module)[body];
  if (const auto* schema = object.as<SchemaName>()) {
    const bool typed = e.program.types.kind(place.type) == TypeKind::record &&
                       e.program.types[place.type].index == schema->schema;
    return make_record(e, typed ? place.type : e.program.record(schema->schema), written, nullptr,
                       e.program.schema(schema->schema).name, place);
  }
  if (const auto* record = object.shared<Record>()) {
    const int32_t schema = e.program.types[record->type].index;
    return make_record(e, record->type, written, record, e.program.schema(schema).name, place);
  }
  if (object.as<Callable>() != nullptr) {
    const Maybe made = apply(e, object, {}, place);  // a block whose parameters have defaults
    return made ? with_body(e, *made, body, place) : std::nullopt;
  }
  return fail(e, Kind::not_a_record, place.span,
              "`with` changes fields of a record, found a " + described(e, object));
}

Maybe evaluate_with(Evaluator& e, const ast::WithBody& node, const Place& place) {
  const Maybe object = evaluate(e, place.scope, node.object);
  return object ? with_body(e, *object, node.body, place) : std::nullopt;
}

}  // namespace rexp::eval
