// Templates: turns become statements of a renderer, and the rules of provenance (3.6) are checked turn by turn.
#include <algorithm>

#include "compiler/eval/template_run.h"

namespace rexp::elaborate {
using diagnostics::Kind;
using row::StmtId;
using row::StmtOp;

namespace {

void each_one_of(const ast::Module& tree, const std::vector<ast::TurnId>& turns,
                 const std::function<void(const ast::OneOf&)>& visit) {
  for (ast::TurnId id : turns) {
    const ast::Turn& turn = tree[id];
    if (const auto* said = std::get_if<ast::Turn::Said>(&turn.node)) {
      if (const auto* options = std::get_if<ast::OneOf>(&said->content)) visit(*options);
    } else if (const auto* choice = std::get_if<ast::Turn::Choice>(&turn.node)) {
      visit(choice->options);
    } else if (const auto* loop = std::get_if<ast::Turn::ForEach>(&turn.node)) {
      each_one_of(tree, loop->body, visit);
    } else if (const auto* test = std::get_if<ast::Turn::If>(&turn.node)) {
      each_one_of(tree, test->then, visit);
      each_one_of(tree, test->otherwise, visit);
    }
  }
}

bool speaks_prompt(const ast::Module& tree, const std::vector<ast::TurnId>& turns) {
  for (ast::TurnId id : turns) {
    const ast::Turn& turn = tree[id];
    if (const auto* said = std::get_if<ast::Turn::Said>(&turn.node)) {
      if (said->role == ast::Role::system || said->role == ast::Role::user) return true;
    } else if (const auto* loop = std::get_if<ast::Turn::ForEach>(&turn.node)) {
      if (speaks_prompt(tree, loop->body)) return true;
    } else if (const auto* test = std::get_if<ast::Turn::If>(&turn.node)) {
      if (speaks_prompt(tree, test->then) || speaks_prompt(tree, test->otherwise)) return true;
    }
  }
  return false;
}

}  // namespace

std::vector<std::string> Elaborator::variant_names(Symbol symbol) const {
  std::vector<std::string> names;
  const auto& wording = std::get<ast::TemplateDecl>(program_.decl(symbol).node);
  each_one_of(program_.module(symbol.module).tree, wording.turns, [&](const ast::OneOf& options) {
    for (const ast::Variant& variant : options.variants) {
      if (std::find(names.begin(), names.end(), variant.name.text) == names.end())
        names.push_back(variant.name.text);
    }
  });
  return names;
}

bool Elaborator::has_variant(Symbol symbol, const std::string& name) const {
  const std::vector<std::string> names = variant_names(symbol);
  return std::find(names.begin(), names.end(), name) != names.end();
}

Value Elaborator::apply_template(const TemplateValue& wording, const Scope& scope,
                                 const std::vector<ast::Argument>& arguments, Span span) {
  const ast::Decl& decl = program_.decl(wording.symbol);
  const auto& declared = std::get<ast::TemplateDecl>(decl.node);
  const Signature signature{decl.name.text, wording.symbol.module, &declared.parameters,
                            decl.name.span};
  const auto values = match_arguments(signature, scope, arguments, {}, span, true);
  return values ? run_template(wording, *values, span) : failed();
}

Value Elaborator::run_template(const TemplateValue& wording, std::vector<Value> arguments,
                               Span span) {
  const ast::Decl& decl = program_.decl(wording.symbol);
  const auto& declared = std::get<ast::TemplateDecl>(decl.node);
  if (arguments.size() != declared.parameters.size()) {
    report(Kind::wrong_arguments, span,
           "template `" + decl.name.text + "` takes " + std::to_string(declared.parameters.size()) +
               " arguments, found " + std::to_string(arguments.size()));
    return failed();
  }
  if (row_ == nullptr) {
    report(Kind::not_in_row_function, span,
           "a template is applied to the rows of a task, there is no row here")
        .help = "write `[" + decl.name.text + "(…) for w in …]`";
    return failed();
  }
  EnvironmentPtr names;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const ast::Parameter& parameter = declared.parameters[i];
    Value& v = arguments[i];
    v.from.label =
        program_.label(wording.symbol.module,
                       parameter.type);  // the promise of the signature, checked by the call
    v.from.roots = v.from.label == Label::target ? uint64_t{1} << std::min<size_t>(i, 63) : 0;
    v.from.declared = parameter.name.span;
    v.from.origin = {};
    names = bind(names, parameter.name.text, std::move(v));
  }
  TemplateRun run{wording.symbol, wording.variant.empty() ? template_variant_ : wording.variant, 0,
                  false, false};
  std::vector<StmtId> body;
  const Scope scope{wording.symbol.module, nullptr};
  run_turns(scope, declared.turns, run, &body, &names);
  ExampleValue example{std::move(body), wording.symbol, run.trains, run.answers};
  return value(domain("Example"), std::make_shared<const ExampleValue>(std::move(example)));
}

