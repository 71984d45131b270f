// From record fields to node arguments. The schema's types were checked, so a missing or foreign field is our own fault.
#pragma once

#include <nlohmann/json.hpp>

#include "compiler/eval/value.h"
#include "runtime/base/assert.h"

namespace rexp::elaborate {

/// Numbers without a fraction become JSON integers, so that 256 rows and 256 look alike.
inline nlohmann::json number_json(double value) {
  const auto whole = static_cast<int64_t>(value);
  return static_cast<double>(whole) == value ? nlohmann::json(whole) : nlohmann::json(value);
}

/// Scalars, amounts, texts, enum names, none and lists of them.
inline nlohmann::json to_json(const Value& value) {
  if (const auto* flag = value.as<bool>()) return *flag;
  if (const auto* whole = value.as<int64_t>()) return *whole;
  if (const auto* real = value.as<double>()) return number_json(*real);
  if (const auto* chars = value.as<std::string>()) return *chars;
  if (const auto* name = value.as<EnumValue>()) return name->name;
  if (const auto* metric = value.as<MetricValue>()) return metric->text;
  if (const auto* list = value.shared<ListValue>()) {
    nlohmann::json out = nlohmann::json::array();
    for (const Value& element : list->elements) out.push_back(to_json(element));
    return out;
  }
  if (const auto* map = value.shared<MapValue>()) {
    nlohmann::json out = nlohmann::json::object();
    for (const auto& [key, entry] : map->entries) out[key] = to_json(entry);
    return out;
  }
  return nullptr;
}

}  // namespace rexp::elaborate
