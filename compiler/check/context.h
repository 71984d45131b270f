// What the files of this folder share: the program, the tree that is being made, and the place where an expression stands.
#pragma once

#include <memory>
#include <set>

#include "compiler/check/check.h"
#include "compiler/check/intrinsics.h"

namespace rexp::check {

using diagnostics::Kind;
using source::Span;

struct Names;
using NamesPtr = std::shared_ptr<const Names>;

/// The function or template whose body is looked at. Its signature is completed meanwhile: bounds and worlds that the body needs,
/// and what it calls its function parameters with.
struct Frame {
  Signature signature;
  uint64_t named = 0;  // parameters that the body names
};

struct Scope {
  ModuleId module = -1;
  NamesPtr names;
  Frame* frame = nullptr;
  bool row = false;  // inside a function of rows, so that templates can be applied
};

/// A local name, a condition that makes an optional value present, or where a function begins that the run calls for its rows.
struct Names {
  NamesPtr outer;
  std::string name;  // empty: `narrowed` is known to be present, or
  bool rows =
      false;  // what was bound before is outside of a function of rows, which holds its value from there as a constant
  TypeId type;
  Reads reads;
  int parameter = -1;  // of the frame
  ast::ExprId lambda;  // a function written in a `let`: looked at again for every call
  std::shared_ptr<const Scope> written;  // where that lambda stands
  const ast::OneOf* choice = nullptr;    // of a template
  ast::ExprId narrowed;
};

struct Given {  // an argument
  TypeId type;
  Reads reads;
  Span span;
  ast::ExprId expr;  // invalid for the left side of `|>` and for what `@` gave before
};
/// `prefix@1`: a function that waits for more.
struct PartialCall {
  SignaturePtr signature;
  std::vector<Given> leading;
};

struct Checker {
  Program& program;
  Typed& typed;
  Intrinsics intrinsics{program};
  enum class State : uint8_t { open, done };
  std::map<Symbol, State> states = {};
  std::map<std::string, std::vector<Symbol>> codebooks = {};  // declared, by name
  std::set<std::pair<int, std::pair<int, uint32_t>>> reported = {};
  std::map<std::pair<ModuleId, int32_t>, PartialCall> partials = {};  // by expression
  diagnostics::Diagnostic ignored = {};  // receives what was reported before
  int depth = 0;
  int64_t steps = 0;  // a budget: an error instead of an endless look at calls of local functions

