// A reader as a fuzzer sees it: bytes in; out a value, or an error of the user that says something. Anything else is a finding.
//
//   extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
//     answered(data::read_csv(as_file("t.csv", data, size)));
//     return 0;
//   }
//
// The first byte of an input chooses among the readers of a family, so that one program holds them all. Each target is linked with
// driver.cpp, which needs no more than our compiler, or with libFuzzer where that is at hand (REXP_LIBFUZZER).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace rexp::fuzz {

/// Inputs to begin with: whole files as our own writers make them, each behind the byte that chooses its reader.
std::vector<std::string> seeds();

/// A folder of this process, in memory where there is such a place; removed at its end.
const std::string& folder();
/// Writes a file of that folder and gives its path.
std::string as_file(const std::string& name, std::string_view bytes);
std::string contents_of(const std::string& path);
/// A seed: the file behind the byte that chooses its reader.
std::string seed(char reader, const std::string& path);

/// The JSON object of `bytes` with the checksum that belongs to it, so that its reader comes to the fields; what is none as it is.
std::string sealed(std::string_view bytes);

/// An error that is no answer ends the process.
void expect_user_error(const Error& error);

/// Whether there is a value.
template <class T>
bool answered(const Result<T>& result) {
  if (!result.ok()) expect_user_error(result.error());
  return result.ok();
}
inline bool answered(const Status& status) {
  if (!status.ok()) expect_user_error(status.error());
  return status.ok();
}

}  // namespace rexp::fuzz
