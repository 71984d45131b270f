// The words for a syntax error, looked up in grammar/syntax_messages.def.
#pragma once

#include <string>

#include "antlr4-runtime.h"

namespace rexp::parse {

struct Message {
  std::string text;
  std::string help;
};

/// `found` cannot stand where the parser is; `before` is the token to its left or null.
/// `broken_off`: the line above ends too early, so the message speaks of its end and not of
/// `found`.
Message syntax_message(antlr4::Parser& parser, antlr4::Token& found, const antlr4::Token* before,
                       bool broken_off);

/// A token that the rule `name` of the grammar accepts.
bool is_name_token(size_t type);

}  // namespace rexp::parse
