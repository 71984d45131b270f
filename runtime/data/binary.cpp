// dataset.bin, table.bin and rows.bin, in the frame of runtime/store/binary.h.
#include "runtime/store/binary.h"

#include "runtime/data/dataset.h"

namespace rexp::data {
namespace {

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
  if (!payload.ok()) return store::damaged(path, "the file's tables do not fit its size");
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
  if (!payload.ok()) return store::damaged(path, "the file's columns do not fit its size");
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
  if (!payload.ok() ||
      rows.values.size() != static_cast<size_t>(rows.count) * rows.columns.size()) {
    return store::damaged(path, "the file's rows do not fit its size");
  }
  return rows;
}

}  // namespace rexp::data
