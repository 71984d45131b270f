// The components of one base by name. A file that implements one registers it, and nobody lists them a second time:
//
//   REXP_REGISTER(Learner, RandomCodes, learn)      // at the end of random_codes.cpp
//   auto learner = Registry<Learner>::find(args);   // {"is": "RandomCodes", "levels": [64, 64]}
//
// A folder whose rexp_library() says COMPONENTS links such files whole; the build finds them by that line.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "runtime/base/assert.h"
#include "runtime/base/json.h"
#include "runtime/base/result.h"

namespace rexp {

/// Hidden: the binary and the library that it opens have one each.
template <class Base>
class __attribute__((visibility("hidden"))) Registry {
 public:
  static bool add(const std::string& name, Base implementation) {
    const bool fresh = all().emplace(name, std::move(implementation)).second;
    REXP_ASSERT(fresh, "a component is registered once");
    return fresh;
  }

  /// What implements `{"is": name, ..}`. Errors are internal: the compiler knows components.def.
  static Result<const Base*> find(const nlohmann::json& component) {
    if (!component.is_object() || !component.contains("is"))
      return internal_error("a component has no `is`: " + component.dump());
    return named(component["is"].get<std::string>());
  }

  static Result<const Base*> named(const std::string& name) {
    const auto found = all().find(name);
    if (found == all().end()) return internal_error("no component is called `" + name + "`");
    return &found->second;
  }

  static std::vector<std::string> names() {
    std::vector<std::string> names;
    for (const auto& [name, implementation] : all()) names.push_back(name);
    return names;
  }

 private:
  static std::map<std::string, Base>& all() {
    static std::map<std::string, Base> components;
    return components;
  }
};

}  // namespace rexp

#define REXP_REGISTER(Base, name, ...)            \
  [[maybe_unused]] const bool registered_##name = \
      ::rexp::Registry<Base>::add(#name, Base{__VA_ARGS__});
