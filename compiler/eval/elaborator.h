// One traversal that checks and evaluates. Constants are computed, calls are inlined, what depends on a row is left over as a
// row expression, and calls that belong to the run (`windows`, `evaluate`, a stage) make nodes in a Graph.
//
//   let views = films.train.windows(max = 20)                         a `rows` node
//   task next = [next_film(w.history, w.next) for w in views]         a renderer: the template inlined over the row's slots
//   experiment quickstart(…) { accuracy = base |> learn |> … }        `train`, `evaluate`, `report` nodes
//
// Every value carries a type and a provenance, so units, records and leaks are checked where they meet. `check_everything`
// looks at each declaration of the user's modules by itself – functions and templates with symbolic parameters of their
// declared types – so that errors point at the user's own lines and unused code is checked too.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "compiler/check/program.h"
#include "compiler/eval/graph.h"
#include "compiler/eval/row_builder.h"
#include "compiler/eval/value.h"

namespace rexp::elaborate {

/// A value put in place of another by name: `--set tune.length=100 steps`, or an axis of a sweep.
struct Assignment {
  std::vector<ast::Name> path;
  ModuleId module = -1;  // where `value` is read
  ast::ExprId value;
};

struct Settings {
  std::vector<Assignment> assignments;  // weakest first
  std::string experiment;               // whose parameters assignments may name
  uint64_t package_seed = 1;
};

struct Dataset {
  std::string name;
  TypeId item;  // the schema of its items
  NodeId load = -1;
  std::shared_ptr<const RecordValue> record;
};

struct CodebookInfo {
  std::string name;
  int dataset = -1;
  NodeId node = -1;
  std::shared_ptr<const RecordValue> record;
};

/// What an experiment names: its parameters' values and its outputs.
struct ExperimentResult {
  std::string name;
  std::vector<std::pair<std::string, Value>> parameters;
  std::vector<std::pair<std::string, Value>> outputs;
  NodeId report = -1;
};

struct SweepAxis {
  std::string block;
  std::vector<ast::Name> path;
  ModuleId module;
  std::vector<ast::ExprId> values;
  Span span;
};
struct SweepInfo {
  std::string experiment;
  std::vector<SweepAxis> axes;
  std::vector<std::vector<Assignment>> points;
  int64_t repeat = 1;
};

/// A template applied by a task, narrowed to one variant: what `rexp render` prints.
struct RenderSource {
  NodeId rows = -1;
  int dataset = -1;
  std::string task;
  row::RowFunction function;
};

class Elaborator {
 public:
  Elaborator(check::Program& program, Graph& graph, Settings settings);

  /// Checks every declaration of every module that is not part of the standard library (of all, when `standard` is set).
  void check_everything(bool standard = false);
  /// Evaluates one experiment into the graph; nullopt when a diagnostic says why not.
  std::optional<ExperimentResult> run_experiment(Symbol experiment);
  std::optional<SweepInfo> read_sweep(Symbol sweep);
  /// A task of the program that applies the template, with the template narrowed to `variant` (empty: as trained).
  std::optional<RenderSource> render_source(const std::string& template_name,
                                            const std::string& variant);

  Value declaration(Symbol symbol);
  const std::vector<Dataset>& datasets() const { return datasets_; }
  const std::vector<CodebookInfo>& codebooks() const { return codebooks_; }

 private:
  friend struct Externs;

  // ---- expressions.cpp
  Value eval(const Scope& scope, ast::ExprId id, TypeId expected);
  Value eval(const Scope& scope, ast::ExprId id) { return eval(scope, id, any()); }
  Value eval_number(const ast::Number& number);
  Value eval_name(const Scope& scope, const ast::NameRef& ref, Span span, TypeId expected);
  Value unknown_name(const Scope& scope, const ast::Name& name, TypeId expected);
  std::optional<Value> contextual_name(const std::string& name, TypeId expected);
  Value eval_field(const Scope& scope, const ast::FieldRef& ref, Span span);
  Value eval_list(const Scope& scope, const ast::ListLiteral& list, TypeId expected, Span span);
  Value eval_if(const Scope& scope, const ast::If& node, TypeId expected);
  Value eval_match(const Scope& scope, const ast::Match& node, TypeId expected, Span span);
  Value merge_branches(const Value& condition, Value then, Value otherwise, Span span);
  Value eval_index(const Scope& scope, const ast::IndexRef& node, Span span);
  Value eval_at(const Scope& scope, const ast::AtSize& node, Span span);
  Value eval_pipe(const Scope& scope, const ast::Pipe& node, Span span);
  Value eval_construct(const Scope& scope, const ast::Construct& node, TypeId expected, Span span);

