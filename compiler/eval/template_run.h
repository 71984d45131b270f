// What is known while a template is read from the top: which targets earlier assistant turns have revealed (3.6, P1 and P2).
#pragma once

#include "compiler/eval/elaborator.h"

namespace rexp::elaborate {

struct Elaborator::TemplateRun {
  Symbol symbol;
  std::string variant;    // the wording that was asked for; empty: drawn per example
  uint64_t revealed = 0;  // targets, by root
  bool trains = false;    // some turn is trained
  bool answers = false;   // the last turn is an assistant's and prints a Sid of the target
};

struct Elaborator::PrintContext {
  TemplateRun* run = nullptr;
  row::Role role = row::Role::document;
  bool prints_target_sid = false;
  bool prompt() const { return role == row::Role::system || role == row::Role::user; }
};

}  // namespace rexp::elaborate
