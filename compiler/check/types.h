// The types of rexp values, interned: equal types have equal ids.
//
//   3 epochs            Epochs
//   [h.sid, next.sid]   [Sid]
//   films.train.windows(max = 20)   Rows<Window<Film>>
//
// Amounts are types of their own, so `lr = 3 epochs` is a type error and not a learning rate of three.
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
  any,    // nothing is known or required
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
  map,     // { movie_title: "title" }
  list,    // [T]
  rows,    // Rows<T>
  event,   // Event<T>: an item and the interaction with it
  window,  // one row of `windows`: user, history, next
  record,  // of a schema
  enum_,
  union_,    // A | B, T? is T | none
  function,  // parameters, then the result
  domain,    // of domain_types.def
};

struct TypeNode {
  TypeKind kind = TypeKind::error;
  std::vector<TypeId> arguments;
  int32_t index = -1;  // schema or enum
  std::string name;    // as users write it; of schemas, enums and domain types
};

class TypeTable {
 public:
  TypeTable();
  TypeId scalar(TypeKind kind) const { return TypeId{static_cast<int32_t>(kind)}; }
  TypeId make(TypeNode node);
  TypeId list(TypeId element) { return make({TypeKind::list, {element}, -1, {}}); }
  TypeId rows(TypeId element) { return make({TypeKind::rows, {element}, -1, {}}); }
  TypeId event(TypeId item) { return make({TypeKind::event, {item}, -1, {}}); }
  TypeId window(TypeId item) { return make({TypeKind::window, {item}, -1, {}}); }
  TypeId domain(const std::string& name) { return make({TypeKind::domain, {}, -1, name}); }
  TypeId record(int32_t schema, const std::string& name) {
    return make({TypeKind::record, {}, schema, name});
  }
  /// A | B, flattened, without repeats.
  TypeId either(const std::vector<TypeId>& alternatives);

  const TypeNode& operator[](TypeId id) const { return nodes_[id.index]; }
  TypeKind kind(TypeId id) const { return nodes_[id.index].kind; }
  /// As users write it: "[Film]", "Epochs | Steps".
  std::string name(TypeId id) const;
  bool is_domain(TypeId id, std::string_view name) const;
  /// The type of a name that is built in ("Int", "RowCount", "Sid"), or `error`.
  TypeId built_in(const std::string& name) const;
  std::vector<std::string> built_in_names() const;

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
/// The word in backticks with its article: "a `Text`", "an `Item`".
std::string with_article(const std::string& word);

}  // namespace rexp::check
