// What `rexp render` runs: one template as the model of an experiment meets it.
#include "compiler/plan/render.h"

#include <algorithm>

#include "compiler/contracts/contracts.h"
#include "compiler/contracts/questions.h"
#include "compiler/plan/build.h"
#include "compiler/plan/front.h"
#include "compiler/plan/locate.h"
#include "compiler/plan/use.h"
#include "runtime/base/assert.h"

namespace rexp::plan {
using check::Symbol;
using diagnostics::Kind;

namespace {

/// The experiments that may say who reads the template: the one that was asked for, else all, the one that is meant first.
std::vector<Symbol> candidates(Front& front, const CompileOptions& options) {
  std::vector<Symbol> all = contracts::blocks_of(front.program, Known::Experiment);
  std::erase_if(all, [&](Symbol s) {
    return !options.experiment.empty() && front.program.decl(s).name.text != options.experiment;
  });
  return all;
}

std::optional<Use> find(Front& front, const CompileOptions& options, Symbol wording,
                        const Role& role, diagnostics::Sink& sink) {
  auto use = find_use(*front.evaluator, candidates(front, options), {wording, role.as, role.in});
  if (use || sink.has_errors()) return use;
  const std::string name = "`" + front.program.decl(wording).name.text + "`";
  const std::string where = role.in.empty() ? "" : " in `" + role.in + "`";
  sink.add(Kind::unknown_name, {},
           role.as == As::any     ? "no task applies template " + name + " to rows" + where
           : role.as == As::train ? "no experiment trains on template " + name + where
                                  : "no experiment asks with template " + name + where);
  return std::nullopt;
}

bool has_variant(Front& front, Symbol wording, const std::string& variant,
                 diagnostics::Sink& sink) {
  const std::vector<std::string> known = check::variants_of(front.program, wording);
  if (std::find(known.begin(), known.end(), variant) != known.end()) return true;
  const ast::Name& name = front.program.decl(wording).name;
  sink.add(Kind::unknown_name, name.span,
           "template `" + name.text + "` has no variant `" + variant + "`" +
               check::did_you_mean(variant, known));
  return false;
}

/// What is rendered before its nodes are built.
struct Rendering {
  Draft draft;  // its inputs are what the function reads
  row::RowFunction function;
  DraftId rows = -1;
  Reader reader;  // but for node ids
  std::vector<DraftId> codebooks, task_rows;
  DraftId answered = -1;
};

/// The model's own facts: how it speaks, and whose tokens it owns.
bool read_model(Lowering& l, const CompileOptions& options, const Value& model, Rendering* out) {
  const contracts::Chain chain = contracts::chain_of(l.e, model);
  for (const Made* applied : chain.stages) {
    const auto* adds =
        contracts::field(l.program(), contracts::stage_of(*applied), "adds").shared<Made>();
    if (adds == nullptr) continue;
    const auto book = lower(l, contracts::receiver(*adds));
    if (!book) return false;
    if (std::find(out->codebooks.begin(), out->codebooks.end(), *book) == out->codebooks.end())
      out->codebooks.push_back(*book);
  }
  const auto base = lower(l, *chain.base);
  if (!base) return false;
  Draft draft = l[*base];
  if (!locate_place(&draft, options.catalog, l.program().sources, l.program().sink)) return false;
  out->reader.model = draft.args;
  out->reader.site = draft.site;
  return true;
}

text::Window window_of(const Draft& stage) {
  return {stage.args["window"].get<int64_t>(),
          *text::overflow_of(stage.args["overflow"].get<std::string>())};
}

/// As a stage trains on it. `order`: the stage's tasks in the order that decides which row comes when.
bool train_rendering(Lowering& l, const CompileOptions& options, const Use& use,
                     const std::vector<std::string>& order, Rendering* out) {
  const auto node = lower(l, use.made);
  if (!node || !read_model(l, options, use.made, out)) return false;
  const Draft& stage = l[*node];
  out->draft.inputs = stage.inputs;
  Reader& reader = out->reader;
  reader.name = "stage `" + stage.site["stage"].get<std::string>() + "`";
  reader.stream = stage.stream;
  reader.window = window_of(stage);
  reader.mixture = {{"unit", stage.args["unit"]}, {"weights", nlohmann::json::array()}};
  const auto names = stage.site["tasks"].get<std::vector<std::string>>();
  for (const std::string& name : order) {
    const auto at =
        static_cast<size_t>(std::find(names.begin(), names.end(), name) - names.begin());
    REXP_ASSERT(at < names.size(), "a wording changes which tasks a stage has");
    const nlohmann::json& task = stage.args["tasks"][at];
    const DraftId rows = stage.inputs[task["rows"].get<size_t>()];
    reader.mixture["weights"].push_back(task["weight"]);
    if (name == use.part_name) {
      reader.task = static_cast<int64_t>(out->task_rows.size());
      out->rows = rows;
      out->function = stage.kernels[task["render"]["kernel"].get<size_t>()].function;
    }
    out->task_rows.push_back(rows);
  }
  return out->rows >= 0;
}

/// The codebook that a `decode` node's answers are made of, as the node finds it: the one that `within` names, else its first.
DraftId answered_by(const Lowering& l, const Draft& decode) {
  const nlohmann::json within = decode.args["decode"].value("within", nlohmann::json());
  if (within.is_object()) return decode.inputs[within["legal"]["input"].get<size_t>()];
  const auto first = std::find_if(decode.inputs.begin(), decode.inputs.end(),
                                  [&](DraftId id) { return l[id].kind == "codebook"; });
  return first == decode.inputs.end() ? -1 : *first;
}

/// As a protocol asks with it.
bool ask_rendering(Lowering& l, const CompileOptions& options, const Use& use,
                   const std::string& variant, Rendering* out) {
  const Made& made = *use.made.shared<Made>();
  const Record& asked = *contracts::argument(made, "protocol").shared<Record>();
  const Value model = contracts::models_in(l.e, contracts::argument(made, "system")).front();
  Record protocol = asked;
  const check::Schema& schema = l.program().schema(l.program().types[protocol.type].index);
  for (size_t i = 0; i < schema.fields.size(); ++i) {
    const auto* wording = protocol.fields[i].value->as<eval::TemplateRef>();
    if (wording != nullptr && !variant.empty())
      protocol.fields[i].value =
          std::make_shared<const Value>(Value{eval::TemplateRef{wording->symbol, variant}});
  }
  const auto prompt = contracts::make_prompt(l.e, protocol);
  const auto node = lower_guesses(l, model, asked);
  const auto rows = lower(l, contracts::field(l.program(), protocol, "rows"));
  if (!prompt || !node || !rows || !read_model(l, options, model, out)) return false;
  const auto index = add_kernel(l, out->draft, "prompt", *prompt->function);
  if (!index) return false;
  out->function = out->draft.kernels[static_cast<size_t>(*index)].function;
  out->rows = *rows;
  out->reader.name = "protocol `" + use.name + "`";
  out->reader.stream = l[*node].stream;
  out->answered = answered_by(l, l[*node]);
  const auto stage = lower(l, model);
  if (stage && l[*stage].kind == "train") out->reader.window = window_of(l[*stage]);
  return true;
}

/// As a task applies it, with no model in sight.
bool task_rendering(Lowering& l, const Use& use, Rendering* out) {
  const auto rows = lower(l, Value{use.part.rows});
  const auto index = rows ? add_kernel(l, out->draft, "render", *use.part.render) : std::nullopt;
  if (!index) return false;
  out->function = out->draft.kernels[static_cast<size_t>(*index)].function;
  out->rows = *rows;
  for (const DraftId input : out->draft.inputs) {
    if (l[input].kind == "codebook") out->codebooks.push_back(input);
  }
  return true;
}

/// The nodes behind a rendering; no model is made.
std::optional<RenderTarget> build(Lowering& l, const CompileOptions& options, Rendering rendering,
                                  const std::string& task) {
  std::vector<DraftId> roots = {rendering.rows};
  const auto want = [&](DraftId id) {
    if (l[id].kind != "model" && l[id].kind != "train") roots.push_back(id);
  };
  for (const DraftId id : rendering.draft.inputs) want(id);
  for (const DraftId id : rendering.codebooks) want(id);
  for (const DraftId id : rendering.task_rows) want(id);
  if (rendering.answered >= 0) want(rendering.answered);
  auto built = build_plan(l.drafts, roots, options.catalog, l.program().sources, l.program().sink);
  if (!built) return std::nullopt;
  const auto places = [&](const std::vector<DraftId>& ids) {
    std::vector<NodeId> out;
    for (const DraftId id : ids) out.push_back(built->place[static_cast<size_t>(id)]);
    return out;
  };
  RenderTarget target;
  target.task = task;
  target.rows = built->place[static_cast<size_t>(rendering.rows)];
  target.inputs = places(rendering.draft.inputs);
  target.function = std::move(rendering.function);
  target.reader = std::move(rendering.reader);
  target.reader.codebooks = places(rendering.codebooks);
  target.reader.task_rows = places(rendering.task_rows);
  if (rendering.answered >= 0)
    target.reader.answered = built->place[static_cast<size_t>(rendering.answered)];
  target.plan = std::move(built->plan);
  return target;
}

/// Names of a stage's tasks as the unnarrowed program orders them.
std::vector<std::string> task_order(Front& front, const Use& use) {
  Lowering l{*front.evaluator, front.program.decl(use.experiment).name.text, use.seed};
  const auto node = lower(l, use.made);
  return node ? l[*node].site["tasks"].get<std::vector<std::string>>() : std::vector<std::string>{};
}

std::unique_ptr<Front> open(source::SourceMap& sources, const std::string& file,
                            const CompileOptions& options, diagnostics::Sink& sink) {
  auto front = std::make_unique<Front>(sources, options, sink);
  const bool chooses = !options.experiment.empty();
  if (!front->load(file) || !front->check() || (chooses && !front->choose(file)) ||
      !front->assign())
    return nullptr;
  return front;
}

std::optional<Symbol> named_template(Front& front, const std::string& file, const std::string& name,
                                     diagnostics::Sink& sink) {
  if (const auto symbol = find_template(front.program, name)) return symbol;
  sink.add(
      Kind::unknown_name, {},
      "no template `" + name + "` in " + file + check::did_you_mean(name, front.result.templates));
  return std::nullopt;
}

}  // namespace

std::optional<RenderTarget> render_target(source::SourceMap& sources, const std::string& file,
                                          const std::string& template_name,
                                          const std::string& variant, const CompileOptions& options,
                                          diagnostics::Sink& sink, const Role& role) {
  const auto front = open(sources, file, options, sink);
  if (!front) return std::nullopt;
  const auto wording = named_template(*front, file, template_name, sink);
  if (!wording || (!variant.empty() && !has_variant(*front, *wording, variant, sink)))
    return std::nullopt;
  auto use = find(*front, options, *wording, role, sink);
  if (!use) return std::nullopt;
  std::vector<std::string> order;
  if (use->as == As::train) order = task_order(*front, *use);
  if (!variant.empty()) {  // everything once more, with this wording alone
    eval::Settings settings = front->evaluator->settings;
    settings.narrowed = *wording;
    settings.narrowed_to = variant;
    front->evaluator.emplace(front->program, front->typed, std::move(settings));
    use = find(*front, options, *wording, {use->as, role.in}, sink);
    if (!use) return std::nullopt;
  }
  const std::string experiment =
      use->experiment.valid() ? front->program.decl(use->experiment).name.text : "";
  Lowering l{*front->evaluator, experiment, use->seed};
  Rendering rendering;
  rendering.reader.as = use->as;
  rendering.reader.held_out = is_held_out(front->program, *wording, variant);
  const bool fine = use->as == As::train ? train_rendering(l, options, *use, order, &rendering)
                    : use->as == As::ask ? ask_rendering(l, options, *use, variant, &rendering)
                                         : task_rendering(l, *use, &rendering);
  if (!fine) return std::nullopt;
  if (!experiment.empty()) rendering.reader.name += " of experiment `" + experiment + "`";
  auto target =
      build(l, options, std::move(rendering), use->part_name.empty() ? use->name : use->part_name);
  if (target) target->applied = eval::names_of(front->program, use->templates);
  return target;
}

std::vector<std::string> template_variants(source::SourceMap& sources, const std::string& file,
                                           const std::string& template_name,
                                           const CompileOptions& options, diagnostics::Sink& sink) {
  const auto front = open(sources, file, options, sink);
  if (!front) return {};
  const auto wording = named_template(*front, file, template_name, sink);
  return wording ? check::variants_of(front->program, *wording) : std::vector<std::string>{};
}

}  // namespace rexp::plan
