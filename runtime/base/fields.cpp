#include "runtime/base/fields.h"

namespace rexp {

Fields::Fields(const Json& object, std::string where) : object_(object), where_(std::move(where)) {
  if (!object.is_object()) fail(internal_error("the arguments of " + where_ + " are no object"));
}

const Fields::Json* Fields::find(const char* name) const {
  if (!object_.is_object()) return nullptr;
  const auto it = object_.find(name);
  return it == object_.end() || it->is_null() ? nullptr : &*it;
}

void Fields::fail(const char* name, const Json& seen, const char* required) {
  fail("field `" + std::string(name) + "` of " + where_ + " is " + seen.dump() + ", it must be " +
       required);
}

void Fields::number(const char* name, double* out, bool (*holds)(double), const char* required) {
  const Json* field = find(name);
  if (field == nullptr) return;
  if (!field->is_number() || !std::isfinite(field->get<double>()) || !holds(field->get<double>()))
    return fail(name, *field, required);
  *out = field->get<double>();
}

void Fields::count(const char* name, int64_t* out, int64_t least, const char* required) {
  const Json* field = find(name);
  if (field == nullptr) return;
  if (!field->is_number_integer() || field->get<int64_t>() < least)
    return fail(name, *field, required);
  *out = field->get<int64_t>();
}

void Fields::counts(const char* name, std::vector<int32_t>* out, int64_t least,
                    const char* required) {
  const Json* field = find(name);
  if (field == nullptr) return;
  std::vector<int32_t> values;
  for (const Json& value : *field) {
    const bool whole = value.is_number_integer() && value.get<int64_t>() >= least &&
                       value.get<int64_t>() <= std::numeric_limits<int32_t>::max();
    if (!whole) return fail(name, *field, required);
    values.push_back(value.get<int32_t>());
  }
  if (!field->is_array() || values.empty()) return fail(name, *field, required);
  *out = std::move(values);
}

void Fields::seed(const char* name, uint64_t* out) {
  const Json* field = find(name);
  if (field == nullptr) return;
  if (!field->is_number_integer()) return fail(name, *field, "a whole number");
  *out = field->get<uint64_t>();
}

void Fields::flag(const char* name, bool* out) {
  const Json* field = find(name);
  if (field == nullptr) return;
  if (!field->is_boolean()) return fail(name, *field, "true or false");
  *out = field->get<bool>();
}

void Fields::text(const char* name, std::string* out) {
  std::optional<std::string> value;
  text(name, &value);
  if (value) *out = std::move(*value);
}

void Fields::text(const char* name, std::optional<std::string>* out) {
  const Json* field = find(name);
  if (field == nullptr) return;
  if (!field->is_string()) return fail(name, *field, "a text");
  *out = field->get<std::string>();
}

void Fields::texts(const char* name, std::map<std::string, std::string>* out) {
  const Json* field = find(name);
  if (field == nullptr) return;
  if (!field->is_object()) return fail(name, *field, "texts by name");
  for (const auto& [key, value] : field->items()) {
    if (!value.is_string()) return fail(name, *field, "texts by name");
    (*out)[key] = value.get<std::string>();
  }
}

void Fields::reference(const char* name, const char* kind, int64_t* out) {
  const Json* field = find(name);
  if (field == nullptr || !field->is_object() || !field->contains(kind)) {
    return fail(internal_error("field `" + std::string(name) + "` of " + where_ + " is no " + kind +
                               ": " + (field ? field->dump() : "absent")));
  }
  *out = (*field)[kind].get<int64_t>();
}

}  // namespace rexp
