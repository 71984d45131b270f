// Labels of calls.
#pragma once

#include "compiler/check/context.h"

namespace rexp::check {

/// What a result reads once the arguments are known.
Reads substitute(const Reads& reads, const std::vector<Reads>& arguments);
/// A function that somebody else will call with values that read this; missing ones are static.
void check_applied(Checker& c, const Scope& scope, const Signature& function,
                   const std::vector<Reads>& reads, Span span);

/// Arguments of a call that cannot be: their own mistakes are still told.
void look_at(Checker& c, const Scope& scope, const std::vector<ast::Argument>& arguments);

}  // namespace rexp::check
