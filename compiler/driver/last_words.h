// The end of a process that no caller can answer for: memory that runs out where nothing may be thrown (inside LLVM, in a helper of compiled
// code, while a library is loaded), a library that calls `exit` because it cannot start its threads. The user gets the one message and
// exit code that every other exhaustion has.
//
//   int main() { const LastWords ready(/*json=*/false); ... }
#pragma once

namespace rexp::driver {

class LastWords {
 public:
  /// `json`: the message is an object on standard output. One in a process.
  explicit LastWords(bool json);
  /// Whoever ends the process now is main.
  ~LastWords();
  LastWords(const LastWords&) = delete;
};

}  // namespace rexp::driver
