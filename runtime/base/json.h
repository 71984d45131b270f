// JSON: nlohmann's values, instantiated once for all who include this, and the only reader of JSON text.
//
//   Result<nlohmann::json> config = parse_json(text, "m/config.json");
//       m/config.json:3: the text is not valid JSON (byte 41 of 60)
//
// Text that people or other programs wrote may be anything: it is never deeper than kDeepestJson afterwards, so that what
// recurses over a value (printing, comparing) cannot exhaust the stack.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"

extern template class nlohmann::basic_json<>;
extern template class nlohmann::basic_json<nlohmann::ordered_map>;

namespace rexp {

constexpr int kDeepestJson = 200;

/// The value of `text`, which stands in `file` from `line` on. User errors, with their line: no JSON, too deep.
Result<nlohmann::json> parse_json(std::string_view text, const std::string& file, int line = 1);

/// The same with the fields of objects in the order of the text.
Result<nlohmann::ordered_json> parse_ordered_json(std::string_view text, const std::string& file,
                                                  int line = 1);

/// A value that is a whole number from `least` to `most`: 3 and -1, neither 3.0 nor "3" nor what a smaller type would cut.
std::optional<int64_t> whole_number(const nlohmann::json& value, int64_t least, int64_t most);
std::optional<int64_t> whole_number(const nlohmann::ordered_json& value, int64_t least,
                                    int64_t most);
/// A value that is a list of such numbers.
std::optional<std::vector<int32_t>> whole_numbers(const nlohmann::json& value, int32_t least,
                                                  int32_t most);
std::optional<std::vector<int32_t>> whole_numbers(const nlohmann::ordered_json& value,
                                                  int32_t least, int32_t most);

/// The value of a text that we wrote ourselves, at most kDeepestJson deep; that it is none is an internal error.
Result<nlohmann::json> parse_own_json(std::string_view text);

}  // namespace rexp
