// From values to drafts of nodes: one function per operation that needs a form of its own, the general way (component.cpp) for
// everything else. Equal values are lowered once.
//
//   Lowering lowering{evaluator, "quickstart", 7};
//   std::optional<DraftId> report = lower_report(lowering, experiment_value);
//
// The contracts hold before anything is lowered, so what is left to report is what the runtime cannot do.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "compiler/contracts/look.h"
#include "compiler/plan/draft.h"

namespace rexp::plan {

using check::Known;
using check::Program;
using check::TypeId;
using contracts::Chain;
using contracts::written_at;
using eval::Evaluator;
using eval::Made;
using eval::Record;
using eval::Value;
using source::Span;

struct Lowering {
  Evaluator& e;
  std::string experiment;  // begins the names of what depends on its parameters
  uint64_t seed = 1;
  std::vector<Draft> drafts = {};
  std::map<std::string, std::optional<DraftId>> by_value = {};  // by canonical text
  std::map<std::string, int> names = {};                        // how often each was given
  std::vector<std::string> contents =
      {};  // of each draft: its key, but for files that are not read yet

  Program& program() { return e.program; }
  const Draft& operator[](DraftId id) const { return drafts[static_cast<size_t>(id)]; }
  /// Takes a finished draft; its name is made unique.
  DraftId add(Draft draft);
  /// The same for what nobody has a name for: an equal draft that is there already stands for it.
  DraftId add_once(Draft draft);
  const std::string& content(DraftId id) const { return contents[static_cast<size_t>(id)]; }
};

/// The node that makes a value: a dataset, rows, a model, scores, … Nothing after a diagnostic.
std::optional<DraftId> lower(Lowering& l, const Value& value);

// ---- component.cpp: what crosses the wall ------------------------------------------------------------------------------------

/// Where a value stands: for messages, and for what is expected there.
struct Position {
  std::string name;  // of the field or parameter
  TypeId declared;   // its type; 0 where it does not matter
  Span span;         // the user's line
};
/// A value as JSON: constants as they are, what the run makes as {"input": i} or {"input": i, "part": "train"}, functions as
/// {"kernel": i}, components as {"is": name, fields}.
std::optional<nlohmann::json> describe(Lowering& l, Draft& draft, const Value& value,
                                       const Position& position);
/// A record or operation that the runtime implements.
std::optional<nlohmann::json> describe_component(Lowering& l, Draft& draft, const Value& value,
                                                 Span span);
/// A constant as JSON.
nlohmann::json constant_json(Evaluator& e, const Value& value);
/// Numbers without a fraction become JSON integers, so that 256 rows and 256 look alike.
nlohmann::json number_json(double value);

/// Adds a row function, its columns and codebooks put among the draft's inputs; its place among the kernels.
std::optional<int64_t> add_kernel(Lowering& l, Draft& draft, const std::string& role,
                                  row::RowFunction function);
/// The same with the function that a field of a record holds. `sources` as for make_kernel.
std::optional<int64_t> add_field_kernel(Lowering& l, Draft& draft, const std::string& role,
                                        const Record& record, const std::string& field,
                                        const std::vector<Value>& sources);
/// Columns and codebooks of a row function as places among the draft's inputs.
std::optional<row::RowFunction> link(Lowering& l, Draft& draft, row::RowFunction function);

// ---- one file each -----------------------------------------------------------------------------------------------------------

std::optional<DraftId> lower_dataset(Lowering& l, const Record& dataset);
std::optional<DraftId> lower_table(Lowering& l, const Made& table);
std::optional<DraftId> lower_rows(Lowering& l, const Made& rows);
std::optional<DraftId> lower_learnt(Lowering& l, const Value& value, const Made& made);
std::optional<DraftId> lower_codebook(Lowering& l, const Record& codebook);
std::optional<DraftId> lower_model(Lowering& l, const Record& model);
/// What a stage's node calls a task that has no name, and the parts of a task: "docs", "docs#2".
std::string task_name(const eval::Task& task);
std::string part_name(const std::string& task, size_t index);
std::optional<DraftId> lower_stage(Lowering& l, const Value& model, const Made& applied);
/// What a system answers to the rows of a protocol; protocols that ask the same share it.
std::optional<DraftId> lower_guesses(Lowering& l, const Value& system, const Record& protocol);
/// What tables call a system that was lowered: `quickstart/tune`, `films/sasrec`, `hybrid(2x tune, 1x sasrec)`.
std::string system_name(Lowering& l, const Value& system);
std::optional<DraftId> lower_evaluate(Lowering& l, const Made& evaluate);
std::optional<DraftId> lower_tally(Lowering& l, const Made& tally);
std::optional<DraftId> lower_report(Lowering& l, const eval::ExperimentValue& experiment);

/// `learn` of `quickstart/learn`.
std::string last_part(const std::string& name);
/// The name of a declaration, or `fallback` for a value without one.
std::string name_or(const Record& record, const char* fallback);
/// `quickstart/learn`: a node whose name belongs to the experiment.
std::string name_in(const Lowering& l, const std::string& leaf);
/// Paths that a component's record names, taken out of its arguments: `files = {…}` by role, `path = "…"`.
void locate_files(Lowering& l, Draft& draft, const Record& component, const std::string& argument,
                  Span fallback);
/// The same of an operation with a parameter `path`: the node's arguments are the component's.
void locate_file(Draft& draft, const Made& made);

}  // namespace rexp::plan