void Elaborator::check_read(const Provenance& from, PrintContext& context, Span span) {
  if (from.label == Label::future) {
    auto& error = report(Kind::reads_future, from.origin.file >= 0 ? from.origin : span,
                         "value contains events after the prediction point");
    error.primary.text = "a `future` value can never be printed";
    return;
  }
  if (from.label != Label::target) return;
  if (!context.prompt()) {
    context.run->revealed |= from.roots;
    return;
  }
  if (from.roots != 0 && (from.roots & ~context.run->revealed) == 0) return;
  auto& error = report(Kind::prompt_reads_answer, from.origin.file >= 0 ? from.origin : span,
                       "prompt reads the answer");
  error.primary.text = std::string("read in a `") +
                       (context.role == row::Role::system ? "system" : "user") + "` turn";
  if (from.declared.file >= 0)
    error.secondary.push_back({from.declared, "the model has to predict this"});
  error.help =
      "print it in an `assistant` turn, or take `h.last(1)` of a history `h` if the newest seen "
      "item was meant";
}

void Elaborator::run_turns(const Scope& scope, const std::vector<ast::TurnId>& turns,
                           TemplateRun& run, std::vector<StmtId>* out, EnvironmentPtr* names) {
  for (ast::TurnId id : turns) run_turn(scope, tree(scope.module)[id], run, out, names);
}

void Elaborator::run_turn(const Scope& outer, const ast::Turn& turn, TemplateRun& run,
                          std::vector<StmtId>* out, EnvironmentPtr* names) {
  const Scope scope{outer.module, *names};
  if (const auto* said = std::get_if<ast::Turn::Said>(&turn.node))
    return run_said(scope, *said, run, out);
  if (const auto* choice = std::get_if<ast::Turn::Choice>(&turn.node)) {
    ChoiceValue drawn{&choice->options, offered_variants(choice->options, run), -1, -1};
    if (drawn.offered.size() == 1) drawn.known = drawn.offered[0];
    if (drawn.known < 0) {
      row::Stmt draw;
      draw.op = StmtOp::choose;
      draw.number = drawn.var = row_->variable();
      for (int index : drawn.offered)
        draw.weights.push_back(choice->options.variants[static_cast<size_t>(index)].weight);
      draw.bodies.resize(drawn.offered.size());
      out->push_back(row_->add(std::move(draw)));
    }
    *names =
        bind(*names, choice->name.text,
             value(type(TypeKind::text), std::make_shared<const ChoiceValue>(std::move(drawn))));
    return;
  }
  if (const auto* loop = std::get_if<ast::Turn::ForEach>(&turn.node)) {
    const Span span = tree(scope.module)[loop->list].span;
    const Value items = eval(scope, loop->list);
    if (is_error(items)) return;
    PrintContext context{
        &run,
        speaks_prompt(tree(scope.module), loop->body) ? row::Role::user : row::Role::assistant,
        false};
    check_read(items.from, context, span);
    if (const auto* elements = items.shared<ListValue>()) {
      for (const Value& element : elements->elements) {
        EnvironmentPtr inner = bind(*names, loop->variable.text, element);
        run_turns(scope, loop->body, run, out, &inner);
      }
      return;
    }
    if (!items.is_residual() || types().kind(items.type) != TypeKind::list) {
      if (!items.is_unknown())
        report(Kind::wrong_type, span,
               "`for` goes through a list, found a " + described(items.type));
      return;
    }
    row::Stmt each;
    each.op = StmtOp::for_each;
    each.expr = lift(items);
    each.number = row_->variable();
    EnvironmentPtr inner = bind(*names, loop->variable.text, element_variable(items, each.number));
    std::vector<StmtId> body;
    run_turns(scope, loop->body, run, &body, &inner);
    each.bodies = {body, {}};
    out->push_back(row_->add(std::move(each)));
    return;
  }
  const auto& test = std::get<ast::Turn::If>(turn.node);
  const Span span = tree(scope.module)[test.condition].span;
  const Value condition =
      coerce(eval(scope, test.condition), type(TypeKind::boolean), "condition", span);
  if (is_error(condition)) return;
  const bool prompts = speaks_prompt(tree(scope.module), test.then) ||
                       speaks_prompt(tree(scope.module), test.otherwise);
  PrintContext context{&run, prompts ? row::Role::user : row::Role::assistant, false};
  check_read(condition.from, context, span);
  EnvironmentPtr then_names = *names, else_names = *names;
  if (const bool* known = condition.as<bool>())
    return run_turns(scope, *known ? test.then : test.otherwise, run, out, &then_names);
  std::vector<StmtId> then, otherwise;
  const uint64_t before = run.revealed;
  run_turns(scope, test.then, run, &then, &then_names);
  const uint64_t after_then = run.revealed;
  run.revealed = before;
  run_turns(scope, test.otherwise, run, &otherwise, &else_names);
  run.revealed &= after_then;  // revealed for sure: on both ways
  if (condition.is_unknown()) return;
  row::Stmt branch;
  branch.op = StmtOp::if_;
  branch.expr = lift(condition);
  branch.bodies = {then, otherwise};
  out->push_back(row_->add(std::move(branch)));
}

