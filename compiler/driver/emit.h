// `rexp check --emit`: each phase of the compiler as text.
#pragma once

#include "compiler/driver/arguments.h"
#include "compiler/plan/options.h"

namespace rexp::driver {

int emit_tree(const CompileArguments& arguments);
int emit_types(const CompileArguments& arguments, const plan::CompileOptions& options);
int emit_values(const CompileArguments& arguments);
int emit_plan(const plan::Plan& plan);
int emit_rows(const plan::Plan& plan);
int emit_ir(const plan::Plan& plan, bool json);

}  // namespace rexp::driver