  // ---- operators.cpp
  Value eval_binary(const Scope& scope, const ast::Binary& node, Span span);
  Value eval_unary(const Scope& scope, const ast::Unary& node, Span span);
  Value eval_in(const Scope& scope, const ast::Binary& node, Span span);
  Value eval_is(const Scope& scope, const ast::Binary& node, Span span);
  Value logic(ast::BinaryOp op, const Scope& scope, const ast::Binary& node, Span span);
  Value arithmetic(ast::BinaryOp op, const Value& a, const Value& b, Span span);
  Value compare(ast::BinaryOp op, const Value& a, const Value& b, Span span);
  bool equal(const Value& a, const Value& b) const;

  // ---- texts.cpp
  Value eval_text(const Scope& scope, const ast::Text& text);
  Value text_part(const Scope& scope, const ast::TextPart& part);
  Value hole_text(const Scope& scope, const ast::TextPart& part);
  Value concat(const std::vector<Value>& pieces);
  struct PrintContext;
  void print_text(const Scope& scope, const ast::Text& text, PrintContext& context,
                  std::vector<row::StmtId>* out);
  void print_part(const Scope& scope, const ast::TextPart& part, PrintContext& context,
                  std::vector<row::StmtId>* out);
  void print_hole(const Scope& scope, const ast::TextPart& part, PrintContext& context,
                  std::vector<row::StmtId>* out);
  void print_loop(const Scope& scope, const ast::TextPart& part, PrintContext& context,
                  std::vector<row::StmtId>* out);
  void print_if(const Scope& scope, const ast::TextPart& part, PrintContext& context,
                std::vector<row::StmtId>* out);
  void print_value(const Value& value, Span span, PrintContext& context,
                   std::vector<row::StmtId>* out);
  void print_chars(const std::string& chars, std::vector<row::StmtId>* out);
  std::optional<std::string> constant_text(const Value& value);
  bool printable(const Value& value, Span span, bool has_separator);

  // ---- calls.cpp
  Value eval_call(const Scope& scope, const ast::Call& call, Span span, const Value* piped);
  Value call_value(const Value& callee, const std::vector<Value>& arguments, Span span);
  Value call_function(const FunctionValue& function, const Scope& scope,
                      const std::vector<ast::Argument>& arguments, const Value* piped, Span span);
  Value call_extern(const ExternValue& function, const Scope& scope,
                    const std::vector<ast::Argument>& arguments, const std::vector<Value>& leading,
                    Span span);
  Value call_method(const MethodValue& method, const Scope& scope,
                    const std::vector<ast::Argument>& arguments, Span span);
  Value call_block(const BlockFunction& function, const Scope& scope,
                   const std::vector<ast::Argument>& arguments, Span span);
  struct Signature {
    std::string name;
    ModuleId module;
    const std::vector<ast::Parameter>* parameters;
    Span declared;
  };
  /// Values for every parameter, in order; nullopt after a diagnostic.
  std::optional<std::vector<Value>> match_arguments(const Signature& signature, const Scope& scope,
                                                    const std::vector<ast::Argument>& arguments,
                                                    const std::vector<Value>& leading, Span span,
                                                    bool labels);
  bool check_label(const Value& value, Label allowed, const std::string& what, Span span,
                   Span declared);
  /// Named arguments of a built-in member: the values of `names`, in order, missing ones nullopt.
  std::optional<std::vector<std::optional<Value>>> member_arguments(
      const std::string& member, const Scope& scope, const std::vector<ast::Argument>& arguments,
      const std::vector<std::string>& names, Span span);
  Value inline_body(const FunctionValue& function, EnvironmentPtr names, Span span);

