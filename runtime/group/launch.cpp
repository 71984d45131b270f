#include "runtime/group/launch.h"

#include <charconv>
#include <cstdlib>
#include <optional>
#include <string_view>

namespace rexp::group {
namespace {

constexpr char kHelp[] =
    "torchrun sets RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT; without WORLD_SIZE one process "
    "runs alone";

std::optional<std::string> variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return std::string(value);
}

/// A whole number in [least, most].
Result<int> number(const char* name, int least, int most) {
  const auto text = variable(name);
  if (!text) return user_error(std::string(name) + " is not set, WORLD_SIZE is", kHelp);
  int value = 0;
  const char* end = text->data() + text->size();
  const auto read = std::from_chars(text->data(), end, value);
  if (read.ec != std::errc() || read.ptr != end || value < least || value > most) {
    return user_error(std::string(name) + " is `" + *text + "`, it must be a number from " +
                          std::to_string(least) + " to " + std::to_string(most),
                      kHelp);
  }
  return value;
}

bool is_loopback(std::string_view address) {
  return address == "localhost" || address == "::1" || address.starts_with("127.");
}

/// Of a launch whose address and size are known.
Result<int> on_this_machine(const Launch& launch) {
  if (variable("LOCAL_WORLD_SIZE")) return number("LOCAL_WORLD_SIZE", 1, launch.size);
  return is_loopback(launch.address) ? launch.size : 1;
}

}  // namespace

Result<Launch> read_launch() {
  constexpr int kMost = 65535;
  Launch launch;
  if (!variable("WORLD_SIZE")) return launch;
  const Result<int> size = number("WORLD_SIZE", 1, kMost);
  if (!size.ok()) return size.error();
  launch.size = *size;
  if (launch.alone()) return launch;
  const Result<int> rank = number("RANK", 0, launch.size - 1);
  if (!rank.ok()) return rank.error();
  launch.rank = *rank;
  const auto address = variable("MASTER_ADDR");
  if (!address) return user_error("MASTER_ADDR is not set, WORLD_SIZE is", kHelp);
  launch.address = *address;
  const Result<int> port = number("MASTER_PORT", 1, kMost);
  if (!port.ok()) return port.error();
  launch.port = static_cast<uint16_t>(*port);
  const Result<int> local = on_this_machine(launch);
  if (!local.ok()) return local.error();
  launch.on_this_machine = *local;
  launch.agent = variable("TORCHELASTIC_USE_AGENT_STORE") == "True";
  launch.attempt = variable("TORCHELASTIC_RESTART_COUNT").value_or("0");
  return launch;
}

}  // namespace rexp::group
