// How values are looked at by everything behind the evaluator: fields, arguments, the chain of stages behind a model, the splits
// that rows come from.
//
//   base |> warm |> tune                              base `base`, stages [warm, tune]
//   films.train.windows(max = 5).where(w => …)        splits {train}, dataset `films`
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "compiler/eval/eval.h"

namespace rexp::contracts {

using check::Known;
using check::Program;
using check::Symbol;
using check::TypeId;
using eval::Evaluator;
using eval::Intrinsic;
using eval::Made;
using eval::Record;
using eval::Value;
using source::Span;

/// The record type of a record, the result type of an operation; 0 for others.
TypeId type_of(const Value& value);
bool is(Program& program, const Value& value, Known which);
bool is(const Evaluator& e, const Made& made, Intrinsic which);
using eval::is_made_of;
bool is_stage(Evaluator& e, const Made& made);

/// A field that the record's schema has; null where it has none of that name.
const Value* find_field(Program& program, const Record& record, const std::string& name);
/// The same where the library's schema surely has it.
const Value& field(Program& program, const Record& record, const std::string& name);
const Record& record_field(Program& program, const Record& record, const std::string& name);
bool written(Program& program, const Record& record, const std::string& name);
/// Where the field was written; where it was not, the name of the record.
Span field_span(Program& program, const Record& record, const std::string& name);
/// The user's place that a field's value came from, else the first of the others that is in a file of the user.
Span written_at(Program& program, const Record& record, const std::string& field, Span fallback);
/// The name of the record's declaration, else where the record was made.
Span name_span(Program& program, const Record& record);
/// "stage `learn`", "a stage" for one without a name.
std::string called(const std::string& what, const Record& record);

using check::of_user;
/// A secondary label, where it is on a line of the user.
void point_at(const Program& program, diagnostics::Diagnostic& error, Span span, std::string text);

const Value* find_argument(const Made& made, const std::string& name);
const Value& argument(const Made& made, const std::string& name);
/// What stands before the dot of a member.
const Value& receiver(const Made& made);
bool has_receiver(const Program& program, const Made& made);
const std::string& name_of(const Program& program, const Made& made);

/// A number, whatever its unit, where the type says that it is one.
double number_in(const Value& value);
/// The name of an enum's value; "none" where nothing was chosen.
std::string choice_in(const Program& program, const Value& value);

struct Chain {
  const Value* base = nullptr;      // a record, or whatever the chain begins with
  std::vector<const Made*> stages;  // in the order of training
};
Chain chain_of(Evaluator& e, const Value& model);
const Record& stage_of(const Made& applied);

/// The members of a hybrid; none of what is no hybrid.
const std::vector<Value>& members_of(const Evaluator& e, const Value& system);
/// The language models that are asked when a system is: itself, or those in a hybrid.
std::vector<Value> models_in(Evaluator& e, const Value& system);

/// The rows that a protocol, a task or an operation reads come from these parts.
struct Splits {
  bool train = false, valid = false, test = false;
  bool held_out() const { return valid || test; }
  Splits held_out_only() const { return {false, valid, test}; }
};
Splits splits_of(const Evaluator& e, const Value& value);
/// "test", "train, valid and test".
std::string words_of(const Splits& splits);

/// Calls `visit` with everything inside a value, parts first, then the value itself; what is shared is met once.
class Walk {
 public:
  explicit Walk(std::function<void(const Value&)> visit) : visit_(std::move(visit)) {}
  void operator()(const Value& value);

 private:
  void parts_of(const Value& value);
  std::function<void(const Value&)> visit_;
  std::set<const void*> seen_;
};

}  // namespace rexp::contracts