  // ---- coerce.cpp
  /// `value` where `expected` is required, converted or reported. `what` names the place: "`lr`".
  Value coerce(Value value, TypeId expected, const std::string& what, Span span);
  Value wrong_type(const Value& value, TypeId expected, const std::string& what, Span span);
  std::string shown(const Value& value, Span span);
  std::string described(TypeId type);
  /// A value that must be known while compiling; R0601 otherwise.
  bool constant(const Value& value, const std::string& what, Span span);

  // ---- records.cpp
  using Body = std::pair<ModuleId, ast::BodyId>;
  Value make_record(int32_t schema, const Scope& scope, const Body* body, const RecordValue* start,
                    const std::string& owner, Span span, Symbol symbol = {});
  void assign_field(int32_t schema, RecordValue& record, const Scope& scope, const ast::Path& path,
                    size_t depth, const std::function<Value(TypeId, RecordField&)>& make,
                    const std::string& owner);
  void fill_defaults(int32_t schema, RecordValue& record, const std::string& owner, Span span);
  void check_conditions(int32_t schema, RecordValue& record, const std::string& owner);
  Value with_body(const Scope& scope, const Value& object, ast::BodyId body, Span span);
  Value record_value(std::shared_ptr<const RecordValue> record, TypeId type);
  const Value* field(const RecordValue& record, const std::string& name);
  Value update(const Value& value, const std::vector<ast::Name>& path, size_t depth,
               const Assignment& assignment);

  // ---- members.cpp
  Value member(const Value& object, const ast::Name& name, Span span);
  Value item_member(const Value& object, const ast::Name& name, Span span);
  Value row_member(const Value& object, const RowVariable& row, const ast::Name& name, Span span);
  Value user_member(const Value& object, const UserVariable& user, const ast::Name& name,
                    Span span);
  Value record_member(const Value& object, const RecordValue& record, const ast::Name& name,
                      Span span);
  Value dataset_member(const Value& object, int dataset, const ast::Name& name, Span span);
  Value codebook_member(const Value& object, int codebook, const ast::Name& name, Span span);
  Value list_member(const Value& object, const ast::Name& name, Span span);
  Value mixture_member(const Value& object, const ast::Name& name, Span span);
  Value unknown_member(const Value& object, const ast::Name& name, Span span);
  Value site_member(const SiteValue& site, const ast::Name& name);
  Value no_member(const std::string& type, const ast::Name& name,
                  const std::vector<std::string>& known);
  std::optional<int> codebook_field(const std::string& name, int dataset);
  bool names_codebook(const std::string& name) const;

  // ---- lists.cpp
  Value list_method(const MethodValue& method, const Scope& scope,
                    const std::vector<ast::Argument>& arguments, Span span);
  Value map_list(const Value& list, const std::function<Value(const Value&)>& body, Span span);
  Value filter_list(const Value& list, const std::function<Value(const Value&)>& keep, Span span);
  Value flat_map_list(const Value& list, const std::function<Value(const Value&)>& body, Span span);
  Value take(const Value& list, const Value& count, bool last, Span span);
  Value length_of(const Value& value, Span span);
  Value contains(const Value& list, const Value& element, Span span);
  Value element_variable(const Value& list, int64_t var);
  TypeId element_type(TypeId list);

  // ---- comprehensions.cpp
  Value eval_comprehension(const Scope& scope, const ast::Comprehension& node, Span span);
  Value task_over_rows(const Scope& scope, const ast::Comprehension& node, const RowsValue& rows,
                       Span span);
  Value filtered_rows(const RowsValue& rows, const std::function<Value(const Value&)>& keep,
                      Span span);

  // ---- rows.cpp: row functions and their lifting
  std::optional<row::Type> row_type(TypeId type);
  row::ExprId lift(const Value& value);
  Value residual(TypeId type, row::ExprId expr, const Provenance& from, int dataset = -1);
  Value unknown(TypeId type, const Provenance& from = {}) const;
  Value row_variable(RowShape shape, int dataset, const std::string& split);
  void add_slots(RowShape shape);
  /// Runs `make` with a fresh row builder in place.
  template <class F>
  auto in_row(RowBuilder& builder, F make) {
    RowBuilder* outer = row_;
    row_ = &builder;
    auto result = make();
    row_ = outer;
    return result;
  }

