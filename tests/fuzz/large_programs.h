// Programs larger and deeper than anyone writes, made and not kept.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace rexp::fuzz {

struct LargeProgram {
  std::string name, text;
  bool has_errors = false;  // known to the parser
};

/// For GoogleTest, which would print the bytes.
void PrintTo(const LargeProgram& program, std::ostream* out);

std::vector<LargeProgram> large_programs();

/// Small to read and large to compute: functions that call the one before twice, `depth` times over.
std::string nested_calls(int depth, bool per_row);

/// Forty declarations, each twice as large as the one before: lists, texts, results of functions, records of defaults.
std::vector<LargeProgram> doubled();

}  // namespace rexp::fuzz
