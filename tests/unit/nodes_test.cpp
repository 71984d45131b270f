// Whole nodes by the contract of runtime/abi/README.md, from a source to a report.
#include "runtime/abi/row_helpers.h"
#include "runtime/data/dataset.h"
#include "runtime/eval/guesses.h"
#include "tests/unit/nodes_films.h"

namespace rexp::abi {
namespace {

TEST_F(Nodes, BaselinesAreMeasuredAsDeepAsMetricsLook) {
  const Input book = codebook();
  const Input knn =
      run({"baseline",
           {{"is", "item_knn"}, {"neighbours", 0}, {"train", {{"input", 0}, {"part", "train"}}}},
           {},
           {films_}});
  ASSERT_EQ(error, "");
  const Input lists =
      run({"rank", {{"listed", 200}, {"system", {{"input", 0}}}}, {}, {knn, films_, test_}});
  ASSERT_EQ(error, "");
  Node node = evaluation(lists, book);
  const Input scores = run(node);
  ASSERT_EQ(error, "");
  const Json rows = read_json(scores, "metrics.json")["rows"];
  ASSERT_EQ(rows.size(), 6u);
  EXPECT_EQ(rows[1]["metric"], "hit@200");
  EXPECT_FALSE(rows[1].contains("system"));
  EXPECT_GT(rows[1]["value"].get<double>(), 0.5);
  EXPECT_GE(rows[2]["value"].get<double>(), rows[1]["value"].get<double>());
  node.site = {{"protocol", "renamed"}, {"system", "another"}};
  node.name = "renamed/node";
  const Input again = run(node);
  for (const char* file : {"metrics.json", "samples.json", "per_user.bin"})
    EXPECT_EQ(read(scores, file), read(again, file)) << "names are in no artifact";
}

TEST_F(Nodes, GroupsTablesAndDerivedColumnsReachFunctions) {
  const Input items = run({"rows", {{"is", "items"}}, {}, {films_}});
  const Input cold = run({"rows",
                          {{"is", "where"}, {"rows", {{"input", 1}}}, {"each", {{"kernel", 0}}}},
                          {},
                          {films_, items},
                          {{even, {{"slots", {"item"}}}}}});
  ASSERT_EQ(error, "");
  const Input groups = run({"rows",
                            {{"is", "group"}, {"rows", {{"input", 1}}}, {"by", {{"kernel", 0}}}},
                            {},
                            {films_, cold},
                            {{by_column, reads(0, "items", "id", {"item"})}}});
  ASSERT_EQ(error, "");
  EXPECT_EQ(data::load_rows(path(groups, "rows.bin"))->count, 110) << "every id is a group";
  const Input named = run({"rows",
                           {{"is", "where"}, {"rows", {{"input", 0}}}, {"each", {{"kernel", 0}}}},
                           {},
                           {groups},
                           {{is_n, reads(0, "rows", "name", {"group"})}}});
  ASSERT_EQ(error, "");
  const auto short_ids = data::load_rows(path(named, "rows.bin"));
  EXPECT_LT(short_ids->count, 10);
  EXPECT_GT(short_ids->count, 2);

  const auto dataset = data::load_dataset(path(films_, "dataset.bin"));
  const int64_t event = data::load_rows(path(test_, "rows.bin"))->row(5)[3];
  const auto window_id = data::derived_column(*dataset, "events", "window_id");
  ASSERT_TRUE(store::write_file(
                  folder_ + "/notes.csv",
                  "window,note\nnobody:3,x\n" + std::string(window_id->text(event)) + ",good\n")
                  .ok());
  const Input notes = run({"table",
                           {{"source", {{"is", "Csv"}, {"rows", "digest"}}},
                            {"key", "window"},
                            {"columns", {{{"name", "note"}, {"type", "text"}}}}},
                           {{"files", {{"rows", folder_ + "/notes.csv"}}}}});
  ASSERT_EQ(error, "");
  const Input joined = run({"rows",
                            {{"is", "join"},
                             {"rows", {{"input", 1}}},
                             {"other", {{"input", 2}}},
                             {"on", {{"kernel", 0}}}},
                            {},
                            {films_, test_, notes},
                            {{by_column, reads(0, "events", "window_id", {"next"})}}});
  ASSERT_EQ(error, "");
  const auto rows = data::load_rows(path(joined, "rows.bin"));
  ASSERT_EQ(rows->count, 1);
  EXPECT_EQ(rows->row(0)[3], event);
  EXPECT_EQ(rows->row(0)[4], 1);
  run({"rows",
       {{"is", "where"}, {"rows", {{"input", 0}}}, {"each", {{"kernel", 0}}}},
       {},
       {joined, notes},
       {{is_n, reads(1, "table", "note", {"other"})}}});
  EXPECT_NE(error.find("no row is left after `where`"), std::string::npos) << error;
}

/// A small model on its way: made, trained, asked, its guesses counted.
class TrainedModel : public Nodes {
 protected:
  void SetUp() override {
    Nodes::SetUp();
    if (!std::filesystem::exists(std::string(REXP_DEPS_DIR) + "/data/qwen.tiktoken"))
      GTEST_SKIP() << "the tokenizer's ranks were not set up";
    book_ = codebook();
    tuned_ = train(made());
  }

