// The types of rexp values, interned: equal types have equal ids.
//
//   3 epochs            Epochs
//   [h.sid, next.sid]   [Sid]
//   films.train.windows(max = 20)   Rows<Window<Film, Interaction, User>>
//
// Amounts are types of their own, so `lr = 3 epochs` is a type error and not a learning rate of three. What the library declares,
// `Sid` and `Rows` as well as `Stage`, is a record type of that schema.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

namespace rexp::check {

struct TypeId {
  int32_t index = 0;
  bool operator==(const TypeId&) const = default;
  auto operator<=>(const TypeId&) const = default;
};

enum class TypeKind : uint8_t {
  error,  // a diagnostic exists; silences everything that follows from it
  hole,   // written `Any`: to be found out from what stands there
  none,
  boolean,
  integer,
  real,
  text,
  ratio,   // 44%
  copies,  // 3x
  epochs,
  steps,
  tokens,
  row_count,
  seeds,
  duration,
  size,
  seed,
  map,           // names to values of any kind: { movie_title: "title" }
  list,          // [T]
  range,         // 1 .. 5
  record,        // of a schema; arguments of a generic one
  schema_value,  // the schema's own name as a value: `adamw` before its braces
  enum_,
  enum_names,  // the enum's own name as a value: `Reach.cold`
  union_,      // A | B, T? is T | none
  function,    // parameters, then the result
  fields,      // { a: 1, b: "x" }: names in `name`, separated by commas
  variable,    // T of an extern function or a generic schema
  labelled,    // a type argument with a label: Rows<target [Event]>; index: the label
  module,
  site,
};

struct TypeNode {
  TypeKind kind = TypeKind::error;
  std::vector<TypeId> arguments = {};
  int32_t index = -1;     // schema, enum, variable, label, module
  std::string name = {};  // as users write it; of schemas and enums; names of fields
};

class TypeTable {
 public:
  TypeTable();
  TypeId scalar(TypeKind kind) const { return TypeId{static_cast<int32_t>(kind)}; }
  TypeId make(TypeNode node);
  TypeId list(TypeId element) { return make({TypeKind::list, {element}}); }
  TypeId function(std::vector<TypeId> parameters_and_result) {
    return make({TypeKind::function, std::move(parameters_and_result)});
  }
  TypeId variable(int32_t index, std::string name) {
    return make({TypeKind::variable, {}, index, std::move(name)});
  }
  /// A | B, flattened, without repeats.
  TypeId either(const std::vector<TypeId>& alternatives);
  /// The alternatives of a union; the type itself when it is none.
  std::vector<TypeId> alternatives(TypeId id) const;
  /// T of T?, without `none`; the type itself when it is not optional.
  TypeId without_none(TypeId id);
  bool optional(TypeId id) const;

  const TypeNode& operator[](TypeId id) const { return nodes_[static_cast<size_t>(id.index)]; }
  TypeKind kind(TypeId id) const { return nodes_[static_cast<size_t>(id.index)].kind; }
  bool is_error(TypeId id) const { return kind(id) == TypeKind::error; }
  /// Whether an error, or a hole when `holes`, is somewhere inside.
  bool contains(TypeId id, TypeKind kind) const;
  /// As users write it: "[Film]", "Epochs | Steps".
  std::string name(TypeId id) const;
  /// The type of a name that is built in ("Int", "RowCount"), or `error`.
  TypeId built_in(const std::string& name) const;
  std::vector<std::string> built_in_names() const;

  int32_t event_schema = -1;  // so that a list of events reads `History`

 private:
  std::deque<TypeNode> nodes_;  // references stay valid while types are added
  std::map<std::string, TypeId> interned_;
  std::map<std::string, TypeId> built_in_;
};

/// "a plain number", "a number of epochs", … for messages about units; empty when the kind has no unit.
std::string describe_unit(TypeKind kind);
/// How an amount of this kind is written, for help lines: "3 epochs".
std::string unit_example(TypeKind kind);
bool is_amount(TypeKind kind);
/// Int, Float, Ratio, Seed: numbers without a unit of their own.
bool is_plain_number(TypeKind kind);
/// The word in backticks with its article: "a `Text`", "an `Item`".
std::string with_article(const std::string& word);

}  // namespace rexp::check
