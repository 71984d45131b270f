// The typed reading of a component's or a node's arguments: one JSON object, and the first thing wrong with it.
//
//   Fields fields(args, "the optimizer of stage `tune`");
//   fields.number("lr", &lr, Fields::positive, "a positive number");
//   if (fields.error()) return *fields.error();
//       field `lr` of the optimizer of stage `tune` is -1, it must be a positive number
//
// A field that is absent or null keeps its default.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/json.h"
#include "runtime/base/result.h"

namespace rexp {

class Fields {
 public:
  using Json = nlohmann::json;
  /// `object` must outlive the reader.
  Fields(const Json& object, std::string where);

  static bool positive(double x) { return x > 0; }
  static bool not_negative(double x) { return x >= 0; }
  static bool below_one(double x) { return x >= 0 && x < 1; }

  void number(const char* name, double* out, bool (*holds)(double), const char* required);
  void count(const char* name, int64_t* out, int64_t least, const char* required);
  void counts(const char* name, std::vector<int32_t>* out, int64_t least, const char* required);
  void seed(const char* name, uint64_t* out);
  void flag(const char* name, bool* out);
  void text(const char* name, std::string* out);
  void text(const char* name, std::optional<std::string>* out);
  void texts(const char* name, std::map<std::string, std::string>* out);
  /// A value that another node makes, {"input": 0}, or a function, {"kernel": 0}. Their absence is an internal error.
  void input(const char* name, int64_t* out) { reference(name, "input", out); }
  void kernel(const char* name, int64_t* out) { reference(name, "kernel", out); }

  template <class Enum>
  void choice(const char* name, Enum* out,
              std::initializer_list<std::pair<const char*, Enum>> names) {
    const Json* field = find(name);
    if (field == nullptr) return;
    std::string allowed;
    for (const auto& [word, value] : names) {
      if (field->is_string() && field->get<std::string>() == word) {
        *out = value;
        return;
      }
      allowed += (allowed.empty() ? "" : ", ") + std::string(word);
    }
    fail(name, *field, ("one of " + allowed).c_str());
  }

  /// The field, or null when it is absent or JSON null.
  const Json* find(const char* name) const;

  void fail(const char* name, const Json& seen, const char* required);
  void fail(std::string message) { fail(user_error(std::move(message))); }
  void fail(Error error) {
    if (!error_) error_ = std::move(error);
  }
  const std::optional<Error>& error() const { return error_; }
  Status status() const { return error_ ? Status(*error_) : Status(); }

 private:
  void reference(const char* name, const char* kind, int64_t* out);

  const Json& object_;
  std::string where_;
  std::optional<Error> error_;
};

}  // namespace rexp
