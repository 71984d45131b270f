#include <cstdio>
#include <sstream>

#include "compiler/diagnostics/help.h"
#include "compiler/driver/arguments.h"
#include "compiler/driver/commands.h"
#include "compiler/driver/output.h"

namespace rexp::driver {

namespace {

using diagnostics::Explanation;
using diagnostics::Kind;

const char* level_word(Kind kind) {
  return diagnostics::level_of(kind) == diagnostics::Level::error ? "error" : "warning";
}

nlohmann::json summary(const Explanation& e) {
  return {{"code", diagnostics::code_of(e.kind)},
          {"name", diagnostics::name_of(e.kind)},
          {"level", level_word(e.kind)},
          {"meaning", e.meaning}};
}

int list_codes(bool json) {
  nlohmann::json codes = nlohmann::json::array();
  for (const Kind kind : diagnostics::all_kinds()) {
    const Explanation e = diagnostics::explanation_of(kind);
    if (json) {
      codes.push_back(summary(e));
    } else {
      std::printf("%s  %-26s %s\n", diagnostics::code_of(kind), diagnostics::name_of(kind),
                  e.meaning.c_str());
    }
  }
  if (json) print_json({{"codes", codes}});
  return kOk;
}

void print_program(const char* heading, const std::string& program) {
  std::printf("\n%s\n\n", heading);
  std::istringstream lines(program);
  for (std::string line; std::getline(lines, line);) std::printf("    %s\n", line.c_str());
}

int explain_code(Kind kind, bool json) {
  const Explanation e = diagnostics::explanation_of(kind);
  if (json) {
    nlohmann::json all = summary(e);
    all.update({{"text", e.text}, {"wrong", e.wrong}, {"right", e.right}});
    print_json(all);
    return kOk;
  }
  std::printf("%s[%s] %s: %s\n\n%s\n", level_word(kind), diagnostics::code_of(kind),
              diagnostics::name_of(kind), e.meaning.c_str(), e.text.c_str());
  print_program("Wrong:", e.wrong);
  print_program("Right:", e.right);
  return kOk;
}

int unknown_code(const std::string& code, bool json) {
  std::vector<std::string> known;
  for (const Kind kind : diagnostics::all_kinds()) {
    known.emplace_back(diagnostics::code_of(kind));
    known.emplace_back(diagnostics::name_of(kind));
  }
  const std::string near = diagnostics::nearest(code, known);
  return report(user_error("there is no diagnostic `" + code + "`",
                           near.empty() ? "`rexp help` lists them, `rexp --help` the commands"
                                        : "did you mean `" + near + "`?"),
                json);
}

struct HelpArguments {
  std::string code;  // R0312, its name, or empty for a list of all
  bool json = false;
};

int help(const HelpArguments& arguments) {
  if (arguments.code.empty()) return list_codes(arguments.json);
  const std::optional<Kind> kind = diagnostics::find_kind(arguments.code);
  return kind ? explain_code(*kind, arguments.json) : unknown_code(arguments.code, arguments.json);
}

}  // namespace

void add_help(Command& program) {
  auto arguments = std::make_shared<HelpArguments>();
  Command command = program.command("help", "what a code such as R0312 means, with an example");
  command.text("code", arguments->code, "a code or its name (default: list them)");
  add_json_option(command, arguments->json);
  command.does([arguments] { return help(*arguments); });
}

}  // namespace rexp::driver
