// Model folders: config, weights, vocabulary, and what is said when a file is wrong.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "runtime/base/json.h"
#include "runtime/base/random.h"
#include "runtime/model/artifact.h"
#include "runtime/model/device.h"
#include "runtime/model/safetensors.h"

namespace rexp::model {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

Config small(bool tied = true) {
  Config c;
  c.hidden = 16;
  c.layers = 2;
  c.heads = 4;
  c.kv_heads = 2;
  c.head_dim = 8;
  c.ffn = 24;
  c.vocab = 12;
  c.tied = tied;
  c.max_positions = 32;
  c.eos = {2, 3};
  return c;
}

ModelArtifact grown_model(bool tied) {
  ModelArtifact m;
  m.config = small(tied);
  m.weights = random_weights(m.config, 7);
  m.vocabulary = Vocabulary::grows({10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 500});
  m.tokenizer_hash = "abc";
  m.chat_think = "empty";
  return m;
}

/// A folder of its own for each test, removed at the end.
class Folder : public testing::Test {
 protected:
  void SetUp() override {
    path_ = testing::TempDir() + "rexp_model_" +
            testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(path_);
  }
  void TearDown() override { fs::remove_all(path_); }
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  void save(const ModelArtifact& model) const {
    const Status saved = save_model(model, path_);
    ASSERT_TRUE(saved.ok()) << to_string(saved.error());
  }
  std::string load_error() const {
    auto loaded = load_model(path_);
    return loaded.ok() ? "" : to_string(loaded.error());
  }
  /// Applies `change` to one JSON file of the folder.
  void edit(const std::string& name, const std::function<void(json&)>& change) const {
    std::ifstream in(file(name));
    json object = json::parse(in);
    change(object);
    std::ofstream(file(name)) << object;
  }
  std::string path_;
};

std::string base64(const std::string& bytes) {
  constexpr const char* kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = 0;
    for (size_t j = 0; j < 3; ++j)
      group = group << 8 | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0);
    for (size_t j = 0; j < 4; ++j)
      out += i + j <= bytes.size() ? kDigits[group >> (18 - 6 * j) & 63] : '=';
  }
  return out;
}

TEST(ModelConfig, RoundTripsThroughHuggingFaceForm) {
  Config c = small(false);
  c.bos = 1;
  c.rope_scaling = RopeScaling{4, 1, 4, 64};
  auto again = parse_config(to_json(c), "config.json");
  ASSERT_TRUE(again.ok()) << to_string(again.error());
  EXPECT_EQ(*again, c);
}

TEST(ModelConfig, RefusesWhatItWouldComputeWrongly) {
  const auto message = [](const char* field, const json& value) {
    json object = to_json(small());
    object[field] = value;
    auto c = parse_config(object, "m/config.json");
    return c.ok() ? std::string("accepted") : to_string(c.error());
  };
  EXPECT_NE(
      message("model_type", "gpt2").find("model_type is 'gpt2', but only 'qwen3' and 'llama'"),
      std::string::npos);
  EXPECT_NE(message("attention_bias", true).find("'attention_bias' is true"), std::string::npos);
  EXPECT_NE(message("hidden_act", "gelu").find("activation 'gelu'"), std::string::npos);
  EXPECT_NE(message("rope_scaling", {{"rope_type", "yarn"}, {"factor", 4.0}}).find("type 'yarn'"),
            std::string::npos);
  EXPECT_NE(message("num_key_value_heads", 3).find("not a multiple of 3"), std::string::npos);
  EXPECT_NE(message("num_hidden_layers", 0).find("'num_hidden_layers' is 0"), std::string::npos);
  EXPECT_NE(message("hidden_size", nullptr).find("no 'hidden_size'"), std::string::npos);
  for (const json& size :
       {json(-1), json(1e9), json(int64_t{1} << 40), json(~uint64_t{0}), json("8")})
    EXPECT_NE(message("vocab_size", size).find("'vocab_size' is " + size.dump()),
              std::string::npos);
  EXPECT_NE(message("head_dim", 1 << 24).find("are wider than"), std::string::npos);
  EXPECT_NE(message("hidden_act", 3).find("'hidden_act' is 3, not a text"), std::string::npos);
  EXPECT_NE(message("eos_token_id", {1, -1}).find("not a token id"), std::string::npos);
}

TEST(ModelConfig, CountsParameters) {
  for (bool tied : {true, false}) {
    int64_t count = 0;
    random_weights(small(tied), 1).for_each([&](const std::string&, at::Tensor& t) {
      count += t.numel();
    });
    EXPECT_EQ(count, parameter_count(small(tied)));
  }
}

