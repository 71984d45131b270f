#include "compiler/eval/value.h"

#include <charconv>

namespace rexp::elaborate {

EnvironmentPtr bind(EnvironmentPtr outer, std::string name, Value value) {
  return std::make_shared<const Environment>(
      Environment{std::move(outer), std::move(name), std::move(value)});
}

const Value* find(const EnvironmentPtr& names, const std::string& name) {
  for (const Environment* at = names.get(); at != nullptr; at = at->outer.get()) {
    if (at->name == name) return &at->value;
  }
  return nullptr;
}

void collect_names(const EnvironmentPtr& names, std::vector<std::string>* out) {
  for (const Environment* at = names.get(); at != nullptr; at = at->outer.get())
    out->push_back(at->name);
}

const Value* field_of(const RecordValue& record, const check::Schema& schema,
                      const std::string& name) {
  for (size_t i = 0; i < schema.fields.size() && i < record.fields.size(); ++i) {
    if (schema.fields[i].name == name) return record.fields[i].value.get();
  }
  return nullptr;
}

std::string number_text(double value) {
  char digits[40];
  return std::string(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

std::optional<double> number_of(const Value& value) {
  if (const auto* integer = value.as<int64_t>()) return static_cast<double>(*integer);
  if (const auto* real = value.as<double>()) return *real;
  return std::nullopt;
}

}  // namespace rexp::elaborate
