#include "compiler/driver/command_line.h"

#include <CLI/CLI.hpp>

namespace rexp::driver {

Command Command::command(const char* name, const char* what) {
  return {*app_->add_subcommand(name, what), *status_};
}

void Command::needs_command() { app_->require_subcommand(1); }

void Command::text(const char* name, std::string& out, const char* what, Given given) {
  app_->add_option(name, out, what)->required(given == Given::must_be);
}

void Command::text(const char* name, std::optional<std::string>& out, const char* what) {
  app_->add_option(name, out, what);
}

void Command::texts(const char* name, std::vector<std::string>& out, const char* what) {
  app_->add_option(name, out, what)->expected(1)->take_all();
}

void Command::choice(const char* name, std::string& out, const std::vector<std::string>& choices,
                     const char* what) {
  app_->add_option(name, out, what)->check(CLI::IsMember(choices));
}

void Command::choice(const char* name, std::optional<std::string>& out,
                     const std::vector<std::string>& choices, const char* what) {
  app_->add_option(name, out, what)->check(CLI::IsMember(choices));
}

void Command::count(const char* name, int64_t& out, int64_t least, const char* what) {
  const CLI::Validator& valid =
      least > 0 ? CLI::Validator(CLI::PositiveNumber) : CLI::Validator(CLI::NonNegativeNumber);
  app_->add_option(name, out, what)->check(valid);
}

void Command::count(const char* name, std::optional<int64_t>& out, int64_t least,
                    const char* what) {
  const CLI::Validator& valid =
      least > 0 ? CLI::Validator(CLI::PositiveNumber) : CLI::Validator(CLI::NonNegativeNumber);
  app_->add_option(name, out, what)->check(valid);
}

void Command::flag(const char* name, bool& out, const char* what) {
  app_->add_flag(name, out, what);
}

void Command::footer(const char* text) { app_->footer(text); }

void Command::does(std::function<int()> action) {
  app_->callback([action = std::move(action), status = status_] { *status = action(); });
}

}  // namespace rexp::driver
