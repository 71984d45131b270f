#include "compiler/driver/output.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

namespace rexp::driver {

bool colour() { return isatty(STDERR_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr; }

void print_json(const nlohmann::json& value) {
  std::printf("%s\n", value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
}

int report_runtime(nlohmann::json error, bool json, int process) {
  const std::string kind = error.value("kind", "internal");
  if (json) {
    if (process > 0) error["process"] = process;
    print_json({{"ok", false}, {"error", std::move(error)}});
  } else {
    Error e;
    e.message = error.value("message", "");
    e.help = error.value("help", "");
    e.file = error.value("file", "");
    e.line = error.value("line", 0);
    const std::string node = error.value("node", "");
    const char* word = kind == "internal"      ? "internal fault"
                       : kind == "interrupted" ? "stopped"
                                               : "error";
    const std::string where = node.empty() ? "" : " in `" + node + "`";
    if (process > 0) std::fprintf(stderr, "process %d: ", process);
    std::fprintf(stderr, "%s%s: %s\n", word, where.c_str(), to_string(e).c_str());
  }
  return kind == "internal" ? kInternalFault : kUserError;
}

int report(const Error& error, bool json, int process) {
  const char* kind = error.kind == ErrorKind::user          ? "user"
                     : error.kind == ErrorKind::interrupted ? "interrupted"
                                                            : "internal";
  return report_runtime({{"kind", kind},
                         {"message", error.message},
                         {"help", error.help},
                         {"file", error.file},
                         {"line", error.line}},
                        json, process);
}

int report(diagnostics::Sink& sink, const source::SourceMap& sources, bool json) {
  const bool bad = sink.has_errors();
  const size_t all = sink.size();
  const auto shown = sink.take();
  if (json) {
    nlohmann::json list = nlohmann::json::array();
    for (const auto& diagnostic : shown) list.push_back(diagnostics::to_json(diagnostic, sources));
    print_json({{"ok", !bad}, {"diagnostics", list}});
  } else {
    for (const auto& diagnostic : shown) {
      std::fprintf(stderr, "%s\n", diagnostics::render(diagnostic, sources, colour()).c_str());
    }
    if (all > shown.size())
      std::fprintf(stderr, "%zu more were left out; mend these first\n", all - shown.size());
  }
  return bad ? kUserError : kOk;
}

}  // namespace rexp::driver
