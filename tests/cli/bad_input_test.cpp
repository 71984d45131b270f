// Mistakes of the user: exit code 2, one clear message, and nothing half-written in the store.
#include <gtest/gtest.h>
#include <sys/mount.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "tests/cli/program.h"

namespace rexp::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const std::string kModels = REXP_SOURCE_DIR "/tests/parity/models/";

class BadInput : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!has_qwen_tokenizer()) GTEST_SKIP() << "qwen.tiktoken is not there: ./dev setup fetches it";
  }

  /// One error, its words in the message or the help, exit code 2; the same as JSON.
  void expect_refused(const std::vector<std::string>& args,
                      const std::vector<std::string>& words) const {
    const Outcome outcome = place.rexp(args);
    EXPECT_EQ(outcome.code, 2) << outcome.out << outcome.err;
    size_t errors = 0;
    for (size_t at = outcome.err.find("error"); at != std::string::npos;
         at = outcome.err.find("\nerror", at + 1))
      ++errors;
    EXPECT_EQ(errors, 1u) << outcome.err;
    for (const std::string& word : words)
      EXPECT_NE(outcome.err.find(word), std::string::npos) << word << "\n" << outcome.err;
    std::vector<std::string> machine = args;
    machine.push_back("--json");
    const Outcome answer = place.rexp(machine);
    EXPECT_EQ(answer.code, 2);
    const json printed = answer.json();
    ASSERT_TRUE(printed.is_object()) << answer.out << answer.err;
    EXPECT_EQ(printed["ok"], false);
    const json& error = printed.contains("error") ? printed["error"] : printed["diagnostics"][0];
    EXPECT_FALSE(error["message"].get<std::string>().empty());
  }

  /// No pending folder, and no artifact of a node of these kinds.
  void expect_nothing_of(const std::vector<std::string>& kinds) const {
    EXPECT_EQ(names_in(place.path("store/pending")), std::vector<std::string>{});
    for (const std::string& key : names_in(place.path("store/artifacts"))) {
      std::ifstream file(place.path("store/artifacts/" + key + "/meta.json"));
      ASSERT_TRUE(file.good()) << key << " has no meta.json";
      const std::string kind = json::parse(file)["kind"];
      for (const std::string& absent : kinds) EXPECT_NE(kind, absent);
    }
  }

  /// An experiment on RecBole files with these contents.
  void recbole(const std::string& events, const std::string& items) const {
    place.write("data/x.inter", events);
    place.write("data/x.item", items);
    place.write("a.rexp", small_experiment(
                              {{"toy.films(users = 60, items = 40)", "data.recbole(\"data/x\")"}}));
  }

  Workplace place;
  const std::string events_ =
      "user_id:token\titem_id:token\trating:float\ttimestamp:"
      "float\n1\t5\t3\t10\n1\t6\t3\t11\n1\t7\t3\t12\n";
  const std::string items_ = "item_id:token\tmovie_title:token_seq\n5\tA\n6\tB\n7\tC\n";
};

TEST_F(BadInput, NoDataFile) {
  place.write(
      "a.rexp",
      small_experiment({{"toy.films(users = 60, items = 40)", "data.recbole(\"nowhere/x\")"}}));
  expect_refused({"run", "a.rexp", "--quiet"}, {"nowhere/x.inter", "relative"});
  EXPECT_TRUE(names_in(place.path("store")).empty()) << "known before anything runs";
}

TEST_F(BadInput, WrongColumn) {
  std::string events = events_;
  recbole(events.replace(events.find("item_id"), 7, "film_no"), items_);
  expect_refused({"run", "a.rexp", "--quiet"}, {"x.inter:1", "no column `item_id`", "`film_no`"});
  expect_nothing_of({"load", "rows"});
}

TEST_F(BadInput, MissingFieldOfTheItems) {
  recbole(events_, items_);
  place.write(
      "a.rexp",
      small_experiment(
          {{"toy.films(users = 60, items = 40)", "data.recbole(\"data/x\")"},
           {"dataset films",
            "schema Film extends Item { title: Text }\ndataset films: Interactions<Film>"}}));
  expect_refused({"run", "a.rexp", "--quiet"}, {"no column `title`", "did you mean `movie_title`"});
  expect_nothing_of({"load", "rows"});
}

TEST_F(BadInput, EmptyCatalogue) {
  recbole(events_, items_.substr(0, items_.find('\n') + 1));
  expect_refused({"run", "a.rexp", "--quiet"}, {"x.item", "catalogue is empty"});
  expect_nothing_of({"load", "codebook"});
}

TEST_F(BadInput, AUserWithTooFewEvents) {
  recbole(events_ + "2\t5\t3\t10\n", items_);
  expect_refused({"run", "a.rexp", "--quiet"},
                 {"user `2` has 1 event", "three", "keep = u => u.events.length >= 3"});
  expect_nothing_of({"load"});
}

