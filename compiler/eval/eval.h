// typed tree + values -> values. Constants are computed, calls are inlined, what depends on a row becomes an expression of a row
// function, and operations of the run become `Made` values that `plan` turns into nodes.
//
//   Evaluator evaluator(program, typed, settings);
//   std::optional<ExperimentValue> value = evaluate_experiment(evaluator, symbol);
#pragma once

#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "compiler/check/check.h"
#include "compiler/check/intrinsics.h"
#include "compiler/eval/sweep_show.h"
#include "compiler/eval/value.h"

namespace rexp::eval {

using check::Intrinsic;
using check::Intrinsics;

/// What is put in place of a value. Of an axis that is not a list written out (`ask in t.variants`), one of its elements.
struct Assigned : check::Assignment {
  Assigned(check::Assignment assignment = {}, int32_t the_element = -1)  // NOLINT: as good as it
      : check::Assignment(std::move(assignment)), element(the_element) {}
  int32_t element = -1;
};

struct Settings {
  std::vector<Assigned> assignments;  // weakest first; checked
  size_t axes = 0;                    // the first so many of them come from a sweep
  std::string experiment;             // whose parameters assignments may name
  uint64_t package_seed = 1;
  Symbol narrowed;  // `rexp render --variant`: this template, where no wording of it is named, …
  std::string narrowed_to;  // … has only this one
};

/// What row functions read, interned: datasets, tables of rows, rows with columns of their own, codebooks. The `input` of a
/// ColumnRef and the codebooks of a RowFunction are ids of it until `plan` knows the node's inputs.
class Tables {
 public:
  /// The id of a dataset (Record of Interactions), a table (Made), rows (Made) or a codebook (Record): equal values, equal ids.
  int32_t id(const Value& value, const std::string& printed);
  const Value& operator[](int32_t id) const { return values_[static_cast<size_t>(id)]; }

 private:
  std::vector<Value> values_;
  std::map<std::string, int32_t> ids_;
};

/// What the free functions of this folder share. Nothing in it changes what an expression means: memory, and where errors go.
struct Evaluator {
  Evaluator(check::Program& program, const check::Typed& typed, Settings settings);

  check::Program& program;
  const check::Typed& typed;
  Settings settings;
  Intrinsics intrinsics;
  Tables tables;
  std::vector<Symbol> codebooks;                 // that are declared, by symbol
  std::map<Symbol, Maybe> declarations;          // evaluated once
  std::set<Symbol> open;                         // those that are being evaluated
  std::unordered_map<std::string, Value> calls;  // of functions with equal constant arguments
  std::map<const row::RowBuilder*, std::unordered_map<std::string, Value>>
      row_calls;  // the same inside a row function
  std::unordered_map<const void*, std::pair<Value, std::string>> printed;        // canonical texts
  std::map<std::pair<const void*, int32_t>, std::pair<Value, Value>> converted;  // lists, by type
  std::unordered_map<std::string, size_t> long_texts;  // numbers of long canonical texts
  std::map<std::pair<ModuleId, int32_t>, std::vector<std::string>> names_inside;  // of lambdas
  int64_t steps = 0;            // a budget: R0110 instead of hanging
  int depth = 0;                // of nested expressions
  const char* stack = nullptr;  // where the outermost began: R0110 instead of an overflow
};

Maybe evaluate(Evaluator& e, const Scope& scope, ast::ExprId id);
Maybe evaluate_declaration(Evaluator& e, Symbol symbol);
Maybe call(Evaluator& e, const Value& callee, std::vector<Value> arguments, const Scope& at,
           Span span);

/// The row function of a function value whose parameters have these types: `fn(Item) -> Text` gives one slot `item`.
/// `sources`: for each parameter the rows that it is one row of (a dataset stands for its users), or `None` for a plain number.
/// `function` may be a template: its parameters are then filled from the row. The function's kind follows from what it gives;
/// `role` names it ("keep", "prompt").
std::optional<Kernel> make_kernel(Evaluator& e, const Value& function, TypeId function_type,
                                  const std::vector<Value>& sources, const std::string& role,
                                  Span span);

/// Labels of the arguments with which `ask` fills a template from a row of this type: of each parameter the one of its field.
std::vector<check::Label> asked_labels(check::Program& program, const TemplateRef& wording,
                                       TypeId row);

struct ExperimentValue {
  std::string name;
  uint64_t seed = 1;
  std::vector<std::pair<std::string, Value>> parameters;
  std::vector<std::pair<std::string, Value>> outputs;
  std::vector<Value> locals;  // of its `let` lines, whether an output uses them or not
};
std::optional<ExperimentValue> evaluate_experiment(Evaluator& e, Symbol symbol);
/// Where what a path names got its value: the links of the chain, weakest first, and the value. Nothing where the experiment does not
/// use what the path begins with and it has parameters of its own.
struct Provenance {
  Value value;
  std::vector<Origin> links;
};
std::optional<Provenance> provenance_of(Evaluator& e, const ExperimentValue* experiment,
                                        const ast::Path& path);
/// Whether every parameter of an experiment has a default or is assigned.
bool has_all_parameters(const Evaluator& e, Symbol experiment);

/// A sweep as its points: what is assigned in each, weakest first. Points that `skip` drops are gone.
struct SweepValue {
  std::string name;
  Symbol symbol;
  Symbol experiment;
  std::vector<std::string> axes;              // "learn.optimizer.lr"
  std::vector<std::vector<Assigned>> points;  // one at least; a value per axis
  int64_t repeat = 1;
  std::optional<SweepTable> table = {};
  std::optional<SweepBest> best = {};
};
std::optional<SweepValue> evaluate_sweep(Evaluator& e, Symbol symbol);
/// The value of an axis as its list writes it, or as rexp does where the list is computed.
std::optional<std::string> written(Evaluator& e, const Assigned& axis);

/// What the user's modules say as they stand; what could not be evaluated was reported.
struct Everything {
  std::vector<Value> values;  // of declarations, and of blocks whose parameters have defaults
  std::vector<std::pair<Symbol, ExperimentValue>> experiments;  // whose parameters have defaults
  std::vector<SweepValue> sweeps;
};
/// Evaluates all of it once: requirements too, and templates and functions of rows whether anything applies them or not.
Everything evaluate_everything(Evaluator& e);

/// An operation that a schema stands for: a stage applied to a model, a table, rows joined with `+`, a trie that was cut.
bool is_made_of(check::Program& program, const Made& made, check::Known schema);

/// A value on one line, as rexp writes it; `canonical` leaves out names of declarations and places, so that equal values print
/// equal. Long ones are cut unless canonical.
std::string print(Evaluator& e, const Value& value, bool canonical = false);
bool equal(Evaluator& e, const Value& a, const Value& b);

/// The templates that an example applies, as messages and tables name them: "short or long".
std::string names_of(const check::Program& program, const std::vector<Symbol>& templates);

/// A field of a record by name; null when its schema has none.
const Value* field(Evaluator& e, const Record& record, const std::string& name);
/// The dataset that rows, a part, a codebook or what is made of them come from; null when there is none.
const Value* dataset_of(Evaluator& e, const Value& value);
/// The id of a dataset, table, rows or codebook value in e.tables.
int32_t table_id(Evaluator& e, const Value& value);

}  // namespace rexp::eval
