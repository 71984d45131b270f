// One golden file: an input of the compiler that carries its command and the output it must give.
//
//   // RUN: rexp check --emit ast %s
//   let a = 1
//
//   // expect: let a = 1
#pragma once

#include <string>
#include <vector>

namespace rexp::golden {

struct GoldenFile {
  std::string path;                   // relative to the root of the sources
  std::string input;                  // everything above the expectations
  std::vector<std::string> commands;  // as written behind "RUN:"
  std::string expected;

  bool must_fail() const;  // the name starts with fail_
};

struct Outcome {
  std::string output;  // of each command first stdout, then stderr; the file's path replaced by %s
  int exit_code = 0;   // the first that is not zero
};

/// All files under tests/golden, sorted. Files in a folder `modules` are only imported by others.
std::vector<std::string> golden_paths(const std::string& root);

GoldenFile read_golden(const std::string& root, const std::string& path);
/// Writes the file again, its expectations replaced by `output`.
void write_golden(const std::string& root, const GoldenFile& file, const std::string& output);

/// `binary` stands in for the word `rexp`; the commands run in `root`.
Outcome run_golden(const std::string& root, const std::string& binary, const GoldenFile& file);

}  // namespace rexp::golden
