#include "compiler/row/op_types.h"

#include <algorithm>

namespace rexp::row {
namespace {

using Args = std::vector<Type>;

/// How many arguments; -1 = any number.
int arity(Op op) {
  switch (op) {
    case Op::const_int:
    case Op::const_bool:
    case Op::const_real:
    case Op::const_text:
    case Op::param:
    case Op::range:
    case Op::var: return 0;
    case Op::make_list:
    case Op::concat:
    case Op::and_:
    case Op::or_: return -1;
    case Op::if_: return 3;
    case Op::column:
    case Op::item_of:
    case Op::sid:
    case Op::known:
    case Op::length:
    case Op::neg:
    case Op::to_real:
    case Op::not_:
    case Op::cos:
    case Op::exp:
    case Op::log:
    case Op::log2:
    case Op::floor: return 1;
    default: return 2;
  }
}

/// How many things `number` can name; -1 = it names nothing.
int64_t named(const RowFunction& f, Op op) {
  switch (op) {
    case Op::param: return static_cast<int64_t>(f.slots.size());
    case Op::range: return std::max<int64_t>(static_cast<int64_t>(f.slots.size()) - 1, 0);
    case Op::var:
    case Op::sample: return f.vars;
    case Op::column:
    case Op::item_of: return static_cast<int64_t>(f.columns.size());
    case Op::sid: return static_cast<int64_t>(f.codebooks.size());
    default: return -1;
  }
}

std::string_view constant_fault(const Expr& e) {
  switch (e.op) {
    case Op::const_int: return indexes(e.type) ? "" : "an integer or an index is required";
    case Op::const_bool: return is(e.type, Kind::boolean) ? "" : "the type must be boolean";
    case Op::const_real: return is(e.type, Kind::real) ? "" : "the type must be real";
    default: return is(e.type, Kind::text) ? "" : "the type must be text";
  }
}

std::string_view table_fault(const RowFunction& f, const Expr& e, const Args& a) {
  const auto number = static_cast<size_t>(e.number);
  switch (e.op) {
    case Op::param: {
      const bool fits =
          e.type == f.slots[number].type && (indexes(e.type) || is(e.type, Kind::real));
      return fits ? "" : "the type is not the slot's";
    }
    case Op::range:
      return e.type == Type{Kind::list, Kind::event} ? "" : "a range is a list of events";
    case Op::column:
      if (!indexes(a[0])) return "a column is indexed by an item, an event or an integer";
      return e.type == f.columns[number].type ? "" : "the type is not the column's";
    case Op::item_of: {
      const bool fits =
          indexes(a[0]) && is(e.type, Kind::item) && is(f.columns[number].type, Kind::integer);
      return fits ? "" : "an index and an integer column give an item";
    }
    case Op::sid: return is(a[0], Kind::item) && is(e.type, Kind::sid) ? "" : "an item gives a sid";
    default: {
      const bool fits = (is(a[0], Kind::item) || is(a[0], Kind::sid)) && is(e.type, Kind::boolean);
      return fits ? "" : "an item or a sid is required";
    }
  }
}

bool sampled(Kind element) {
  return printable(Type{element}) || element == Kind::item || element == Kind::event;
}
bool counted(Kind element) {
  return element == Kind::text || element == Kind::integer || element == Kind::item;
}

std::string_view list_fault(const Expr& e, const Args& a) {
  if (e.op == Op::make_list) {
    if (!is(e.type, Kind::list) || e.type.element == Kind::list)
      return "the type must be a flat list";
    const bool fits =
        std::all_of(a.begin(), a.end(), [&](Type t) { return t == Type{e.type.element}; });
    return fits ? "" : "an element has another type";
  }
  if (e.op == Op::length) {
    const bool fits = (is(a[0], Kind::list) || is(a[0], Kind::text)) && is(e.type, Kind::integer);
    return fits ? "" : "a list or a text has a length";
  }
  if (!is(a[0], Kind::list)) return "a list is required";
  if (e.op == Op::contains) {
    return a[1] == Type{a[0].element} && is(e.type, Kind::boolean)
               ? ""
               : "a list and an element are required";
  }
  if (!is(a[1], Kind::integer) || e.type != a[0]) return "a list and an integer are required";
  if (e.op == Op::most_common && !counted(e.type.element))
    return "texts, integers or items are counted";
  if (e.op == Op::sample && !sampled(e.type.element))
    return "items, events, texts or numbers are drawn";
  return "";
}

std::string_view text_fault(const Expr& e, const Args& a) {
  if (!is(e.type, Kind::text)) return "the type must be text";
  if (e.op == Op::concat)
    return std::all_of(a.begin(), a.end(), printable) ? "" : "texts and numbers are required";
  return is(a[0], Kind::list) && printable(Type{a[0].element}) && is(a[1], Kind::text)
             ? ""
             : "a list of texts or numbers and a separator are required";
}

std::string_view arithmetic_fault(const Expr& e, const Args& a) {
  if (!std::all_of(a.begin(), a.end(), numeric)) return "numbers are required";
  switch (e.op) {
    case Op::neg: return e.type == a[0] ? "" : "the type is the argument's";
    case Op::floor: return numeric(e.type) ? "" : "the type must be a number";
    case Op::add:
    case Op::sub:
    case Op::mul:
    case Op::min:
    case Op::max: {
      const bool real = is(a[0], Kind::real) || is(a[1], Kind::real);
      return is(e.type, real ? Kind::real : Kind::integer)
                 ? ""
                 : "the type is real exactly if an argument is";
    }
    default: return is(e.type, Kind::real) ? "" : "the type must be real";
  }
}

std::string_view truth_fault(const Expr& e, const Args& a) {
  if (!is(e.type, Kind::boolean)) return "the type must be boolean";
  const bool numbers = a.size() == 2 && numeric(a[0]) && numeric(a[1]);
  switch (e.op) {
    case Op::eq:
    case Op::ne:
      return numbers || (a[0] == a[1] && !is(a[0], Kind::list))
                 ? ""
                 : "two values of one type are required";
    case Op::lt:
    case Op::le:
      return numbers || (a[0] == a[1] && is(a[0], Kind::text))
                 ? ""
                 : "two numbers or two texts are required";
    default: break;
  }
  const size_t least = e.op == Op::not_ ? 1 : 2;
  const bool fits = a.size() >= least &&
                    std::all_of(a.begin(), a.end(), [](Type t) { return is(t, Kind::boolean); });
  return fits ? "" : "booleans are required";
}

}  // namespace

std::string_view type_fault(const RowFunction& f, const Expr& e, const Args& a) {
  const int wanted = arity(e.op);
  if (wanted >= 0 && a.size() != static_cast<size_t>(wanted))
    return "the number of arguments is wrong";
  const int64_t size = named(f, e.op);
  if (size >= 0 && (e.number < 0 || e.number >= size)) return "the number is out of range";
  switch (e.op) {
    case Op::const_int:
    case Op::const_bool:
    case Op::const_real:
    case Op::const_text: return constant_fault(e);
    case Op::param:
    case Op::range:
    case Op::column:
    case Op::item_of:
    case Op::sid:
    case Op::known: return table_fault(f, e, a);
    case Op::make_list:
    case Op::length:
    case Op::first:
    case Op::last:
    case Op::contains:
    case Op::most_common:
    case Op::sample: return list_fault(e, a);
    case Op::concat:
    case Op::join: return text_fault(e, a);
    case Op::eq:
    case Op::ne:
    case Op::lt:
    case Op::le:
    case Op::and_:
    case Op::or_:
    case Op::not_: return truth_fault(e, a);
    case Op::if_:
      return is(a[0], Kind::boolean) && a[1] == a[2] && e.type == a[1]
                 ? ""
                 : "a boolean and two values of one type are required";
    case Op::var:
    case Op::map:
    case Op::filter:
    case Op::flat_map: return "";
    default: return arithmetic_fault(e, a);
  }
}

}  // namespace rexp::row
