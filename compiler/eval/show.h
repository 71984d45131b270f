// Values as users write them, for messages, `explain` and `why`.
#pragma once

#include <string>

#include "compiler/eval/value.h"

namespace rexp::elaborate {

/// "61.2%", "3 epochs", "[64, 64, 64]"; empty for values without a short form.
std::string show(const Value& value);
/// An amount with its unit: show_amount(3, TypeKind::epochs) is "3 epochs".
std::string show_amount(double value, TypeKind kind);

}  // namespace rexp::elaborate
