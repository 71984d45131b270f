// Components are what the runtime implements behind a library name: learners, losses, sources, baselines, operations on rows.
// runtime/abi/components.def lists them; a value of one of their bases that has no line there cannot be run (R0603).
//
//   schema Focal extends Loss { gamma: Float = 2.0 }   no line `Loss, Focal`: the runtime does not know it
//   schema Wide extends Beam { beams: Int = 50 }       neither: it would become another decoder in silence
#pragma once

#include <optional>
#include <string>

#include "compiler/contracts/look.h"

namespace rexp::contracts {

struct Component {
  std::string base;  // of components.def
  std::string name;
  int64_t version = 0;
};

/// The base whose components a value's type names: "Loss", "RowsOp"; empty for what is no component.
std::string component_base(Program& program, TypeId type);

/// The component that a record or an operation is; nullopt where the runtime has none.
std::optional<Component> find_component(Program& program, const Value& value);

/// The same, with R0603 at `span` where there is none.
std::optional<Component> require_component(Program& program, const Value& value, Span span);

/// R0603: "`Focal` is a Loss that the runtime does not know".
diagnostics::Diagnostic& refuse(Program& program, const std::string& name, const std::string& base,
                                Span span);

/// Version of the component of that name, 0 when there is none: what is hashed into keys.
int64_t component_version(const std::string& name);

}  // namespace rexp::contracts
