// Names, types, labels and worlds of a whole program, dead branches and unused declarations included: ast -> typed tree. Errors go
// to the program's sink and recover locally: three unknown names in one list are three errors.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "compiler/check/typed.h"

namespace rexp::check {

/// A value put in place of another by name: `--set tune.length=100 steps`, or an axis of a sweep. `value` is an expression of
/// `module`; `target` is what the first name means.
struct Assignment {
  std::vector<ast::Name> path;
  ModuleId module = -1;
  ast::ExprId value;
};

/// Whether a place lies in a file of the user, not of the standard library.
bool of_user(const Program& program, source::Span span);

/// Whether an example can have a value of this type of its own. Amounts, models, metrics and functions are the same for all.
bool exists_per_row(Program& program, TypeId type);
/// Whether every value of this type is read from a row: an item, a history.
bool only_per_row(Program& program, TypeId type);
/// Whether records of this type describe parts of an experiment: their fields are fixed before the run.
bool is_component(Program& program, TypeId record);

/// The names of a template's wordings, in the order of the source.
/// Every `one of` of a template, from the top.
void each_choice(const Program& program, Symbol template_symbol,
                 const std::function<void(const ast::OneOf&)>& visit);
std::vector<std::string> variants_of(const Program& program, Symbol template_symbol);

/// Checks every declaration of every module.
Typed check_program(Program& program);

/// The name of the experiment that a sweep varies; empty where `of` names none.
std::string swept_experiment(const Program& program, Symbol sweep);

/// Whether a path leads from a declaration or a parameter of `experiment` to something that has a value. False after R0501.
bool check_path(Program& program, Typed& typed, const std::string& experiment,
                const ast::Path& path);

/// Checks an assignment to a declaration or to a parameter of `experiment` and adds its expression to the tree. False after a
/// diagnostic (R0501 for a path that leads nowhere).
bool check_assignment(Program& program, Typed& typed, const std::string& experiment,
                      const Assignment& assignment);

/// R0312: what the template, asked with these labels of its arguments, would show before the first token of the answer. Reports at
/// the user's lines; false when something was reported. `variant`: the wording that is asked, empty for any that can be drawn.
bool check_question(Program& program, Typed& typed, Symbol template_symbol,
                    const std::string& variant, const std::vector<Label>& arguments,
                    source::Span asked_at);

}  // namespace rexp::check
