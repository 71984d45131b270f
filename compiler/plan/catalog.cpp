#include "compiler/plan/catalog.h"

#include <toml++/toml.h>
#include <filesystem>

namespace rexp::plan {
namespace fs = std::filesystem;

namespace {

constexpr int kAncestors = 8;  // how far above the program site.toml is looked for

std::optional<fs::path> find_site(const std::string& file) {
  fs::path folder = fs::absolute(file).parent_path();
  for (int level = 0; level < kAncestors; ++level) {
    if (fs::exists(folder / "site.toml")) return folder / "site.toml";
    if (folder == folder.parent_path()) break;
    folder = folder.parent_path();
  }
  return std::nullopt;
}

template <class Add>
Status read_paths(const toml::table& site, const char* section, const fs::path& file, Add add) {
  const toml::table* table = site[section].as_table();
  if (table == nullptr) return {};
  for (const auto& [key, value] : *table) {
    const auto path = value.template value<std::string>();
    if (!path) {
      return file_error(file.string(), static_cast<int>(value.source().begin.line),
                        "`" + std::string(key.str()) + "` in [" + section + "] is not a path",
                        "write `name = \"folder/file\"`");
    }
    add(std::string(key.str()),
        fs::path(*path).is_absolute() ? *path : (file.parent_path() / *path).string());
  }
  return {};
}

}  // namespace

SourceFiles files_of_prefix(const std::string& path) {
  SourceFiles out;
  const fs::path given(path);
  if (fs::is_regular_file(given)) {
    if (given.extension() == ".jsonl") {
      out.files["events"] = path;
    } else if (given.extension() == ".inter") {
      out.files["inter"] = path;
    } else {
      out.files["sequences"] = path;
    }
    return out;
  }
  const fs::path prefix = fs::is_directory(given) ? given / given.filename() : given;
  for (const char* role : {"inter", "item", "user"}) {
    const std::string file = prefix.string() + "." + role;
    if (fs::exists(file) || std::string(role) == "inter") out.files[role] = file;
  }
  if (!fs::exists(out.files["inter"])) {
    for (const fs::path& folder : {given, given.parent_path()}) {
      const fs::path sequences = folder / "sequences.txt";
      if (folder == given && fs::exists(sequences)) out.files = {{"sequences", sequences.string()}};
    }
  }
  return out;
}

SourceCatalog SourceCatalog::standard(const std::string& cache) {
  SourceCatalog out;
  const fs::path data = fs::path(cache) / "data";
  SourceFiles ml_100k = files_of_prefix((data / "ml-100k" / "ml-100k").string());
  ml_100k.files.try_emplace("item", (data / "ml-100k" / "ml-100k.item").string());
  ml_100k.files.erase("user");
  ml_100k.hint = "run `./dev setup`, which fetches it";
  out.add_source("ml_100k", std::move(ml_100k));
  out.set_tokenizer("qwen", (data / "qwen.tiktoken").string());
  return out;
}

Status SourceCatalog::add_site(const std::string& file) {
  const std::optional<fs::path> path = find_site(file);
  if (!path) return {};
  try {
    const toml::table site = toml::parse_file(path->string());
    REXP_TRY(
        read_paths(site, "data", *path, [&](const std::string& name, const std::string& value) {
          SourceFiles files = files_of_prefix(value);
          files.hint = "see `" + name + "` in " + path->string();
          add_source("site.data." + name, std::move(files));
        }));
    return read_paths(
        site, "models", *path,
        [&](const std::string& name, const std::string& value) { add_model(name, value); });
  } catch (const toml::parse_error& error) {
    return file_error(path->string(), static_cast<int>(error.source().begin.line),
                      std::string(error.description()));
  }
}

namespace {

template <class Map>
auto find(const Map& map, const std::string& name) {
  const auto at = map.find(name);
  return at == map.end() ? nullptr : &at->second;
}

}  // namespace

const SourceFiles* SourceCatalog::source(const std::string& name) const {
  return find(sources_, name);
}
const std::string* SourceCatalog::model(const std::string& name) const {
  return find(models_, name);
}
const std::string* SourceCatalog::tokenizer(const std::string& name) const {
  return find(tokenizers_, name);
}

std::vector<std::string> SourceCatalog::source_names() const {
  std::vector<std::string> names;
  for (const auto& [name, files] : sources_) names.push_back(name);
  return names;
}

}  // namespace rexp::plan