  // ---- templates.cpp
  struct TemplateRun;
  Value apply_template(const TemplateValue& value, const Scope& scope,
                       const std::vector<ast::Argument>& arguments, Span span);
  Value run_template(const TemplateValue& value, std::vector<Value> arguments, Span span);
  void check_template(Symbol symbol);
  void run_turns(const Scope& scope, const std::vector<ast::TurnId>& turns, TemplateRun& run,
                 std::vector<row::StmtId>* out, EnvironmentPtr* names);
  void run_turn(const Scope& scope, const ast::Turn& turn, TemplateRun& run,
                std::vector<row::StmtId>* out, EnvironmentPtr* names);
  void run_said(const Scope& scope, const ast::Turn::Said& said, TemplateRun& run,
                std::vector<row::StmtId>* out);
  void run_one_of(const Scope& scope, const ast::OneOf& options, TemplateRun& run,
                  PrintContext& context, std::vector<row::StmtId>* out);
  void print_choice(const Scope& scope, const ChoiceValue& choice, PrintContext& context,
                    std::vector<row::StmtId>* out);
  std::vector<int> offered_variants(const ast::OneOf& options, const TemplateRun& run);
  void check_read(const Provenance& from, PrintContext& context, Span span);
  bool has_variant(Symbol symbol, const std::string& name) const;
  std::vector<std::string> variant_names(Symbol symbol) const;
  Value symbolic(TypeId type, Label label, int root, Span declared);

  // ---- declarations.cpp
  Value evaluate_declaration(Symbol symbol);
  Value evaluate_block(Symbol symbol, const ast::Decl& decl, const ast::BlockDecl& block,
                       EnvironmentPtr names);
  Value block_body(Symbol symbol, const ast::Decl& decl, const ast::BlockDecl& block, TypeId type,
                   EnvironmentPtr names);
  Value name_value(Value value, Symbol symbol, const ast::Decl& decl);
  Value apply_assignments(Symbol symbol, Value value);
  void resolve_assignments();
  void check_declaration(Symbol symbol);
  void check_function(Symbol symbol, const ast::FnDecl& fn);
  void check_schema(Symbol symbol);
  void check_require(ModuleId module, const ast::RequireDecl& require, EnvironmentPtr names);

  // ---- mixtures.cpp
  Value make_mixture(const Scope& scope, const Body& body, const MixtureValue* start,
                     const std::string& owner);
  void mixture_item(const Scope& scope, const ast::Item& item, MixtureValue& mixture,
                    const MixtureValue* start);
  void check_mixture(const MixtureValue& mixture, Span span);
  Value mixture_share(const MixtureValue& mixture, const Scope& scope,
                      const std::vector<ast::Argument>& arguments, Span span);
  Value task_value(TaskValue task);
  Value mixture_value(MixtureValue mixture);

  // ---- datasets.cpp
  int dataset_of(const Value& value, Span span);
  int codebook_of(const Value& value, Span span);
  nlohmann::json load_columns(TypeId item);
  nlohmann::json load_source(const RecordValue& source, Location* location);
  Kernel keep_kernel(const std::string& name, const Value& keep);
  nlohmann::json learn_args(const RecordValue& learn, Node* node);
  std::string surface_pattern(const Value& surface, Span span);
  Value part_rows(const PartValue& part, const std::string& op, int64_t min, int64_t max,
                  Span span);
  Value part_method(const PartValue& part, const std::string& name, const Scope& scope,
                    const std::vector<ast::Argument>& arguments, Span span);
  Value rows_method(const MethodValue& method, const RowsValue& rows, const Scope& scope,
                    const std::vector<ast::Argument>& arguments, Span span);
  Value item_rows(int dataset, Span span);
  /// The rows value behind a Part or a Rows value; nullopt for others.
  std::optional<RowsValue> as_rows(const Value& value, Span span);

  // ---- models.cpp
  std::optional<ModelValue> model_of(const Value& value, Span span);
  Value model_value(ModelValue model);

