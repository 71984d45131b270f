// Rows that are joined with `+`: one row function reads both, so what it reads of a row has to be the same on either side.
//
//   views + views.ahead(2)      later: only there on one side
//   a.join(notes) + b.join(other_notes)      columns of two tables
#include <algorithm>

#include "compiler/eval/constructs.h"

namespace rexp::eval {

namespace {

using Reading =
    std::vector<std::pair<std::string, std::string>>;  // by field: the function that gives it

void add(const RowFrame& frame, const std::string& name, const Value& value, Reading* out) {
  if (const auto* record = value.shared<RowRecord>()) {
    const bool joined = frame.evaluator.program.is(record->type, Known::Joined);
    for (const auto& [field, part] : record->fields)
      add(frame, joined ? name : name.empty() ? field : name + "." + field, part, out);
  } else if (const auto* row = value.as<Row>()) {
    out->emplace_back(
        name, std::to_string(row->table) + " " + row::canonical(frame.builder.finish(row->expr)));
  }
}

std::optional<Reading> reading_of(Evaluator& e, const Value& rows, Span span) {
  RowFrame frame(e, row::FunctionKind::predicate, "");
  const Maybe row = row_of(e, {-1, nullptr, &frame.builder}, rows, "", span);
  if (!row) return std::nullopt;
  Reading out;
  add(frame, "", *row, &out);
  return out;
}

/// The first field that only one of them has, or else that differs.
std::string difference(const Reading& a, const Reading& b) {
  auto lacks = [](const Reading& in, const std::string& name) {
    return std::ranges::none_of(in, [&](const auto& field) { return field.first == name; });
  };
  for (const auto& [one, other] : {std::pair(&a, &b), std::pair(&b, &a)}) {
    for (const auto& [name, function] : *one) {
      if (lacks(*other, name)) return name;
    }
  }
  return std::ranges::mismatch(a, b).in1->first;
}

}  // namespace

bool check_alike(Evaluator& e, const Value& a, const Value& b, Span span) {
  const auto left = reading_of(e, a, span), right = left ? reading_of(e, b, span) : std::nullopt;
  if (!right) return false;
  if (*left == *right) return true;
  const std::string name = difference(*left, *right);
  report(e, Kind::wrong_type, span,
         name.empty() ? "the rows joined with `+` are not of one table"
                      : "the rows joined with `+` differ in `" + name + "`")
      .help = "put rows of one kind together";
  return false;
}

}  // namespace rexp::eval
