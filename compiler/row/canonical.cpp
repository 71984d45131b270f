#include <charconv>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "compiler/row/row_tree.h"

namespace rexp::row {
namespace {

constexpr std::string_view kKindNames[] = {"none", "boolean", "integer", "real", "text",
                                           "item", "event",   "sid",     "list"};
constexpr std::string_view kRoleNames[] = {"system", "user", "assistant", "document"};
constexpr std::string_view kFunctionNames[] = {"renderer", "predicate", "text", "real_function",
                                               "integer_function"};

template <class E, size_t N>
std::string_view name_of(const std::string_view (&names)[N], E value) {
  return names[static_cast<size_t>(value)];
}

/// S-expressions without a space too many. Columns and codebooks are written by what they are, not by their index, so that the
/// order in which an evaluator met them does not count. An expression that two places use is written out at the first and named
/// there, `#0=(add ..)`; the others say `#0#`. What is equal is one expression, however often the graph holds it.
class Printer {
 public:
  explicit Printer(const RowFunction& function)
      : function_(function), numbers_(function.exprs.size(), -1) {}

  std::string print() {
    if (function_.result >= 0) count(function_.result);
    count(function_.body);
    out_ = name_of(kFunctionNames, function_.kind);
    for (const Slot& slot : function_.slots) {
      out_ += "(slot ";
      quote(slot.name);
      type(slot.type);
      out_ += ')';
    }
    if (function_.result >= 0) expr(function_.result);
    body(function_.body);
    return std::move(out_);
  }

 private:
  struct Node {
    std::string head;          // operation, type and number
    std::vector<size_t> args;  // numbers of nodes
    int uses = 0;
    int name = -1;  // of a shared one that has been written
  };

  // ---- which expressions are equal, and how often each is used ----------------------------------------------------

  void count(ExprId id) { ++nodes_[number_of(id)].uses; }
  void count(const std::vector<StmtId>& stmts) {
    for (StmtId id : stmts) {
      const Stmt& s = function_.stmts[static_cast<size_t>(id)];
      if (s.expr >= 0) count(s.expr);
      for (const auto& b : s.bodies) count(b);
    }
  }

  size_t number_of(ExprId id) {
    int64_t& known = numbers_[static_cast<size_t>(id)];
    if (known >= 0) return static_cast<size_t>(known);
    const Expr& e = function_.exprs[static_cast<size_t>(id)];
    Node node{head(e), {}};
    std::string key = node.head;
    for (ExprId arg : e.args) {
      node.args.push_back(number_of(arg));
      key += ' ' + std::to_string(node.args.back());
    }
    const auto [at, fresh] = by_key_.try_emplace(std::move(key), nodes_.size());
    if (fresh) {
      for (size_t arg : node.args) ++nodes_[arg].uses;
      nodes_.push_back(std::move(node));
    }
    known = static_cast<int64_t>(at->second);
    return at->second;
  }

  std::string head(const Expr& e) {
    std::string outside = std::exchange(out_, {});
    out_ += name_of(kOpNames, e.op);
    type(e.type);
    switch (e.op) {
      case Op::const_real: real(e.real); break;
      case Op::const_text: quote(e.text); break;
      case Op::column:
      case Op::item_of: column(e.number); break;
      case Op::sid: number(function_.codebooks[static_cast<size_t>(e.number)]); break;
      case Op::const_int:
      case Op::const_bool:
      case Op::param:
      case Op::range:
      case Op::var:
      case Op::map:
      case Op::filter:
      case Op::flat_map:
      case Op::sample: number(e.number); break;
      default: break;
    }
    return std::exchange(out_, std::move(outside));
  }

  // ---- text -------------------------------------------------------------------------------------------------------

  void expr(ExprId id) { node(number_of(id)); }

  void node(size_t number) {
    Node& n = nodes_[number];
    if (n.uses > 1 && !n.args.empty()) {
      if (n.name >= 0) {
        out_ += '#' + std::to_string(n.name) + '#';
        return;
      }
      n.name = names_++;
      out_ += '#' + std::to_string(n.name) + '=';
    }
    out_ += '(' + n.head;
    for (size_t arg : n.args) node(arg);
    out_ += ')';
  }

  void stmt(StmtId id) {
    const Stmt& s = function_.stmts[static_cast<size_t>(id)];
    out_ += '(';
    out_ += name_of(kStmtNames, s.op);
    if (s.op == StmtOp::turn) {
      out_ += ' ';
      out_ += name_of(kRoleNames, s.role);
    }
    if (s.masked) out_ += " masked";
    if (s.op == StmtOp::for_each || s.op == StmtOp::choose || s.op == StmtOp::special)
      number(s.number);
    if (s.op == StmtOp::stop)
      number(s.number < 0 ? -1 : function_.codebooks[static_cast<size_t>(s.number)]);
    for (double weight : s.weights) real(weight);
    for (int32_t token : s.ids) number(token);
    if (s.expr >= 0) expr(s.expr);
    for (const auto& b : s.bodies) body(b);
    out_ += ')';
  }

  void body(const std::vector<StmtId>& stmts) {
    out_ += '{';
    for (StmtId id : stmts) stmt(id);
    out_ += '}';
  }

  void type(Type t) {
    out_ += ':';
    out_ += name_of(kKindNames, t.kind);
    if (t.kind == Kind::list) {
      out_ += '.';
      out_ += name_of(kKindNames, t.element);
    }
  }

  void column(int64_t index) {
    const ColumnRef& c = function_.columns[static_cast<size_t>(index)];
    number(c.input);
    out_ += ' ';
    quote(c.table);
    out_ += ' ';
    quote(c.column);
  }

  void number(int64_t value) { out_ += ' ' + std::to_string(value); }

  void real(double value) {
    char digits[40];
    out_ += ' ';
    out_.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
  }

  void quote(std::string_view text) {
    out_ += '"';
    for (char c : text) {
      if (c == '"' || c == '\\') out_ += '\\';
      out_ += c;
    }
    out_ += '"';
  }

  const RowFunction& function_;
  std::vector<int64_t> numbers_;  // expression -> node, -1 = not met yet
  std::vector<Node> nodes_;
  std::unordered_map<std::string, size_t> by_key_;
  int names_ = 0;
  std::string out_;
};

}  // namespace

std::string canonical(const RowFunction& function) { return Printer(function).print(); }

}  // namespace rexp::row