  // ---- stages.cpp
  Value apply(const Value& function, const Value& argument, Span span);
  Value apply_stage(const RecordValue& stage, const Value& base, Span span);
  std::optional<MixtureValue> stage_data(const RecordValue& stage, const Value& data);
  bool check_stage(const RecordValue& stage, const MixtureValue& data, const ModelValue& model,
                   const std::set<int>& adds);
  nlohmann::json optimizer_args(const RecordValue& optimizer);
  Kernel schedule_kernel(const std::string& name, const RecordValue& optimizer);

  // ---- evaluation.cpp
  Value evaluate_system(const Value& system, const Value& protocol, Span span);
  nlohmann::json decode_args(const RecordValue& decode, std::set<int>* codebooks);
  std::optional<Kernel> prompt_kernel(const RecordValue& protocol, const Value& ask,
                                      const RowsValue& rows);
  std::optional<Value> ask_row(const Value& ask, const RowsValue& rows, Span span);
  Value baseline(const std::string& kind, const Value& part, nlohmann::json args, Span span);

  // ---- experiments.cpp
  std::optional<ExperimentResult> elaborate_experiment(Symbol symbol, const ast::Decl& decl,
                                                       const ast::BlockDecl& block, bool run);
  void collect_nodes(const Value& value, std::vector<NodeId>* nodes) const;
  NodeId make_report(const ExperimentResult& result);
  bool read_axes(const Scope& scope, const ast::Item& item, SweepInfo& sweep);

  // ---- shared
  const ast::Module& tree(ModuleId module) const { return program_.module(module).tree; }
  TypeId any() const { return program_.types.scalar(TypeKind::any); }
  TypeId type(TypeKind kind) const { return program_.types.scalar(kind); }
  TypeId domain(const char* name) { return program_.types.domain(name); }
  check::TypeTable& types() { return program_.types; }
  template <class T>
  Value value(TypeId type, T data, Provenance from = {}) {
    return Value{type, Data(std::move(data)), from, -1};
  }
  Value boolean(bool b) { return value(type(TypeKind::boolean), b); }
  Value integer(int64_t i) { return value(type(TypeKind::integer), i); }
  Value text(std::string s) { return value(type(TypeKind::text), std::move(s)); }
  Value list(TypeId element, std::vector<Value> elements);
  Value failed() const { return Value{}; }
  bool is_error(const Value& v) const { return program_.types.kind(v.type) == TypeKind::error; }
  diagnostics::Diagnostic& report(diagnostics::Kind kind, Span span, std::string message);
  Value not_yet(const std::string& what, Span span);
  std::string source_text(Span span) const;
  std::string node_name(const std::string& leaf) const;

  check::Program& program_;
  Graph& graph_;
  Settings settings_;
  RowBuilder* row_ = nullptr;
  std::string template_variant_;  // what `render_source` narrows templates to
  std::string experiment_;        // the experiment that is being evaluated
  uint64_t seed_ = 1;             // of the node that is being made
  int depth_ = 0;
  std::map<std::pair<ModuleId, int32_t>, int>
      active_;  // bodies of functions that are being inlined

  enum class State : uint8_t { open, done };
  std::map<Symbol, State> states_;
  std::map<Symbol, Value> values_;
  std::vector<std::pair<Symbol, Assignment>>
      declared_assignments_;  // path without the declaration's own name
  std::vector<std::pair<std::string, Assignment>> parameter_assignments_;
  std::vector<Dataset> datasets_;
  std::map<const RecordValue*, int> dataset_by_record_;
  std::vector<CodebookInfo> codebooks_;
  std::map<const RecordValue*, int> codebook_by_record_;
  std::set<std::string> codebook_names_;
  std::set<std::pair<int, std::pair<int, uint32_t>>> reported_;
  std::vector<std::shared_ptr<const RecordValue>> kept_;  // records whose address is a key
  std::set<std::string>
      misspelt_;  // fields that a reported misspelling was meant for: not missing as well
  diagnostics::Diagnostic ignored_;  // receives what was reported before
};

}  // namespace rexp::elaborate
