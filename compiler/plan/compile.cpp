#include "compiler/plan/compile.h"

#include <filesystem>

#include "compiler/check/program.h"
#include "compiler/eval/elaborator.h"
#include "compiler/eval/show.h"
#include "compiler/parse/parse.h"
#include "compiler/plan/build.h"

namespace rexp::plan {
using check::Symbol;
using diagnostics::Kind;

namespace {

/// "tune.length=100 steps" becomes an assignment whose right side is a small file of its own, so that messages can show it.
std::optional<elaborate::Assignment> read_override(const std::string& text,
                                                   check::Program& program) {
  const size_t equals = text.find('=');
  const source::FileId file = program.sources.add("--set", text);
  auto span = [&](size_t begin, size_t end) {
    return source::Span{file, static_cast<uint32_t>(begin), static_cast<uint32_t>(end)};
  };
  if (equals == std::string::npos || equals == 0) {
    program.sink.add(Kind::bad_override, span(0, text.size()),
                     "found `" + text + "`, required: path=value");
    return std::nullopt;
  }
  elaborate::Assignment out;
  size_t begin = 0;
  while (begin <= equals) {
    const size_t end = std::min(text.find('.', begin), equals);
    out.path.push_back({text.substr(begin, end - begin), span(begin, end)});
    begin = end + 1;
  }
  // The expression keeps its columns: what stands before it is blanked out.
  const source::FileId value =
      program.sources.add("--set", std::string(equals + 1, ' ') + text.substr(equals + 1));
  const size_t errors = program.sink.size();
  parse::Fragment fragment = parse::parse_expression(program.sources, value, program.sink);
  if (program.sink.size() != errors) return std::nullopt;
  for (ast::Expr& expr : fragment.module.expr_nodes) {  // messages show the whole assignment
    expr.span.file = file;
    if (auto* name = std::get_if<ast::NameRef>(&expr.node)) name->name.span.file = file;
    if (auto* field = std::get_if<ast::FieldRef>(&expr.node)) field->field.span.file = file;
  }
  out.value = fragment.expr;
  out.module = program.add_fragment(std::move(fragment.module), program.main());
  return out;
}

void list_declarations(const check::Program& program, CompileResult* result) {
  for (check::ModuleId m = 0; m < program.module_count(); ++m) {
    const check::LoadedModule& module = program.module(m);
    if (module.standard) continue;
    for (ast::DeclId id : module.tree.decls) {
      const ast::Decl& decl = module.tree[id];
      if (std::holds_alternative<ast::TemplateDecl>(decl.node))
        result->templates.push_back(decl.name.text);
      const auto* block = std::get_if<ast::BlockDecl>(&decl.node);
      if (block == nullptr || m != program.main()) continue;
      if (block->kind.text == "experiment") result->experiments.push_back(decl.name.text);
      if (block->kind.text == "sweep") result->sweeps.push_back(decl.name.text);
    }
  }
}

/// The experiment that was asked for, or the one that is meant when none was.
std::optional<std::string> choose_experiment(const CompileResult& result, const std::string& file,
                                             const CompileOptions& options,
                                             diagnostics::Sink& sink) {
  const std::vector<std::string>& all = result.experiments;
  auto has = [](const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  if (!options.experiment.empty()) {
    if (has(all, options.experiment)) return options.experiment;
    if (has(result.sweeps, options.experiment)) {
      sink.add(
          Kind::not_available_yet, {},
          "running the sweep `" + options.experiment + "` is not available yet in this version");
      return std::nullopt;
    }
    sink.add(Kind::unknown_name, {},
             "no experiment `" + options.experiment + "` in " + file +
                 check::did_you_mean(options.experiment, all));
    return std::nullopt;
  }
  if (all.size() == 1) return all[0];
  const std::string stem = std::filesystem::path(file).stem().string();
  if (has(all, stem)) return stem;
  if (all.empty()) {
    sink.add(Kind::unknown_name, {}, "there is no experiment in " + file);
  } else {
    std::string names;
    for (const std::string& name : all) names += (names.empty() ? "" : ", ") + name;
    sink.add(Kind::unknown_name, {},
             std::to_string(all.size()) + " experiments are in " + file + ", one has to be named")
        .help = "one of: " + names;
  }
  return std::nullopt;
}

std::vector<elaborate::Assignment> read_overrides(const CompileOptions& options,
                                                  check::Program& program) {
  std::vector<elaborate::Assignment> out;
  for (const std::string& text : options.overrides) {
    if (auto assignment = read_override(text, program)) out.push_back(std::move(*assignment));
  }
  return out;
}

}  // namespace

CompileResult compile(source::SourceMap& sources, const std::string& file,
                      const CompileOptions& options, diagnostics::Sink& sink) {
  CompileResult result;
  check::Program program(sources, sink, options.stdlib_dir);
  if (!program.load(file)) return result;
  list_declarations(program, &result);
  const size_t before = sink.size();
  {
    elaborate::Graph graph;
    elaborate::Elaborator checker(program, graph, {{}, "", options.package_seed});
    checker.check_everything();
  }
  result.ok = !sink.has_errors();
  if (options.check_only && options.overrides.empty()) return result;
  if (!result.ok || sink.size() != before) {
    if (sink.has_errors()) return result;
  }
  const std::optional<std::string> name = choose_experiment(result, file, options, sink);
  if (name) {
    result.experiment = *name;
    elaborate::Graph graph;
    elaborate::Elaborator elaborator(
        program, graph, {read_overrides(options, program), *name, options.package_seed});
    const auto run = sink.has_errors()
                         ? std::nullopt
                         : elaborator.run_experiment(*program.lookup(program.main(), *name));
    if (run && !options.check_only) {
      for (const auto& [parameter, value] : run->parameters)
        result.parameters.push_back({parameter, elaborate::show(value)});
      if (auto built =
              build_plan(graph, elaborator, {run->report}, options.catalog, sources, sink)) {
        built->plan.experiment = *name;
        built->plan.report = built->place[static_cast<size_t>(run->report)];
        result.plan = std::move(built->plan);
      }
    }
  }
  result.ok = !sink.has_errors();
  return result;
}

std::optional<RenderTarget> render_target(source::SourceMap& sources, const std::string& file,
                                          const std::string& template_name,
                                          const std::string& variant, const CompileOptions& options,
                                          diagnostics::Sink& sink) {
  check::Program program(sources, sink, options.stdlib_dir);
  if (!program.load(file)) return std::nullopt;
  elaborate::Graph graph;
  elaborate::Elaborator elaborator(
      program, graph, {read_overrides(options, program), options.experiment, options.package_seed});
  if (sink.has_errors()) return std::nullopt;
  const auto source = elaborator.render_source(template_name, variant);
  if (!source) {
    if (!sink.has_errors()) {
      CompileResult names;
      list_declarations(program, &names);
      const bool known = std::find(names.templates.begin(), names.templates.end(), template_name) !=
                         names.templates.end();
      sink.add(Kind::unknown_name, {},
               known ? "no task applies template `" + template_name + "` to rows"
                     : "no template `" + template_name + "` in " + file +
                           check::did_you_mean(template_name, names.templates));
    }
    return std::nullopt;
  }
  std::vector<elaborate::NodeId> inputs = {
      source->rows, elaborator.datasets()[static_cast<size_t>(source->dataset)].load};
  for (int32_t codebook : source->function.codebooks)
    inputs.push_back(elaborator.codebooks()[static_cast<size_t>(codebook)].node);
  auto built = build_plan(graph, elaborator, inputs, options.catalog, sources, sink);
  if (!built) return std::nullopt;
  RenderTarget target;
  target.task = source->task;
  target.function = link(source->function, elaborator, inputs);
  for (elaborate::NodeId input : inputs)
    target.inputs.push_back(built->place[static_cast<size_t>(input)]);
  target.rows = target.inputs[0];
  target.plan = std::move(built->plan);
  return target;
}

}  // namespace rexp::plan