std::vector<int> Elaborator::offered_variants(const ast::OneOf& options, const TemplateRun& run) {
  std::vector<int> offered;
  for (size_t i = 0; i < options.variants.size(); ++i) {
    if (!run.variant.empty() && options.variants[i].name.text == run.variant)
      return {static_cast<int>(i)};
    if (!options.variants[i].held_out) offered.push_back(static_cast<int>(i));
  }
  if (offered.empty()) {
    report(Kind::trains_nothing, options.span,
           "every variant is held out, at least one has to be trained");
    for (size_t i = 0; i < options.variants.size(); ++i) offered.push_back(static_cast<int>(i));
  }
  return offered;
}

void Elaborator::run_said(const Scope& scope, const ast::Turn::Said& said, TemplateRun& run,
                          std::vector<StmtId>* out) {
  row::Stmt turn;
  turn.op = StmtOp::turn;
  turn.role = static_cast<row::Role>(said.role);
  const bool trained =
      !said.masked && (said.role == ast::Role::assistant || said.role == ast::Role::document);
  turn.masked = said.masked;
  PrintContext context{&run, turn.role, false};
  std::vector<StmtId> body;
  if (const auto* options = std::get_if<ast::OneOf>(&said.content)) {
    run_one_of(scope, *options, run, context, &body);
  } else {
    const ast::ExprId id = std::get<ast::ExprId>(said.content);
    const ast::Expr& expr = tree(scope.module)[id];
    if (const auto* literal = std::get_if<ast::TextLiteral>(&expr.node)) {
      print_text(scope, literal->text, context, &body);
    } else {
      const Value v = eval(scope, id, type(TypeKind::text));
      if (const auto* choice = v.shared<ChoiceValue>()) {
        print_choice(scope, *choice, context, &body);
      } else {
        print_value(coerce(v, type(TypeKind::text), "a turn", expr.span), expr.span, context,
                    &body);
      }
    }
  }
  run.trains = run.trains || trained;
  run.answers = said.role == ast::Role::assistant && context.prints_target_sid;
  turn.bodies = {std::move(body)};
  out->push_back(row_->add(std::move(turn)));
}

