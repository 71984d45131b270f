#include "compiler/eval/value.h"

#include <charconv>
#include <cmath>

namespace rexp::eval {

EnvironmentPtr bind(EnvironmentPtr outer, std::string name, Value value, Span given) {
  return std::make_shared<const Environment>(
      Environment{std::move(outer), std::move(name), std::move(value), given});
}

const Environment* find(const EnvironmentPtr& names, const std::string& name) {
  for (const Environment* at = names.get(); at != nullptr; at = at->outer.get()) {
    if (at->name == name) return at;
  }
  return nullptr;
}

std::optional<double> number_of(const Value& value) {
  if (const auto* integer = value.as<int64_t>()) return static_cast<double>(*integer);
  if (const auto* real = value.as<double>()) return *real;
  if (const auto* amount = value.as<Amount>()) return amount->number;
  return std::nullopt;
}

std::string number_text(double value) {
  char digits[40];
  return std::string(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
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
