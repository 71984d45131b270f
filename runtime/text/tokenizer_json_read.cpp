// Reads Hugging Face's tokenizer.json for the byte-level BPE families; whatever else it may hold is refused by name.
#include <algorithm>
#include <set>

#include "runtime/base/json.h"

#include "runtime/store/file.h"
#include "runtime/text/byte_level.h"
#include "runtime/text/tokenizer_impl.h"

namespace rexp::text {
namespace {

using nlohmann::json;
constexpr int64_t kMaxId = int64_t{1} << 24;

/// Member `key` of an object, null when there is none.
const json& member(const json& object, const char* key) {
  static const json null;
  const auto found = object.find(key);
  return found == object.end() ? null : *found;
}
bool flag(const json& object, const char* key, bool otherwise) {
  const json& value = member(object, key);
  return value.is_boolean() ? value.get<bool>() : otherwise;
}
std::string type_of(const json& object) {
  const json& type = member(object, "type");
  return type.is_string() ? type.get<std::string>() : "of no type";
}
/// The steps of a Sequence (under `key`), or the one step itself.
std::vector<json> steps_of(const json& step, const char* key) {
  if (step.is_null()) return {};
  if (type_of(step) != "Sequence") return {step};
  std::vector<json> steps;
  for (const json& inner : step.at(key)) {
    for (json& each : steps_of(inner, key)) steps.push_back(std::move(each));
  }
  return steps;
}

/// One tokenizer.json. JSON that has not the expected shape throws json::exception, caught in from_folder.
class Reader {
 public:
  Reader(std::string path, const json& root) : path_(std::move(path)), root_(root) {}

  Status read(Tokenizer::Impl* impl) {
    REXP_TRY(read_normalizer(impl));
    REXP_TRY(read_pre_tokenizer(&impl->rule));
    const json& decoder = member(root_, "decoder");
    if (!decoder.is_null() && type_of(decoder) != "ByteLevel")
      return unsupported("the decoder " + type_of(decoder));
    std::vector<AddedToken> added;
    REXP_TRY(read_added(impl->nfc, &added));
    auto bpe = std::make_shared<Bpe>(Bpe::Order::by_list);
    REXP_TRY(read_model(added, bpe.get()));
    impl->bpe = std::move(bpe);
    impl->set_added(std::move(added));
    return {};
  }

 private:
  Error unsupported(const std::string& part) const {
    return file_error(path_, 0,
                      part +
                          " is not supported, only byte-level BPE as in Qwen2/Qwen3, Llama-3 and "
                          "GPT-2/SmolLM2 is",
                      "use a model of one of these families");
  }
  Error malformed(const std::string& what) const {
    return file_error(path_, 0, what, "the file may be damaged: copy the model folder again");
  }

  Status read_normalizer(Tokenizer::Impl* impl) const {
    impl->nfc = false;
    for (const json& step : steps_of(member(root_, "normalizer"), "normalizers")) {
      if (type_of(step) != "NFC") return unsupported("the normalizer " + type_of(step));
      impl->nfc = true;
    }
    return {};
  }

  Status read_pre_tokenizer(SplitRule* rule) const {
    bool split = false, byte_level = false;
    for (const json& step : steps_of(member(root_, "pre_tokenizer"), "pretokenizers")) {
      const std::string type = type_of(step);
      if (byte_level) return unsupported("the pre-tokenizer " + type + " behind ByteLevel");
      if (type == "Digits" && !split && flag(step, "individual_digits", false)) {
        rule->digits_apart = true;
      } else if (type == "Split" && !split) {
        REXP_TRY(read_split(step, rule));
        split = true;
      } else if (type == "ByteLevel") {
        if (flag(step, "add_prefix_space", true))
          return unsupported("ByteLevel with add_prefix_space");
        if (flag(step, "use_regex", true) == split)
          return unsupported("ByteLevel with its own splitting and another, or with none");
        if (!split) rule->pattern = SplitPattern::gpt2;
        byte_level = true;
      } else {
        return unsupported("the pre-tokenizer " + type + " (as it is set up there)");
      }
    }
    return byte_level ? Status() : unsupported("a pre-tokenizer without ByteLevel");
  }

  Status read_split(const json& step, SplitRule* rule) const {
    const json& regex = member(step.at("pattern"), "Regex");
    const std::string behavior = step.at("behavior").get<std::string>();
    const bool invert = flag(step, "invert", false);
    // the patterns match everything, so that to isolate matches and to remove what lies between them is the same
    if (!(behavior == "Isolated" && !invert) && !(behavior == "Removed" && invert)) {
      return unsupported("a Split that is " + behavior + (invert ? " and inverted" : ""));
    }
    for (const SplitPattern pattern :
         {SplitPattern::qwen2, SplitPattern::llama3, SplitPattern::gpt2}) {
      if (!regex.is_string() || regex.get_ref<const std::string&>() != pattern_source(pattern))
        continue;
      rule->pattern = pattern;
      return {};
    }
    return unsupported("the splitting pattern " +
                       (regex.is_string() ? regex.get<std::string>() : step.at("pattern").dump()));
  }