void Elaborator::run_one_of(const Scope& scope, const ast::OneOf& options, TemplateRun& run,
                            PrintContext& context, std::vector<StmtId>* out) {
  const std::vector<int> offered = offered_variants(options, run);
  const uint64_t before = run.revealed;
  uint64_t always = ~uint64_t{0};
  row::Stmt draw;
  draw.op = StmtOp::choose;
  for (size_t i = 0; i < options.variants.size(); ++i) {
    const bool drawn =
        std::find(offered.begin(), offered.end(), static_cast<int>(i)) != offered.end();
    run.revealed = before;
    std::vector<StmtId> body;
    print_text(scope, options.variants[i].text, context,
               &body);  // held-out wordings are checked as well
    if (!drawn) continue;
    always &= run.revealed;
    if (options.variants[i].weight <= 0)
      report(Kind::condition_fails, options.variants[i].name.span,
             "the weight of a variant has to be above zero");
    draw.weights.push_back(options.variants[i].weight);
    draw.bodies.push_back(std::move(body));
  }
  run.revealed = before | always;
  if (draw.bodies.size() == 1) {
    out->insert(out->end(), draw.bodies[0].begin(), draw.bodies[0].end());
    return;
  }
  draw.number = row_->variable();
  out->push_back(row_->add(std::move(draw)));
}

void Elaborator::print_choice(const Scope& scope, const ChoiceValue& choice, PrintContext& context,
                              std::vector<StmtId>* out) {
  const auto& variants = choice.options->variants;
  if (choice.known >= 0)
    return print_text(scope, variants[static_cast<size_t>(choice.known)].text, context, out);
  std::vector<StmtId> chain;  // if drawn == 0 … else if drawn == 1 … else the last
  for (size_t i = choice.offered.size(); i-- > 0;) {
    std::vector<StmtId> body;
    print_text(scope, variants[static_cast<size_t>(choice.offered[i])].text, context, &body);
    if (i + 1 == choice.offered.size()) {
      chain = std::move(body);
      continue;
    }
    const row::ExprId drawn = row_->add(row::Op::var, {row::Kind::integer}, {}, choice.var);
    const row::ExprId wanted = row_->constant(static_cast<int64_t>(i));
    row::Stmt test;
    test.op = StmtOp::if_;
    test.expr = row_->add(row::Op::eq, {row::Kind::boolean}, {drawn, wanted});
    test.bodies = {std::move(body), std::move(chain)};
    chain = {row_->add(std::move(test))};
  }
  out->insert(out->end(), chain.begin(), chain.end());
}

Value Elaborator::symbolic(TypeId type_id, Label label, int root, Span declared) {
  Provenance from;
  from.label = label;
  from.declared = declared;
  if (label == Label::target && root >= 0) from.roots = uint64_t{1} << std::min(root, 63);
  const std::optional<row::Type> row = row_type(type_id);
  if (!row || row_ == nullptr) return unknown(type_id, from);
  if (row->kind == row::Kind::list && row->element == row::Kind::event) {
    const int64_t first = row_->slot("begin", {row::Kind::event});
    row_->slot("end", {row::Kind::event});
    return residual(type_id, row_->add(row::Op::range, *row, {}, first), from);
  }
  return residual(type_id, row_->add(row::Op::param, *row, {}, row_->slot("parameter", *row)),
                  from);
}

void Elaborator::check_template(Symbol symbol) {
  const auto& declared = std::get<ast::TemplateDecl>(program_.decl(symbol).node);
  RowBuilder scratch(row::FunctionKind::renderer, "");
  in_row(scratch, [&] {
    std::vector<Value> arguments;
    std::vector<std::string> seen;
    for (size_t i = 0; i < declared.parameters.size(); ++i) {
      const ast::Parameter& p = declared.parameters[i];
      if (std::find(seen.begin(), seen.end(), p.name.text) != seen.end())
        report(Kind::duplicate_name, p.name.span,
               "parameter `" + p.name.text + "` is declared twice");
      seen.push_back(p.name.text);
      arguments.push_back(symbolic(program_.resolve(symbol.module, p.type),
                                   program_.label(symbol.module, p.type), static_cast<int>(i),
                                   p.name.span));
    }
    run_template(TemplateValue{symbol, ""}, std::move(arguments), program_.decl(symbol).name.span);
    return 0;
  });
}

}  // namespace rexp::elaborate
