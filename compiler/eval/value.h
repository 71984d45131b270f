// What an expression means: a constant, something that depends on a row (a residual row expression), or something that
// lives in the plan. One struct, because the evaluator and the checker are one traversal:
//
//   500 steps                   an amount
//   h.sid                       a residual list of semantic ids with label `past`
//   films.train.windows(…)      rows, made by a plan node
//   stage parameters            `Unknown` when a function is checked by itself: a type and a label without a value
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "compiler/check/program.h"
#include "compiler/eval/graph.h"

namespace rexp::elaborate {

using check::Label;
using check::ModuleId;
using check::Provenance;
using check::Symbol;
using check::TypeId;
using check::TypeKind;
using source::Span;

struct Value;
struct Environment;
using EnvironmentPtr = std::shared_ptr<const Environment>;

/// A place in the program: the module and the local names.
struct Scope {
  ModuleId module = -1;
  EnvironmentPtr names;
};

struct Unknown {};
struct NoneValue {};
/// An expression of the row function that is being built.
struct Residual {
  row::ExprId expr = -1;
};
struct ListValue {
  std::vector<Value> elements;
};
struct MapValue {
  std::vector<std::pair<std::string, Value>> entries;
};
struct EnumValue {
  int32_t enumeration = -1;
  std::string name;
};

struct RecordField {
  std::shared_ptr<const Value> value;
  bool written = false;  // what was written stays, what was defaulted follows
  Span span;             // of the value
};
struct RecordValue {
  int32_t schema = -1;
  std::string name;  // of the declaration; empty for a value without one
  Symbol symbol;     // that declaration
  Span span;
  std::vector<RecordField> fields;  // in the schema's order
};

struct FunctionValue {
  Scope scope;
  ast::ExprId body;
  std::vector<ast::Parameter> parameters;
  std::optional<ast::TypeId> result;
  std::string name;
};
struct ExternValue {
  Symbol symbol;
};
/// A block with parameters: `stage sft(mix: Mixture = all_tasks) { … }`.
struct BlockFunction {
  Symbol symbol;
};
struct SchemaValue {
  int32_t schema = -1;
};
struct ModuleValue {
  ModuleId module = -1;
};
/// A member that has to be called: `h.last`, `films.train.windows`.
struct MethodValue {
  std::shared_ptr<const Value> object;
  std::string name;
  Span span;
};
/// `hit@1` of `prefix@1@10`: a function with its first arguments.
struct PartialValue {
  std::shared_ptr<const Value> function;
  std::vector<Value> arguments;
};

struct TemplateValue {
  Symbol symbol;
  std::string variant;
};
/// A choice inside a template: known when a variant was asked for, else the variable of a `choose` statement.
struct ChoiceValue {
  const ast::OneOf* options = nullptr;
  std::vector<int> offered;
  int64_t var = -1;
  int known = -1;
};

/// One row of a rows artifact; its members become slots of the row function.
enum class RowShape : uint8_t { windows, sequences, items };
struct RowVariable {
  RowShape shape;
  int dataset = -1;
};
struct UserVariable {
  bool slots = false;
  int dataset = -1;
};  // slots: of a `keep` predicate

struct PartValue {
  int dataset = -1;
  std::string split;
};
struct RowsValue {
  RowShape shape;
  int dataset = -1;
  NodeId node = -1;
  std::string split;
};
struct ExampleValue {
  std::vector<row::StmtId> body;
  Symbol template_symbol;
  bool trains = false;
  bool answers = false;
};

struct TaskPart {
  NodeId rows = -1;
  int dataset = -1;
  std::string split;
  row::RowFunction render;
  std::string template_name;
  Symbol template_symbol;
  Span span;
};
struct TaskValue {
  std::string name;
  std::vector<TaskPart> parts;
  Span span;
};
struct MixtureEntry {
  std::string name;
  std::shared_ptr<const TaskValue> task;
  double weight = 0;
  bool share = false;
  Span span;
};
struct MixtureValue {
  std::vector<MixtureEntry> entries;
  std::optional<double> total;
  Span span;
};

struct ModelValue {
  NodeId node = -1;
  std::vector<int> codebooks;
  std::string name;
  bool from_folder = false;  // which tokens it owns is only known when its folder is read
};
struct SystemValue {
  NodeId node = -1;
  std::string name;
};
struct ScoresValue {
  NodeId node = -1;
};
struct VectorsValue {
  NodeId node = -1;
};
struct VocabularyValue {
  int codebook = -1;
};
struct TrieValue {
  int codebook = -1;
};
struct MetricValue {
  std::string text;
};
/// `site`, `site.data`: names that site.toml gives things of this machine.
struct SiteValue {
  std::string section;
};

using Data = std::variant<
    Unknown, NoneValue, bool, int64_t, double, std::string, Residual,
    std::shared_ptr<const ListValue>, std::shared_ptr<const MapValue>,
    std::shared_ptr<const RecordValue>, EnumValue, std::shared_ptr<const FunctionValue>,
    ExternValue, BlockFunction, SchemaValue, ModuleValue, std::shared_ptr<const MethodValue>,
    std::shared_ptr<const PartialValue>, TemplateValue, std::shared_ptr<const ChoiceValue>,
    RowVariable, UserVariable, PartValue, RowsValue, std::shared_ptr<const ExampleValue>,
    std::shared_ptr<const TaskValue>, std::shared_ptr<const MixtureValue>,
    std::shared_ptr<const ModelValue>, SystemValue, ScoresValue, VectorsValue, VocabularyValue,
    TrieValue, MetricValue, SiteValue>;

struct Value {
  TypeId type;  // `error` by default: a diagnostic exists
  Data data;
  Provenance from;
  int dataset = -1;  // of an item, an event or a list of them; -1: of no dataset in particular

  template <class T>
  const T* as() const {
    return std::get_if<T>(&data);
  }
  template <class T>
  const T* shared() const {
    const auto* pointer = std::get_if<std::shared_ptr<const T>>(&data);
    return pointer == nullptr ? nullptr : pointer->get();
  }
  bool is_residual() const { return std::holds_alternative<Residual>(data); }
  bool is_unknown() const { return std::holds_alternative<Unknown>(data); }
};

struct Environment {
  EnvironmentPtr outer;
  std::string name;
  Value value;
};

/// The environment `outer` with one more name.
EnvironmentPtr bind(EnvironmentPtr outer, std::string name, Value value);
const Value* find(const EnvironmentPtr& names, const std::string& name);
void collect_names(const EnvironmentPtr& names, std::vector<std::string>* out);

/// A field of a record value by name; null when the schema has none.
const Value* field_of(const RecordValue& record, const check::Schema& schema,
                      const std::string& name);

/// A number as rexp prints it: 3, 0.5, 2e-05.
std::string number_text(double value);
/// Int, Float, Ratio or any amount as a double.
std::optional<double> number_of(const Value& value);

}  // namespace rexp::elaborate
