// Writes a tokenizer for Hugging Face `tokenizers`: only the tokens that a model owns, under its row numbers.
#include "runtime/base/json.h"

#include "runtime/store/file.h"
#include "runtime/text/byte_level.h"
#include "runtime/text/chat_format.h"
#include "runtime/text/tokenizer_impl.h"

namespace rexp::text {
namespace {

using json = nlohmann::ordered_json;

Status write_json(const std::string& path, const json& content) {
  return store::write_file(path,
                           content.dump(1, ' ', false, json::error_handler_t::replace) + "\n");
}

/// The row of every full id, -1 where the model does not own it.
Result<std::vector<int32_t>> row_by_id(std::span<const int32_t> rows, int32_t size) {
  std::vector<int32_t> row_of(size, -1);
  for (size_t row = 0; row < rows.size(); ++row) {
    const int32_t id = rows[row];
    if (id < 0) return internal_error("row " + std::to_string(row) + " has a negative token id");
    if (id >= size) continue;
    if (row_of[id] >= 0) return internal_error("token " + std::to_string(id) + " has two rows");
    row_of[id] = static_cast<int32_t>(row);
  }
  return row_of;
}

json pre_tokenizer_json(const SplitRule& rule) {
  json steps = json::array();
  if (rule.digits_apart) steps.push_back({{"type", "Digits"}, {"individual_digits", true}});
  const bool own_regex = rule.pattern == SplitPattern::gpt2;
  if (!own_regex) {
    steps.push_back({{"type", "Split"},
                     {"pattern", {{"Regex", pattern_source(rule.pattern)}}},
                     {"behavior", "Isolated"},
                     {"invert", false}});
  }
  steps.push_back({{"type", "ByteLevel"},
                   {"add_prefix_space", false},
                   {"trim_offsets", false},
                   {"use_regex", own_regex}});
  return {{"type", "Sequence"}, {"pretokenizers", steps}};
}

/// The kept merges, first is applied first.
json merges_json(const Bpe& bpe, const std::vector<int32_t>& row_of) {
  json list = json::array();
  const auto keep = [&](int32_t left, int32_t right, int32_t result) {
    if (row_of[left] < 0 || row_of[right] < 0 || row_of[result] < 0) return;
    list.push_back(json::array({to_byte_level(bpe.bytes(left)), to_byte_level(bpe.bytes(right))}));
  };
  if (bpe.order() == Bpe::Order::by_list) {
    for (const Merge& merge : bpe.merges()) keep(merge.left, merge.right, merge.result);
    return list;
  }
  for (int32_t id = 0; id < bpe.size(); ++id) {
    if (row_of[id] < 0) continue;
    if (const auto parts = bpe.parts(id)) keep(parts->first, parts->second, id);
  }
  return list;
}

json added_json(const AddedToken& token) {
  return {{"content", token.content}, {"single_word", false}, {"lstrip", false},
          {"rstrip", false},          {"normalized", false},  {"special", token.special}};
}

/// A JSON object filled in order. ordered_json searches linearly before it inserts; here keys are known to be distinct.
class ObjectWriter {
 public:
  void append(std::string key, json value) {
    entries().emplace_back(std::move(key), std::move(value));
  }
  json take() { return std::move(object_); }

