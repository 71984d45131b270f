// Expressions: one function per form of the grammar.
#include <algorithm>

#include "compiler/eval/elaborator.h"

namespace rexp::elaborate {
using diagnostics::Kind;

namespace {

template <class... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;

constexpr int kMaxDepth =
    400;  // nested calls and expressions; recursion is reported by name before this

}  // namespace

Value Elaborator::eval(const Scope& scope, ast::ExprId id, TypeId expected) {
  if (!id.valid()) return failed();
  const ast::Expr& expr = tree(scope.module)[id];
  if (depth_ > kMaxDepth) {
    report(Kind::definition_cycle, expr.span, "expressions are nested too deeply here");
    return failed();
  }
  ++depth_;
  Value out = std::visit(
      Overloaded{
          [&](const ast::Broken&) { return failed(); },
          [&](const ast::Number& n) { return eval_number(n); },
          [&](const ast::TextLiteral& t) { return eval_text(scope, t.text); },
          [&](const ast::Bool& b) { return boolean(b.value); },
          [&](const ast::None&) { return value(type(TypeKind::none), NoneValue{}); },
          [&](const ast::ListLiteral& l) { return eval_list(scope, l, expected, expr.span); },
          [&](const ast::Comprehension& c) { return eval_comprehension(scope, c, expr.span); },
          [&](const ast::RecordLiteral& r) {
            MapValue map;
            for (const ast::RecordField& f : r.fields)
              map.entries.emplace_back(f.name.text, eval(scope, f.value));
            return value(type(TypeKind::map), std::make_shared<const MapValue>(std::move(map)));
          },
          [&](const ast::NameRef& n) { return eval_name(scope, n, expr.span, expected); },
          [&](const ast::FieldRef& f) { return eval_field(scope, f, expr.span); },
          [&](const ast::Call& c) { return eval_call(scope, c, expr.span, nullptr); },
          [&](const ast::IndexRef& i) { return eval_index(scope, i, expr.span); },
          [&](const ast::AtSize& a) { return eval_at(scope, a, expr.span); },
          [&](const ast::Construct& c) { return eval_construct(scope, c, expected, expr.span); },
          [&](const ast::WithBody& w) {
            return with_body(scope, eval(scope, w.object, expected), w.body, expr.span);
          },
          [&](const ast::Lambda& l) {
            std::vector<ast::Parameter> parameters;
            for (const ast::Name& name : l.parameters)
              parameters.push_back({name, {}, std::nullopt});
            std::vector<TypeId> shape(l.parameters.size() + 1, any());
            FunctionValue function{scope, l.body, std::move(parameters), std::nullopt, {}};
            return value(types().make({TypeKind::function, shape, -1, {}}),
                         std::make_shared<const FunctionValue>(std::move(function)));
          },
          [&](const ast::If& i) { return eval_if(scope, i, expected); },
          [&](const ast::Match& m) { return eval_match(scope, m, expected, expr.span); },
          [&](const ast::Binary& b) { return eval_binary(scope, b, expr.span); },
          [&](const ast::Unary& u) { return eval_unary(scope, u, expr.span); },
          [&](const ast::Pipe& p) { return eval_pipe(scope, p, expr.span); },
      },
      expr.node);
  --depth_;
  return out;
}

Value Elaborator::eval_number(const ast::Number& number) {
  auto amount = [&](TypeKind kind, double factor = 1) {
    return value(type(kind), number.value * factor);
  };
  switch (number.unit) {
    case ast::Unit::none:
      if (number.integer) return integer(static_cast<int64_t>(number.value));
      return value(type(TypeKind::real), number.value);
    case ast::Unit::epochs: return amount(TypeKind::epochs);
    case ast::Unit::steps: return amount(TypeKind::steps);
    case ast::Unit::tokens: return amount(TypeKind::tokens);
    case ast::Unit::rows: return amount(TypeKind::row_count);
    case ast::Unit::seeds: return amount(TypeKind::seeds);
    case ast::Unit::minutes: return amount(TypeKind::duration, 60);
    case ast::Unit::hours: return amount(TypeKind::duration, 3600);
    case ast::Unit::seconds: return amount(TypeKind::duration);
    case ast::Unit::copies: return amount(TypeKind::copies);
    case ast::Unit::percent: return value(type(TypeKind::ratio), number.value / 100);
    case ast::Unit::bytes: return amount(TypeKind::size);
  }
  return failed();
}

std::optional<Value> Elaborator::contextual_name(const std::string& name, TypeId expected) {
  const check::TypeNode& node = types()[expected];
  if (node.kind == TypeKind::enum_) {
    const check::Enum& e = program_.enumeration(node.index);
    if (std::find(e.values.begin(), e.values.end(), name) == e.values.end()) return std::nullopt;
    return value(expected, EnumValue{node.index, name});
  }
  if (node.kind == TypeKind::union_) {
    for (TypeId part : node.arguments) {
      if (std::optional<Value> found = contextual_name(name, part)) return found;
    }
  }
  if (node.kind == TypeKind::list) return std::nullopt;
  return std::nullopt;
}

Value Elaborator::eval_name(const Scope& scope, const ast::NameRef& ref, Span span,
                            TypeId expected) {
  const std::string& name = ref.name.text;
  if (const Value* local = find(scope.names, name)) {
    Value out = *local;
    if (out.from.label > Label::static_) out.from.origin = span;
    return out;
  }
  if (std::optional<Value> contextual = contextual_name(name, expected)) return *contextual;
  if (std::optional<Symbol> symbol = program_.lookup(scope.module, name))
    return declaration(*symbol);
  const auto& aliases = program_.module(scope.module).aliases;
  if (auto at = aliases.find(name); at != aliases.end())
    return value(any(), ModuleValue{at->second});
  // Where a record is expected, the module that declares its schema is asked: `optimizer = adamw { … }`, `decode = greedy`.
  const check::TypeNode& node = types()[expected];
  std::vector<TypeId> candidates =
      node.kind == TypeKind::union_ ? node.arguments : std::vector<TypeId>{expected};
  for (TypeId candidate : candidates) {
    while (types().kind(candidate) == TypeKind::list) candidate = types()[candidate].arguments[0];
    if (types().kind(candidate) != TypeKind::record) continue;
    const ModuleId home = program_.schema(types()[candidate].index).module;
    if (std::optional<Symbol> symbol = program_.exported(home, name)) return declaration(*symbol);
  }
  if (name == "site") return value(any(), SiteValue{});
  return unknown_name(scope, ref.name, expected);
}

Value Elaborator::unknown_name(const Scope& scope, const ast::Name& name, TypeId expected) {
  std::vector<std::string> known = program_.names(scope.module);
  collect_names(scope.names, &known);
  const check::TypeNode& node = types()[expected];
  std::string what = "unknown name `" + name.text + "`";
  if (node.kind == TypeKind::enum_) {
    known = program_.enumeration(node.index).values;
    what = "`" + name.text + "` is not a `" + node.name + "`";
  } else if (node.kind == TypeKind::record) {
    const ModuleId home = program_.schema(node.index).module;
    for (const std::string& candidate : program_.names(home)) known.push_back(candidate);
  }
  auto& error = report(Kind::unknown_name, name.span, what + check::did_you_mean(name.text, known));
  if (node.kind == TypeKind::enum_) {
    std::string values;
    for (const std::string& v : known) values += (values.empty() ? "" : ", ") + v;
    error.help = "one of: " + values;
  } else {
    for (int i = 0; i < program_.module_count(); ++i) {
      const check::LoadedModule& module = program_.module(i);
      if (module.standard && module.declared.count(name.text) > 0) {
        error.help = "`import " + module.name + " { " + name.text + " }` brings it here";
        break;
      }
    }
  }
  return failed();
}

Value Elaborator::eval_field(const Scope& scope, const ast::FieldRef& ref, Span span) {
  Value object = eval(scope, ref.object);
  if (is_error(object)) return object;
  if (object.from.label > Label::static_ && object.from.origin.file < 0)
    object.from.origin = tree(scope.module)[ref.object].span;
  return member(object, ref.field, span);
}

Value Elaborator::eval_list(const Scope& scope, const ast::ListLiteral& node, TypeId expected,
                            Span) {
  TypeId element = any();
  const std::vector<TypeId> shapes = types().kind(expected) == TypeKind::union_
                                         ? types()[expected].arguments
                                         : std::vector<TypeId>{expected};
  for (TypeId shape : shapes) {
    if (types().kind(shape) == TypeKind::list) element = types()[shape].arguments[0];
  }
  std::vector<Value> elements;
  TypeId common{};
  bool first = true;
  for (ast::ExprId id : node.elements) {
    Value v = eval(scope, id, element);
    if (is_error(v)) return v;
    common = first ? v.type : program_.common(common, v.type);
    first = false;
    elements.push_back(std::move(v));
  }
  return list(first ? any() : common, std::move(elements));
}

Value Elaborator::merge_branches(const Value& condition, Value then, Value otherwise, Span span) {
  if (is_error(then) || is_error(otherwise)) return failed();
  const Provenance from = join(condition.from, join(then.from, otherwise.from));
  TypeId common = program_.common(then.type, otherwise.type);
  if (condition.is_unknown() || then.is_unknown() || otherwise.is_unknown())
    return unknown(common, from);
  const auto kinds = std::make_pair(types().kind(then.type), types().kind(otherwise.type));
  const bool mixed = (kinds.first == TypeKind::integer && kinds.second == TypeKind::real) ||
                     (kinds.first == TypeKind::real && kinds.second == TypeKind::integer);
  const std::optional<row::Type> row = mixed ? row::Type{row::Kind::real} : row_type(common);
  if (!row) {
    report(Kind::not_in_row_function, span,
           "the branches are a `" + types().name(then.type) + "` and a `" +
               types().name(otherwise.type) + "`, which cannot be chosen between per example");
    return failed();
  }
  auto branch = [&](const Value& v) {
    const row::ExprId id = lift(v);
    return mixed && row_->type(id).kind == row::Kind::integer
               ? row_->add(row::Op::to_real, *row, {id})
               : id;
  };
  const row::ExprId test = lift(condition), yes = branch(then), no = branch(otherwise);
  return residual(mixed ? type(TypeKind::real) : common,
                  row_->add(row::Op::if_, *row, {test, yes, no}), from,
                  std::max(then.dataset, otherwise.dataset));
}

Value Elaborator::eval_if(const Scope& scope, const ast::If& node, TypeId expected) {
  const Span span = tree(scope.module)[node.condition].span;
  const Value condition =
      coerce(eval(scope, node.condition), type(TypeKind::boolean), "condition", span);
  if (is_error(condition)) return condition;
  if (const bool* known = condition.as<bool>())
    return eval(scope, *known ? node.then : node.otherwise, expected);
  Value then = eval(scope, node.then, expected);
  return merge_branches(condition, std::move(then), eval(scope, node.otherwise, expected), span);
}

Value Elaborator::eval_match(const Scope& scope, const ast::Match& node, TypeId expected,
                             Span span) {
  const Value subject = node.subject ? eval(scope, *node.subject) : Value{};
  struct Taken {
    Value condition, result;
    Span span;
  };
  std::vector<Taken> arms;
  std::optional<Value> last;
  for (const ast::Arm& arm : node.arms) {
    if (!arm.condition) {
      last = eval(scope, arm.value, expected);
      break;
    }
    const Span at = tree(scope.module)[*arm.condition].span;
    Value condition =
        eval(scope, *arm.condition, node.subject ? subject.type : type(TypeKind::boolean));
    if (is_error(condition)) return condition;
    if (node.subject) condition = compare(ast::BinaryOp::eq, subject, condition, at);
    condition = coerce(condition, type(TypeKind::boolean), "condition", at);
    if (is_error(condition)) return condition;
    const bool* known = condition.as<bool>();
    if (known != nullptr && !*known) continue;
    Value result = eval(scope, arm.value, expected);
    if (known != nullptr) {
      last = std::move(result);
      break;
    }
    arms.push_back({std::move(condition), std::move(result), at});
  }
  if (!last) {
    report(Kind::wrong_type, span, "no arm of this `match` is sure to hold").help =
        "end with `else => …`";
    return failed();
  }
  Value out = *last;
  for (auto arm = arms.rbegin(); arm != arms.rend(); ++arm)
    out = merge_branches(arm->condition, arm->result, out, arm->span);
  return out;
}

Value Elaborator::eval_index(const Scope& scope, const ast::IndexRef& node, Span span) {
  const Value object = eval(scope, node.object);
  const Value index = eval(scope, node.index);
  if (is_error(object) || is_error(index)) return failed();
  if (object.is_unknown()) return unknown(element_type(object.type), object.from);
  const auto* elements = object.shared<ListValue>();
  const auto* position = index.as<int64_t>();
  if (elements == nullptr || position == nullptr) {
    report(elements == nullptr ? Kind::wrong_type : Kind::not_known_while_compiling, span,
           elements == nullptr ? "found a " + described(object.type) +
                                     ", only a list that is known while compiling has an index"
                               : "the index of a list has to be known while compiling");
    return failed();
  }
  if (*position < 0 || *position >= static_cast<int64_t>(elements->elements.size())) {
    report(Kind::condition_fails, tree(scope.module)[node.index].span,
           "index " + std::to_string(*position) + " is outside a list of " +
               std::to_string(elements->elements.size()));
    return failed();
  }
  return elements->elements[static_cast<size_t>(*position)];
}

Value Elaborator::eval_at(const Scope& scope, const ast::AtSize& node, Span span) {
  const Value function = eval(scope, node.object);
  const Value size = eval(scope, node.size, type(TypeKind::integer));
  if (is_error(function) || is_error(size)) return failed();
  if (const auto* sizes = size.shared<ListValue>()) {  // hit@[1, 5, 10]
    std::vector<Value> out;
    for (const Value& one : sizes->elements) {
      out.push_back(call_value(function, {one}, span));
      if (is_error(out.back())) return failed();
    }
    return list(out.empty() ? any() : out[0].type, std::move(out));
  }
  std::vector<Value> arguments;
  Value callee = function;
  if (const auto* partial = function.shared<PartialValue>()) {
    callee = *partial->function;
    arguments = partial->arguments;
  }
  arguments.push_back(size);
  if (const auto* external = callee.as<ExternValue>()) {
    const auto& declared =
        std::get<ast::ExternDecl>(program_.decl(external->symbol).node).parameters;
    if (arguments.size() < declared.size()) {  // prefix@1 waits for its second number
      PartialValue partial{std::make_shared<const Value>(callee), std::move(arguments)};
      return value(function.type, std::make_shared<const PartialValue>(std::move(partial)));
    }
  }
  return call_value(callee, arguments, span);
}

Value Elaborator::eval_pipe(const Scope& scope, const ast::Pipe& node, Span span) {
  const Value piped = eval(scope, node.value);
  if (is_error(piped)) return piped;
  const ast::Expr& right = tree(scope.module)[node.function];
  if (const auto* call = std::get_if<ast::Call>(&right.node)) {
    const Value callee = eval(scope, call->callee);
    if (is_error(callee)) return callee;
    // A stage with parameters takes them first; a function takes what is piped as its first argument.
    if (callee.as<BlockFunction>() == nullptr && callee.shared<MethodValue>() == nullptr) {
      return eval_call(scope, *call, right.span, &piped);
    }
  }
  const Value function = eval(scope, node.function);
  if (is_error(function)) return function;
  return apply(function, piped, span);
}

Value Elaborator::eval_construct(const Scope& scope, const ast::Construct& node, TypeId expected,
                                 Span span) {
  const Value callee = eval(scope, node.callee, expected);
  if (is_error(callee)) return callee;
  if (const auto* schema = callee.as<SchemaValue>()) {
    const Body body{scope.module, node.body};
    return make_record(schema->schema, scope, &body, nullptr, program_.schema(schema->schema).name,
                       span);
  }
  if (callee.shared<RecordValue>() != nullptr || callee.shared<MixtureValue>() != nullptr) {
    return with_body(scope, callee, node.body, span);
  }
  report(Kind::not_a_record, tree(scope.module)[node.callee].span,
         "found a " + described(callee.type) +
             " before `{`, only a schema or a record can stand here");
  return failed();
}

}  // namespace rexp::elaborate
