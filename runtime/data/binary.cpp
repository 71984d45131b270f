// dataset.bin, table.bin and rows.bin, in the frame of runtime/store/binary.h. A checksum says that a file is what was written, not
// that it is sound: whatever is an index or a place is looked at before anybody follows it.
#include <algorithm>

#include "runtime/store/binary.h"

#include "runtime/data/dataset.h"

namespace rexp::data {
namespace {

using store::are_indices;
using store::are_places;
using store::BinaryReader;
using store::BinaryWriter;

constexpr std::string_view kDatasetMagic = "REXPDATA";
constexpr std::string_view kTableMagic = "REXPTABL";
constexpr std::string_view kRowsMagic = "REXPROWS";
constexpr uint32_t kVersion = 1;
constexpr uint32_t kRowsVersion = 2;

void write_columns(BinaryWriter& out, const std::vector<Column>& columns) {
  out.value<uint64_t>(columns.size());
  for (const Column& column : columns) {
    out.text(column.name);
    out.value(column.kind);
    out.array(column.integers);
    out.array(column.reals);
    out.text(column.bytes);
    out.array(column.text_offsets);
    out.array(column.list_offsets);
  }
}

std::vector<Column> read_columns(BinaryReader& in) {
  std::vector<Column> read;
  const uint64_t columns = in.value<uint64_t>();
  for (uint64_t i = 0; i < columns && in.ok(); ++i) {
    Column column;
    column.name = in.text();
    column.kind = in.value<ColumnKind>();
    column.integers = in.array<int64_t>();
    column.reals = in.array<double>();
    column.bytes = in.text();
    column.text_offsets = in.array<int64_t>();
    column.list_offsets = in.array<int64_t>();
    read.push_back(std::move(column));
  }
  return read;
}

void write_table(BinaryWriter& out, const Table& table) {
  out.value<int64_t>(table.rows);
  write_columns(out, table.columns);
}

Table read_table(BinaryReader& in) {
  Table table;
  table.rows = in.value<int64_t>();
  table.columns = read_columns(in);
  return table;
}

bool sound(const Column& column) {
  if (column.kind > ColumnKind::text_list) return false;
  const bool list = column.kind == ColumnKind::text_list;
  if (column.kind != ColumnKind::text && !list) return true;
  if (!are_places(column.text_offsets, column.bytes.size())) return false;
  const size_t texts = column.text_offsets.empty() ? 0 : column.text_offsets.size() - 1;
  return !list || are_places(column.list_offsets, texts);
}

bool sound(const std::vector<Column>& columns) {
  return std::all_of(columns.begin(), columns.end(), [](const Column& c) { return sound(c); });
}

bool sound(const Table& table) {
  return sound(table.columns) &&
         std::all_of(table.columns.begin(), table.columns.end(),
                     [&](const Column& column) { return column.rows() == table.rows; });
}

bool has(const Table& table, std::string_view name, ColumnKind kind) {
  const Column* column = table.find(name);
  return column != nullptr && column->kind == kind;
}

bool sound(const Dataset& dataset) {
  for (const Table* table : {&dataset.items, &dataset.users, &dataset.events}) {
    if (!sound(*table)) return false;
  }
  for (const Table* table : {&dataset.items, &dataset.users}) {
    if (!has(*table, "id", ColumnKind::text)) return false;
  }
  for (const char* name : {"user", "item", "at"}) {
    if (!has(dataset.events, name, ColumnKind::integer)) return false;
  }
  return are_indices(dataset.events.find("user")->integers, dataset.user_count()) &&
         are_indices(dataset.event_items(), dataset.item_count()) &&
         static_cast<int64_t>(dataset.user_offsets.size()) == dataset.user_count() + 1 &&
         are_places(dataset.user_offsets, static_cast<size_t>(dataset.events.rows));
}

bool sound(const Rows& rows) {
  if (rows.columns.empty() || rows.count < 0 || !sound(rows.pools)) return false;
  return rows.values.size() % rows.columns.size() == 0 &&
         rows.values.size() / rows.columns.size() == static_cast<size_t>(rows.count);
}

}  // namespace

Status save(const Dataset& dataset, const std::string& path) {
  BinaryWriter payload;
  for (const Table* table : {&dataset.items, &dataset.users, &dataset.events})
    write_table(payload, *table);
  payload.array(dataset.user_offsets);
  return store::write_framed(path, kDatasetMagic, kVersion, payload.bytes());
}

Result<Dataset> load_dataset(const std::string& path) {
  Result<std::string> bytes = store::read_framed(path, kDatasetMagic, kVersion);
  if (!bytes.ok()) return bytes.error();
  BinaryReader payload(*bytes);
  Dataset dataset;
  for (Table* table : {&dataset.items, &dataset.users, &dataset.events})
    *table = read_table(payload);
  dataset.user_offsets = payload.array<int64_t>();
  if (!payload.ok() || !sound(dataset))
    return store::damaged(path, "the file's tables do not fit together");
  return dataset;
}

Status save(const Table& table, const std::string& path) {
  BinaryWriter payload;
  write_table(payload, table);
  return store::write_framed(path, kTableMagic, kVersion, payload.bytes());
}

Result<Table> load_table(const std::string& path) {
  Result<std::string> bytes = store::read_framed(path, kTableMagic, kVersion);
  if (!bytes.ok()) return bytes.error();
  BinaryReader payload(*bytes);
  Table table = read_table(payload);
  if (!payload.ok() || table.columns.empty() || !sound(table))
    return store::damaged(path, "the file's columns do not fit together");
  return table;
}

Status save(const Rows& rows, const std::string& path) {
  BinaryWriter payload;
  payload.value<uint64_t>(rows.columns.size());
  for (const std::string& name : rows.columns) payload.text(name);
  payload.value<int64_t>(rows.count);
  payload.array(rows.values);
  write_columns(payload, rows.pools);
  return store::write_framed(path, kRowsMagic, kRowsVersion, payload.bytes());
}

Result<Rows> load_rows(const std::string& path) {
  Result<std::string> bytes = store::read_framed(path, kRowsMagic, kRowsVersion);
  if (!bytes.ok()) return bytes.error();
  BinaryReader payload(*bytes);
  Rows rows;
  const uint64_t columns = payload.value<uint64_t>();
  for (uint64_t i = 0; i < columns && payload.ok(); ++i) rows.columns.push_back(payload.text());
  rows.count = payload.value<int64_t>();
  rows.values = payload.array<int64_t>();
  rows.pools = read_columns(payload);
  if (!payload.ok() || !sound(rows))
    return store::damaged(path, "the file's rows do not fit together");
  return rows;
}

}  // namespace rexp::data