  Input made() {
    return run({"model",
                {{"is", "RandomModel"},
                 {"architecture", "qwen3"},
                 {"hidden", 16},
                 {"layers", 1},
                 {"heads", 2},
                 {"kv_heads", 1},
                 {"head_dim", 8},
                 {"ffn", 32},
                 {"context", 64},
                 {"tied", true},
                 {"vocabulary", "grows"},
                 {"tokenizer", "qwen"},
                 {"chat", "qwen3"},
                 {"think", nullptr}}});
  }
  Input train(const Input& base, const Json& chat = {{"format", "qwen3"}, {"think", "none"}}) {
    Json binding = reads(0, "events", "item", {"history_end", "next"});
    binding["columns"][0]["input"] = 3;
    binding["codebooks"] = {1};
    binding["chat"] = chat;
    return run(
        {"train",
         {{"adds", true},
          {"trains", "everything"},
          {"length", {{"steps", 3}}},
          {"batch", 16},
          {"window", 32},
          {"overflow", "refuse"},
          {"optimizer",
           {{"is", "Sgd"},
            {"lr", 0.1},
            {"momentum", 0.9},
            {"decay", 0.0},
            {"clip", 1.0},
            {"schedule", {{"is", "Constant"}, {"at", {{"kernel", 1}}}}}}},
          {"loss", {{"is", "CrossEntropy"}, {"level_weight", nullptr}, {"label_smoothing", 0.1}}},
          {"tasks", {{{"rows", 2}, {"dataset", 3}, {"weight", 1.0}}}},
          {"unit", "copies"},
          {"dropout", 0.0}},
         {{"stage", "tune"}, {"tasks", {"next"}}},
         {base, book_, train_, films_},
         {{one_task, Json::object(), "mixture"},
          {half, Json::object(), "schedule"},
          {render, binding, "render"}}});
  }
  Input ask(const Json& chat = {{"format", "qwen3"}, {"think", "none"}}) {
    Json asks = reads(1, "events", "item", {"history_end"});
    asks["codebooks"] = {3};
    asks["chat"] = chat;
    return run({"decode",
                {{"decode",
                  {{"is", "Beam"},
                   {"beams", 12},
                   {"score", "model"},
                   {"within", {{"legal", {{"input", 3}}}, {"where", {{"kernel", 1}}}}}}}},
                {{"system", "quick/tune"}},
                {tuned_, films_, test_, book_},
                {{prompt, asks, "prompt"}, {even, {{"slots", {"item"}}}}}});
  }
  Input count(const Input& guesses) {
    return run({"tally",
                {{"guesses", {{"input", 0}}},
                 {"seen", {"drop"}},
                 {"by", {{"kernel", 0}}},
                 {"into", {{"kernel", 1}}},
                 {"classes", {"unknown", "cold", "known"}}},
                {},
                {guesses, films_},
                {{first_slot, {{"slots", {"rank"}}}},
                 {warmth, reads(1, "items", "train_count", {"item"})}}});
  }

