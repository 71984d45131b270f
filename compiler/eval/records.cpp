// Records: made from a body, changed by `with`, completed by defaults, checked by conditions.
// What was written stays, what was defaulted follows: a default that mentions a sibling is computed again after `with`.
#include <algorithm>

#include "compiler/eval/elaborator.h"

namespace rexp::elaborate {
using diagnostics::Kind;

namespace {

std::vector<std::string> field_names(const check::Schema& schema) {
  std::vector<std::string> names;
  for (const check::Field& field : schema.fields) names.push_back(field.name);
  return names;
}

}  // namespace

const Value* Elaborator::field(const RecordValue& record, const std::string& name) {
  return field_of(record, program_.schema(record.schema), name);
}

Value Elaborator::record_value(std::shared_ptr<const RecordValue> record, TypeId type) {
  return Value{type, std::move(record), {}, -1};
}

void Elaborator::assign_field(int32_t schema_id, RecordValue& record, const Scope& scope,
                              const ast::Path& path, size_t depth,
                              const std::function<Value(TypeId, RecordField&)>& make,
                              const std::string& owner) {
  const check::Schema& schema = program_.schema(schema_id);
  const ast::Name& name = path[depth];
  const auto at = std::find_if(schema.fields.begin(), schema.fields.end(),
                               [&](const check::Field& f) { return f.name == name.text; });
  if (at == schema.fields.end()) {
    misspelt_.insert(diagnostics::nearest(name.text, field_names(schema)));
    report(Kind::unknown_field, name.span,
           "unknown field `" + name.text + "` in " + owner +
               check::did_you_mean(name.text, field_names(schema)));
    return;
  }
  RecordField& target = record.fields[static_cast<size_t>(at - schema.fields.begin())];
  if (depth + 1 < path.size()) {  // optimizer.lr = 1e-3 inside a body
    Value current = target.value ? *target.value : failed();
    if (!target.value && at->initial)
      current = coerce(eval(Scope{at->module, nullptr}, *at->initial, at->type), at->type,
                       "`" + name.text + "`", name.span);
    const auto* inner = current.shared<RecordValue>();
    if (inner == nullptr) {
      report(Kind::not_a_record, name.span, "`" + name.text + "` has no fields that could be set");
      return;
    }
    RecordValue copy = *inner;
    assign_field(inner->schema, copy, scope, path, depth + 1, make, "`" + name.text + "`");
    fill_defaults(inner->schema, copy, "`" + name.text + "`", name.span);
    target = {std::make_shared<const Value>(
                  record_value(std::make_shared<const RecordValue>(std::move(copy)), current.type)),
              true, name.span};
    return;
  }
  Value v = make(at->type, target);
  v = coerce(std::move(v), at->type, "`" + name.text + "`", target.span);
  target.written = true;
  target.value = std::make_shared<const Value>(std::move(v));
}

Value Elaborator::make_record(int32_t schema_id, const Scope& scope, const Body* body,
                              const RecordValue* start, const std::string& owner, Span span,
                              Symbol symbol) {
  const check::Schema& schema = program_.schema(schema_id);
  RecordValue record;
  if (start != nullptr) record = *start;
  record.schema = schema_id;
  record.span = span;
  if (symbol.valid()) record.symbol = symbol;
  record.fields.resize(schema.fields.size());
  const std::string where = start != nullptr && !start->name.empty() ? "`" + start->name + "`"
                            : owner.find('`') == std::string::npos   ? "`" + owner + "`"
                                                                     : owner;
  Scope inner = scope;
  std::vector<std::string> seen;
  const std::vector<ast::Item> items =
      body != nullptr ? tree(body->first)[body->second].items : std::vector<ast::Item>{};
  for (const ast::Item& item : items) {
    const ast::Path path = item.path;
    switch (item.kind) {
      case ast::Item::Kind::let: {
        const ast::Decl& decl = tree(body->first)[item.decl];
        if (const auto* let = std::get_if<ast::LetDecl>(&decl.node))
          inner.names = bind(inner.names, decl.name.text, eval(inner, let->value));
        break;
      }
      case ast::Item::Kind::require: {
        const ast::Decl& decl = tree(body->first)[item.decl];
        if (const auto* require = std::get_if<ast::RequireDecl>(&decl.node))
          check_require(body->first, *require, inner.names);
        break;
      }
      case ast::Item::Kind::assign: {
        if (path.size() == 1 && std::find(seen.begin(), seen.end(), path[0].text) != seen.end()) {
          report(Kind::duplicate_name, path[0].span,
                 "`" + path[0].text + "` is set twice in " + where);
          break;
        }
        if (path.size() == 1) seen.push_back(path[0].text);
        assign_field(
            schema_id, record, inner, path, 0,
            [&](TypeId expected, RecordField& target) {
              target.span = tree(body->first)[item.value].span;
              return eval(inner, item.value, expected);
            },
            where);
        break;
      }
      case ast::Item::Kind::nested: {
        assign_field(
            schema_id, record, inner, path, 0,
            [&](TypeId expected, RecordField& target) {
              target.span = path[0].span;
              Value base = target.value ? *target.value : unknown(expected);
              if (base.shared<RecordValue>() == nullptr &&
                  types().kind(expected) == TypeKind::record) {
                const Body nested{body->first, item.body};
                return make_record(types()[expected].index, inner, &nested, nullptr, path[0].text,
                                   item.span);
              }
              return with_body(inner, base, item.body, item.span);
            },
            where);
        break;
      }
      default:
        report(Kind::wrong_type, item.span,
               "axes (`in`, `~`) and declarations belong to a sweep or an experiment, not to " +
                   where);
    }
  }
  fill_defaults(schema_id, record, where, span);
  for (const RecordField& f : record.fields) {
    if (!f.value || is_error(*f.value)) return failed();
  }
  check_conditions(schema_id, record, where);
  return record_value(std::make_shared<const RecordValue>(std::move(record)),
                      types().record(schema_id, schema.name));
}

void Elaborator::fill_defaults(int32_t schema_id, RecordValue& record, const std::string& owner,
                               Span span) {
  const check::Schema& schema = program_.schema(schema_id);
  // Defaults see their siblings. Written fields come first; the others in the order of the schema, so that a default may
  // mention what stands before it.
  EnvironmentPtr siblings;
  for (size_t i = 0; i < schema.fields.size(); ++i) {
    if (record.fields[i].written && record.fields[i].value)
      siblings = bind(siblings, schema.fields[i].name, *record.fields[i].value);
  }
  for (size_t i = 0; i < schema.fields.size(); ++i) {
    RecordField& target = record.fields[i];
    const check::Field& f = schema.fields[i];
    if (target.written) continue;
    if (!f.initial) {
      target.value = std::make_shared<const Value>(failed());
      if (misspelt_.erase(f.name) > 0) continue;
      auto& error =
          report(Kind::missing_field, span,
                 owner + " needs `" + f.name + "`, " + check::with_article(types().name(f.type)));
      if (!f.doc.empty()) error.help = f.doc;
      continue;
    }
    target.span = tree(f.module)[*f.initial].span;
    Value v = coerce(eval(Scope{f.module, siblings}, *f.initial, f.type), f.type,
                     "`" + f.name + "`", target.span);
    siblings = bind(siblings, f.name, v);
    target.value = std::make_shared<const Value>(std::move(v));
  }
}

void Elaborator::check_conditions(int32_t schema_id, RecordValue& record,
                                  const std::string& owner) {
  const check::Schema& schema = program_.schema(schema_id);
  EnvironmentPtr siblings;
  for (size_t i = 0; i < schema.fields.size(); ++i)
    siblings = bind(siblings, schema.fields[i].name, *record.fields[i].value);
  for (size_t i = 0; i < schema.fields.size(); ++i) {
    const check::Field& f = schema.fields[i];
    const Value& v = *record.fields[i].value;
    if (!f.condition || v.is_unknown() || v.as<NoneValue>() != nullptr) continue;
    const Value holds = eval(Scope{f.module, elaborate::bind(siblings, "it", v)}, *f.condition);
    const bool* known = holds.as<bool>();
    if (known == nullptr || *known) continue;
    const Span span = record.fields[i].span;
    report(Kind::condition_fails, span,
           "`" + f.name + "` of " + owner + " is " + source_text(span) +
               ", required: " + source_text(tree(f.module)[*f.condition].span));
  }
}

Value Elaborator::with_body(const Scope& scope, const Value& object, ast::BodyId body, Span span) {
  if (is_error(object) || object.is_unknown()) return object;
  const Body pair{scope.module, body};
  if (const auto* mixture = object.shared<MixtureValue>())
    return make_mixture(scope, pair, mixture, "mixture");
  if (const auto* schema = object.as<SchemaValue>()) {
    return make_record(schema->schema, scope, &pair, nullptr, program_.schema(schema->schema).name,
                       span);
  }
  if (const auto* record = object.shared<RecordValue>()) {
    Value out = make_record(record->schema, scope, &pair, record,
                            program_.schema(record->schema).name, span);
    if (!is_error(out)) out.type = object.type;
    return out;
  }
  report(Kind::not_a_record, span,
         "`with` changes fields of a record, found a " + described(object.type));
  return failed();
}

Value Elaborator::update(const Value& object, const std::vector<ast::Name>& path, size_t depth,
                         const Assignment& assignment) {
  const Scope scope{assignment.module, nullptr};
  const Span span = tree(assignment.module)[assignment.value].span;
  if (is_error(object)) return object;
  if (depth == path.size()) {
    Value v = eval(scope, assignment.value, object.type);
    return coerce(std::move(v), object.type, "`" + assignment.path.back().text + "`", span);
  }
  const ast::Name& name = path[depth];
  if (const auto* mixture = object.shared<MixtureValue>()) {
    MixtureValue copy = *mixture;
    std::vector<std::string> known;
    for (MixtureEntry& entry : copy.entries) {
      known.push_back(entry.name);
      if (entry.name != name.text || depth + 1 != path.size()) continue;
      const TypeId weight = types().either({type(TypeKind::copies), type(TypeKind::ratio)});
      const Value v = coerce(eval(scope, assignment.value), weight, "`" + name.text + "`", span);
      if (is_error(v)) return v;
      entry.weight = *number_of(v);
      entry.share = types().kind(v.type) == TypeKind::ratio;
      copy.span = span;
      return mixture_value(std::move(copy));
    }
    report(Kind::bad_override, name.span,
           "the mixture has no task `" + name.text + "`" + check::did_you_mean(name.text, known));
    return failed();
  }
  const auto* record = object.shared<RecordValue>();
  if (record == nullptr) {
    report(Kind::bad_override, name.span,
           "`" + name.text + "` cannot be set here, there is a " + described(object.type) +
               " without fields");
    return failed();
  }
  const check::Schema& schema = program_.schema(record->schema);
  const auto at = std::find_if(schema.fields.begin(), schema.fields.end(),
                               [&](const check::Field& f) { return f.name == name.text; });
  if (at == schema.fields.end()) {
    const std::string owner = record->name.empty() ? schema.name : record->name;
    report(Kind::bad_override, name.span,
           "`" + owner + "` has no field `" + name.text + "`" +
               check::did_you_mean(name.text, field_names(schema)));
    return failed();
  }
  RecordValue copy = *record;
  RecordField& target = copy.fields[static_cast<size_t>(at - schema.fields.begin())];
  Value v;
  if (depth + 1 < path.size()) {
    v = update(*target.value, path, depth + 1, assignment);
  } else {
    v = coerce(eval(scope, assignment.value, at->type), at->type, "`" + name.text + "`", span);
  }
  if (is_error(v)) return v;
  target = {std::make_shared<const Value>(std::move(v)), true, span};
  fill_defaults(record->schema, copy, "`" + schema.name + "`", span);
  check_conditions(record->schema, copy,
                   "`" + (record->name.empty() ? schema.name : record->name) + "`");
  return record_value(std::make_shared<const RecordValue>(std::move(copy)), object.type);
}

}  // namespace rexp::elaborate
