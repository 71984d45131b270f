#include "tests/golden/golden_file.h"

#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace rexp::golden {

namespace fs = std::filesystem;

namespace {

const std::string kExpect = "// expect:";
const std::string kRun = "// RUN: ";

std::string replace_all(std::string text, const std::string& from, const std::string& to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::pair<std::string, int> shell(const std::string& command) {
  std::FILE* pipe = popen(command.c_str(), "r");
  if (!pipe) return {"cannot start " + command, 127};
  std::string text;
  std::array<char, 4096> buffer;
  for (size_t n; (n = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
    text.append(buffer.data(), n);
  const int status = pclose(pipe);
  return {text, WIFEXITED(status) ? WEXITSTATUS(status) : 128};
}

std::string quoted(const std::string& word) { return "'" + replace_all(word, "'", "'\\''") + "'"; }

}  // namespace

bool GoldenFile::must_fail() const {
  return fs::path(path).filename().string().starts_with("fail_");
}

std::vector<std::string> golden_paths(const std::string& root) {
  std::vector<std::string> paths;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(root) / "tests/golden")) {
    const fs::path& path = entry.path();
    if (path.extension() == ".rexp" && path.parent_path().filename() != "modules") {
      paths.push_back(fs::relative(path, root).string());
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

GoldenFile read_golden(const std::string& root, const std::string& path) {
  std::ifstream in(fs::path(root) / path, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  const std::string text = bytes.str();
  const size_t expectations = text.starts_with(kExpect) ? 0 : text.find("\n" + kExpect);
  GoldenFile file{
      path,
      text.substr(0, expectations == std::string::npos ? expectations : expectations + 1),
      {},
      ""};
  for (const std::string& line : lines_of(file.input)) {
    if (line.starts_with(kRun)) file.commands.push_back(line.substr(kRun.size()));
  }
  if (expectations == std::string::npos) return file;
  for (const std::string& line : lines_of(text.substr(file.input.size()))) {
    if (!line.starts_with(kExpect)) continue;
    const std::string rest = line.substr(kExpect.size());
    file.expected += (rest.starts_with(' ') ? rest.substr(1) : rest) + "\n";
  }
  return file;
}

void write_golden(const std::string& root, const GoldenFile& file, const std::string& output) {
  std::string text = file.input;
  if (!output.empty() && !text.ends_with("\n\n")) text += text.ends_with('\n') ? "\n" : "\n\n";
  for (const std::string& line : lines_of(output))
    text += kExpect + (line.empty() ? "" : " " + line) + "\n";
  std::ofstream(fs::path(root) / file.path, std::ios::binary) << text;
}

Outcome run_golden(const std::string& root, const std::string& binary, const GoldenFile& file) {
  Outcome outcome;
  for (std::string command : file.commands) {
    if (command.starts_with("rexp ")) command = quoted(binary) + command.substr(4);
    command = replace_all(command, "%s", quoted(file.path));
    // The streams are buffered differently, so each is taken by itself: first what was printed,
    // then what was reported.
    for (const char* streams : {"2>/dev/null", "2>&1 >/dev/null"}) {
      const auto [text, code] =
          shell("cd " + quoted(root) + " && { " + command + "; } " + streams + " </dev/null");
      outcome.output += text;
      if (outcome.exit_code == 0) outcome.exit_code = code;
    }
  }
  outcome.output = replace_all(outcome.output, root + "/" + file.path, "%s");
  outcome.output = replace_all(outcome.output, file.path, "%s");
  return outcome;
}

}  // namespace rexp::golden