TEST_F(BadInput, ProgramsThatAreWrong) {
  const std::vector<std::pair<Replacements, std::vector<std::string>>> cases = {
      {{{"data = next;", "data = nexx;"}}, {"R0101", "`nexx`", "did you mean `next`"}},
      {{{"length = 5", "lenght = 5"}}, {"R0102", "`lenght`", "did you mean `length`"}},
      {{{"5 steps", "5 rows"}}, {"R0210", "number of steps", "`5 rows`"}},
      {{{"What comes next?", "${next.sid}?"}}, {"R0301", "prompt reads the answer", "assistant"}},
      {{{"  assistant \"${next.sid}\"", "  masked assistant \"${next.sid}\""}},
       {"R0310", "trains nothing"}},
      {{{"${h.sid sep \" \"}", "${h.sid}"}}, {"R0207", "separator"}},
  };
  for (const auto& [change, words] : cases) {
    place.write("a.rexp", small_experiment(change));
    for (const char* command : {"check", "run"}) expect_refused({command, "a.rexp"}, words);
  }
  EXPECT_TRUE(names_in(place.path("store")).empty());
}

TEST_F(BadInput, NamesOnTheCommandLine) {
  place.write("a.rexp", small_experiment());
  expect_refused({"check", "nowhere.rexp"}, {"nowhere.rexp"});
  expect_refused({"check", "."}, {"is a folder", "name a file, such as ./a.rexp"});
  expect_refused({"run", "a.rexp", "frist"}, {"`frist`", "did you mean `first`"});
  expect_refused({"render", "a.rexp", "next_flm"}, {"`next_flm`", "did you mean `next_film`"});
  expect_refused({"render", "a.rexp", "next_film", "--variant", "nope"}, {"no variant `nope`"});
  expect_refused({"render", "a.rexp", "next_film", "--row", "100000"}, {"row 100000", "has 755"});
  expect_refused({"tokenize", "--model", "nowhere", "--text", "x"}, {"nowhere/tokenizer.json"});
}

TEST_F(BadInput, Overrides) {
  place.write("a.rexp", small_experiment());
  expect_refused({"explain", "a.rexp", "--set", "learn.lenght=6 steps"},
                 {"`lenght`", "did you mean `length`"});
  expect_refused({"explain", "a.rexp", "--set", "lern.length=6 steps"},
                 {"`lern`", "did you mean `learn`"});
  expect_refused({"run", "a.rexp", "--set", "learn.length=\"long\""}, {"`length`", "`\"long\"`"});
  expect_refused({"run", "a.rexp", "--set", "learn.batch=3 epochs"}, {"`batch`", "rows"});
  expect_refused({"run", "a.rexp", "--set", "learn.length"}, {"path=value"});
  EXPECT_TRUE(names_in(place.path("store")).empty());
  place.write("two.rexp",
              small_experiment() +
                  "\nexperiment two(base: Model = toy.decoder_2m, mix: Task = next) { m = "
                  "base |> learn with { data = mix } }\n");
  expect_refused({"explain", "two.rexp", "two", "--set", "mix=unknown"},
                 {"R0101", "unknown name `unknown`", "--set:1:5"});
}

TEST_F(BadInput, ACodebookThatTheModelDidNotLearn) {
  place.write("a.rexp", small_experiment());
  const Outcome trained = place.rexp({"run", "a.rexp", "--json"});
  ASSERT_EQ(trained.code, 0) << trained.err;
  const std::string folder = artifact_of(place, trained, "first/learn");
  std::ifstream file(folder + "/rexp.json");
  ASSERT_TRUE(file.good());
  const std::string hash = json::parse(file)["codebooks"][0]["hash"];
  place.write("b.rexp", small_experiment(
                            {{"[8, 8, 8]", "[16, 8, 8]"},
                             {"base: Model = small", "base: Model = folder(\"" + folder + "\")"}}));
  expect_refused({"run", "b.rexp", "--quiet"}, {"codebook `sid`", hash, "train again"});
  const std::string message = place.rexp({"run", "b.rexp", "--json"}).json()["error"]["message"];
  size_t hashes = 0, length = 0;
  for (const char c : message + " ") {
    length = std::isxdigit(static_cast<unsigned char>(c)) ? length + 1 : 0;
    hashes += length == 32;
  }
  EXPECT_EQ(hashes, 2u) << "both are named: " << message;
}