  Input book_, tuned_;
};

TEST_F(TrainedModel, KeepsItsLogAndSamples) {
  ASSERT_EQ(error, "");
  EXPECT_NE(read(tuned_, "log.jsonl").find("\"lr\":0.05"), std::string::npos) << "half the rate";
  EXPECT_NE(read(tuned_, "samples.jsonl").find("{\"task\":0,"), std::string::npos);
}

TEST_F(TrainedModel, IsAskedTalliedAndReported) {
  const Input guesses = ask();
  ASSERT_EQ(error, "");
  EXPECT_EQ(read(guesses, "asked.jsonl").find("{\"row\":0,\"ids\":["), 0u);
  const Input scores = run(evaluation(guesses, book_));
  ASSERT_EQ(error, "");
  const auto lists = eval::load_guesses(path(guesses, "guesses.bin"));
  ASSERT_EQ(lists->size(), 2u);
  EXPECT_GE(lists->front().items.size(), 12u * 40u);
  for (const int32_t item : lists->front().items)
    EXPECT_EQ(item % 2, 0) << "only what `within` allows";

  const Input kinds = count(guesses);
  ASSERT_EQ(error, "");
  const Json tally = read_json(kinds, "metrics.json");
  ASSERT_EQ(tally["tallies"].size(), 1u);
  EXPECT_EQ(tally["tallies"][0]["seen"], "drop");
  EXPECT_EQ(tally["tallies"][0]["rows"][0]["n"], 40);

  const Input report =
      run({"report",
           {{"experiment", "quick"},
            {"labels",
             {{{"input", 0}, {"system", "quick/tune"}, {"protocol", "last_one"}, {"split", "test"}},
              {{"input", 1}, {"stage", "tune"}, {"tasks", {"next film"}}},
              {{"input", 2}, {"tally", "kinds of guesses"}}}}},
           {},
           {scores, tuned_, kinds, book_}});
  ASSERT_EQ(error, "");
  EXPECT_EQ(read_json(report, "metrics.json")["rows"][0]["system"], "quick/tune");
  const std::string table = read(report, "table.txt"), page = read(report, "report.html");
  EXPECT_NE(table.find("last one · test · seen items kept"), std::string::npos) << table;
  EXPECT_NE(table.find("kinds of guesses · seen items dropped"), std::string::npos);
  EXPECT_NE(page.find("next film"), std::string::npos);
}

TEST_F(TrainedModel, IsSpokenToAsItWasTrained) {
  const Json thinks = {{"format", "qwen3"}, {"think", "empty"}};
  train(made(), thinks);
  EXPECT_NE(error.find("the model was trained with chat format `qwen3` and think mode `none`, its "
                       "prompts are written with chat format `qwen3` and think mode `empty`"),
            std::string::npos)
      << error;
  ask(thinks);
  EXPECT_NE(error.find("think mode `empty`"), std::string::npos) << error;

  const Node folder = {"model",
                       {{"is", "FolderModel"}, {"chat", "qwen3"}, {"think", "empty"}},
                       {{"files", {{"path", path(tuned_, "")}}}}};
  run(folder);
  EXPECT_NE(error.find("think mode `empty`"), std::string::npos) << error;
}

TEST_F(TrainedModel, IsReadWithTheTokenizerOfItsTraining) {
  const std::string copy = folder_ + "/copy";
  std::filesystem::copy(path(tuned_, ""), copy, std::filesystem::copy_options::recursive);
  Json ours = read_json(tuned_, "rexp.json");
  const std::string trained_with = ours["tokenizer_hash"];
  ours["tokenizer_hash"] = std::string(32, 'a');
  ASSERT_TRUE(store::replace_file(copy + "/rexp.json", ours.dump()).ok());
  const Node folder = {"model",
                       {{"is", "FolderModel"}, {"chat", "qwen3"}, {"think", nullptr}},
                       {{"files", {{"path", copy}}}}};
  run(folder);
  EXPECT_NE(error.find("was trained with tokenizer aaaa"), std::string::npos) << error;
  EXPECT_NE(error.find("found " + trained_with), std::string::npos) << error;
}

TEST_F(Nodes, AConditionThatAllowsNothingIsTheUsersMistake) {
  run({"load", {{"source", {{"is", "ToySource"}, {"users", 0}}}, {"split", "leave_one_out"}}});
  EXPECT_NE(error.find("field `users` of the toy source is 0"), std::string::npos);
  run({"load",
       {{"source", {{"is", "Files"}, {"format", "jsonl"}}}},
       {{"files", {{"events", "/nowhere.jsonl"}}}, {"hint", "run the set-up"}}});
  EXPECT_NE(error.find("run the set-up"), std::string::npos);
  const Input kept =
      run({"load",
           {{"source", {{"is", "ToySource"}, {"users", 10}}}, {"keep", {{"kernel", 0}}}},
           {},
           {},
           {{even, {{"slots", {"user"}}}}}});
  ASSERT_EQ(error, "");
  EXPECT_EQ(data::load_dataset(path(kept, "dataset.bin"))->user_count(), 5);
}

}  // namespace
}  // namespace rexp::abi
