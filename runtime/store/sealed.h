// Small JSON files of ours that notice their own damage: the last field is a checksum of all the others.
//
//   REXP_TRY(replace_file(path, seal({{"step", 120}, {"run", "7/400"}})));
//   Result<nlohmann::json> info = unseal(text);      // any changed byte is an error
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "runtime/base/result.h"

namespace rexp::store {

/// The text of an object with its seal.
std::string seal(const nlohmann::json& object);

/// The object without its seal. The error says what is wrong with the text; it names no file and blames nobody.
Result<nlohmann::json> unseal(const std::string& text);

}  // namespace rexp::store
