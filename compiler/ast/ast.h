// Our own syntax tree: what `parse` makes, `check` reads and the formatter prints. No ANTLR type appears here.
// Nodes live in vectors and are named by typed ids; every node knows its span. One Module per file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "compiler/source/source_map.h"

namespace rexp::ast {

using source::Span;

template <class Tag>
struct Id {
  int32_t index = -1;
  bool valid() const { return index >= 0; }
  bool operator==(const Id&) const = default;
};
using ExprId = Id<struct ExprTag>;
using TypeId = Id<struct TypeTag>;
using BodyId = Id<struct BodyTag>;
using DeclId = Id<struct DeclTag>;
using TurnId = Id<struct TurnTag>;

struct Name {
  std::string text;
  Span span;
};
using Path = std::vector<Name>;

// ---- texts --------------------------------------------------------------------------------------------------------
struct Text;
struct TextPart {
  enum class Kind : uint8_t { chars, hole, for_each, if_ } kind = Kind::chars;
  Span span;
  std::string chars;            // chars: unescaped, block indentation already removed
  ExprId expr;                  // hole, for_each (the list), if_ (the condition)
  Name variable;                // for_each
  std::vector<Text> separator;  // hole, for_each: zero or one text
  std::vector<Text> bodies;     // for_each: one; if_: then, and perhaps else
};
struct Text {
  Span span;
  std::vector<TextPart> parts;
};

// ---- types --------------------------------------------------------------------------------------------------------
enum class Label : uint8_t { none, static_, past, target, future };
struct Type {
  struct Named {
    Path path;
    std::vector<TypeId> arguments;
  };
  struct List {
    TypeId element;
  };
  struct Function {
    std::vector<TypeId> parameters;
    TypeId result;
  };
  struct Union {
    std::vector<TypeId> alternatives;
  };
  Span span;
  Label label = Label::none;
  bool optional = false;  // T?
  using Node = std::variant<Named, List, Function, Union>;
  Node node;
};

// ---- expressions --------------------------------------------------------------------------------------------------
enum class Unit : uint8_t {
  none,
  epochs,
  steps,
  tokens,
  rows,
  seeds,
  minutes,
  hours,
  seconds,
  copies,
  percent,
  bytes
};
enum class BinaryOp : uint8_t {
  mul,
  div,
  add,
  sub,
  range,
  lt,
  le,
  gt,
  ge,
  eq,
  ne,
  in,
  is,
  and_,
  or_
};
enum class UnaryOp : uint8_t { neg, not_ };

struct Argument {
  std::optional<Name> name;
  ExprId value;
};
struct Arm {
  std::optional<ExprId> condition;
  ExprId value;
};  // no condition: else
struct RecordField {
  Name name;
  ExprId value;
};

struct Number {
  double value = 0;
  bool integer = false;
  Unit unit = Unit::none;
};  // k, M, B applied; bytes for KiB...; 44% is 44, percent
struct TextLiteral {
  Text text;
};
struct Bool {
  bool value = false;
};
struct None {};
struct ListLiteral {
  std::vector<ExprId> elements;
};
struct Comprehension {
  ExprId element;
  std::vector<Name> pattern;
  ExprId source;
  std::optional<ExprId> where;
};
struct RecordLiteral {
  std::vector<RecordField> fields;
};
struct NameRef {
  Name name;
};
struct FieldRef {
  ExprId object;
  Name field;
};
struct Call {
  ExprId callee;
  std::vector<Argument> arguments;
};
struct IndexRef {
  ExprId object;
  ExprId index;
};
struct AtSize {
  ExprId object;
  ExprId size;
};  // hit@10
struct Construct {
  ExprId callee;
  BodyId body;
};  // adamw { lr = 1e-3 }
struct WithBody {
  ExprId object;
  BodyId body;
};  // a with { x = 1 }
struct Lambda {
  std::vector<Name> parameters;
  ExprId body;
};
struct If {
  ExprId condition, then, otherwise;
};
struct Match {
  std::optional<ExprId> subject;
  std::vector<Arm> arms;
};
struct Binary {
  BinaryOp op;
  ExprId left, right;
};
struct Unary {
  UnaryOp op;
  ExprId operand;
};
struct Pipe {
  ExprId value, function;
};  // base |> stage
struct Broken {};  // where the parser recovered; a diagnostic exists

struct Expr {
  Span span;
  std::variant<Broken, Number, TextLiteral, Bool, None, ListLiteral, Comprehension, RecordLiteral,
               NameRef, FieldRef, Call, IndexRef, AtSize, Construct, WithBody, Lambda, If, Match,
               Binary, Unary, Pipe>
      node;
};

// ---- bodies -------------------------------------------------------------------------------------------------------
struct Item {
  enum class Kind : uint8_t {
    let,
    require,
    assign,
    axis_in,
    axis_draw,
    nested,
    block
  } kind = Kind::assign;
  Span span;
  DeclId decl;   // let, require, block
  Path path;     // assign, axis_in, axis_draw; nested: one name
  ExprId value;  // assign, axis_in (path in expr), axis_draw (path ~ expr)
  BodyId body;   // nested
};
struct Body {
  Span span;
  std::vector<Item> items;
};

// ---- templates ----------------------------------------------------------------------------------------------------
struct Variant {
  Name name;
  bool held_out = false;
  Text text;
  double weight = 1;
};
struct OneOf {
  Span span;
  std::vector<Variant> variants;
};
enum class Role : uint8_t { system, user, assistant, document };
struct Turn {
  struct Said {
    bool masked = false;
    Role role;
    Span role_span;
    std::variant<OneOf, ExprId> content;
  };
  struct Choice {
    Name name;
    OneOf options;
  };
  struct ForEach {
    Name variable;
    ExprId list;
    std::vector<TurnId> body;
  };
  struct If {
    ExprId condition;
    std::vector<TurnId> then, otherwise;
  };
  Span span;
  std::variant<Said, Choice, ForEach, If> node;
};

// ---- declarations -------------------------------------------------------------------------------------------------
struct Parameter {
  Name name;
  TypeId type;
  std::optional<ExprId> initial;
};
struct SchemaField {
  Name name;
  TypeId type;
  std::optional<ExprId> initial, condition;
  std::string doc;
};

struct LetDecl {
  std::optional<TypeId> type;
  ExprId value;
};
struct FnDecl {
  std::vector<Parameter> parameters;
  std::optional<TypeId> result;
  ExprId body;
};
/// `extern fn evaluate(…) -> Scores`, or a member: `extern fn Part<I>.windows(…) -> Rows<Window<I>>`.
struct ExternDecl {
  std::vector<Parameter> parameters;
  TypeId result;
  std::optional<TypeId> receiver;
  bool property = false;  // without parentheses: `extern fn Codebook.tokens -> Vocabulary`
};
struct KindDecl {
  TypeId type;
};
struct SchemaDecl {
  struct Variable {
    Name name;
    std::optional<TypeId> fallback;  // where no type is given
  };
  std::vector<Variable> variables;  // schema Window<I: Item>
  bool opaque = false;              // extern schema: the runtime knows what is inside
  std::optional<TypeId> base;
  std::vector<SchemaField> fields;
};
struct EnumDecl {
  std::vector<Name> values;
};
struct TemplateDecl {
  std::vector<Parameter> parameters;
  std::vector<TurnId> turns;
};
struct RequireDecl {
  ExprId condition;
  std::optional<Text> message;
};
/// kind name params? (":" type)? ("=" expr | body)
struct BlockDecl {
  Name kind;
  std::vector<Parameter> parameters;
  bool has_parameters = false;
  std::optional<TypeId> type;
  std::variant<ExprId, BodyId> value;
};

struct Decl {
  Span span;
  Name name;        // empty for require
  std::string doc;  // the /// lines above it
  std::variant<LetDecl, FnDecl, ExternDecl, KindDecl, SchemaDecl, EnumDecl, TemplateDecl,
               RequireDecl, BlockDecl>
      node;
};

struct Import {
  Span span;
  Path path;
  std::optional<Name> alias;
  std::vector<Name> names;
};

struct Module {
  source::FileId file = -1;
  std::optional<double> edition;
  Span edition_span;
  std::vector<Import> imports;
  std::vector<DeclId> decls;  // top level, in file order

  std::vector<Expr> expr_nodes;
  std::vector<Type> type_nodes;
  std::vector<Body> body_nodes;
  std::vector<Decl> decl_nodes;
  std::vector<Turn> turn_nodes;

  const Expr& operator[](ExprId id) const { return expr_nodes[id.index]; }
  const Type& operator[](TypeId id) const { return type_nodes[id.index]; }
  const Body& operator[](BodyId id) const { return body_nodes[id.index]; }
  const Decl& operator[](DeclId id) const { return decl_nodes[id.index]; }
  const Turn& operator[](TurnId id) const { return turn_nodes[id.index]; }
};

/// The tree as indented text, for golden tests (`rexp check --emit ast`).
std::string dump(const Module& module);

}  // namespace rexp::ast