TEST(ModelWeights, RandomOnesAreNormalAndAFunctionOfTheStream) {
  Config c = small();
  c.vocab = 5000;
  const Weights a = random_weights(c, 3), b = random_weights(c, 3), other = random_weights(c, 4);
  EXPECT_TRUE(a.embedding.equal(b.embedding));
  EXPECT_FALSE(a.embedding.equal(other.embedding));
  EXPECT_FALSE(a.layers[0].q.equal(a.layers[1].q));
  EXPECT_NEAR(a.embedding.std().item<double>(), 0.02, 2e-4);
  EXPECT_NEAR(a.embedding.mean().item<double>(), 0, 2e-4);
  EXPECT_NEAR((a.embedding / 0.02).pow(4).mean().item<double>(), 3, 0.1);  // kurtosis of a normal
  EXPECT_TRUE(a.final_norm.eq(1).all().item<bool>());
}

TEST(ModelWeights, ATokensFirstRowDoesNotDependOnItsCompany) {
  const std::vector<int32_t> both = {40, 41}, one = {41};
  EXPECT_TRUE(random_rows(both, 8, 0.1, 5)[1].equal(random_rows(one, 8, 0.1, 5)[0]));
}

TEST(ModelVocabulary, MapsIdsToRowsAndGrows) {
  Vocabulary v = Vocabulary::grows({7, 300});
  EXPECT_EQ(v.row(300), 1);
  EXPECT_EQ(v.row(8), -1);
  v.add(8);
  EXPECT_EQ(v.row(8), 2);
  EXPECT_EQ(v.id(2), 8);
  EXPECT_EQ(v.row_ids(), (std::vector<int32_t>{7, 300, 8}));
  std::vector<int64_t> rows = {99};
  EXPECT_TRUE(v.append_rows(8, nullptr, &rows));
  EXPECT_FALSE(v.append_rows(9, nullptr, &rows));
  EXPECT_EQ(rows, (std::vector<int64_t>{99, 2}));
  v.truncate(1);
  EXPECT_FALSE(v.owns(300));
  const Vocabulary full = Vocabulary::full(3);
  EXPECT_EQ(full.row(2), 2);
  EXPECT_EQ(full.row(3), -1);
  EXPECT_EQ(full.row_ids(), (std::vector<int32_t>{0, 1, 2}));
}

TEST_F(Folder, ATokenThatTheModelDoesNotOwnIsSplitIntoItsParts) {
  // 256 bytes, then "ab" and "abc"
  fs::create_directories(path_);
  std::ofstream ranks(file("tiny.tiktoken"));
  for (int byte = 0; byte < 256; ++byte)
    ranks << base64(std::string(1, static_cast<char>(byte))) << ' ' << byte << '\n';
  ranks << base64("ab") << " 256\n" << base64("abc") << " 257\n" << std::flush;
  auto tokenizer = text::Tokenizer::from_tiktoken(file("tiny.tiktoken"), {});
  ASSERT_TRUE(tokenizer.ok()) << to_string(tokenizer.error());
  std::vector<int64_t> rows;
  EXPECT_TRUE(Vocabulary::grows({'c', 'b', 'a', 256}).append_rows(257, &*tokenizer, &rows));
  EXPECT_EQ(rows, (std::vector<int64_t>{3, 0}));  // ab c
  EXPECT_TRUE(Vocabulary::grows({'c', 'b', 'a'}).append_rows(257, &*tokenizer, &rows));
  EXPECT_EQ(rows, (std::vector<int64_t>{3, 0, 2, 1, 0}));  // a b c
  EXPECT_FALSE(Vocabulary::grows({'a', 'b'}).append_rows(257, &*tokenizer, &rows));
  EXPECT_EQ(rows.size(), 5u);
}

TEST(ModelArtifact, AddedTokensLeaveBaseRowsAlone) {
  for (bool tied : {true, false}) {
    ModelArtifact m = grown_model(tied);
    const at::Tensor before = m.weights.embedding.clone();
    const std::vector<int32_t> first = {600, 601}, second = {602};
    ASSERT_TRUE(m.add_tokens(first, random_rows_like_others(1)).ok());
    EXPECT_TRUE(m.weights.embedding.equal(before));
    EXPECT_EQ(m.weights.embedding_new.sizes(), (std::vector<int64_t>{2, 16}));
    EXPECT_EQ(m.weights.head_new.defined(), !tied);
    EXPECT_EQ(m.vocabulary.row(601), 13);
    EXPECT_EQ(m.config.vocab, 14);
    ASSERT_TRUE(m.add_tokens(second, random_rows_like_others(1)).ok());
    EXPECT_EQ(m.weights.base_rows(), 14);
    EXPECT_EQ(m.weights.rows(), 15);
  }
}

