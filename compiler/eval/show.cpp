#include "compiler/eval/show.h"

#include <cmath>

namespace rexp::elaborate {

std::string show_amount(double value, TypeKind kind) {
  switch (kind) {
    case TypeKind::epochs: return number_text(value) + " epochs";
    case TypeKind::steps: return number_text(value) + " steps";
    case TypeKind::tokens: return number_text(value) + " tokens";
    case TypeKind::row_count: return number_text(value) + " rows";
    case TypeKind::seeds: return number_text(value) + " seeds";
    case TypeKind::duration: return number_text(value) + " s";
    case TypeKind::copies: return number_text(value) + "x";
    case TypeKind::ratio: return number_text(std::round(value * 1000) / 10) + "%";
    default: return number_text(value);
  }
}

std::string show(const Value& value) {
  if (const auto* flag = value.as<bool>()) return *flag ? "true" : "false";
  if (const auto* whole = value.as<int64_t>()) return std::to_string(*whole);
  if (const auto* real = value.as<double>())
    return show_amount(*real, static_cast<TypeKind>(value.type.index));
  if (const auto* chars = value.as<std::string>()) return "\"" + *chars + "\"";
  if (const auto* name = value.as<EnumValue>()) return name->name;
  if (const auto* metric = value.as<MetricValue>()) return metric->text;
  if (value.as<NoneValue>() != nullptr) return "none";
  if (const auto* list = value.shared<ListValue>()) {
    std::string out;
    for (const Value& element : list->elements) {
      const std::string one = show(element);
      if (one.empty()) return {};
      out += (out.empty() ? "" : ", ") + one;
    }
    return "[" + out + "]";
  }
  return {};
}

}  // namespace rexp::elaborate