TEST_F(BadInput, ATruncatedModel) {
  fs::copy(kModels + "qwen3_tied", place.path("cut"));
  fs::copy_file(REXP_SOURCE_DIR "/tests/parity/tokenizer/qwen2_style/tokenizer.json",
                place.path("cut/tokenizer.json"));
  fs::resize_file(place.path("cut/model.safetensors"), 5000);
  expect_refused({"model", "score", "cut", "--tokens", "1,2,3"},
                 {"cut/model.safetensors", "truncated"});
  place.write("a.rexp",
              small_experiment({{"base: Model = small", "base: Model = folder(\"cut\")"}}));
  expect_refused({"run", "a.rexp", "--quiet"}, {"model.safetensors", "truncated"});
  expect_nothing_of({"model", "train"});
}

TEST_F(BadInput, WeightsThatAreNoNumbers) {
  fs::copy(kModels + "qwen3_tied", place.path("nan"));
  fs::copy_file(REXP_SOURCE_DIR "/tests/parity/tokenizer/qwen2_style/tokenizer.json",
                place.path("nan/tokenizer.json"));
  std::fstream weights(place.path("nan/model.safetensors"),
                       std::ios::binary | std::ios::in | std::ios::out);
  weights.seekp(-4, std::ios::end);
  weights.write("\xFF\xFF\xFF\x7F", 4);
  weights.close();
  place.write("items.jsonl", "{\"item\": 1, \"tokens\": [20, 30]}\n");
  place.write("prompts.jsonl", "{\"tokens\": [1]}\n");
  const std::vector<std::string> words = {"nan/model.safetensors", "holds NaN", "tensor 'model."};
  expect_refused({"model", "score", "nan", "--tokens", "1,2,3"}, words);
  expect_refused(
      {"decode", "--model", "nan", "--catalog", "items.jsonl", "--prompts", "prompts.jsonl"},
      words);
  place.write("a.rexp",
              small_experiment({{"base: Model = small", "base: Model = folder(\"nan\")"}}));
  expect_refused({"run", "a.rexp", "--quiet"}, words);
  expect_nothing_of({"model", "train"});
}

TEST_F(BadInput, ModelScoreArguments) {
  expect_refused({"model", "score", "nowhere", "--tokens", "1,2"}, {"nowhere", "no config.json"});
  expect_refused({"model", "score", kModels + "qwen3_tied", "--tokens", "1,200"},
                 {"token 200", "96 rows"});
  EXPECT_EQ(place.rexp({"model", "score", kModels + "qwen3_tied", "--tokens", "1,x"}).code, 2);
}

TEST_F(BadInput, DecodeArguments) {
  place.write("empty.jsonl", "");
  place.write("items.jsonl", "{\"item\": 1, \"tokens\": [20, 30]}\n");
  place.write("far.jsonl", "{\"tokens\": [1]}\n{\"tokens\": [500]}\n");
  const std::string model = kModels + "qwen3_tied";
  expect_refused({"decode", "--model", model, "--catalog", "empty.jsonl", "--prompts", "far.jsonl"},
                 {"empty.jsonl", "no item"});
  expect_refused({"decode", "--model", model, "--catalog", "items.jsonl", "--prompts", "far.jsonl"},
                 {"far.jsonl:2", "500"});
  expect_refused({"decode", "--model", model, "--catalog", "items.jsonl", "--prompts", "far.jsonl",
                  "--exact", "--unconstrained"},
                 {"exact"});
}

TEST_F(BadInput, SequencesWithBytesThatAreNoText) {
  place.write(
      "a.rexp",
      small_experiment({{"toy.films(users = 60, items = 40)", "data.sequences(\"data/x.txt\")"}}));
  place.write("data/x.txt", std::string("1 2 3 4\n2 3\0 4 2\n", 17));
  expect_refused({"run", "a.rexp", "--quiet"}, {"x.txt:2", "NUL byte in column 4"});
  place.write("data/x.txt", "1 2 3 4\n2 3\xE9 4 2\n");
  expect_refused({"run", "a.rexp", "--quiet"}, {"x.txt:2", "byte 0xE9 in column 4 is not UTF-8"});
  place.write("data/x.txt", std::string("\xFF\xFE\x31\0\x20\0", 6));
  expect_refused({"run", "a.rexp", "--quiet"}, {"x.txt:1", "byte 0xFF in column 1"});
  expect_nothing_of({"load"});
}

