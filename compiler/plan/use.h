// Where a program uses a template: a stage that trains on it, a protocol that asks with it, or only a task.
//
//   Use use = find_use(evaluator, {quickstart}, next_film, As::train);      stage `tune`, its second task
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/plan/lower.h"
#include "compiler/plan/render.h"

namespace rexp::plan {

struct Use {
  As as = As::any;
  check::Symbol experiment;
  uint64_t seed = 1;
  Value made;             // the stage applied to its model, or the evaluation
  std::string name;       // of the task, or of the protocol
  std::string part_name;  // of the task's part, as its stage calls it: "docs", "docs#2"
  eval::TaskPart part;    // that part; none of a protocol
  std::vector<check::Symbol> templates;  // the wanted one, and the others from which a row chooses
};

/// Which use is looked for.
struct Wanted {
  check::Symbol template_symbol;
  As as = As::any;
  std::string in = {};  // the name of a task, a part of one, or a protocol; empty: any
};

/// The first such use among experiments, parts before wholes: the first stage that trains on the template.
std::optional<Use> find_use(eval::Evaluator& e, const std::vector<check::Symbol>& experiments,
                            const Wanted& wanted);

/// The template of that name in the user's modules ("next_film", "prompts.next_film").
std::optional<check::Symbol> find_template(const check::Program& program, const std::string& name);

/// Whether a wording is only ever asked for: `fresh held_out: "…"`.
bool is_held_out(const check::Program& program, check::Symbol template_symbol,
                 const std::string& variant);

}  // namespace rexp::plan
