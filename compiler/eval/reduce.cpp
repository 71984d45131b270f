// Templates and functions of rows that nothing applies, or nothing applies with everything in them: each is applied to a row of its
// parameters' types, so that what only its row function shows is found when it is written.
//
//   template about(i: Film) { document "${i.cover}" }      a column of that type cannot be read per example
//
// Which catalogue a bare `Item` belongs to is not known, so every dataset of the program is tried; what is wrong with all of them is
// wrong. A parameter that has to be a constant takes its default; without one the template is left to those who apply it.
#include <algorithm>

#include "compiler/eval/constructs.h"

namespace rexp::eval {
using row::Op;

namespace {

constexpr int kMaxDepth = 8;  // of records in records

/// One row that is made up: of which datasets, and the row function that it is read in.
struct Symbolic {
  Evaluator& e;
  const Scope& scope;
  const std::vector<Value>& datasets;  // the one that is tried first
  Span span;
  int depth = 0;
};

Maybe value_of(Symbolic& in, TypeId type, const std::string& name);

Value slot(Symbolic& in, row::Type type, const std::string& name, int32_t table = -1) {
  const int64_t at = in.scope.row->slot(name, type);
  return row_value(in.scope, in.scope.row->add(Op::param, type, {}, at), table);
}

/// A text, a truth or a number: read from a column, which may have any type.
Value plain(Symbolic& in, row::Type type, const std::string& name) {
  const row::ExprId row = slot(in, {row::Kind::integer}, name).as<Row>()->expr;
  const int32_t table = table_id(in.e, in.datasets[0]);
  return row_value(in.scope, in.scope.row->column(table, "given", name, type, row));
}

/// The first dataset whose events, or whose items, can stand where `type` is required.
const Value* dataset_for(Symbolic& in, TypeId type) {
  for (const Value& dataset : in.datasets) {
    const TypeId seen = in.e.program.as_base(dataset.shared<Record>()->type,
                                             in.e.program.known(Known::Interactions));
    const std::vector<TypeId> parts = in.e.program.types[seen].arguments;
    const TypeId event = in.e.program.known_type(Known::Event, {parts[0], parts[1]});
    if (in.e.program.assignable(event, type)) return &dataset;
  }
  return nullptr;
}

Value range(Symbolic& in, const std::string& name, int32_t table, bool items) {
  constexpr row::Type kEvent{row::Kind::event}, kEvents{row::Kind::list, row::Kind::event};
  const int64_t first = in.scope.row->slot(name + "_begin", kEvent);
  in.scope.row->slot(name + "_end", kEvent);
  Value out = row_value(in.scope, in.scope.row->add(Op::range, kEvents, {}, first), table);
  std::get<Row>(out.data).items = items;
  return out;
}

/// An event, an item, or a list of them.
Maybe from_catalogue(Symbolic& in, TypeId element, bool list, const std::string& name) {
  const Value* dataset = dataset_for(in, element);
  if (dataset == nullptr) return std::nullopt;
  const int32_t table = table_id(in.e, *dataset);
  const bool event = in.e.program.is(element, Known::Event);
  if (list) return range(in, name, table, !event);
  return slot(in, {event ? row::Kind::event : row::Kind::item}, name, table);
}

/// A semantic id, or a list of them.
Maybe sids(Symbolic& in, bool list, const std::string& name) {
  for (const Value& dataset : in.datasets) {
    const int32_t table = table_id(in.e, dataset);
    const std::vector<Value> books = codebooks_of(in.e, table);
    if (books.empty()) continue;
    row::RowBuilder& builder = *in.scope.row;
    const int32_t book = table_id(in.e, books[0]);
    if (!list) {
      const row::ExprId item = slot(in, {row::Kind::item}, name, table).as<Row>()->expr;
      return row_value(in.scope, builder.sid(book, item), table);
    }
    return map_list(
        in.e, in.scope, range(in, name, table, true),
        [&](const Value& item) -> Maybe {
          return row_value(in.scope, builder.sid(book, item.as<Row>()->expr), table);
        },
        in.span);
  }
  return std::nullopt;
}

Maybe record_of(Symbolic& in, TypeId type, const std::string& name) {
  check::Program& program = in.e.program;
  if (program.is(type, Known::WindowId)) return plain(in, {row::Kind::text}, name);
  if (check::is_component(program, type)) return std::nullopt;
  RowRecord out{type, {}};
  std::vector<std::pair<std::string, TypeId>> fields;
  if (program.is(type, Known::Joined)) {
    const std::vector<TypeId> sides = program.types[type].arguments;
    fields = {{"first", sides[0]}, {"second", sides[1]}};
  } else {
    for (const check::Field& f : program.schema(program.types[type].index).fields)
      fields.emplace_back(f.name, program.field_type(type, f));
  }
  for (const auto& [field, of] : fields) {
    Maybe value = value_of(in, of, name + "_" + field);
    if (!value) return std::nullopt;
    out.fields.emplace_back(field, std::move(*value));
  }
  if (program.is(type, Known::User)) {  // where the rows are users
    if (Maybe events = from_catalogue(in, program.known_type(Known::Event), true, name + "_events"))
      out.fields.emplace_back("events", std::move(*events));
  }
  return shared_value(std::move(out));
}

Maybe optional_of(Symbolic& in, TypeId inner, const std::string& name) {
  Maybe value = value_of(in, inner, name);
  if (!value) return std::nullopt;
  Value there = plain(in, {row::Kind::boolean}, name + "_there");
  return shared_value(RowOptional{std::make_shared<const Value>(std::move(there)),
                                  std::make_shared<const Value>(std::move(*value))});
}

/// A value of the row; nothing where no row has one of that type. A list of plain values has one element, whatever may come.
Maybe value_of(Symbolic& in, TypeId type, const std::string& name) {
  check::Program& program = in.e.program;
  type = program.bound(type);
  const check::TypeNode node = program.types[type];
  if (node.kind == TypeKind::labelled) return value_of(in, node.arguments[0], name);
  if (program.types.optional(type)) return optional_of(in, program.types.without_none(type), name);
  const bool list = node.kind == TypeKind::list;
  const TypeId element = list ? program.bound(node.arguments[0]) : type;
  if (program.is(element, Known::Event) || program.is(element, Known::Item))
    return from_catalogue(in, element, list, name);
  if (program.is(element, Known::Sid)) return sids(in, list, name);
  if (in.depth >= kMaxDepth) return std::nullopt;
  ++in.depth;
  Maybe out;
  if (list) {
    if (Maybe one = value_of(in, element, name)) out = list_value({std::move(*one)});
  } else if (node.kind == TypeKind::record) {
    out = record_of(in, type, name);
  } else if (const auto known = row_type(in.e, type)) {
    out = plain(in, *known, name);
  }
  --in.depth;
  return out;
}

/// The arguments of one application; nothing, and no message, where a parameter has to be given by someone.
std::optional<std::vector<std::optional<Given>>> arguments_for(Symbolic& in,
                                                               const check::Signature& signature) {
  std::vector<std::optional<Given>> given;
  for (const check::SignatureParameter& p : signature.parameters) {
    Maybe value;
    if (p.world != check::World::constant) value = value_of(in, p.type, p.name);
    if (!value && !p.initial) return std::nullopt;
    given.push_back(value ? std::optional(Given{std::move(*value), p.span}) : std::nullopt);
  }
  return given;
}

/// Applies it to rows of these datasets. False after messages.
bool try_with(Evaluator& e, const Value& callee, const check::Signature& signature,
              const std::vector<Value>& datasets) {
  RowFrame frame(e, row::FunctionKind::renderer, signature.name);
  const Scope scope{signature.module, nullptr, &frame.builder};
  Symbolic in{e, scope, datasets, signature.span};
  auto given = arguments_for(in, signature);
  if (!given) return true;
  const Maybe made = apply(e, callee, std::move(*given), {scope, signature.span, {}});
  if (!made) return false;
  return made->shared<Example>() == nullptr ||
         finish_kernel(e, scope, *made, signature.name, signature.span).has_value();
}

/// Reports what is wrong with every dataset of the program.
void reduce(Evaluator& e, const Value& callee, const check::Signature& signature,
            std::vector<Value> datasets) {
  std::vector<diagnostics::Diagnostic> first;
  for (size_t i = 0; i < datasets.size(); ++i) {
    const size_t before = e.program.sink.added();
    const bool fine = try_with(e, callee, signature, datasets);
    if (fine) return;
    std::vector<diagnostics::Diagnostic> found = e.program.sink.take_behind(before);
    if (i == 0) first = std::move(found);
    std::rotate(datasets.begin(), datasets.begin() + 1, datasets.end());
  }
  for (diagnostics::Diagnostic& one : first) e.program.sink.add(std::move(one));
}

}  // namespace

void reduce_declared(Evaluator& e, Symbol symbol, const std::vector<Value>& datasets) {
  const auto info = e.typed.declarations.find(symbol);
  if (info == e.typed.declarations.end() || info->second.signature == nullptr) return;
  const check::Signature& signature = *info->second.signature;
  const Maybe callee = evaluate_declaration(e, symbol);
  if (!callee) return;
  if (signature.is_template) {
    std::vector<std::string> wordings = check::variants_of(e.program, symbol);
    wordings.push_back("");  // drawn
    for (const std::string& wording : wordings)
      reduce(e, Value{TemplateRef{symbol, wording}}, signature, datasets);
    return;
  }
  const bool of_rows =
      std::any_of(signature.parameters.begin(), signature.parameters.end(),
                  [&](const auto& p) { return check::only_per_row(e.program, p.type); });
  if (of_rows && callee->shared<Closure>() != nullptr) reduce(e, *callee, signature, datasets);
}

}  // namespace rexp::eval