TEST(ModelArtifact, AFullVocabularyReusesTheUnusedRowsOfItsMatrix) {
  ModelArtifact m = grown_model(true);
  m.vocabulary = Vocabulary::full(12);  // the tokenizer ends at 9: rows 10 and 11 are padding
  const std::vector<int32_t> ids = {10, 11, 12, 13}, beyond = {20};
  ASSERT_TRUE(m.add_tokens(ids, random_rows_like_others(1)).ok());
  EXPECT_EQ(m.weights.base_rows(), 10);
  EXPECT_EQ(m.weights.rows(), 14);
  EXPECT_EQ(m.vocabulary.rows(), 14);
  EXPECT_FALSE(m.add_tokens(beyond, random_rows_like_others(1)).ok());
}

TEST_F(Folder, KeepsEverythingAGrownModelKnows) {
  for (bool tied : {true, false}) {
    ModelArtifact m = grown_model(tied);
    const std::vector<int32_t> ids = {600, 601};
    ASSERT_TRUE(m.add_tokens(ids, random_rows_like_others(1)).ok());
    m.codebooks.push_back({"sid", {"beef", {"cafe"}}, 600, {"<a>", "<b>"}});
    save(m);
    auto again = load_model(path_);
    ASSERT_TRUE(again.ok()) << to_string(again.error());
    EXPECT_EQ(again->config, m.config);
    EXPECT_EQ(again->vocabulary.kind(), Vocabulary::Kind::grows);
    EXPECT_EQ(again->vocabulary.row_ids(), m.vocabulary.row_ids());
    ASSERT_EQ(again->codebooks.size(), 1u);
    EXPECT_EQ(again->codebooks[0].lineage.hash, "beef");
    EXPECT_EQ(again->codebooks[0].lineage.extends, std::vector<std::string>{"cafe"});
    EXPECT_EQ(again->chat_think, "empty");
    EXPECT_EQ(again->tokenizer_hash, "abc");
    EXPECT_FALSE(again->weights.embedding_new.defined());
    EXPECT_TRUE(
        again->weights.embedding.equal(at::cat({m.weights.embedding, m.weights.embedding_new})));
  }
}

TEST_F(Folder, TruncatedWeightsAreNamed) {
  save(grown_model(true));
  const auto size = fs::file_size(file("model.safetensors"));
  fs::resize_file(file("model.safetensors"), size - 10);
  EXPECT_NE(load_error().find("model.safetensors: tensor 'model.norm.weight' ends at byte"),
            std::string::npos)
      << load_error();
  EXPECT_NE(load_error().find("truncated"), std::string::npos);
  for (uintmax_t cut : {uintmax_t{100}, uintmax_t{8}, uintmax_t{3}, uintmax_t{0}}) {
    fs::resize_file(file("model.safetensors"), cut);
    EXPECT_NE(load_error(), "") << cut;
  }
}

TEST_F(Folder, AShapeThatTheConfigDoesNotAskForIsNamed) {
  save(grown_model(true));
  edit("config.json", [](json& c) { c["intermediate_size"] = 20; });
  EXPECT_NE(load_error().find("tensor 'model.layers.0.mlp.gate_proj.weight' has shape [24,16], but "
                              "config.json asks for [20,16]"),
            std::string::npos)
      << load_error();
}

TEST_F(Folder, AMissingTensorIsNamed) {
  save(grown_model(true));
  edit("config.json", [](json& c) { c["tie_word_embeddings"] = false; });
  EXPECT_NE(load_error().find("tensor 'lm_head.weight' of shape [12,16] is missing"),
            std::string::npos)
      << load_error();
}