  Status read_added(bool nfc, std::vector<AddedToken>* added) const {
    const json& list = member(root_, "added_tokens");
    if (list.is_null()) return {};
    std::set<int32_t> ids;
    for (const json& token : list) {
      const std::string content = token.at("content").get<std::string>();
      const auto id = whole_number(token.at("id"), 0, kMaxId - 1);
      if (!id || content.empty() || !ids.insert(static_cast<int32_t>(*id)).second) {
        return malformed("the added token '" + content + "' has the id " + token.at("id").dump() +
                         ", which cannot be");
      }
      for (const char* key : {"single_word", "lstrip", "rstrip"}) {
        if (flag(token, key, false))
          return unsupported("the added token '" + content + "' with " + key);
      }
      // without a normalizer a normalized text is the text
      if (nfc && flag(token, "normalized", false))
        return unsupported("the added token '" + content + "' with normalized");
      added->push_back({static_cast<int32_t>(*id), content, flag(token, "special", false)});
    }
    return {};
  }

  Status read_model(const std::vector<AddedToken>& added, Bpe* bpe) const {
    const json& model = root_.at("model");
    const std::string type =
        member(model, "type").is_null() && model.contains("merges") ? "BPE" : type_of(model);
    if (type != "BPE") return unsupported("the tokenizer model " + type);
    if (flag(model, "byte_fallback", false)) return unsupported("BPE with byte_fallback");
    const json& dropout = member(model, "dropout");
    if (dropout.is_number() && dropout.get<double>() != 0) return unsupported("BPE with dropout");
    for (const char* key : {"continuing_subword_prefix", "end_of_word_suffix"}) {
      const json& value = member(model, key);
      if (value.is_string() && !value.get_ref<const std::string&>().empty())
        return unsupported(std::string("BPE with ") + key);
    }
    bpe->set_ignore_merges(flag(model, "ignore_merges", false));
    REXP_TRY(read_vocabulary(model.at("vocab"), added, bpe));
    const json& unknown = member(model, "unk_token");
    if (unknown.is_string()) {
      const std::string content = unknown.get<std::string>();
      const json& id = member(model.at("vocab"), content.c_str());
      const auto number = whole_number(id, 0, kMaxId - 1);
      if (!number) return malformed("the unknown-token '" + content + "' is not in the vocabulary");
      bpe->set_unknown(static_cast<int32_t>(*number), flag(model, "fuse_unk", false));
    }
    std::vector<Merge> merges;
    REXP_TRY(read_merges(model.at("merges"), *bpe, &merges));
    bpe->finish(std::move(merges));
    return {};
  }

  Status read_vocabulary(const json& vocabulary, const std::vector<AddedToken>& added,
                         Bpe* bpe) const {
    std::set<int32_t> added_ids;
    for (const AddedToken& token : added) added_ids.insert(token.id);
    bpe->reserve(vocabulary.size(), vocabulary.size() * 8);
    for (const auto& [spelling, value] : vocabulary.items()) {
      const auto number = whole_number(value, 0, kMaxId - 1);
      if (!number) {
        return malformed("the token '" + spelling + "' has the id " + value.dump() +
                         ", ids are whole numbers from 0 to " + std::to_string(kMaxId - 1));
      }
      const auto id = static_cast<int32_t>(*number);
      const std::optional<std::string> bytes = from_byte_level(spelling);
      // text must not be able to spell an added token, nor one outside the byte alphabet
      const bool reachable = bytes.has_value() && added_ids.count(id) == 0;
      if (!bpe->add(id, bytes ? *bytes : spelling, reachable)) {
        return malformed("the token '" + spelling + "' or its id " + std::to_string(id) +
                         " is in the vocabulary twice");
      }
    }
    return {};
  }

  Status read_merges(const json& list, const Bpe& bpe, std::vector<Merge>* merges) const {
    merges->reserve(list.size());
    for (const json& entry : list) {
      std::string left, right;
      if (entry.is_string()) {
        const std::string& text = entry.get_ref<const std::string&>();
        const size_t blank = text.find(' ');
        if (blank != std::string::npos)
          left = text.substr(0, blank), right = text.substr(blank + 1);
      } else if (entry.size() == 2) {
        left = entry[0].get<std::string>(), right = entry[1].get<std::string>();
      }
      const auto l = from_byte_level(left), r = from_byte_level(right);
      if (left.empty() || right.empty() || !l || !r)
        return malformed("the merge " + entry.dump() + " is not two tokens");
      const Merge merge{bpe.find(*l), bpe.find(*r), bpe.find(*l + *r)};
      if (merge.left < 0 || merge.right < 0 || merge.result < 0) {
        return malformed("the merge '" + left + " " + right +
                         "' names a token that is not in the vocabulary");
      }
      merges->push_back(merge);
    }
    return {};
  }

  std::string path_;
  const json& root_;
};

}  // namespace

std::string_view pattern_source(SplitPattern pattern) {
  switch (pattern) {
    case SplitPattern::qwen2:
      return R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
    case SplitPattern::llama3:
      return R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
    case SplitPattern::gpt2: break;
  }
  return R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
}

Result<Tokenizer> Tokenizer::from_folder(const std::string& folder) {
  const std::string path = folder + "/tokenizer.json";
  const Result<std::string> read = store::read_file(path);
  if (!read.ok()) return read.error();
  const std::string& content = *read;
  const auto root = parse_json(content, path);
  if (!root) return root.error();
  try {
    Tokenizer tokenizer;
    REXP_TRY(Reader(path, *root).read(tokenizer.impl_.get()));
    return tokenizer;
  } catch (const json::exception& fault) {
    return file_error(path, 0, std::string("the file is not a tokenizer.json: ") + fault.what(),
                      "the file may be damaged: copy the model folder again");
  }
}

}  // namespace rexp::text
