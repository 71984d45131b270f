// Semantic ids as a row function can ask about them: is it an item's, how often was that item met.
#include "compiler/eval/constructs.h"

namespace rexp::eval {

Maybe cut_trie(Evaluator& e, const Value& trie, const Value& condition, const Place& place) {
  const auto* made = trie.shared<Made>();
  const Value* book = nullptr;
  for (const Made* at = made; at != nullptr; at = at->arguments[0].second.shared<Made>())
    book = &at->arguments[0].second;
  const auto* record = book == nullptr ? nullptr : book->shared<Record>();
  const Value* items = record == nullptr ? nullptr : field(e, *record, "of");
  if (items == nullptr)
    return fail(e, Kind::wrong_type, place.span, "the codebook of this trie is not known");
  const auto* of = items->shared<Made>();
  const TypeId item = of == nullptr ? TypeId{} : e.program.types[of->type].arguments[0];
  const TypeId function =
      e.program.types.function({item, e.program.types.scalar(TypeKind::boolean)});
  const auto kernel = make_kernel(e, condition, function, {*items}, "within", place.span);
  if (!kernel) return std::nullopt;
  const Symbol symbol = e.program.schema(e.program.known(Known::Trie)).symbol;
  return shared_value(
      Made{symbol, made->type, {{"legal", trie}, {"where", Value{*kernel}}}, place.span});
}

namespace {

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

namespace intrinsic {

Maybe trie_has(Evaluator& e, std::vector<Value>& a, const Place& place) {
  const auto* trie = a[0].shared<Made>();
  const bool whole =
      trie != nullptr && e.intrinsics.of(trie->operation) == Intrinsic::codebook_legal;
  const auto item = item_under(e, place.scope, a[1], place.span);
  if (!item) return std::nullopt;
  if (!whole) return not_yet(e, "has of a trie with a condition", place.span);
  return row_value(place.scope,
                   place.scope.row->add(row::Op::known, {row::Kind::boolean}, {*item}));
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
