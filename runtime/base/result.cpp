#include "runtime/base/result.h"

namespace rexp {

std::string to_string(const Error& error) {
  std::string out;
  if (!error.file.empty()) {
    out += error.file;
    if (error.line > 0) out += ":" + std::to_string(error.line);
    out += ": ";
  }
  out += error.message;
  if (!error.help.empty()) out += "\nhelp: " + error.help;
  return out;
}

}  // namespace rexp
