// Errors as values. The runtime never throws at its callers; a call that can fail returns Result<T>.
//
//   Result<Table> t = read_recbole(path);
//   if (!t.ok()) return t.error();          // Error converts to any Result
//
// A user error (exit code 2) says what is wrong and how to mend it; an internal error (exit code 1) is our fault.
#pragma once

#include <cassert>
#include <optional>
#include <string>
#include <utility>

namespace rexp {

enum class ErrorKind { user, internal, interrupted };

struct Error {
  ErrorKind kind = ErrorKind::user;
  std::string
      message;  // one sentence, lower case, no full stop; what was seen before what is required
  std::string help;  // how to mend it; may be empty
  std::string file;  // the data or model file at fault; may be empty
  int line = 0;      // 1-based; 0 when there is none
};

/// `message`, with `file:line: ` before it where known and `help: ` on a line of its own after it.
std::string to_string(const Error& error);

inline Error user_error(std::string message, std::string help = {}) {
  return Error{ErrorKind::user, std::move(message), std::move(help), {}, 0};
}
inline Error file_error(std::string file, int line, std::string message, std::string help = {}) {
  return Error{ErrorKind::user, std::move(message), std::move(help), std::move(file), line};
}
inline Error internal_error(std::string message) {
  return Error{ErrorKind::internal, std::move(message), {}, {}, 0};
}

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)
  bool ok() const { return value_.has_value(); }
  explicit operator bool() const { return ok(); }
  const Error& error() const {
    assert(!ok());
    return error_;
  }
  T& operator*() {
    assert(ok());
    return *value_;
  }
  const T& operator*() const {
    assert(ok());
    return *value_;
  }
  T* operator->() {
    assert(ok());
    return &*value_;
  }
  const T* operator->() const {
    assert(ok());
    return &*value_;
  }

 private:
  std::optional<T> value_;
  Error error_;
};

/// Success or an error.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Error error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)
  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  const Error& error() const {
    assert(!ok());
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

#define REXP_TRY(expr)                                                                        \
  do {                                                                                        \
    if (auto rexp_try_status = (expr); !rexp_try_status.ok()) return rexp_try_status.error(); \
  } while (false)

}  // namespace rexp
