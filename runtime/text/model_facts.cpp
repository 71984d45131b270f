#include "runtime/text/model_facts.h"

#include <algorithm>
#include <filesystem>

#include "runtime/base/json.h"
#include "runtime/store/file.h"

namespace rexp::text {
namespace {

using nlohmann::json;

constexpr std::pair<const char*, Overflow> kOverflows[] = {{"drop_oldest", Overflow::drop_oldest},
                                                           {"drop_example", Overflow::drop_example},
                                                           {"refuse", Overflow::refuse}};

std::string name_of(Overflow overflow) {
  return std::find_if(std::begin(kOverflows), std::end(kOverflows),
                      [&](const auto& known) { return known.second == overflow; })
      ->first;
}

// Tokens are numbered far below; a larger id would be somebody's memory, not a token.
constexpr int32_t kMostId = 1 << 24;

/// Throws json::exception on a field of the wrong type.
ModelFacts facts_of(const json& ours) {
  ModelFacts facts;
  for (const json& c : ours.at("codebooks")) {
    facts.codebooks.push_back(
        {c.at("name").get<std::string>(),
         {c.at("hash").get<std::string>(), c.at("extends").get<std::vector<std::string>>()},
         -1,
         c.at("tokens").get<std::vector<std::string>>()});
  }
  facts.tokenizer_hash = ours.at("tokenizer_hash").get<std::string>();
  facts.tokenizer_kind = ours.at("tokenizer").at("kind").get<std::string>();
  facts.folder_hash = ours.at("tokenizer").at("folder_hash").get<std::string>();
  facts.chat_format = ours.at("chat").at("format").get<std::string>();
  facts.chat_think = ours.at("chat").at("think").get<std::string>();
  return facts;
}

/// What is wrong with the token ids of a codebook; empty when nothing is.
std::string read_ids(const json& entry, OwnedCodebook* book) {
  const json& first = entry.at("first_id");
  if (!first.is_null()) {
    const auto id = whole_number(first, 0, kMostId);
    if (!id)
      return "codebook `" + book->name + "` has the first id " + first.dump() + ", which cannot be";
    book->first_id = static_cast<int32_t>(*id);
  }
  if (book->tokens.size() > size_t{kMostId})
    return "codebook `" + book->name + "` has " + std::to_string(book->tokens.size()) +
           " tokens, which cannot be";
  if (std::any_of(book->tokens.begin(), book->tokens.end(),
                  [](const std::string& token) { return token.empty(); }))
    return "codebook `" + book->name + "` has an empty token";
  return {};
}

/// Reads numbers and names, whose values matter too. What is wrong with them; empty when nothing is.
std::string read_values(const json& ours, ModelFacts* facts) {
  for (size_t i = 0; i < facts->codebooks.size(); ++i) {
    if (auto wrong = read_ids(ours["codebooks"][i], &facts->codebooks[i]); !wrong.empty())
      return wrong;
  }
  if (facts->tokenizer_kind != "qwen" && facts->tokenizer_kind != "folder")
    return "the tokenizer kind \"" + facts->tokenizer_kind +
           "\" is neither \"qwen\" nor \"folder\"";
  if (facts->chat_think != "none" && facts->chat_think != "empty")
    return "the think mode \"" + facts->chat_think + "\" is neither \"none\" nor \"empty\"";
  const json& window = ours.at("window");
  if (window.is_null()) return {};
  const auto tokens = whole_number(window.at("tokens"), 1, INT64_MAX);
  const auto overflow = overflow_of(window.at("overflow").get<std::string>());
  if (!tokens || !overflow) return "the window " + window.dump() + " cannot be";
  facts->window = {*tokens, *overflow};
  return {};
}

}  // namespace

std::optional<Overflow> overflow_of(const std::string& name) {
  for (const auto& [known, overflow] : kOverflows) {
    if (name == known) return overflow;
  }
  return std::nullopt;
}

Result<ModelFacts> parse_model_facts(const json& ours, const std::string& path) {
  const std::string help = "a model folder of this version has it; train or export it again";
  try {
    ModelFacts facts = facts_of(ours);
    const std::string wrong = read_values(ours, &facts);
    if (!wrong.empty()) return file_error(path, 0, wrong, help);
    return facts;
  } catch (const json::exception& e) {
    return file_error(path, 0, std::string("not the form a model folder needs: ") + e.what(), help);
  }
}

json to_json(const ModelFacts& facts) {
  json codebooks = json::array();
  for (const OwnedCodebook& c : facts.codebooks) {
    codebooks.push_back({{"name", c.name},
                         {"hash", c.lineage.hash},
                         {"extends", c.lineage.extends},
                         {"first_id", c.first_id < 0 ? json() : json(c.first_id)},
                         {"tokens", c.tokens}});
  }
  json window;
  if (facts.window.tokens > 0)
    window = {{"tokens", facts.window.tokens}, {"overflow", name_of(facts.window.overflow)}};
  return {{"codebooks", std::move(codebooks)},
          {"tokenizer_hash", facts.tokenizer_hash},
          {"tokenizer", {{"kind", facts.tokenizer_kind}, {"folder_hash", facts.folder_hash}}},
          {"chat", {{"format", facts.chat_format}, {"think", facts.chat_think}}},
          {"window", std::move(window)}};
}

Result<std::optional<ModelFacts>> read_model_facts(const std::string& folder) {
  const std::string path = folder + "/rexp.json";
  if (!std::filesystem::exists(path)) return std::optional<ModelFacts>();
  const auto text = store::read_file(path);
  if (!text) return text.error();
  const auto ours = parse_json(*text, path);
  if (!ours) return ours.error();
  auto facts = parse_model_facts(*ours, path);
  if (!facts) return facts.error();
  return std::optional(std::move(*facts));
}

Result<Tokenizer> folder_tokenizer(const std::string& folder) {
  const auto facts = read_model_facts(folder);
  if (!facts) return facts.error();
  auto tokenizer = Tokenizer::from_folder(folder);
  if (!tokenizer || !facts->has_value() || (*facts)->folder_hash.empty()) return tokenizer;
  const std::string hash = tokenizer->hash();
  if (hash == (*facts)->folder_hash) return tokenizer;
  return file_error(folder + "/tokenizer.json", 0,
                    "the model was made with tokenizer " + (*facts)->folder_hash +
                        ", but its folder holds " + hash,
                    "put the tokenizer.json back that belongs to the model, or copy the whole "
                    "folder again");
}

Status check_tokenizer(const ModelFacts& facts, const Tokenizer& tokenizer,
                       const std::string& where) {
  if (facts.tokenizer_hash.empty()) return {};
  const std::string hash = tokenizer.hash();
  if (hash == facts.tokenizer_hash) return {};
  return user_error(
      where + " was trained with tokenizer " + facts.tokenizer_hash + ", found " + hash,
      facts.tokenizer_kind == "qwen"
          ? "its ids are those of `qwen.tiktoken`: `./dev setup` fetches the one it needs"
          : "put the tokenizer.json back that belongs to the model");
}

Status check_voice(const ModelFacts& facts, const std::string& chat, const std::string& think,
                   const std::string& where) {
  if (facts.tokenizer_hash.empty()) return {};
  if (facts.chat_format == chat && facts.chat_think == think) return {};
  const auto words = [](const std::string& format, const std::string& mode) {
    return "chat format `" + format + "` and think mode `" + mode + "`";
  };
  return user_error(where + " was trained with " + words(facts.chat_format, facts.chat_think) +
                        ", its prompts are written with " + words(chat, think),
                    "declare it as it was trained: `with { chat = " + facts.chat_format +
                        "; think = " + facts.chat_think + " }`");
}

Result<Tokenizer> full_tokenizer(const Tokenizer& base, const ModelFacts& facts) {
  std::vector<const OwnedCodebook*> books;
  for (const OwnedCodebook& book : facts.codebooks) {
    if (book.first_id >= 0) books.push_back(&book);
  }
  std::sort(books.begin(), books.end(),
            [](const auto* a, const auto* b) { return a->first_id < b->first_id; });
  Tokenizer out = base;
  for (const OwnedCodebook* book : books) {
    if (book->end_id() <= out.size()) continue;  // the tokenizer of the folder has them already
    if (book->first_id != out.size()) {
      return user_error("the tokens of codebook `" + book->name + "` begin at id " +
                            std::to_string(book->first_id) +
                            ", the tokenizer before them ends at " + std::to_string(out.size()),
                        "use the tokenizer that the model was trained with");
    }
    out.extend(book->tokens);
  }
  return out;
}

}  // namespace rexp::text
