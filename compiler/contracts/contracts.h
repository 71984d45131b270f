// What must hold between the parts of an experiment, found out before anything is computed: a model owns the tokens it is asked
// for, nothing but train is learnt from, a metric does not look further than the decoder guesses.
//
//   protocol wide { decode = beam(5); metrics = [hit@10] }        R0221: `hit@10` looks at 10 guesses, `decode` gives 5
//   base |> learn |> evaluate(wide)                               R0220: the model does not have the tokens of `sid`
//
// Each contract is one function over all values of the program, in a file of its subject; it reports at the user's line.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "compiler/contracts/look.h"

namespace rexp::contracts {

/// What the contracts look at: every value once, parts before wholes.
struct Subject {
  Evaluator& e;
  check::Typed& typed;
  std::vector<Value> values;
  std::map<std::string, std::optional<eval::Kernel>>
      prompts;  // by protocol, so that each is made once
};

/// Values of the user's declarations (not of experiments and sweeps), evaluated.
std::vector<Value> declared_values(Evaluator& e);
/// Blocks of the user's modules whose kind is of that schema: experiments, sweeps.
std::vector<check::Symbol> blocks_of(Program& program, Known which);

/// Checks what the user's modules declare and every experiment that can be evaluated as it stands, at each point of every sweep too.
void check_everything(Evaluator& e, check::Typed& typed, const eval::Everything& everything);
/// Checks one experiment; `symbol` is its declaration. `run`: also what is fine as a program and cannot be run yet.
void check_experiment(Evaluator& e, check::Typed& typed, check::Symbol symbol,
                      const eval::ExperimentValue& value, bool run);

/// What is allowed and rarely meant.
void suspect_everything(Evaluator& e, check::Typed& typed, const eval::Everything& everything);

/// Checks the experiment of each sweep at each of its points.
void check_sweeps(Evaluator& e, check::Typed& typed, const std::vector<eval::SweepValue>& sweeps);
/// R0307: `interactions(s, of = films.test)`, wherever it is written.
void check_counted(Evaluator& e);

// ---- the contracts ----------------------------------------------------------------------------------------------------------
void check_components(Subject& s);     // R0603
void check_fields(Subject& s);         // R0603: fields that a run would have to read
void check_sources(Subject& s);        // R0203
void check_splits(Subject& s);         // R0307
void check_choices(Subject& s);        // R0309
void check_hybrids(Subject& s);        // R0203
void check_mixtures(Subject& s);       // R0404, R0405
void check_lengths(Subject& s);        // R0203: whole numbers; R0405: epochs of shares
void check_tokens(Subject& s);         // R0220
void check_surfaces(Subject& s);       // R0223
void check_clashes(Subject& s);        // R0228, R0229
void check_windows(Subject& s);        // R0224
void check_new_rows(Subject& s);       // R0227
void check_folders(Subject& s);        // R0225
void check_level_weights(Subject& s);  // R0222
void check_losses_of_ids(Subject& s);  // R0226
void check_protocols(Subject& s);      // R0221, R0222, R0311, R0312
void check_histories(Subject& s);      // R0808
void check_suspicions(Subject& s);     // R0801, R0802, R0803, R0804: when asked for

}  // namespace rexp::contracts
