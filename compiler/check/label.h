// What an expression reads, so that a leak is a type error.
//
//   user "...${next.sid}"      R0301: `next` is what the model has to predict
//   p.profile(w.user.events)   R0302: all events of the user, so also the target
//
// Labels form a line, static < past < target < future; an expression has the highest label among what it reads. Inside a function
// or template the labels of parameters are not known yet, so `Reads` keeps which of them are read: a function's body is looked at
// once and every call puts in the labels of its arguments.
#pragma once

#include <cstdint>

#include "compiler/ast/ast.h"

namespace rexp::check {

enum class Label : uint8_t { static_, past, target, future };

/// When a value is known: while compiling, per row, or only when the run has counted something.
enum class World : uint8_t { constant, row, node };

struct Reads {
  Label label = Label::static_;   // without the parameters
  World world = World::constant;  // without the parameters
  uint64_t parameters = 0;        // of the enclosing function or template, one bit each
  Label peak = Label::static_;    // the highest label, parameters by what they declare
  source::Span origin;            // where that one was read
  source::Span declared;  // where it was declared; file -1 when it has no declaration of its own
};

/// What a value computed from both reads.
inline Reads join(const Reads& a, const Reads& b) {
  Reads out = b.peak > a.peak ? b : a;
  out.label = a.label > b.label ? a.label : b.label;
  out.world = a.world > b.world ? a.world : b.world;
  out.parameters = a.parameters | b.parameters;
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
