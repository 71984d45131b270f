// A rendered row for people and for tools.
#pragma once

#include <string>

#include "compiler/driver/command_render.h"
#include "compiler/driver/render_row.h"
#include "runtime/base/json.h"

namespace rexp::driver {

void print_row(const RenderArguments& arguments, const plan::RenderTarget& target,
               const std::string& variant, const RenderedRow& row);
nlohmann::json row_json(const RenderArguments& arguments, const plan::RenderTarget& target,
                        const std::string& variant, const RenderedRow& row);

}  // namespace rexp::driver
