// `rexp check --emit`: each phase of the compiler as text.
#pragma once

#include "compiler/driver/commands.h"
#include "compiler/plan/compile.h"

namespace rexp::driver {

int emit_tree(const CheckArguments& arguments);
int emit_types(const CheckArguments& arguments, const plan::CompileOptions& options);
int emit_values(const CheckArguments& arguments, const plan::CompileOptions& options);
int emit_plan(const plan::Plan& plan);
int emit_rows(const plan::Plan& plan);
int emit_ir(const plan::Plan& plan, bool json);

}  // namespace rexp::driver
