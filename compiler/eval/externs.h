// What the `extern fn` lines of the standard library build: one table from "std.train.cos" to a function that makes the value.
// A test compares the table with the library: every line has a builder or is listed as not available yet.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "compiler/eval/value.h"

namespace rexp::elaborate {

class Elaborator;

struct ExternBuilder {
  std::string name;  // "std.eval.evaluate"
  std::function<Value(Elaborator&, const std::vector<Value>&, Span)> make;
};

const std::vector<ExternBuilder>& extern_builders();
const ExternBuilder* find_extern(const std::string& name);
/// Extern functions that the library declares and this version does not run (R0603).
const std::vector<std::string>& externs_not_yet();

}  // namespace rexp::elaborate
