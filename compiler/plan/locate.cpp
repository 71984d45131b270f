#include "compiler/plan/locate.h"

#include <filesystem>

#include "runtime/store/digest.h"

namespace rexp::plan {
namespace fs = std::filesystem;
using diagnostics::Kind;
using elaborate::Location;

namespace {

class Locator {
 public:
  Locator(elaborate::Node* node, const SourceCatalog& catalog, const source::SourceMap& sources,
          diagnostics::Sink& sink)
      : node_(*node), at_(node->location), catalog_(catalog), sources_(sources), sink_(sink) {}

  bool run() {
    switch (at_.kind) {
      case Location::Kind::none: return true;
      case Location::Kind::catalogue: return catalogued();
      case Location::Kind::prefix: return read(files_of_prefix(resolve(at_.path)));
      case Location::Kind::files: {
        SourceFiles files{{}, at_.hint};
        for (const auto& [role, path] : at_.files) files.files[role] = resolve(path);
        return read(files);
      }
      case Location::Kind::random_model: return tokenizer();
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
    if (fs::path(path).is_absolute() || at_.span.file < 0) return path;
    return (fs::path(sources_.name(at_.span.file)).parent_path() / path)
        .lexically_normal()
        .string();
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
    node_.site["source_name"] = at_.name;
    return read(*files);
  }

  bool read(SourceFiles files) {
    if (files.hint.empty()) files.hint = at_.hint;
    nlohmann::json hashes = nlohmann::json::object(), paths = nlohmann::json::object();
    for (const auto& [role, path] : files.files) {
      const Result<std::string> hash = store::digest_file(path);
      if (!hash.ok()) {
        return missing(
            "there is no file " + path,
            files.hint.empty() ? "paths are relative to the file that names them" : files.hint);
      }
      hashes[role] = *hash;
      paths[role] = fs::absolute(path).string();
    }
    auto& where = node_.kind == "codebook" ? node_.args["learn"] : node_.args["source"];
    where["files"] = hashes;
    if (node_.kind != "codebook") where["kind"] = kind_of(files);
    node_.site["files"] = paths;
    if (!files.hint.empty()) node_.site["hint"] = files.hint;
    return true;
  }

  std::string kind_of(const SourceFiles& files) const {
    if (files.files.count("inter") > 0) return "recbole";
    if (files.files.count("sequences") > 0) return "sequences";
    return "jsonl";
  }

  bool tokenizer() {
    const std::string* path = catalog_.tokenizer(at_.name);
    if (path == nullptr || !fs::exists(*path)) {
      return missing("tokenizer `" + at_.name + "` is not on this machine" +
                         (path != nullptr ? ": there is no file " + *path : ""),
                     "run `./dev setup`, which fetches it");
    }
    node_.site["tokenizer"] = *path;
    return true;
  }

  bool folder(const std::string& path) {
    if (!fs::exists(fs::path(path) / "config.json"))
      return missing("there is no model in " + path,
                     "a model folder holds config.json and model.safetensors");
    const Result<std::string> hash = store::digest_folder(path);
    if (!hash.ok()) return missing(hash.error().message, hash.error().help);
    node_.args["digest"] = *hash;
    node_.site["folder"] = fs::absolute(path).string();
    node_.site["tokenizer"] = node_.site["folder"];
    return true;
  }

  elaborate::Node& node_;
  const Location& at_;
  const SourceCatalog& catalog_;
  const source::SourceMap& sources_;
  diagnostics::Sink& sink_;
};

}  // namespace

bool locate(elaborate::Node* node, const SourceCatalog& catalog, const source::SourceMap& sources,
            diagnostics::Sink& sink) {
  return Locator(node, catalog, sources, sink).run();
}

}  // namespace rexp::plan
