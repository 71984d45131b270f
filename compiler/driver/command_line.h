// How a command declares its arguments. CLI11 reads them; its header costs three seconds a unit, so it stays behind this one.
//
//   void add_help(Command& program) {
//     auto arguments = std::make_shared<HelpArguments>();
//     Command command = program.command("help", "what a code such as R0312 means, with an example");
//     command.text("code", arguments->code, "a code or its name (default: list them)");
//     command.flag("--json", arguments->json, "machine-readable output");
//     command.does([arguments] { return help(*arguments); });
//   }
//
// A name without `--` is a positional argument. What arguments are read into must live as long as the action.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace rexp::driver {

enum class Given { may_be, must_be };

class Command {
 public:
  /// `status` gets the exit code of the command that is carried out; it outlives the parsing.
  Command(CLI::App& app, int& status) : app_(&app), status_(&status) {}

  /// A command below this one.
  Command command(const char* name, const char* what);
  /// One of the commands below must be given.
  void needs_command();

  void text(const char* name, std::string& out, const char* what, Given given = Given::may_be);
  void text(const char* name, std::optional<std::string>& out, const char* what);
  /// May be repeated, a value each.
  void texts(const char* name, std::vector<std::string>& out, const char* what);
  void choice(const char* name, std::string& out, const std::vector<std::string>& choices,
              const char* what);
  void choice(const char* name, std::optional<std::string>& out,
              const std::vector<std::string>& choices, const char* what);
  /// A number of at least `least`, 0 or 1.
  void count(const char* name, int64_t& out, int64_t least, const char* what);
  void count(const char* name, std::optional<int64_t>& out, int64_t least, const char* what);
  /// "--specials,!--no-specials": the second turns it off.
  void flag(const char* name, bool& out, const char* what);

  /// What `--help` says below the options.
  void footer(const char* text);

  void does(std::function<int()> action);

 private:
  CLI::App* app_;
  int* status_;
};

}  // namespace rexp::driver
