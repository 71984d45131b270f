// Values of the evaluator. Only trees without errors are evaluated, so a value is what its type says: there is neither an unknown nor
// an error value, and a function that cannot give one returns nothing after a diagnostic.
//
//   500 steps                            Amount
//   adamw { lr = 1e-3 }                  Record
//   h.sid        inside a template       Row: an expression of the row function that is being made
//   films.train.windows(max = 20)        Made: an operation of the run with its arguments; printable, comparable, equal ones equal
//   base |> learn |> evaluate(last_one)  Made of Made
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "compiler/check/typed.h"
#include "compiler/row/row_tree.h"

namespace rexp::row {
class RowBuilder;
}

namespace rexp::eval {

using check::ModuleId;
using check::Symbol;
using check::TypeId;
using check::TypeKind;
using source::Span;

struct Value;
struct Environment;
using EnvironmentPtr = std::shared_ptr<const Environment>;

/// Where an expression is evaluated: its module, the local names, and the row function that is being made (null: none).
struct Scope {
  ModuleId module = -1;
  EnvironmentPtr names;
  row::RowBuilder* row = nullptr;
};

struct None {};
/// 3 epochs, 44%, 3x, 256 rows: a number with the unit that its kind says.
struct Amount {
  TypeKind unit;
  double number = 0;
};
struct EnumValue {
  int32_t enumeration = -1;
  int32_t index = -1;
};
struct List {
  std::vector<Value> elements;
  bool row = false;  // something in it is read from a row
};
/// 1 .. 5, for `in`. Where a list is wanted it is the list of its two ends.
struct Range {
  std::vector<Value> ends;  // two
};
/// { title: "movie_title" }
struct Fields {
  std::vector<std::pair<std::string, Value>> entries;
};

/// One link of the chain that a field's value came through, weakest first.
struct Origin {
  enum class Kind : uint8_t {
    fallback,
    declaration,
    with,
    argument,
    axis,
    set
  } kind = Kind::fallback;
  Span span;
};
struct RecordField {
  std::shared_ptr<const Value> value;
  bool written = false;  // what was written stays, what was defaulted follows
  std::vector<Origin> origins;
  Span span() const { return origins.empty() ? Span{} : origins.back().span; }
};
struct Record {
  TypeId type;       // the record type, its schema's
  std::string name;  // of the declaration; empty for a value without one. Not part of what it is
  Symbol symbol;     // that declaration
  Span span;
  std::vector<RecordField> fields;  // in the schema's order
};

/// A lambda or a function of the program, with the names around it.
struct Closure {
  ModuleId module = -1;
  EnvironmentPtr names;
  ast::ExprId body;
  std::vector<ast::Parameter> parameters;
  std::string name;
  Symbol symbol;  // of a declared function
};
/// A declaration that can be called: extern function, block with parameters, experiment.
struct Callable {
  Symbol symbol;
};
/// `h.last` before its parentheses.
struct Method {
  std::shared_ptr<const Value> receiver;
  Symbol symbol;
};
/// `prefix@1`: a function with its first arguments.
struct Partial {
  std::shared_ptr<const Value> function;
  std::vector<Value> arguments;
};
struct SchemaName {
  int32_t schema = -1;
};
struct ModuleName {
  ModuleId module = -1;
};
/// `site`, `site.data`
struct Site {
  std::string section;
};
struct TemplateRef {
  Symbol symbol;
  std::string variant;
};
/// A choice inside a template: known when a variant was asked for, else the variable of a `choose` statement.
struct Choice {
  const ast::OneOf* options = nullptr;
  std::vector<int> offered;
  int64_t var = -1;
  int known = -1;
  Scope scope;  // where its wordings are read
};

/// An expression of the row function that `builder` makes. Items, events, users and ids know their catalogue.
struct Row {
  const row::RowBuilder* builder = nullptr;
  row::ExprId expr = -1;
  int32_t table = -1;  // Tables: of an item, event, user, row of a table, or a list of them
  bool items = false;  // a list of events that is read as the list of their items
};
/// A `T?` of which only the row knows whether it is there.
struct RowOptional {
  std::shared_ptr<const Value> present;  // a Bool
  std::shared_ptr<const Value> value;
};
/// One row of `rows` while its row function is made: the fields of its type.
struct RowRecord {
  TypeId type;
  std::vector<std::pair<std::string, Value>> fields;
};
/// A row function, made of a closure where an operation of the run takes a function.
struct Kernel {
  std::shared_ptr<const row::RowFunction>
      function;                        // `input` of its columns and codebooks are ids of Tables
  std::string source;                  // as the user wrote it, for printing
  TypeId result;                       // what it gives; invalid when only the value is known
  std::vector<Symbol> templates = {};  // that a renderer applies
};

/// A template applied to a row, or one of several that the row chooses.
struct Example {
  std::vector<row::StmtId> body;
  std::vector<Symbol> templates;
  bool trains = false;  // some turn is trained, whichever is chosen
};

/// An operation of the run: an extern function or member (its receiver is the first argument), a stage applied to a model (`symbol`
/// is then the schema of stages), a table of rows (the schema of tables), rows joined with `+` (the schema of rows), or a trie cut to
/// the items for which a condition holds (the schema of tries).
struct Made {
  Symbol operation;
  TypeId type;
  std::vector<std::pair<std::string, Value>> arguments;  // by parameter name, defaults filled in
  Span span;
};

struct TaskPart {
  std::shared_ptr<const Made> rows;
  std::shared_ptr<const row::RowFunction> render;
  std::vector<Symbol> templates;
  Span span;
};
struct Task {
  std::string name;
  std::vector<TaskPart> parts;  // joined with `+`
  Span span;
};
struct MixtureEntry {
  std::string name;
  std::shared_ptr<const Task> task;
  double weight = 0;
  bool share = false;
  Span span;                         // of its weight
  std::vector<Origin> origins = {};  // of its weight
};
struct Mixture {
  std::vector<MixtureEntry> entries;
  std::optional<double> total;
  Span span;
};

using Data = std::variant<
    None, bool, int64_t, double, std::string, Amount, EnumValue, std::shared_ptr<const List>,
    std::shared_ptr<const Range>, std::shared_ptr<const Fields>, std::shared_ptr<const Record>,
    std::shared_ptr<const Closure>, Callable, std::shared_ptr<const Method>,
    std::shared_ptr<const Partial>, SchemaName, ModuleName, Site, TemplateRef,
    std::shared_ptr<const Choice>, Row, std::shared_ptr<const RowOptional>,
    std::shared_ptr<const RowRecord>, Kernel, std::shared_ptr<const Example>,
    std::shared_ptr<const Made>, std::shared_ptr<const Task>, std::shared_ptr<const Mixture>>;

struct Value {
  Data data;

