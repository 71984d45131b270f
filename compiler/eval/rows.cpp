// One row of the run's rows, as a row function sees it. Which slots it has, the columns of the rows artifact, follows from the
// operation that made the rows:
//
//   windows    user, history_begin, history_end, next      {user, history, next, id}
//   items      item                                        the item
//   pairs      a_<slots>, b_<slots>                        {first, second}
#include <algorithm>

#include "compiler/eval/constructs.h"

namespace rexp::eval {
using row::ExprId;
using row::Op;

namespace {

constexpr row::Type kEvent{row::Kind::event}, kInteger{row::Kind::integer}, kItem{row::Kind::item},
    kEvents{row::Kind::list, row::Kind::event};

using Parts = std::vector<std::pair<std::string, Value>>;

/// What is added to the row function while the slots of a row are read.
struct RowReader {
  Evaluator& e;
  const Scope& scope;
  Span span;

  ExprId slot(const std::string& name, row::Type type) const {
    return scope.row->add(Op::param, type, {}, scope.row->slot(name, type));
  }
  Value range(const std::string& name, int32_t table) const {
    const int64_t first = scope.row->slot(name + "_begin", kEvent);
    scope.row->slot(name + "_end", kEvent);
    return row_value(scope, scope.row->add(Op::range, kEvents, {}, first), table);
  }
};

TypeId part_of(Evaluator& e, TypeId type, size_t which) {
  const std::vector<TypeId>& parts = e.program.types[type].arguments;
  TypeId out = which < parts.size() ? parts[which] : TypeId{};
  if (e.program.types.kind(out) == TypeKind::labelled) out = e.program.types[out].arguments[0];
  return out;
}

/// The columns of a table as fields of a row of it.
Parts columns(const RowReader& in, TypeId type, int32_t table, const std::string& name,
              ExprId index) {
  Parts out;
  if (in.e.program.types.kind(type) != TypeKind::record) return out;
  for (const check::Field& f : in.e.program.schema(in.e.program.types[type].index).fields) {
    const auto column = row_type(in.e, f.type);
    if (!column) continue;
    out.emplace_back(
        f.name, row_value(in.scope, in.scope.row->column(table, name, f.name, *column, index)));
  }
  return out;
}

Value user_record(const RowReader& in, int32_t table, ExprId user, const Maybe& events) {
  const auto* dataset = in.e.tables[table].shared<Record>();
  const TypeId type = part_of(in.e, dataset->type, 2);
  RowRecord record{type, columns(in, type, table, "users", user)};
  if (events) record.fields.emplace_back("events", *events);
  return shared_value(std::move(record));
}

std::optional<int32_t> dataset_table(const RowReader& in, const Value& rows) {
  const Value* dataset = dataset_of(in.e, rows);
  if (dataset != nullptr) return table_id(in.e, *dataset);
  return fail(in.e, Kind::not_in_row_function, in.span,
              "the dataset of these rows is not known: " + shown(in.e, rows, in.span));
}

Maybe window_row(const RowReader& in, const Made& rows, const std::string& prefix, TypeId type) {
  const auto table = dataset_table(in, rows.arguments[0].second);
  if (!table) return std::nullopt;
  const ExprId user = in.slot(prefix + "user", kInteger);
  const Value history = in.range(prefix + "history", *table);
  const ExprId next = in.slot(prefix + "next", kEvent);
  const ExprId id = in.scope.row->column(*table, "events", "window_id", {row::Kind::text}, next);
  return shared_value(RowRecord{type,
                                {{"user", user_record(in, *table, user, std::nullopt)},
                                 {"history", history},
                                 {"next", row_value(in.scope, next, *table)},
                                 {"id", row_value(in.scope, id)}}});
}

Maybe ahead_row(const RowReader& in, const Made& rows, const std::string& prefix, TypeId type) {
  const Maybe window = row_of(in.e, in.scope, rows.arguments[0].second, prefix, in.span);
  const auto* record = window ? window->shared<RowRecord>() : nullptr;
  const auto table = record ? dataset_table(in, rows.arguments[0].second) : std::nullopt;
  if (!table) return std::nullopt;
  RowRecord out{type, record->fields};
  out.fields.emplace_back("later", row_value(in.scope, in.slot(prefix + "later", kEvent), *table));
  return shared_value(std::move(out));
}

Maybe users_row(const RowReader& in, const Value& dataset, const std::string& prefix) {
  const auto table = dataset_table(in, dataset);
  if (!table) return std::nullopt;
  const ExprId user = in.slot(prefix + "user", kInteger);
  return user_record(in, *table, user, in.range(prefix + "events", *table));
}

Maybe group_row(const RowReader& in, const Value& rows, const std::string& prefix, TypeId type) {
  const auto table = dataset_table(in, rows);
  if (!table) return std::nullopt;
  const int32_t groups = table_id(in.e, rows);
  row::RowBuilder& builder = *in.scope.row;
  const ExprId group = in.slot(prefix + "group", kInteger);
  const Value members = in.range(prefix + "items", *table);
  const ExprId name = builder.column(groups, "rows", "name", {row::Kind::text}, group);
  const int64_t var = builder.variable();
  const ExprId place = builder.add(Op::var, kEvent, {}, var);
  const ExprId item = builder.item_of(groups, "rows", "items", place);
  const ExprId items = builder.add(Op::map, {row::Kind::list, row::Kind::item},
                                   {members.as<Row>()->expr, item}, var);
  return shared_value(RowRecord{
      type, {{"name", row_value(in.scope, name)}, {"items", row_value(in.scope, items, *table)}}});
}

/// The table of rows that `where` and `sample` have taken some of; null for other rows.
const Value* table_under(Evaluator& e, const Value& rows) {
  const auto* made = rows.shared<Made>();
  if (made == nullptr) return nullptr;
  if (is_made_of(e.program, *made, Known::Table)) return &rows;
  const Intrinsic which = e.intrinsics.of(made->operation);
  const bool some = which == Intrinsic::rows_where || which == Intrinsic::rows_sample;
  return some ? table_under(e, made->arguments[0].second) : nullptr;
}

Maybe table_row(const RowReader& in, const Value& rows, const std::string& prefix) {
  const Value* table = table_under(in.e, rows);
  if (table == nullptr)
    return not_yet(in.e, "a join with rows that are no table", in.span,
                   "join a table of your own: `dataset notes: Rows<Note> { source = … }`");
  const TypeId type = part_of(in.e, table->shared<Made>()->type, 0);
  const ExprId other = in.slot(prefix + "other", kInteger);
  return shared_value(RowRecord{type, columns(in, type, table_id(in.e, *table), "table", other)});
}

/// The codebook in which a system answers: that of the items of the protocol's rows.
Maybe guess_row(const RowReader& in, const Made& guesses, const std::string& prefix, TypeId type) {
  const auto* scores = guesses.arguments[0].second.shared<Made>();
  const Value* rows = nullptr;
  for (const auto& [name, argument] : scores != nullptr ? scores->arguments : Parts{}) {
    const auto* record = argument.shared<Record>();
    if (record != nullptr && in.e.program.is(record->type, Known::Protocol))
      rows = field(in.e, *record, "rows");
  }
  const auto table = rows != nullptr ? dataset_table(in, *rows) : std::nullopt;
  if (!table) return std::nullopt;
  const std::vector<Value> books = codebooks_of(in.e, *table);
  if (books.empty())
    return fail(in.e, Kind::unknown_field, in.span,
                "guesses are semantic ids, and the dataset of this protocol has no codebook");
  const ExprId rank = in.slot(prefix + "rank", kInteger);
  const ExprId item = in.slot(prefix + "item", kItem);
  const ExprId sid = in.scope.row->sid(table_id(in.e, books[0]), item);
  return shared_value(RowRecord{
      type, {{"rank", row_value(in.scope, rank)}, {"sid", row_value(in.scope, sid, *table)}}});
}

Maybe two_rows(const RowReader& in, const Made& made, const std::string& prefix, TypeId type,
               bool pairs) {
  const Value& rows = made.arguments[0].second;
  Maybe first = row_of(in.e, in.scope, rows, pairs ? prefix + "a_" : prefix, in.span);
  if (!first) return std::nullopt;
  Maybe second = pairs ? row_of(in.e, in.scope, rows, prefix + "b_", in.span)
                       : table_row(in, made.arguments[1].second, prefix);
  if (!second) return std::nullopt;
  return shared_value(
      RowRecord{type, {{"first", std::move(*first)}, {"second", std::move(*second)}}});
}

}  // namespace

Maybe row_of(Evaluator& e, const Scope& scope, const Value& value, const std::string& prefix,
             Span span) {
  const RowReader in{e, scope, span};
  if (value.shared<Record>() != nullptr) return users_row(in, value, prefix);
  const Maybe rows = as_rows(e, value, {scope, span, {}});
  if (!rows) return std::nullopt;
  const auto* made = rows->shared<Made>();
  if (made == nullptr)
    return fail(e, Kind::wrong_type, span,
                "rows are required here, found a " + described(e, *rows));
  const Value& of = made->arguments[0].second;
  const TypeId type = part_of(e, made->type, 0);
  switch (e.intrinsics.of(made->operation)) {
    case Intrinsic::part_windows: return window_row(in, *made, prefix, type);
    case Intrinsic::rows_ahead: return ahead_row(in, *made, prefix, type);
    case Intrinsic::dataset_users: return users_row(in, of, prefix);
    case Intrinsic::rows_group: return group_row(in, *rows, prefix, type);
    case Intrinsic::rows_pairs: return two_rows(in, *made, prefix, type, true);
    case Intrinsic::rows_join: return two_rows(in, *made, prefix, type, false);
    case Intrinsic::scores_guesses: return guess_row(in, *made, prefix, type);
    case Intrinsic::rows_where:
    case Intrinsic::rows_sample: return row_of(e, scope, of, prefix, span);
    case Intrinsic::dataset_items:
    case Intrinsic::part_sequences: {
      const auto table = dataset_table(in, of);
      if (!table) return std::nullopt;
      const bool items = e.intrinsics.of(made->operation) == Intrinsic::dataset_items;
      if (items) return row_value(scope, in.slot(prefix + "item", kItem), *table);
      in.slot(prefix + "user", kInteger);
      return in.range(prefix + "seen", *table);
    }
    default: break;
  }
  if (table_under(e, *rows) != nullptr) return table_row(in, *rows, prefix);
  if (is_made_of(e.program, *made, Known::Rows))
    return row_of(e, scope, of, prefix, span);  // both sides are read alike
  return not_yet(
      e, e.program.decl(made->operation).name.text, span,
      "rows come from `windows`, `sequences`, `items`, `users`, `join`, `group` or `pairs`");
}

namespace {

/// Whether rows were made by this operation, before they were filtered, drawn from, joined or put together.
bool made_by(Evaluator& e, const Value& rows, Intrinsic wanted) {
  const auto* made = rows.shared<Made>();
  if (made == nullptr) return false;
  const Intrinsic which = e.intrinsics.of(made->operation);
  if (which == wanted) return true;
  if (is_made_of(e.program, *made, Known::Rows)) {
    return std::ranges::any_of(made->arguments,
                               [&](const auto& part) { return made_by(e, part.second, wanted); });
  }
  const bool keeps = which == Intrinsic::rows_where || which == Intrinsic::rows_sample ||
                     which == Intrinsic::rows_join || which == Intrinsic::rows_ahead;
  return keeps && made_by(e, made->arguments[0].second, wanted);
}

bool check_ahead(Evaluator& e, const Made& made) {
  if (!made_by(e, made.arguments[0].second, Intrinsic::rows_ahead)) return true;
  report(e, Kind::wrong_type, made.span, "these rows look ahead already").help =
      "write one `ahead`, with the number that is meant";
  return false;
}

bool check_join(Evaluator& e, const Made& made) {
  if (made_by(e, made.arguments[0].second, Intrinsic::rows_join)) {
    not_yet(e, "a join of rows that are joined already", made.span,
            "join one table, with all the columns that are needed");
    return false;
  }
  if (table_under(e, made.arguments[0].second) != nullptr) {
    not_yet(e, "a join of two tables", made.span,
            "join windows or items with a table, or read the table by itself");
    return false;
  }
  const Value& other = made.arguments[1].second;
  const Value* table = table_under(e, other);
  if (table == nullptr || table == &other) return true;
  not_yet(e, "a join with some rows of a table", made.span,
          "join the whole table, and write `.where(…)` behind the join");
  return false;
}

bool check_cut(Evaluator& e, const Made& made, bool sequences) {
  const std::string& name = e.program.decl(made.operation).name.text;
  for (size_t i = 1; i < made.arguments.size(); ++i) {
    const auto* number = made.arguments[i].second.as<int64_t>();
    if (number == nullptr || *number >= 1) continue;
    report(e, Kind::condition_fails, made.span,
           "`" + made.arguments[i].first + "` of `" + name + "` is " + std::to_string(*number) +
               ", at least 1 is required");
    return false;
  }
  const auto* part = made.arguments[0].second.shared<Made>();
  if (!sequences || part == nullptr || e.intrinsics.of(part->operation) == Intrinsic::dataset_train)
    return true;
  report(e, Kind::trains_on_held_out_rows, made.span,
         "stretches are cut out of `train`, `" + e.program.decl(part->operation).name.text +
             "` holds one event per user");
  return false;
}

}  // namespace

bool check_rows(Evaluator& e, const Made& made) {
  switch (e.intrinsics.of(made.operation)) {
    case Intrinsic::part_windows: return check_cut(e, made, /*sequences=*/false);
    case Intrinsic::part_sequences: return check_cut(e, made, /*sequences=*/true);
    case Intrinsic::rows_ahead: return check_ahead(e, made);
    case Intrinsic::rows_join: return check_join(e, made);
    default: return true;
  }
}

}  // namespace rexp::eval
