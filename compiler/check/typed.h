// The typed tree: for every expression of every module its type, what it reads and what it means. `eval`, the editor and the
// manual read it and nothing else; `rexp check --emit types` prints it.
//
//   user "${h.sid sep " "}"      h.sid: [Sid], reads past, a field read from each element, the codebook `sid`
#pragma once

#include <map>
#include <vector>

#include "compiler/check/signature.h"

namespace rexp::check {

/// What a name, a field or a member means.
struct Target {
  enum class Kind : uint8_t {
    none,
    local,        // a name of the surrounding function, template, body or comprehension
    declaration,  // `symbol`, in this or another module
    enum_value,   // `index` among the values of the expression's enum type
    module,       // `index`: the module
    site,
    field,     // of a record, a row, an item, an event, a user or a record literal
    codebook,  // the semantic id that codebook `symbol` gives an item
    variant,   // of a template
    option,    // of a choice: the right side of `is`; `index` among its variants
    member,    // an extern member, `symbol`: a property, or a method to be called
  };
  Kind kind = Kind::none;
  Symbol symbol;
  int32_t index = -1;
  bool lifted = false;  // read from each element of a list
};

struct ExprInfo {
  TypeId type;    // its own
  TypeId wanted;  // what it is converted to where it stands; invalid (0) when nothing is required
  Reads reads;
  Target target;
};

struct DeclInfo {
  TypeId type;
  Reads reads;
  SignaturePtr signature;  // of what can be called
};

class Typed {
 public:
  const ExprInfo& at(ModuleId module, ast::ExprId id) const {
    return modules_[static_cast<size_t>(module)][static_cast<size_t>(id.index)];
  }
  ExprInfo& at(ModuleId module, ast::ExprId id) {
    return modules_[static_cast<size_t>(module)][static_cast<size_t>(id.index)];
  }
  /// Makes room for a module's expressions.
  void add_module(ModuleId module, size_t exprs) {
    if (modules_.size() <= static_cast<size_t>(module))
      modules_.resize(static_cast<size_t>(module) + 1);
    modules_[static_cast<size_t>(module)].resize(exprs);
  }
  std::map<Symbol, DeclInfo> declarations;
  std::vector<Symbol> order;  // top-level declarations, each after those it names

 private:
  std::vector<std::vector<ExprInfo>> modules_;
};

}  // namespace rexp::check