  template <class T>
  const T* as() const {
    return std::get_if<T>(&data);
  }
  template <class T>
  const T* shared() const {
    const auto* pointer = std::get_if<std::shared_ptr<const T>>(&data);
    return pointer == nullptr ? nullptr : pointer->get();
  }
};
using Maybe = std::optional<Value>;  // nothing: a diagnostic says why

struct Environment {
  EnvironmentPtr outer;
  std::string name;
  Value value;
  Span given;  // of a parameter: where the caller wrote the argument
};

/// The environment `outer` with one more name.
EnvironmentPtr bind_name(EnvironmentPtr outer, std::string name, Value value, Span given = {});
/// The binding of a name; null when there is none.
const Environment* find(const EnvironmentPtr& names, const std::string& name);

template <class T>
Value shared_value(T data) {
  return Value{std::make_shared<const T>(std::move(data))};
}
Value list_value(std::vector<Value> elements);
/// Whether a value is read from a row, somewhere inside.
bool reads_row(const Value& value);

/// Int, Float, Ratio or any amount as a double.
std::optional<double> number_of(const Value& value);
/// A number as rexp prints it: 3, 0.5, 2e-05.
std::string number_text(double value);
/// An amount with its unit: "3 epochs", "61.2%".
std::string amount_text(double number, TypeKind unit);

}  // namespace rexp::eval
