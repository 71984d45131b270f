// Records: made from a body, completed by defaults, checked by conditions.
// What was written stays, what was defaulted follows: a default that mentions a sibling is computed again after `with`.
#include <algorithm>

#include "compiler/eval/constructs.h"

namespace rexp::eval {

namespace {

std::string where_text(const std::string& owner) {
  return owner.find('`') == std::string::npos ? "`" + owner + "`" : owner;
}

/// One line of a body: a field, a nested body, or a local `let` or `require`.
bool run_item(Evaluator& e, Scope* scope, const ast::Item& item, Record& record, Origin::Kind kind,
              const std::string& owner) {
  switch (item.kind) {
    case ast::Item::Kind::let:
    case ast::Item::Kind::require: return run_local(e, scope, item);
    case ast::Item::Kind::assign: {
      const Span span = span_of(e, *scope, item.value);
      auto make = [&](RecordField& target) -> Maybe {
        target.origins.push_back({kind, span});
        const auto* name = std::get_if<ast::NameRef>(&tree(e, scope->module)[item.value].node);
        const Environment* local = name == nullptr ? nullptr : find(scope->names, name->name.text);
        if (local != nullptr && local->given.file >= 0)
          target.origins.push_back({Origin::Kind::argument, local->given});
        return evaluate(e, *scope, item.value);
      };
      return assign_field(e, record, item.path, 0, kind, make, owner);
    }
    case ast::Item::Kind::nested: {
      auto make = [&](RecordField& target) -> Maybe {
        return nested_value(e, *scope, record, item, target);
      };
      return assign_field(e, record, item.path, 0, kind, make, owner);
    }
    default: break;
  }
  report(e, Kind::wrong_type, item.span,
         "axes (`in`, `~`) and declarations belong to a sweep or an experiment, not to " + owner);
  return false;
}

/// The value of a field that was not written.
Maybe default_value(Evaluator& e, const check::Field& f, const EnvironmentPtr& siblings,
                    const std::string& owner, Span span) {
  if (f.initial) return evaluate(e, {f.module, siblings, nullptr}, *f.initial);
  return fail(
      e, Kind::missing_field, span,
      owner + " needs `" + f.name + "`, " + check::with_article(e.program.types.name(f.type)),
      f.doc);
}

}  // namespace

Maybe make_record(Evaluator& e, TypeId type, const ast::Body* body, const Record* start,
                  const std::string& owner, const Place& place) {
  const check::Schema& schema = e.program.schema(e.program.types[type].index);
  Record record;
  if (start != nullptr) record = *start;
  record.type = type;
  record.span = place.span;
  record.fields.resize(schema.fields.size());
  const std::string where = start != nullptr && !start->name.empty()
                                ? "a copy of `" + start->name + "`"
                                : where_text(owner);
  const Origin::Kind kind = start != nullptr ? Origin::Kind::with : Origin::Kind::declaration;
  Scope scope = place.scope;
  if (body != nullptr) {
    for (const ast::Item& item : body->items) {
      if (!run_item(e, &scope, item, record, kind, where)) return std::nullopt;
    }
  }
  if (!fill_defaults(e, record, where, place.span) || !check_conditions(e, record, where))
    return std::nullopt;
  return shared_value(std::move(record));
}

Maybe record_of_defaults(Evaluator& e, int32_t schema, const Place& place) {
  const std::string& name = e.program.schema(schema).name;
  return make_record(e, e.program.record(schema), nullptr, nullptr, name, place);
}

bool fill_defaults(Evaluator& e, Record& record, const std::string& owner, Span span) {
  const check::Schema& schema = e.program.schema(e.program.types[record.type].index);
  // Defaults see their siblings. Written fields come first; the others in the order of the schema, so that a default may
  // mention what stands before it.
  EnvironmentPtr siblings;
  for (size_t i = 0; i < schema.fields.size(); ++i) {
    if (record.fields[i].written)
      siblings = bind_name(siblings, schema.fields[i].name, *record.fields[i].value);
  }
  for (size_t i = 0; i < schema.fields.size(); ++i) {
    RecordField& target = record.fields[i];
    const check::Field& f = schema.fields[i];
    if (target.written) continue;
    Maybe value = default_value(e, f, siblings, owner, span);
    if (!value) return false;
    target.origins = {
        {Origin::Kind::fallback, span_of(e, Scope{f.module, nullptr, nullptr}, *f.initial)}};
    siblings = bind_name(siblings, f.name, *value);
    target.value = std::make_shared<const Value>(std::move(*value));
  }
  return true;
}

bool check_conditions(Evaluator& e, const Record& record, const std::string& owner) {
  const check::Schema& schema = e.program.schema(e.program.types[record.type].index);
  EnvironmentPtr siblings;
  for (size_t i = 0; i < schema.fields.size(); ++i)
    siblings = bind_name(siblings, schema.fields[i].name, *record.fields[i].value);
  for (size_t i = 0; i < schema.fields.size(); ++i) {
    const check::Field& f = schema.fields[i];
    const Value& value = *record.fields[i].value;
    if (!f.condition || value.as<None>() != nullptr || reads_row(value)) continue;
    const Scope scope{f.module, eval::bind_name(siblings, "it", value), nullptr};
    const Maybe holds = evaluate(e, scope, *f.condition);
    if (!holds) return false;
    const auto* known = holds->as<bool>();
    if (known == nullptr || *known) continue;
    const Span span = record.fields[i].span();
    report(e, Kind::condition_fails, span,
           "`" + f.name + "` of " + owner + " is " + source_text(e, span) +
               ", required: " + source_text(e, span_of(e, scope, *f.condition)))
        .help = f.doc;
    return false;
  }
  return true;
}

Maybe evaluate_construct(Evaluator& e, const ast::Construct& node, const Place& place) {
  const Maybe callee = evaluate(e, place.scope, node.callee);
  if (!callee) return std::nullopt;
  return with_body(e, *callee, node.body, place);
}

}  // namespace rexp::eval
