#include "runtime/base/json.h"

#include "runtime/data/load.h"

namespace rexp::data {
namespace {

using Json = nlohmann::json;

std::optional<ColumnKind> parse_kind(const std::string& type) {
  if (type == "int") return ColumnKind::integer;
  if (type == "float") return ColumnKind::real;
  if (type == "text") return ColumnKind::text;
  if (type == "text_list") return ColumnKind::text_list;
  return std::nullopt;
}

std::string spelling(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

Result<ColumnWish> parse_wish(const Json& json, const char* table) {
  ColumnWish wish;
  wish.name = json.at("name").get<std::string>();
  wish.table = table;
  const std::optional<ColumnKind> kind = parse_kind(json.at("type").get<std::string>());
  if (!kind) return internal_error("load: unknown column type in " + json.dump());
  wish.kind = *kind;
  const Json fallback = json.value("default", Json());
  if (fallback.is_array()) {
    wish.fallback.emplace();
    for (const Json& value : fallback) wish.fallback->push_back(spelling(value));
  } else if (!fallback.is_null()) {
    wish.fallback = {spelling(fallback)};
  }
  return wish;
}

Status parse_ties(const Json& ties, LoadOptions* options) {
  if (ties.is_object()) {
    options->ties = Ties::shuffle;
    options->tie_seed = ties.at("seed").get<uint64_t>();
  } else if (ties == "id") {
    options->ties = Ties::id;
  } else if (ties != "file") {
    return internal_error("load: unknown order of ties " + ties.dump());
  }
  return {};
}

Result<LoadOptions> parse(const Json& args, const Json& site) {
  LoadOptions options;
  options.source = args.at("source");
  options.files = site.value("files", std::map<std::string, std::string>{});
  options.rename = options.source.value("rename", std::map<std::string, std::string>{});
  options.hint = site.value("hint", "");
  REXP_TRY(parse_ties(args.value("ties", Json("file")), &options));
  constexpr std::pair<const char*, const char*> kTables[] = {
      {"columns", "items"}, {"event_columns", "events"}, {"user_columns", "users"}};
  for (const auto& [field, table] : kTables) {
    for (const Json& column : args.value(field, Json::array())) {
      Result<ColumnWish> wish = parse_wish(column, table);
      if (!wish.ok()) return wish.error();
      options.columns.push_back(std::move(*wish));
    }
  }
  return options;
}

}  // namespace

Result<LoadOptions> parse_load_options(const Json& args, const Json& site) {
  try {
    return parse(args, site);
  } catch (const Json::exception& error) {
    return internal_error(std::string("load: ") + error.what());
  }
}

}  // namespace rexp::data
