// One example as the model will see it. The nodes that make its rows (data, codebook) are run if the store lacks them; no model is.
#include <algorithm>
#include <cstdio>

#include "compiler/driver/commands.h"
#include "compiler/driver/compile.h"
#include "compiler/driver/output.h"
#include "compiler/driver/paths.h"
#include "compiler/driver/render_row.h"
#include "compiler/driver/runtime_library.h"
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

/// Token by token: id, trained or not, SID level, text.
void print_tokens(const RenderedRow& row) {
  for (size_t i = 0; i < row.ids.size(); ++i) {
    const std::string shown =
        nlohmann::json(row.texts[i]).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    std::printf("%8d  %s  %d  %s\n", row.ids[i], row.trained[i] ? "trained" : "      -",
                row.levels[i], shown.c_str());
  }
}

/// The text, trained stretches between ⟦ and ⟧ when `mask`.
void print_text(const RenderedRow& row, bool mask) {
  bool inside = false;
  std::string out;
  for (size_t i = 0; i < row.ids.size(); ++i) {
    if (mask && (row.trained[i] != 0) != inside) out += inside ? "⟧" : "⟦";
    inside = mask && row.trained[i] != 0;
    out += row.texts[i];
  }
  if (inside) out += "⟧";
  std::printf("%s\n", out.c_str());
}

}  // namespace

int render(const RenderArguments& arguments) {
  auto options = compile_options(arguments);
  if (!options) return report(options.error(), arguments.json);
  source::SourceMap sources;
  diagnostics::Sink sink;
  const auto target = plan::render_target(sources, arguments.file, arguments.name,
                                          arguments.variant, *options, sink);
  if (!target) return report(sink, sources, arguments.json);
  const std::string root = store_folder(arguments.store);
  Voices voices;
  if (!all_cached(target->plan, root)) {
    if (const int status = make_inputs(target->plan, voices, arguments, root); status != kOk)
      return status;
  }
  auto row = render_row(*target, root, arguments.row);
  if (!row) return report(row.error(), arguments.json);
  if (arguments.json) {
    print_json({{"template", arguments.name},
                {"task", target->task},
                {"row", arguments.row},
                {"rows", row->rows},
                {"ids", row->ids},
                {"trained", row->trained},
                {"levels", row->levels},
                {"texts", row->texts}});
    return kOk;
  }
  const auto trained = std::count(row->trained.begin(), row->trained.end(), uint8_t{1});
  std::printf("%s, row %lld of %lld of task %s: %zu tokens, %lld trained\n", arguments.name.c_str(),
              static_cast<long long>(arguments.row), static_cast<long long>(row->rows),
              target->task.c_str(), row->ids.size(), static_cast<long long>(trained));
  if (arguments.tokens) print_tokens(*row);
  if (!arguments.tokens || arguments.mask) print_text(*row, arguments.mask);
  return kOk;
}

}  // namespace rexp::driver
