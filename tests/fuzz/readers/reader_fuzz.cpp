#include "tests/fuzz/readers/reader_fuzz.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "runtime/base/json.h"
#include "runtime/store/file.h"
#include "runtime/store/sealed.h"

namespace rexp::fuzz {
namespace {

namespace fs = std::filesystem;

struct Folder {
  Folder() {
    const fs::path memory = "/dev/shm";
    const fs::path parent = fs::exists(memory) ? memory : fs::temp_directory_path();
    std::string pattern = (parent / "rexp_readers_XXXXXX").string();
    path = mkdtemp(pattern.data());
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  std::string path;
};

[[noreturn]] void finding(const std::string& what) {
  std::fprintf(stderr, "finding: %s\n", what.c_str());
  std::abort();
}

}  // namespace

const std::string& folder() {
  static const Folder folder;
  return folder.path;
}

std::string as_file(const std::string& name, std::string_view bytes) {
  const std::string path = folder() + "/" + name;
  if (!store::write_file(path, bytes).ok()) finding("the input cannot be written to " + path);
  return path;
}

std::string contents_of(const std::string& path) {
  Result<std::string> bytes = store::read_file(path);
  if (!bytes.ok()) finding(to_string(bytes.error()));
  return *bytes;
}

std::string seed(char reader, const std::string& path) { return reader + contents_of(path); }

std::string sealed(std::string_view bytes) {
  const auto object = parse_json(bytes, "");
  return object.ok() && object->is_object() ? store::seal(*object) : std::string(bytes);
}

void expect_user_error(const Error& error) {
  if (error.kind != ErrorKind::user) finding("no error of the user: " + to_string(error));
  if (error.message.empty()) finding("an error without a message");
}

}  // namespace rexp::fuzz
