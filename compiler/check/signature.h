// What a function, template, extern function or block with parameters asks of its arguments and says of its result. Made once per
// declaration; every way of calling is checked against it.
//
//   fn newest(h: past History, n: Int) -> past [Text] = h.last(n).title
//   newest(h: past History, n: Int) -> [Text], reads h, n
//
//   fn hits(k: Int) -> [Metric] = [hit(k), hit(2 * k)]
//   hits(k: const Int) -> [Metric], reads k          how deep a metric looks is fixed before the run
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compiler/check/label.h"
#include "compiler/check/program.h"

namespace rexp::check {

struct SignatureParameter {
  std::string name;
  TypeId type;                  // variables of an extern function are numbered per declaration
  Label bound = Label::future;  // the highest label an argument may have
  bool declared_bound = false;  // written by the user; else found out from the body
  source::Span bound_at;        // where the bound comes from
  std::optional<ast::ExprId> initial;
  source::Span span;
  World world = World::node;  // the latest world an argument may have; the body's uses lower it
  source::Span world_at;      // the use that does
  /// Of a parameter of function type: what the body calls it with (parameters of this signature included). None: not called.
  std::optional<Reads> applied;
};

struct Signature {
  std::string name;      // as users call it
  ModuleId module = -1;  // where defaults are written
  std::vector<SignatureParameter> parameters;
  TypeId result;
  Reads reads;        // of the result
  TypeId receiver;    // of a member
  source::Span span;  // of the declaration's name
  bool is_template = false, is_extern = false;
  bool prompts = true;   // of an example: it has a turn that the model is shown and does not say
  bool computed = true;  // by the compiler; false: an operation of the run
  bool needs_row =
      false;  // applies a template or draws, so it can only be called where there is a row
};
using SignaturePtr = std::shared_ptr<const Signature>;

}  // namespace rexp::check