  TypeTable& types() { return program.types; }
  const ast::Module& tree(ModuleId module) const { return program.module(module).tree; }
  TypeId scalar(TypeKind kind) { return program.types.scalar(kind); }
};

// ---- context.cpp: names and messages
NamesPtr bind_name(NamesPtr outer, Names entry);
NamesPtr bind_name(NamesPtr outer, const std::string& name, TypeId type, const Reads& reads);
/// The innermost binding of a name; null when there is none. `outside`: set when it is outside of a function of rows.
const Names* find(const NamesPtr& names, const std::string& name, bool* outside = nullptr);
diagnostics::Diagnostic& report(Checker& c, Kind kind, Span span, std::string message);
/// R0603. `help` says what there is instead.
void not_yet(Checker& c, const std::string& what, Span span, const std::string& help);
Span span_of(const Checker& c, const Scope& scope, ast::ExprId id);
bool is_lambda(const Checker& c, const Scope& scope, ast::ExprId id);
/// The local name that an expression is; null when it is none.
const Names* local_of(const Checker& c, const Scope& scope, ast::ExprId id);
std::string source_text(const Checker& c, Span span);
/// "`Text`", "plain number", "number of epochs": behind "found a".
std::string described(Checker& c, TypeId type);
std::string a_described(Checker& c, TypeId type);  // "an `Item`", "a plain number"
/// The source in backticks when it is short, else what it is.
std::string shown(Checker& c, TypeId type, Span span);
void wrong_type(Checker& c, TypeId found, TypeId wanted, const std::string& what, Span span);

// ---- expression.cpp
/// Looks at an expression. `hint`: the type that is wanted, for names and literals whose meaning depends on it.
ExprInfo& infer(Checker& c, const Scope& scope, ast::ExprId id, TypeId hint = {});
/// infer, and a message when the type does not fit. `what` names the place: "`lr`".
ExprInfo& expect(Checker& c, const Scope& scope, ast::ExprId id, TypeId wanted,
                 const std::string& what);
/// The second half of `expect`, for what was looked at already.
void fit(Checker& c, ExprInfo& info, TypeId wanted, const std::string& what, Span span);

// One per construct; each fills in type, reads and target.
void check_name(Checker& c, const Scope& scope, const ast::NameRef& ref, Span span, TypeId hint,
                ExprInfo* out);
void check_field(Checker& c, const Scope& scope, const ast::FieldRef& ref, Span span, TypeId hint,
                 ExprInfo* out);
void check_list(Checker& c, const Scope& scope, const ast::ListLiteral& list, Span span,
                TypeId hint, ExprInfo* out);
void check_fields(Checker& c, const Scope& scope, const ast::RecordLiteral& record, TypeId hint,
                  ExprInfo* out);
void check_comprehension(Checker& c, const Scope& scope, const ast::Comprehension& node, Span span,
                         ExprInfo* out);
void check_index(Checker& c, const Scope& scope, const ast::IndexRef& node, Span span,
                 ExprInfo* out);
void check_at(Checker& c, const Scope& scope, ast::ExprId id, ExprInfo* out);
void check_call(Checker& c, const Scope& scope, const ast::Call& call, Span span,
                const ExprInfo* piped, ExprInfo* out);
void check_pipe(Checker& c, const Scope& scope, const ast::Pipe& node, Span span, ExprInfo* out);
void check_construct(Checker& c, const Scope& scope, const ast::Construct& node, Span span,
                     TypeId hint, ExprInfo* out);
void check_with(Checker& c, const Scope& scope, const ast::WithBody& node, Span span, TypeId hint,
                ExprInfo* out);
void check_if(Checker& c, const Scope& scope, const ast::If& node, TypeId hint, ExprInfo* out);
void check_match(Checker& c, const Scope& scope, const ast::Match& node, Span span, TypeId hint,
                 ExprInfo* out);
void check_binary(Checker& c, const Scope& scope, const ast::Binary& node, Span span,
                  ExprInfo* out);
void check_unary(Checker& c, const Scope& scope, const ast::Unary& node, Span span, ExprInfo* out);
/// `reads`: what its parameters read when it is known who calls it; null for a function that is kept. Gives what its body reads.
Reads check_lambda(Checker& c, const Scope& scope, ast::ExprId id, TypeId hint,
                   const std::vector<Reads>* reads, ExprInfo* out);
/// A lambda whose parameters are constants as far as is known here: of a `let`, whose calls look at it again, or of a `skip`.
ExprInfo& expect_lambda(Checker& c, const Scope& scope, ast::ExprId id, TypeId wanted,
                        const std::string& what);
/// A text that is a value. Its holes are looked at; reads are joined into `out`.
void check_text(Checker& c, const Scope& scope, const ast::Text& text, ExprInfo* out);

// ---- name.cpp, field.cpp
/// The alternative of `hint` that is an enum with this value.
std::optional<std::pair<TypeId, int32_t>> enum_value(Checker& c, const std::string& name,
                                                     TypeId hint);
/// Whether who wrote a wrong name may have meant something of type `found` where `wanted` is required: only that is suggested. A
/// function is meant for what it gives.
bool may_mean(Checker& c, TypeId found, TypeId wanted);
void use_declaration(Checker& c, Symbol symbol, ExprInfo* out);
/// What stands behind a dot: fields, codebooks, members, of one value. False: nothing of that name.
bool find_member(Checker& c, TypeId object, const ast::Name& name, ExprInfo* out);

/// A list of lists has no form per example, so what it is made of is a constant; false after a message.
bool check_row_list(Checker& c, const Scope& scope, ExprInfo* info, Span span);

// ---- branch.cpp
/// The names as they are where a condition holds, or where it does not: `x != none` makes x present.
NamesPtr narrow(Checker& c, const Scope& scope, ast::ExprId condition, bool holds);
/// Whether an example may have a turn that the model is shown.
bool prompts(Checker& c, const Scope& scope, ast::ExprId id);
/// One name, field or call twice; functions have no effects, so a call gives the same every time.
bool same_path(const Checker& c, const Scope& scope, ast::ExprId a, ast::ExprId b);

// ---- operator.cpp
bool comparable(Checker& c, TypeId a, TypeId b);

// ---- lambda.cpp
/// A lambda as a function of this type whose parameters read this. Gives the type and reads of its result.
ExprInfo lambda_body(Checker& c, const Scope& scope, ast::ExprId lambda, TypeId function,
                     const std::vector<Reads>& reads);
/// A label of a type argument and the type inside: Rows<target [Event]>.
std::pair<TypeId, Label> unlabelled(Checker& c, TypeId type);

// ---- world.cpp
/// R0601 when a value is known later than `latest`. What it reads of parameters becomes part of the signature: callers are asked
/// instead. `what` names the place: "`depth`". `demanded`: the use inside a function that asks for it. `found`: what is known too
/// late, where that is not what stands at `span`.
bool check_world(Checker& c, const Scope& scope, const Reads& reads, World latest,
                 const std::string& what, Span span, Span demanded = {},
                 const std::string& found = "");
/// The same of what a condition, an operand or a printed value reads: the run cannot be asked.
bool check_known(Checker& c, const Scope& scope, const Reads& reads, const std::string& what,
                 Span span);
/// The names as a function sees them that the run calls for its rows.
NamesPtr inside_rows(NamesPtr names);

// ---- call.cpp, unify.cpp
/// Arguments against a signature: the one place for every way of calling. Fills in `out` type and reads.
/// `receiver`: what stands before the dot of a member.
void apply(Checker& c, const Scope& scope, const Signature& signature, const Given* receiver,
           const std::vector<Given>& leading, const std::vector<ast::Argument>& arguments,
           Span span, ExprInfo* out);
/// The body calls its function parameter with what reads this.
void note_applied(Frame& frame, int parameter, const Reads& given);
/// Finds what the variables of `pattern` are, given what stands there.
void unify(Checker& c, TypeId pattern, TypeId actual, std::vector<TypeId>* bindings);
/// The signature of an expression that was looked at, when it is known which function it is.
SignaturePtr signature_of(Checker& c, const Scope& scope, ast::ExprId id);
/// Whether values of this type are rows of the run: their elements are rows.
bool is_rows(Checker& c, TypeId type);
/// An argument where the parameter's label and world allow less.
void check_demands(Checker& c, const Scope& scope, const SignatureParameter& parameter,
                   const Reads& reads, const std::string& what, Span span);
/// An argument of label `reads` where at most `bound` is allowed. `what` names the parameter.
bool check_label(Checker& c, const Scope& scope, const Reads& reads, Label bound,
                 const std::string& what, Span span, Span declared);
/// A function that is kept as a value: what keeps it calls it with rows, whose fields carry their own labels; one whose result is the
/// same for all rows, such as a metric, with constants.
void check_kept(Checker& c, const Scope& scope, const ExprInfo& info, ast::ExprId id);

// ---- template.cpp
Signature template_signature(Checker& c, Symbol symbol);
/// Looks at the turns and completes the signature.
void check_template(Checker& c, Symbol symbol, Signature* signature);
/// `for x in list`, in a text or between turns: the names inside.
Scope check_loop(Checker& c, const Scope& scope, ast::ExprId list, const ast::Name& variable);
/// Whether a value of this type can be printed in a text; a message otherwise.
bool printable(Checker& c, TypeId type, Span span, bool has_separator);

// ---- record.cpp, mixture.cpp, experiment.cpp, sweep.cpp
/// A body of a record of this type. Unbound arguments of a generic schema are found from the fields. `complete`: every field
/// without a default has to be there. Gives the record type.
TypeId check_body(Checker& c, const Scope& scope, ast::BodyId body, TypeId record, bool complete,
                  const std::string& owner, Span span, Reads* reads);
/// The record type of a schema whose arguments are still to be found.
TypeId open_record(Checker& c, int32_t schema);
void check_missing(Checker& c, int32_t schema, const std::set<std::string>& given,
                   const std::string& owner, Span span);
void check_mixture(Checker& c, const Scope& scope, ast::BodyId body);
void check_require(Checker& c, const Scope& scope, const ast::RequireDecl& require);
Scope check_let(Checker& c, const Scope& scope, ast::DeclId decl);
void check_experiment(Checker& c, Symbol symbol);
void check_sweep(Checker& c, Symbol symbol);
/// The type of what a path names below a value of this type; reports what leads nowhere with `kind`.
std::optional<TypeId> path_type(Checker& c, TypeId object, const std::vector<ast::Name>& path,
                                size_t from, Kind kind);

// ---- order.cpp, declaration.cpp
/// Every top-level declaration, each after those it names.
std::vector<Symbol> dependency_order(const Program& program);
const DeclInfo& declaration(Checker& c, Symbol symbol);

}  // namespace rexp::check
