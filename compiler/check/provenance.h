// Where a value comes from, so that a leak is a type error.
//
//   user "...${next.sid}"      R0301: `next` is what the model has to predict
//   p.profile(w.user.events)   R0302: all events of the user, so also the target
//
// Labels form a line, static < past < target < future; an expression has the highest label among what it reads. A second
// mark says which splits its rows came from.
#pragma once

#include <cstdint>

#include "compiler/ast/ast.h"

namespace rexp::check {

enum class Label : uint8_t { static_, past, target, future };

inline constexpr uint8_t kTrain = 1, kValid = 2, kTest = 4;

struct Provenance {
  Label label = Label::static_;
  uint8_t splits = 0;
  uint64_t roots = 0;  // template parameters with label `target` that the value reads, one bit each
  source::Span origin;  // where the value with the highest label was read
  source::Span
      declared;  // where that value was declared; file -1 when it has no declaration of its own
};

/// What a value computed from both carries.
inline Provenance join(const Provenance& a, const Provenance& b) {
  Provenance out = b.label > a.label ? b : a;
  out.splits = a.splits | b.splits;
  out.roots = a.roots | b.roots;
  return out;
}

inline const char* name_of(Label label) {
  switch (label) {
    case Label::static_: return "static";
    case Label::past: return "past";
    case Label::target: return "target";
    case Label::future: return "future";
  }
  return "";
}

inline Label from_ast(ast::Label label) {
  switch (label) {
    case ast::Label::past: return Label::past;
    case ast::Label::target: return Label::target;
    case ast::Label::future: return Label::future;
    default: return Label::static_;
  }
}

}  // namespace rexp::check