TEST_F(BadInput, IndexFilesThatHoldNoCodes) {
  place.write("a.rexp",
              small_experiment({{"std.toy", "std.toy\nimport std.codebook { index_file }"},
                                {"toy.tree { levels = [8, 8, 8] }", "index_file(\"x.json\")"}}));
  const std::vector<std::string> run = {"run", "a.rexp", "--quiet"};
  place.write("x.json", R"({"0": []})");
  expect_refused(run, {"x.json", "item `0` has no list of codes"});
  place.write("x.json", R"({"0": [1, 2147483647]})");
  expect_refused(run, {"x.json", "item `0` has the code 2147483647"});
  place.write("x.json", "{\"0\": " + std::string(100'000, '[') + std::string(100'000, ']') + "}");
  expect_refused(run, {"x.json:1", "more than 200 levels deep"});
  expect_nothing_of({"codebook", "train"});
}

TEST_F(BadInput, JsonLinesThatAreTooDeep) {
  place.write("e.jsonl", "{\"user\": 1, \"item\": 2, \"at\": 3}\n{\"user\": " +
                             std::string(100'000, '[') + std::string(100'000, ']') + "}\n");
  place.write("i.jsonl", "{\"id\": 2}\n");
  place.write("a.rexp", small_experiment({{"toy.films(users = 60, items = 40)",
                                           "data.jsonl(\"e.jsonl\", \"i.jsonl\")"}}));
  expect_refused({"run", "a.rexp", "--quiet"}, {"e.jsonl:2", "more than 200 levels deep"});
  expect_nothing_of({"load"});
}

TEST_F(BadInput, ModelFoldersThatClaimWhatCannotBe) {
  place.write("a.rexp", small_experiment());
  const Outcome trained = place.rexp({"run", "a.rexp", "--json"});
  ASSERT_EQ(trained.code, 0) << trained.err;
  const std::string folder = artifact_of(place, trained, "first/learn");
  fs::copy(folder, place.path("m"));
  std::ifstream file(place.path("m/rexp.json"));
  json ours = json::parse(file);
  ours["row_ids"] = {-1};
  place.write("m/rexp.json", ours.dump());
  const std::vector<std::string> score = {"model", "score", "m", "--tokens", "1,2"};
  expect_refused(score, {"m/rexp.json", "'row_ids' names 1 tokens, but the matrix has"});
  fs::copy_file(folder + "/rexp.json", place.path("m/rexp.json"),
                fs::copy_options::overwrite_existing);
  place.write("m/model.safetensors", std::string("\0\0\0\0\1\0\0\0", 8));
  fs::resize_file(place.path("m/model.safetensors"), (uint64_t{4} << 30) + 64);  // takes no room
  expect_refused(score, {"m/model.safetensors", "the header claims 4294967296 bytes"});
}

TEST_F(BadInput, AStoreThatCannotBeWritten) {
  place.write("a.rexp", small_experiment());
  place.write("file", "");
  expect_refused({"run", "a.rexp", "--quiet", "--store", "file/x"}, {"cannot create", "file/x"});
}

TEST_F(BadInput, AFullDisk) {
  const std::string disk = place.path("disk");
  fs::create_directory(disk);
  if (mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=300k") != 0)
    GTEST_SKIP() << "a file system cannot be mounted here: " << std::strerror(errno);
  place.write("a.rexp", small_experiment());
  const Outcome full = place.rexp({"run", "a.rexp", "--quiet", "--store", "disk/store"});
  const auto pending = names_in(disk + "/store/pending"),
             artifacts = names_in(disk + "/store/artifacts");
  for (const std::string& key : artifacts)
    EXPECT_TRUE(fs::exists(disk + "/store/artifacts/" + key + "/meta.json"));
  umount(disk.c_str());
  EXPECT_EQ(full.code, 2) << full.err;
  EXPECT_NE(full.err.find("No space left on device"), std::string::npos) << full.err;
  EXPECT_NE(full.err.find("free some space"), std::string::npos) << full.err;
  EXPECT_EQ(pending, std::vector<std::string>{});
  EXPECT_FALSE(artifacts.empty()) << "what was finished before stays";
}

TEST_F(BadInput, CudaWhereThereIsNone) {
  if (fs::exists("/dev/nvidiactl")) GTEST_SKIP() << "this machine has CUDA";
  place.write("a.rexp", small_experiment());
  expect_refused({"run", "a.rexp", "--device", "cuda"}, {"cuda was asked for", "cpu"});
  expect_nothing_of({"load", "model", "train"});
}

/// Not bad at all: the list of a baseline is as long as the deepest metric, whichever looks deeper.
TEST_F(BadInput, MetricsDeeperThanTheListOfABaseline) {
  for (const char* metrics :
       {"[hit@200, prefix@2@200]", "[hit@200, prefix@2@10]", "[hit@10, prefix@2@1000]"}) {
    place.write("a.rexp", small_experiment({{"items = 40", "items = 300"},
                                            {"beam, hit", "beam, hit, prefix"},
                                            {"[hit@1, hit@10]", metrics},
                                            {"[base |> learn, popularity(films.train)]",
                                             "[popularity(films.train)]"}}));
    const Outcome run = place.rexp({"run", "a.rexp", "--quiet"});
    EXPECT_EQ(run.code, 0) << metrics << run.err;
  }
}

}  // namespace
}  // namespace rexp::cli
