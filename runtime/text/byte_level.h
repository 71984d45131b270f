// GPT-2's printable alphabet for bytes: how tokenizer.json spells tokens that are not valid UTF-8.
//
//   to_byte_level(" world")  ->  "Ġworld"
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rexp::text {

/// One printable character per byte (Radford et al. 2019, `bytes_to_unicode`).
std::string to_byte_level(std::string_view bytes);
/// The bytes a spelling stands for; nullopt when a character is outside the alphabet.
std::optional<std::string> from_byte_level(std::string_view spelling);

}  // namespace rexp::text
