// Text to tree. ANTLR lives behind this header; its messages are replaced by our own
// (grammar/syntax_messages.def). After an error the parser skips to the next item or declaration,
// so several errors come out of one run and what could be read still exists in the tree.
#pragma once

#include "compiler/ast/ast.h"
#include "compiler/diagnostics/diagnostics.h"

namespace rexp::parse {

ast::Module parse_module(const source::SourceMap& sources, source::FileId file,
                         diagnostics::Sink& sink);

/// One expression, for `--set path=expression`. The module holds just that expression.
struct Fragment {
  ast::Module module;
  ast::ExprId expr;
};
Fragment parse_expression(const source::SourceMap& sources, source::FileId file,
                          diagnostics::Sink& sink);

}  // namespace rexp::parse
