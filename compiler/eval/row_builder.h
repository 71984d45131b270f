#pragma once

#include "compiler/row/row_builder.h"

namespace rexp::elaborate {
using row::RowBuilder;
}  // namespace rexp::elaborate
