// One example as the model will see it. The nodes that make its rows (data, codebook) are run if the store lacks them; no model is.
#include <algorithm>

#include "compiler/driver/command_render.h"
#include "compiler/driver/commands.h"
#include "compiler/driver/compile_options.h"
#include "compiler/driver/output.h"
#include "compiler/driver/paths.h"
#include "compiler/driver/render_output.h"
#include "compiler/driver/render_row.h"
#include "compiler/driver/runtime_library.h"
#include "compiler/driver/voices.h"
#include "runtime/store/store.h"

namespace rexp::driver {

namespace {

bool all_cached(const plan::Plan& plan, const std::string& root) {
  return std::all_of(plan.nodes.begin(), plan.nodes.end(),
                     [&](const plan::Node& node) { return store::has_artifact(root, node.key); });
}

int make_inputs(const plan::Plan& plan, Voices& voices, const RenderArguments& arguments,
                const std::string& root) {
  auto library = RuntimeLibrary::open();
  if (!library) return report(library.error(), arguments.json);
  auto code = jit::compile_plan(plan, voices.options(), library->node_entries());
  if (!code) return report(code.error(), arguments.json);
  RexpRun* run = library->open_run({{"store", root},
                                    {"tokenizer", qwen_ranks_path()},
                                    {"progress", "none"},
                                    {"threads", arguments.threads}});
  int status = kOk;
  if (auto error = library->error(run); !error.is_null() || code->main(run) != REXP_OK)
    status = report_runtime(library->error(run), arguments.json);
  library->close_run(run);
  return status;
}

plan::Role role_of(const RenderArguments& arguments) {
  plan::Role role{plan::As::any, arguments.in};
  if (arguments.as == "train") role.as = plan::As::train;
  if (arguments.as == "ask") role.as = plan::As::ask;
  return role;
}

/// One wording of the row; with --json its object goes to `out`.
int render_one(const RenderArguments& arguments, const plan::CompileOptions& options,
               const std::string& variant, nlohmann::json* out) {
  source::SourceMap sources;
  diagnostics::Sink sink;
  const auto target = plan::render_target(sources, arguments.file, arguments.name, variant, options,
                                          sink, role_of(arguments));
  if (!target) return report(sink, sources, arguments.json);
  const std::string root = store_folder(arguments.store);
  Voices voices;
  if (!all_cached(target->plan, root)) {
    if (const int status = make_inputs(target->plan, voices, arguments, root); status != kOk)
      return status;
  }
  auto voice = voices.of_model(target->reader.model, target->reader.site);
  if (!voice) return report(voice.error(), arguments.json);
  auto row = render_row(*target, root, *voice, arguments.row);
  if (!row) return report(row.error(), arguments.json);
  if (arguments.json) {
    *out = row_json(arguments, *target, variant, *row);
  } else {
    print_row(arguments, *target, variant, *row);
  }
  return kOk;
}

/// Every wording, or the template as it stands when it has one only.
int render_all(const RenderArguments& arguments, const plan::CompileOptions& options) {
  source::SourceMap sources;
  diagnostics::Sink sink;
  std::vector<std::string> variants =
      plan::template_variants(sources, arguments.file, arguments.name, options, sink);
  if (sink.has_errors()) return report(sink, sources, arguments.json);
  if (variants.empty()) variants.emplace_back();
  nlohmann::json rows = nlohmann::json::array();
  for (const std::string& variant : variants) {
    nlohmann::json one;
    if (const int status = render_one(arguments, options, variant, &one); status != kOk)
      return status;
    rows.push_back(std::move(one));
  }
  if (arguments.json) print_json({{"variants", rows}});
  return kOk;
}

int render(const RenderArguments& arguments) {
  auto options = compile_options(arguments);
  if (!options) return report(options.error(), arguments.json);
  if (arguments.variant == "all") return render_all(arguments, *options);
  nlohmann::json one;
  const int status = render_one(arguments, *options, arguments.variant, &one);
  if (status == kOk && arguments.json) print_json(one);
  return status;
}

}  // namespace

void add_render(Command& program) {
  auto arguments = std::make_shared<RenderArguments>();
  Command command = program.command("render", "print one example as the model will see it");
  add_compile_options(command, *arguments);
  command.text("template", arguments->name, "name of the template", Given::must_be);
  command.count("--row", arguments->row, 0, "row of the task that applies it");
  command.text("--variant", arguments->variant,
               "which wording, or all (default: as drawn for this row)");
  command.choice("--as", arguments->as, {"train", "ask"},
                 "as a stage trains on it, or as a protocol asks with it (default: train)");
  command.text("--in", arguments->in,
               "which task or protocol (default: the first that uses the template)");
  command.flag("--tokens", arguments->tokens, "token ids, trained or not, SID level");
  command.flag("--mask", arguments->mask, "mark what is trained");
  command.text("--experiment", arguments->experiment, "which experiment's model and settings");
  add_run_options(command, *arguments);
  command.does([arguments] { return render(*arguments); });
}

}  // namespace rexp::driver
