#include "compiler/eval/value.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "compiler/eval/overloaded.h"

namespace rexp::eval {

EnvironmentPtr bind_name(EnvironmentPtr outer, std::string name, Value value, Span given) {
  return std::make_shared<const Environment>(
      Environment{std::move(outer), std::move(name), std::move(value), given});
}

const Environment* find(const EnvironmentPtr& names, const std::string& name) {
  for (const Environment* at = names.get(); at != nullptr; at = at->outer.get()) {
    if (at->name == name) return at;
  }
  return nullptr;
}

Value list_value(std::vector<Value> elements) {
  const bool row = std::any_of(elements.begin(), elements.end(), reads_row);
  return shared_value(List{std::move(elements), row});
}

bool reads_row(const Value& value) {
  auto inside = [](const auto& fields) {
    return std::any_of(fields.begin(), fields.end(),
                       [](const auto& field) { return reads_row(field.second); });
  };
  return std::visit(
      Overloaded{
          [](const Row&) { return true; },
          [](const std::shared_ptr<const RowOptional>&) { return true; },
          [](const std::shared_ptr<const RowRecord>&) { return true; },
          [](const std::shared_ptr<const Example>&) { return true; },
          [](const std::shared_ptr<const Choice>& choice) { return choice->known < 0; },
          [](const std::shared_ptr<const List>& list) { return list->row; },
          [](const std::shared_ptr<const Range>& range) {
            return std::any_of(range->ends.begin(), range->ends.end(), reads_row);
          },
          [&](const std::shared_ptr<const Fields>& fields) { return inside(fields->entries); },
          [](const std::shared_ptr<const Record>& record) {
            return std::any_of(record->fields.begin(), record->fields.end(),
                               [](const RecordField& f) { return f.value && reads_row(*f.value); });
          },
          [](const auto&) { return false; },
      },
      value.data);
}

std::optional<double> number_of(const Value& value) {
  if (const auto* integer = value.as<int64_t>()) return static_cast<double>(*integer);
  if (const auto* real = value.as<double>()) return *real;
  if (const auto* amount = value.as<Amount>()) return amount->number;
  return std::nullopt;
}

std::string number_text(double value) {
  char digits[40];
  const bool whole = std::abs(value) < 1e15 && value == std::trunc(value);
  const auto end = whole
                       ? std::to_chars(digits, digits + sizeof digits, static_cast<int64_t>(value))
                       : std::to_chars(digits, digits + sizeof digits, value);
  return std::string(digits, end.ptr);
}

std::string amount_text(double number, TypeKind unit) {
  switch (unit) {
    case TypeKind::epochs: return number_text(number) + " epochs";
    case TypeKind::steps: return number_text(number) + " steps";
    case TypeKind::tokens: return number_text(number) + " tokens";
    case TypeKind::row_count: return number_text(number) + " rows";
    case TypeKind::seeds: return number_text(number) + " seeds";
    case TypeKind::duration: return number_text(number) + " s";
    case TypeKind::copies: return number_text(number) + "x";
    case TypeKind::ratio: return number_text(std::round(number * 1000) / 10) + "%";
    default: return number_text(number);
  }
}

}  // namespace rexp::eval
