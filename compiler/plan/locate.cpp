#include "compiler/plan/locate.h"

#include <filesystem>

#include "runtime/store/digest.h"

namespace rexp::plan {
namespace fs = std::filesystem;
using diagnostics::Kind;

namespace {

constexpr const char* kPrefix = "prefix";
constexpr const char* kPath = "path";

class Locator {
 public:
  Locator(Draft* draft, const SourceCatalog& catalog, const source::SourceMap& sources,
          diagnostics::Sink& sink, bool contents)
      : draft_(*draft),
        at_(draft->location),
        catalog_(catalog),
        sources_(sources),
        sink_(sink),
        contents_(contents) {}

  bool run() {
    switch (at_.kind) {
      case Location::Kind::none: return true;
      case Location::Kind::catalogue: return catalogued();
      case Location::Kind::files: return named_files();
      case Location::Kind::file: return one_file();
      case Location::Kind::tokenizer: return tokenizer();
      case Location::Kind::model_folder: return folder(resolve(at_.path));
      case Location::Kind::model_name: {
        const std::string* path = catalog_.model(at_.name);
        if (path != nullptr) return folder(*path);
        return missing("model `" + at_.name + "` is not known on this machine",
                       "add to site.toml: [models] " + at_.name + " = \"path/of/its/folder\"");
      }
    }
    return false;
  }

 private:
  /// Paths are relative to the file that names them.
  std::string resolve(const std::string& path) const {
    return sources_.beside(at_.span.file, path);
  }

  bool missing(const std::string& message, const std::string& help) {
    sink_.add(Kind::missing_source, at_.span, message).help = help;
    return false;
  }

  bool catalogued() {
    const SourceFiles* files = catalog_.source(at_.name);
    if (files == nullptr) {
      const std::string plain = at_.name.substr(at_.name.rfind('.') + 1);
      return missing("source `" + at_.name + "` is not known on this machine",
                     at_.hint.empty()
                         ? "add to site.toml: [data] " + plain + " = \"path/of/its/files\""
                         : at_.hint);
    }
    draft_.site["source_name"] = at_.name;
    draft_.args[at_.component]["format"] = format_of(*files);
    return read(*files);
  }

  /// Paths by role; the role `prefix` stands for all files that begin so.
  bool named_files() {
    SourceFiles files{{}, at_.hint};
    for (const auto& [role, path] : at_.files) {
      if (role != kPrefix) {
        files.files[role] = resolve(path);
        continue;
      }
      for (const auto& [found, at] : files_of_prefix(resolve(path)).files) files.files[found] = at;
    }
    return read(files);
  }

  bool one_file() {
    nlohmann::json hashes;
    if (!read({{{kPath, resolve(at_.path)}}, at_.hint}, &hashes)) return false;
    (at_.component.empty() ? draft_.args : draft_.args[at_.component])[kPath] = hashes[kPath];
    return true;
  }

  bool read(const SourceFiles& files) {
    nlohmann::json hashes = nlohmann::json::object();
    if (!read(files, &hashes)) return false;
    draft_.args[at_.component]["files"] = std::move(hashes);
    return true;
  }

  bool read(SourceFiles files, nlohmann::json* hashes) {
    if (files.hint.empty()) files.hint = at_.hint;
    for (const auto& [role, path] : files.files) {
      const Result<std::string> hash = store::digest_file(path);
      if (!hash.ok()) {
        return missing(
            "there is no file " + path,
            files.hint.empty() ? "paths are relative to the file that names them" : files.hint);
      }
      (*hashes)[role] = *hash;
      draft_.site["files"][role] = fs::absolute(path).string();
    }
    if (!files.hint.empty()) draft_.site["hint"] = files.hint;
    return true;
  }

  /// The layout of what lies at a catalogued place; a program's own files say theirs.
  static std::string format_of(const SourceFiles& files) {
    if (files.files.count("inter") > 0) return "recbole";
    return files.files.count("sequences") > 0 ? "sequences" : "jsonl";
  }

  bool tokenizer() {
    const std::string* path = catalog_.tokenizer(at_.name);
    if (path == nullptr || !fs::exists(*path)) {
      return missing("tokenizer `" + at_.name + "` is not on this machine" +
                         (path != nullptr ? ": there is no file " + *path : ""),
                     "run `./dev setup`, which fetches it");
    }
    draft_.site["tokenizer"] = *path;
    return true;
  }

  bool folder(const std::string& path) {
    if (!fs::exists(fs::path(path) / "config.json"))
      return missing("there is no model in " + path,
                     "a model folder holds config.json and model.safetensors");
    if (contents_) {
      const Result<std::string> hash = store::digest_folder(path);
      if (!hash.ok()) return missing(hash.error().message, hash.error().help);
      draft_.args[kPath] = *hash;
    }
    draft_.site["files"][kPath] = fs::absolute(path).string();
    return true;
  }

  Draft& draft_;
  const Location& at_;
  const SourceCatalog& catalog_;
  const source::SourceMap& sources_;
  diagnostics::Sink& sink_;
  bool contents_;
};

}  // namespace

bool locate(Draft* draft, const SourceCatalog& catalog, const source::SourceMap& sources,
            diagnostics::Sink& sink) {
  return Locator(draft, catalog, sources, sink, /*contents=*/true).run();
}

bool locate_place(Draft* draft, const SourceCatalog& catalog, const source::SourceMap& sources,
                  diagnostics::Sink& sink) {
  return Locator(draft, catalog, sources, sink, /*contents=*/false).run();
}

}  // namespace rexp::plan
