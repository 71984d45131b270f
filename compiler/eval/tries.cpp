// Semantic ids as a row function can ask about them: is it an item's, how often was that item met.
#include "compiler/eval/constructs.h"

namespace rexp::eval {

namespace {

/// The trie as a codebook gives it, and the condition on it when there is one.
struct Cut {
  Value legal;
  const Kernel* where = nullptr;
};

Cut look_at(Evaluator& e, const Value& trie) {
  const auto* made = trie.shared<Made>();
  if (e.intrinsics.of(made->operation) == Intrinsic::codebook_legal) return {trie};
  return {made->arguments[0].second, made->arguments[1].second.as<Kernel>()};
}

/// One condition that holds where both do.
Kernel joined(const Kernel& a, const Kernel& b) {
  row::RowBuilder builder(row::FunctionKind::predicate, a.function->name);
  const row::Slot& slot = a.function->slots[0];
  const row::ExprId item =
      builder.add(row::Op::param, slot.type, {}, builder.slot(slot.name, slot.type));
  const row::ExprId holds =
      builder.add(row::Op::and_, {row::Kind::boolean},
                  {builder.call(*a.function, {item}), builder.call(*b.function, {item})});
  return {std::make_shared<const row::RowFunction>(builder.finish(holds)),
          "(" + a.source + ") and (" + b.source + ")", a.result};
}

/// The expression of the item whose semantic id this is.
std::optional<row::ExprId> item_under(Evaluator& e, const Scope& scope, const Value& id,
                                      Span span) {
  const auto* row = id.as<Row>();
  if (row == nullptr || builder_of(e, scope, *row, span) == nullptr) return std::nullopt;
  const row::Expr& expr = scope.row->expr(row->expr);
  if (expr.op == row::Op::sid) return expr.args[0];
  return fail(e, Kind::not_in_row_function, span,
              "the item of this semantic id is not known while compiling");
}

}  // namespace

Maybe cut_trie(Evaluator& e, const Value& trie, const Value& condition, const Place& place) {
  const Cut before = look_at(e, trie);
  const auto* legal = before.legal.shared<Made>();
  const Value& items = *field(e, *legal->arguments[0].second.shared<Record>(), "of");
  const TypeId item = e.program.types[legal->type].arguments[0];
  const TypeId function =
      e.program.types.function({item, e.program.types.scalar(TypeKind::boolean)});
  auto kernel = make_kernel(e, condition, function, {items}, "within", place.span);
  if (!kernel) return std::nullopt;
  if (before.where != nullptr) kernel = joined(*before.where, *kernel);
  const Symbol symbol = e.program.schema(e.program.known(Known::Trie)).symbol;
  return shared_value(
      Made{symbol, legal->type, {{"legal", before.legal}, {"where", Value{*kernel}}}, place.span});
}

namespace intrinsic {

Maybe trie_has(Evaluator& e, std::vector<Value>& a, const Place& place) {
  const auto item = item_under(e, place.scope, a[1], place.span);
  if (!item) return std::nullopt;
  row::RowBuilder& builder = *place.scope.row;
  const row::ExprId known = builder.add(row::Op::known, {row::Kind::boolean}, {*item});
  const Kernel* where = look_at(e, a[0]).where;
  if (where == nullptr) return row_value(place.scope, known);
  const row::ExprId holds = builder.call(*where->function, {*item});
  return row_value(place.scope, builder.add(row::Op::and_, {row::Kind::boolean}, {known, holds}));
}

Maybe interactions(Evaluator& e, std::vector<Value>& a, const Place& place) {
  const auto item = item_under(e, place.scope, a[0], place.span);
  const Value* dataset = item ? dataset_of(e, a[1]) : nullptr;
  if (dataset == nullptr) return std::nullopt;
  const auto* part = a[1].shared<Made>();
  if (part == nullptr || e.intrinsics.of(part->operation) != Intrinsic::dataset_train)
    return fail(e, Kind::trains_on_held_out_rows, place.span,
                "`interactions` counts the events of `train`",
                "pass the `train` part of the dataset");
  return row_value(place.scope,
                   place.scope.row->column(table_id(e, *dataset), "items", "train_count",
                                           {row::Kind::integer}, *item));
}

}  // namespace intrinsic

}  // namespace rexp::eval
