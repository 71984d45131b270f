// Pieces of the tree as one line of text each; dump.cpp puts them under each other.
#pragma once

#include <string>

#include "compiler/ast/ast.h"

namespace rexp::ast {

/// An expression with its structure in the open: `1 + f(x)` is `(+ 1 (call f x))`.
std::string line_of(const Module& module, ExprId id);
std::string line_of(const Module& module, TypeId id);
std::string line_of(const Module& module, BodyId id);
std::string line_of(const Module& module, const Item& item);
std::string line_of(const Module& module, const Text& text);
std::string line_of(const Path& path);
/// The words of a declaration before its value: `stage sft(mix: Mixture = all)`.
std::string parameters_of(const Module& module, const std::vector<Parameter>& parameters);

}  // namespace rexp::ast
