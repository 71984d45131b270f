// What the files of this folder share: one function per construct of the language, and the few that all of them use.
// A `Maybe` that is empty means that a diagnostic was reported.
#pragma once

#include <functional>

#include "compiler/eval/eval.h"
#include "compiler/eval/overloaded.h"
#include "compiler/row/row_builder.h"

namespace rexp::eval {

using check::Known;
using diagnostics::Kind;

/// Where something is called or made: the names and the row function in place, where messages point, and the type of the result
/// (invalid when only values are known).
struct Place {
  Scope scope;
  Span span;
  TypeId type;
};

// ---- context.cpp
const ast::Module& tree(const Evaluator& e, ModuleId module);
Span span_of(const Evaluator& e, const Scope& scope, ast::ExprId id);
std::string source_text(const Evaluator& e, Span span);
diagnostics::Diagnostic& report(Evaluator& e, Kind kind, Span span, std::string message);
std::nullopt_t fail(Evaluator& e, Kind kind, Span span, std::string message,
                    const std::string& help = "");
/// R0603. `help` says what there is instead.
std::nullopt_t not_yet(Evaluator& e, const std::string& what, Span span, const std::string& help);
/// "`Text`", "plain number", "number of epochs": behind "found a".
std::string described(Evaluator& e, const Value& value);
/// The source in backticks when it is short, else what it is.
std::string shown(Evaluator& e, const Value& value, Span span);
/// R0601: `what` is fixed before the run, and this value is not known by then.
std::nullopt_t not_constant(Evaluator& e, const std::string& what, const Value& value, Span span);
/// A number, text or truth that only the run can count.
bool counted(Evaluator& e, const Value& value);
/// One more step and one more level; false after R0110. `more`: steps for what has to be kept, such as the elements of a list.
bool spend(Evaluator& e, Span span, size_t more = 0);

// ---- expressions
/// `index` among the values of the enum that is `type` or one of its alternatives.
Maybe enum_value(Evaluator& e, TypeId type, int32_t index);
Maybe evaluate_name(Evaluator& e, const Scope& scope, const ast::NameRef& ref,
                    const check::ExprInfo& info);
Maybe evaluate_field(Evaluator& e, const Scope& scope, const ast::FieldRef& ref, Span span,
                     const check::ExprInfo& info);
Maybe evaluate_list(Evaluator& e, const Scope& scope, const ast::ListLiteral& list);
Maybe evaluate_index(Evaluator& e, const Scope& scope, const ast::IndexRef& node, Span span);
Maybe evaluate_comprehension(Evaluator& e, const Scope& scope, const ast::Comprehension& node,
                             const Place& place);
Maybe evaluate_call(Evaluator& e, const ast::Call& call, const Value* piped, const Place& place);
Maybe evaluate_at(Evaluator& e, const ast::AtSize& node, const Place& place);
Maybe evaluate_pipe(Evaluator& e, const ast::Pipe& node, const Place& place);
Maybe evaluate_construct(Evaluator& e, const ast::Construct& node, const Place& place);
Maybe evaluate_with(Evaluator& e, const ast::WithBody& node, const Place& place);
Maybe evaluate_if(Evaluator& e, const Scope& scope, const ast::If& node);
Maybe evaluate_match(Evaluator& e, const Scope& scope, const ast::Match& node, Span span);
Maybe evaluate_binary(Evaluator& e, ast::ExprId id, const ast::Binary& node, const Place& place);
Maybe evaluate_unary(Evaluator& e, const ast::Unary& node, const Place& place);
Maybe evaluate_text(Evaluator& e, const Scope& scope, const ast::Text& text);

// ---- convert.cpp
/// `value` where a `wanted` is required: Int to Float, an event to its item, a schema's name to the record of its defaults, …
Maybe convert(Evaluator& e, Value value, TypeId wanted, const Place& place);
/// Rows of a Part or of rows; nothing and no message for anything else.
Maybe as_rows(Evaluator& e, const Value& value, const Place& place);

// ---- calls.cpp
struct Given {
  Value value;
  Span span;
};
/// Calls with one argument per parameter; none where the default holds. A member's receiver is no parameter.
Maybe apply(Evaluator& e, const Value& callee, std::vector<std::optional<Given>> given,
            const Place& place);
/// The same with the first so many.
Maybe call_with(Evaluator& e, const Value& callee, std::vector<Value> arguments,
                const Place& place);
/// A member that is a property, or the method that waits for its arguments.
Maybe member_of(Evaluator& e, const Value& receiver, Symbol symbol, const Place& place);
/// An operation of the run with these arguments, the receiver first.
Maybe make(Evaluator& e, Symbol operation, std::vector<Value> arguments, const Place& place);
/// Printed at once, so that printing never goes deeper than one operation.
Value made_value(Evaluator& e, Made made);
/// `base |> stage`
Maybe apply_stage(Evaluator& e, const Value& stage, const Value& model, const Place& place);

// ---- show.cpp
/// A value as rexp writes it, cut behind so many bytes.
std::string readable(Evaluator& e, const Value& value, size_t limit = SIZE_MAX);

// ---- memo.cpp
/// The key of a call of a declared function; nothing when it is not remembered.
std::optional<std::string> call_key(Evaluator& e, const Closure& function,
                                    const std::vector<Given>& arguments);
const Value* remembered(Evaluator& e, const Scope& scope, const std::string& key);
void remember(Evaluator& e, const Scope& scope, const std::string& key, const Value& value);

// ---- branches.cpp
/// The value that a condition read from a row chooses.
Maybe choose_between(Evaluator& e, const Scope& scope, const Value& condition, const Value& then,
                     const Value& otherwise, Span span);

// ---- operators.cpp, compare.cpp
Maybe arithmetic(Evaluator& e, ast::BinaryOp op, const Value& a, const Value& b,
                 const Place& place);
Maybe compare(Evaluator& e, ast::BinaryOp op, const Value& a, const Value& b, const Place& place);
Maybe evaluate_in(Evaluator& e, const Value& needle, const ast::Binary& node, const Place& place);
Maybe evaluate_is(Evaluator& e, const Value& subject, const ast::Binary& node, const Place& place);
Maybe negate(Evaluator& e, const Value& flag, const Place& place);
Maybe both(Evaluator& e, ast::BinaryOp op, const Value& a, const Value& b, const Place& place);

/// `sid.legal and (i => …)`: the ids of the items for which a condition holds.
Maybe cut_trie(Evaluator& e, const Value& trie, const Value& condition, const Place& place);

// ---- lists.cpp
using Each = std::function<Maybe(const Value&)>;
/// The elements of a list that is known while compiling; null for lists of a row.
const std::vector<Value>* elements_of(const Value& value);
/// A list of a row; null for others.
const Row* row_list(const Value& value);
Maybe map_list(Evaluator& e, const Scope& scope, const Value& list, const Each& body, Span span);
Maybe filter_list(Evaluator& e, const Scope& scope, const Value& list, const Each& keep, Span span);
Maybe contains(Evaluator& e, const Scope& scope, const Value& list, const Value& element,
               Span span);

// ---- records.cpp, with.cpp
using MakeField = std::function<Maybe(RecordField&)>;
/// A record of a body. `start`: what it changes. `owner` names it in messages.
Maybe make_record(Evaluator& e, TypeId type, const ast::Body* body, const Record* start,
                  const std::string& owner, const Place& place);
/// A schema's name as the record of its defaults.
Maybe record_of_defaults(Evaluator& e, int32_t schema, const Place& place);
bool fill_defaults(Evaluator& e, Record& record, const std::string& owner, Span span);
bool check_conditions(Evaluator& e, const Record& record, const std::string& owner);
/// Sets what `path` names below `record`.
bool assign_field(Evaluator& e, Record& record, const ast::Path& path, size_t depth,
                  Origin::Kind kind, const MakeField& make, const std::string& owner);
/// `optimizer { lr = 1e-3 }` in a body: the field as it is, changed; a mixture is made anew where there is none.
Maybe nested_value(Evaluator& e, const Scope& scope, const Record& record, const ast::Item& item,
                   RecordField& target);
Maybe with_body(Evaluator& e, const Value& object, ast::BodyId body, const Place& place);

// ---- members.cpp, columns.cpp
/// A field of a record, a row, an item, an event or a user.
Maybe field_of(Evaluator& e, const Scope& scope, const Value& object, const std::string& name,
               Span span);
bool has_field(Evaluator& e, const Value& object, const std::string& name);
Maybe column_of(Evaluator& e, const Scope& scope, const Row& row, const std::string& name,
                Span span);
bool has_column(Evaluator& e, const Row& row, const std::string& name);
/// The semantic id that the codebook `name` gives an item or an event's item.
Maybe sid_of(Evaluator& e, const Scope& scope, const Value& object, const std::string& name,
             Span span);
/// Record values of the codebooks whose items are those of a dataset; empty after a diagnostic of theirs.
std::vector<Value> codebooks_of(Evaluator& e, int32_t table, const std::string& name = "");
Maybe site_field(Evaluator& e, const Site& site, const ast::Name& name);

// ---- lift.cpp
/// The type of a value of this type in row functions.
std::optional<row::Type> row_type(Evaluator& e, TypeId type);
/// A value as an expression of the row function in place. `hint`: of a list that may be empty.
std::optional<row::ExprId> lift(Evaluator& e, const Scope& scope, const Value& value, Span span,
                                row::Type hint = {});
/// Two values as expressions of one type.
std::optional<std::pair<row::ExprId, row::ExprId>> lift_both(Evaluator& e, const Scope& scope,
                                                             const Value& a, const Value& b,
                                                             Span span);
Value row_value(const Scope& scope, row::ExprId expr, int32_t table = -1);
/// The row function in place, or null after R0602 when there is none or the value belongs to another.
row::RowBuilder* builder_of(Evaluator& e, const Scope& scope, const Row& row, Span span);
/// The element that loop variable `var` stands for.
Value element_of(const Scope& scope, const Row& list, int64_t var);
/// The item of an event's expression; an item's stays.
row::ExprId item_of(const Scope& scope, row::ExprId expr, int32_t table);

// ---- rows.cpp, kernels.cpp
/// A row function that is being made; what was remembered for it is forgotten with it.
struct RowFrame {
  RowFrame(Evaluator& e, row::FunctionKind kind, const std::string& name)
      : evaluator(e), builder(kind, name) {}
  ~RowFrame() { evaluator.row_calls.erase(&builder); }
  RowFrame(const RowFrame&) = delete;
  RowFrame& operator=(const RowFrame&) = delete;
  Evaluator& evaluator;
  row::RowBuilder builder;
};
/// One row of `rows`: adds its slots, whose names begin with `prefix`, in the order of the rows artifact.
Maybe row_of(Evaluator& e, const Scope& scope, const Value& rows, const std::string& prefix,
             Span span);
/// Whether one row function can read the rows of both; a message otherwise.
bool check_alike(Evaluator& e, const Value& a, const Value& b, Span span);
/// What a row function gives, as a kernel: the function's kind follows from the value.
std::optional<Kernel> finish_kernel(Evaluator& e, const Scope& scope, const Value& result,
                                    const std::string& source, Span span);
/// The names of a comprehension's pattern: the element, or the fields of the record it is.
Maybe bind_pattern(Evaluator& e, Scope* scope, const std::vector<ast::Name>& pattern,
                   const Value& element);
/// Arguments of windows, sequences and the like that make no sense.
bool check_rows(Evaluator& e, const Made& made);

// ---- texts.cpp, prints.cpp, templates.cpp, turns.cpp, choices.cpp
/// What is known while a template is read from the top.
struct TemplateRun {
  std::string variant;  // the wording that was asked for; empty: drawn per example
  bool trains = false;  // some turn is trained
};
struct Printing {
  Scope scope;
  TemplateRun* run = nullptr;
};
using Statements = std::vector<row::StmtId>;

std::optional<std::string> constant_text(const Value& value);
Maybe join_texts(Evaluator& e, const Scope& scope, const std::vector<Value>& pieces, Span span);
Maybe text_of_choice(Evaluator& e, const Scope& scope, const Choice& choice, Span span);
bool print_text(Evaluator& e, const Printing& in, const ast::Text& text, Statements* out);
bool print_value(Evaluator& e, const Printing& in, const Value& value, Span span, Statements* out);
bool print_choice(Evaluator& e, const Printing& in, const Choice& choice, Statements* out);
bool run_turns(Evaluator& e, const Scope& scope, const std::vector<ast::TurnId>& turns,
               TemplateRun& run, Statements* out);
bool run_one_of(Evaluator& e, const Printing& in, const ast::OneOf& options, Statements* out);
std::optional<std::vector<int>> offered_variants(Evaluator& e, const ast::OneOf& options,
                                                 const TemplateRun& run);
row::Stmt statement(row::StmtOp op, row::ExprId expr = -1);
Maybe run_template(Evaluator& e, const TemplateRef& wording, const std::vector<Given>& arguments,
                   const Place& place);
/// The example that a condition read from a row chooses.
Maybe choose_example(Evaluator& e, const Scope& scope, const Value& condition, const Example& then,
                     const Example& otherwise, Span span);

// ---- reduce.cpp
/// A template, or a function of rows, applied to a row of its parameters' types, whose items are those of one of these datasets. What
/// is wrong with all of them is reported.
void reduce_declared(Evaluator& e, Symbol symbol, const std::vector<Value>& datasets);

// ---- mixtures.cpp, declarations.cpp, assignments.cpp
Maybe make_mixture(Evaluator& e, ast::BodyId body, const Mixture* start, const Place& place);
/// What a block with parameters makes of its arguments.
Maybe evaluate_block(Evaluator& e, Symbol symbol, EnvironmentPtr names);
bool check_require(Evaluator& e, const Scope& scope, const ast::RequireDecl& require);
/// The `let` and `require` lines of a body; false when one of them fails.
bool run_local(Evaluator& e, Scope* scope, const ast::Item& item);
/// What `--set` and the axes of a sweep make of a declaration's value.
Maybe assigned(Evaluator& e, Symbol symbol, Value value);
Maybe assigned_parameter(Evaluator& e, const std::string& name, Maybe value);
Maybe assigned_value(Evaluator& e, const Assigned& assignment);
bool is_assigned_parameter(const Evaluator& e, const std::string& name);

/// What evaluates one library function: arguments in the order of its parameters, a member's receiver first.
using IntrinsicFunction = Maybe (*)(Evaluator&, std::vector<Value>&, const Place&);
IntrinsicFunction intrinsic_function(Intrinsic which);
namespace intrinsic {
#define REXP_INTRINSIC(id, module, receiver, name) \
  Maybe id(Evaluator& e, std::vector<Value>& arguments, const Place& place);
#define REXP_OPERATION(id, module, receiver, name)
#include "compiler/check/intrinsics.def"
}  // namespace intrinsic

}  // namespace rexp::eval
