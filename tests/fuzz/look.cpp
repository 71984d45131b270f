#include "tests/fuzz/look.h"

#include "runtime/base/json.h"

#include "compiler/driver/compile.h"
#include "compiler/row/verify.h"

namespace rexp::fuzz {

namespace {

struct Answer {
  source::SourceMap sources;
  diagnostics::Sink sink;
  plan::CompileResult result;
};

void show_all(Answer& answer) {
  for (const auto& d : answer.sink.take(100)) {
    if (diagnostics::render(d, answer.sources, true).empty() ||
        diagnostics::to_json(d, answer.sources).empty())
      std::abort();
  }
}

std::string verified(const plan::Plan& plan) {
  for (const plan::Node& node : plan.nodes) {
    for (const plan::Kernel& kernel : node.kernels) {
      const std::string problem = kernel.role == "mixture" ? "" : row::verify(kernel.function);
      if (!problem.empty()) return node.name + " " + kernel.role + ": " + problem;
    }
  }
  return "";
}

}  // namespace

std::string look_at(const std::string& path, const std::string& stdlib, const std::string& ranks) {
  plan::CompileOptions options;
  options.stdlib_dir = stdlib;
  options.catalog.set_tokenizer("qwen", ranks);
  options.check_only = true;
  Answer checked;
  checked.result = driver::compile(checked.sources, path, options, checked.sink);
  const bool errors = checked.sink.has_errors();
  show_all(checked);
  if (checked.result.ok == errors)
    return errors ? "fine in spite of an error" : "not fine, without an error";
  if (errors) return "";
  options.check_only = false;
  for (const std::string& experiment : checked.result.experiments) {
    options.experiment = experiment;
    Answer planned;
    planned.result = driver::compile(planned.sources, path, options, planned.sink);
    const bool refused = planned.sink.has_errors();
    show_all(planned);
    if (refused) continue;
    if (!planned.result.plan) return "fine, but without a plan for `" + experiment + "`";
    const std::string problem = verified(*planned.result.plan);
    if (!problem.empty()) return problem;
  }
  return "";
}

}  // namespace rexp::fuzz