TEST_F(Folder, RowIdsThatDoNotFitTheMatrixAreRefused) {
  save(grown_model(true));
  const auto codebook = [](const json& first, const json& tokens) {
    return json{{"name", "sid"},
                {"hash", "x"},
                {"extends", json::array()},
                {"first_id", first},
                {"tokens", tokens}};
  };
  const auto refused = [&](const std::function<void(json&)>& change, const std::string& words) {
    save(grown_model(true));
    edit("rexp.json", change);
    const std::string message = load_error();
    return message.find("rexp.json: ") != std::string::npos &&
                   message.find(words) != std::string::npos &&
                   message.find("help: ") != std::string::npos
               ? testing::AssertionSuccess()
               : testing::AssertionFailure() << message << " lacks " << words;
  };
  EXPECT_TRUE(refused([](json& ours) { ours["row_ids"][1] = ours["row_ids"][0]; },
                      "rows 0 and 1 have the same token"));
  EXPECT_TRUE(refused([](json& ours) { ours["row_ids"] = {-1}; },
                      "'row_ids' names 1 tokens, but the matrix has 12 rows"));
  EXPECT_TRUE(refused([](json& ours) { ours["row_ids"][3] = -1; }, "row 3 has the token -1"));
  EXPECT_TRUE(refused([](json& ours) { ours["row_ids"][3] = 2147483647; }, "row 3 has the token"));
  EXPECT_TRUE(
      refused([](json& ours) { ours["row_ids"][3] = ~uint64_t{0}; }, "row 3 has the token"));
  EXPECT_TRUE(refused([](json& ours) { ours["row_ids"][3] = 1.5; }, "row 3 has the token 1.5"));
  EXPECT_TRUE(refused([](json& ours) { ours["row_ids"] = "all"; }, "no list of token ids"));
  for (const json& first : {json(-7), json(2147483648), json(1.5), json("7")}) {
    EXPECT_TRUE(refused([&](json& ours) { ours["codebooks"] = {codebook(first, {"<a>"})}; },
                        "codebook `sid` has the first id " + first.dump()));
  }
  EXPECT_TRUE(refused([&](json& ours) { ours["codebooks"] = {codebook(7, {"<a>", ""})}; },
                      "codebook `sid` has an empty token"));
  EXPECT_TRUE(refused([&](json& ours) { ours["codebooks"] = {codebook(7, 3)}; }, "not the form"));
  for (const json& tokens : {json(0), json(1.5), json(1e300), json(~uint64_t{0})}) {
    EXPECT_TRUE(
        refused([&](json& ours) { ours["window"] = {{"tokens", tokens}, {"overflow", "refuse"}}; },
                "the window "));
  }
  EXPECT_TRUE(refused([](json& ours) { ours["tokenizer"]["kind"] = "x"; }, "tokenizer kind \"x\""));
  EXPECT_TRUE(refused([](json& ours) { ours["chat"]["think"] = "hard"; }, "think mode \"hard\""));
  EXPECT_TRUE(refused([](json& ours) { ours["vocabulary"] = 3; }, "'vocabulary' is 3"));
}

TEST_F(Folder, WeightsThatAreNoNumbersAreNamed) {
  for (const float value : {std::nanf(""), -std::numeric_limits<float>::infinity()}) {
    ModelArtifact m = grown_model(true);
    m.weights.layers[0].q.view({-1})[5] = value;
    save(m);
    EXPECT_NE(
        load_error().find("model.safetensors: tensor 'model.layers.0.self_attn.q_proj.weight' "
                          "holds " +
                          std::string(std::isnan(value) ? "NaN" : "an infinite")),
        std::string::npos)
        << load_error();
    EXPECT_NE(load_error().find("(element 5 of "), std::string::npos) << load_error();
  }
}

TEST_F(Folder, ADamagedHeaderIsAUserErrorWhateverItsBytes) {
  save(grown_model(true));
  std::ifstream in(file("model.safetensors"), std::ios::binary);
  const std::string good{std::istreambuf_iterator<char>(in), {}};
  for (uint64_t i = 0; i < 300; ++i) {
    std::string bad = good;
    bad[below(1, 2 * i, 1200)] = static_cast<char>(bits(1, 2 * i + 1));
    std::ofstream(file("model.safetensors"), std::ios::binary) << bad;
    auto loaded = load_model(
        path_);  // must neither crash nor read outside the file; a harmless byte may load
    EXPECT_TRUE(loaded.ok() || loaded.error().kind == ErrorKind::user) << i;
  }
}

TEST_F(Folder, AFolderWithoutAModelIsNamed) {
  EXPECT_NE(load_error().find("no config.json"), std::string::npos);
}

TEST(ModelDevice, KnowsItsWords) {
  EXPECT_TRUE(pick_device("cpu")->is_cpu());
  EXPECT_NE(pick_device("tpu").error().message.find("'tpu' is not known"), std::string::npos);
  const auto wanted = pick_device("cuda");
  if (wanted.ok()) GTEST_SKIP() << "this machine has CUDA";
  EXPECT_NE(wanted.error().message.find("cuda was asked for, but it cannot be used"),
            std::string::npos);
  EXPECT_TRUE(pick_device(std::nullopt)->is_cpu());
}

}  // namespace
}  // namespace rexp::model