 private:
  std::vector<json::object_t::value_type>& entries() { return object_.get_ref<json::object_t&>(); }
  json object_ = json::object();
};

/// The owned tokens in the three places that the two files want them.
struct OwnedTokens {
  json added = json::array();  // tokenizer.json
  ObjectWriter added_by_row;   // tokenizer_config.json
  ObjectWriter vocabulary;     // tokenizer.json, the model
};

Status collect(const Tokenizer::Impl& impl, std::span<const int32_t> rows,
               const std::vector<int32_t>& row_of, OwnedTokens* out) {
  const Bpe& bpe = *impl.bpe;
  for (size_t row = 0; row < rows.size(); ++row) {
    const AddedToken* token = impl.added_by_id(rows[row]);
    if (token == nullptr) {
      const std::string_view bytes = bpe.bytes(rows[row]);
      if (!bytes.empty()) out->vocabulary.append(to_byte_level(bytes), row);
      continue;
    }
    const auto spelled = from_byte_level(token->content);
    if (const int32_t clash = spelled ? bpe.find(*spelled) : -1; clash >= 0 && row_of[clash] >= 0) {
      return user_error(
          "the added token '" + token->content +
              "' is a token of the vocabulary as well, a tokenizer.json holds only one",
          "choose another surface, such as '<|sid_{}|>'");
    }
    // Hugging Face gives an added token the id of the vocabulary's entry, or else the next free one
    out->vocabulary.append(token->content, row);
    json entry = {{"id", row}};
    entry.update(added_json(*token));
    out->added.push_back(std::move(entry));
    out->added_by_row.append(std::to_string(row), added_json(*token));
  }
  return {};
}

json model_json(const Tokenizer::Impl& impl, const std::vector<int32_t>& row_of, json vocabulary) {
  const Bpe& bpe = *impl.bpe;
  json unknown = nullptr;
  if (const int32_t id = bpe.unknown(); id >= 0 && id < impl.size && row_of[id] >= 0) {
    const AddedToken* token = impl.added_by_id(id);
    unknown = token != nullptr ? token->content : to_byte_level(bpe.bytes(id));
  }
  json model = {{"type", "BPE"},
                {"dropout", nullptr},
                {"unk_token", std::move(unknown)},
                {"continuing_subword_prefix", nullptr},
                {"end_of_word_suffix", nullptr},
                {"fuse_unk", bpe.fuse_unknown()},
                {"byte_fallback", false},
                {"ignore_merges", bpe.ignore_merges()}};
  model["vocab"] = std::move(vocabulary);
  model["merges"] = merges_json(bpe, row_of);
  return model;
}

json tokenizer_json(const Tokenizer::Impl& impl, const std::vector<int32_t>& row_of,
                    OwnedTokens* tokens) {
  json root = {{"version", "1.0"},
               {"truncation", nullptr},
               {"padding", nullptr},
               {"added_tokens", std::move(tokens->added)}};
  root["normalizer"] = impl.nfc ? json{{"type", "NFC"}} : json(nullptr);
  root["pre_tokenizer"] = pre_tokenizer_json(impl.rule);
  root["post_processor"] = nullptr;
  root["decoder"] = {{"type", "ByteLevel"},
                     {"add_prefix_space", false},
                     {"trim_offsets", false},
                     {"use_regex", false}};
  root["model"] = model_json(impl, row_of, tokens->vocabulary.take());
  return root;
}

}  // namespace

Status Tokenizer::save_pruned(const std::string& folder, std::span<const int32_t> rows,
                              const ChatFormat* chat) const {
  const Result<std::vector<int32_t>> row_of = row_by_id(rows, size());
  if (!row_of.ok()) return row_of.error();
  OwnedTokens tokens;
  REXP_TRY(collect(*impl_, rows, *row_of, &tokens));

  const auto owned = [&](const char* content) -> json {
    const auto id = this->added(content);
    return id && (*row_of)[*id] >= 0 ? json(content) : json(nullptr);
  };
  json config = {{"tokenizer_class", "PreTrainedTokenizerFast"},
                 {"add_prefix_space", false},
                 {"bos_token", nullptr},
                 {"eos_token", owned(this->added("<|im_end|>") ? "<|im_end|>" : "<|endoftext|>")},
                 {"pad_token", owned("<|endoftext|>")},
                 {"unk_token", nullptr},
                 {"clean_up_tokenization_spaces", false},
                 {"model_input_names", {"input_ids", "attention_mask"}},
                 {"padding_side", "left"}};
  config["added_tokens_decoder"] = tokens.added_by_row.take();
  const Result<ChatFormat> plain = chat_format("qwen3", Think::none, *this);
  if (chat != nullptr || plain.ok())
    config["chat_template"] = jinja_template(chat != nullptr ? *chat : *plain);

  REXP_TRY(store::make_folder(folder));
  REXP_TRY(write_json(folder + "/tokenizer.json", tokenizer_json(*impl_, *row_of, &tokens)));
  return write_json(folder + "/tokenizer_config.json", config);
}

}  // namespace rexp::text
