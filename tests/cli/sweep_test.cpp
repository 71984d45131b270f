// Sweeps as a user runs them: equal work is done once, a run that fails stops no other, what is interrupted goes on.
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/cli/program.h"

namespace rexp::cli {
namespace {

using nlohmann::json;

constexpr const char* kSweep = R"(
sweep rates {
  of = first
  grid { learn.optimizer.lr in [1e-3, 2e-3]; learn.batch in [8 rows, 16 rows] }
  skip = r => r.lr == 2e-3 and r.batch == 16 rows
  repeat = 2 seeds
}
)";

class SweepRuns : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!has_qwen_tokenizer()) GTEST_SKIP() << "qwen.tiktoken is not there: ./dev setup fetches it";
    place.write("a.rexp", small_experiment() + kSweep);
  }

  json explained(const std::string& store) const {
    const Outcome plan = place.rexp({"explain", "a.rexp", "rates", "--json", "--store", store});
    EXPECT_EQ(plan.code, 0) << plan.err;
    return plan.json();
  }

  Outcome run(const std::string& store, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> args = {"run", "a.rexp", "rates", "--json", "--store", store};
    args.insert(args.end(), more.begin(), more.end());
    return place.rexp(args);
  }

  size_t artifacts(const std::string& store) const {
    return names_in(place.path(store + "/artifacts")).size();
  }

  Workplace place;
};

TEST_F(SweepRuns, DoEqualWorkOnce) {
  const json plan = explained("store");
  EXPECT_EQ(plan["points"], 3);
  EXPECT_EQ(plan["runs"], 6);
  EXPECT_LT(plan["distinct"], plan["asked"]);
  for (const json& kind : plan["kinds"]) {
    const std::string name = kind["kind"];
    if (name == "load" || name == "codebook" || name == "train") {
      EXPECT_EQ(kind["distinct"], name == "train" ? 6 : 1) << name;
    }
  }

  const Outcome first = run("store");
  ASSERT_EQ(first.code, 0) << first.err;
  EXPECT_EQ(artifacts("store"), plan["distinct"]);
  const json result = first.json();
  EXPECT_EQ(result["ok"], true);
  EXPECT_EQ(result["points"], 3);
  EXPECT_TRUE(result["failed"].empty());
  size_t compared = 0;
  for (const json& row : result["rows"]) {
    EXPECT_EQ(row["values"].size(), 2u);
    EXPECT_EQ(row["seeds"], 2);
    EXPECT_LE(row["low"], row["value"]);
    EXPECT_LE(row["value"], row["high"]);
    compared += row["against_first"].is_object() ? 1 : 0;
  }
  EXPECT_GT(compared, 0u);
  const std::string folder =
      std::filesystem::path(result["report"].get<std::string>()).parent_path().string();
  EXPECT_EQ(names_in(place.path(folder)),
            (std::vector<std::string>{"report.html", "rows.csv", "rows.json", "table.txt"}));

  EXPECT_EQ(explained("store")["cached"], plan["distinct"]);
  const Outcome again = run("store");
  EXPECT_EQ(again.json()["rows"], result["rows"]);
  EXPECT_EQ(again.err.find("run 1 of 6"), std::string::npos) << "nothing is started again";
}

TEST_F(SweepRuns, TwoAtATimeAndTwoSweepsOnOneStoreGiveTheSame) {
  const Outcome calm = run("calm", {"--quiet"});
  ASSERT_EQ(calm.code, 0) << calm.err;
  EXPECT_EQ(calm.err, "");
  Process other = place.start({"run", "a.rexp", "rates", "--json", "--store", "both"});
  const Outcome one = run("both", {"--jobs", "2"});
  const Outcome two = other.wait();
  EXPECT_EQ(one.code, 0) << one.err;
  EXPECT_EQ(two.code, 0) << two.err;
  EXPECT_EQ(one.json()["rows"], calm.json()["rows"]);
  EXPECT_EQ(two.json()["rows"], calm.json()["rows"]);
  EXPECT_EQ(artifacts("both"), artifacts("calm"));
}

TEST_F(SweepRuns, AFailureStopsNoOtherAndIsToldOnce) {
  place.write("a.rexp", small_experiment() + R"(
task rare = [next_film(w.history, w.next) for w in films.train.windows(min = 500, max = 900)]
sweep rates { of = first; grid { learn.data in [rare, next]; learn.batch in [8 rows, 16 rows] } }
)");
  const Outcome failed = run("store");
  EXPECT_EQ(failed.code, 2);
  const json result = failed.json();
  EXPECT_EQ(result["ok"], false);
  ASSERT_EQ(result["failed"].size(), 2u);
  EXPECT_EQ(result["failed"][0]["run"], 1);
  EXPECT_NE(result["failed"][0]["message"].get<std::string>().find("gives no row"),
            std::string::npos);
  EXPECT_NE(result["failed"][1]["message"].get<std::string>().find("has failed in run 1"),
            std::string::npos);
  EXPECT_FALSE(result["rows"].empty());
  for (const json& row : result["rows"]) EXPECT_GE(row["point"], 3);
}

TEST_F(SweepRuns, InterruptedThenTheSameCommandContinues) {
  place.write("a.rexp", small_experiment({{"5 steps", "60 steps"}}) + kSweep);
  const Outcome calm = run("calm", {"--quiet"});
  ASSERT_EQ(calm.code, 0) << calm.err;
  Process process = place.start({"run", "a.rexp", "rates", "--json", "--store", "store"});
  while (process.running() && !trains(place.path("store/work")))
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  process.signal(SIGINT);
  const Outcome stopped = process.wait();
  EXPECT_EQ(stopped.code, 2) << stopped.err;
  EXPECT_NE(stopped.out.find("of 6 runs are finished"), std::string::npos) << stopped.out;
  const Outcome again = run("store");
  ASSERT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(again.json()["rows"], calm.json()["rows"]);
  EXPECT_TRUE(names_in(place.path("store/pending")).empty());
}

TEST_F(SweepRuns, TheBestIsChosenByValid) {
  place.write("a.rexp",
              small_experiment({{"evaluate, beam, hit }", "evaluate, beam, hit, best }"}}) + R"(
protocol valid_one = last_one with { rows = films.valid }
experiment chosen(base: Model = small, seed: Seed = 7) {
  let model = base |> learn
  accuracy = [evaluate(model, p) for p in [last_one, valid_one]]
}
sweep rates { of = chosen; grid { learn.batch in [8 rows, 16 rows] }; show = best(hit@1, on = valid_one) }
)");
  const Outcome chosen = run("store");
  ASSERT_EQ(chosen.code, 0) << chosen.err << chosen.out;
  const json result = chosen.json();
  ASSERT_EQ(result["notes"].size(), 1u);
  EXPECT_EQ(
      result["notes"][0].get<std::string>().find("best by hit@1 under valid_one (valid): point"),
      0u)
      << result["notes"][0];
}

TEST_F(SweepRuns, OneRunIsAnExperimentOfItsOwn) {
  const Outcome one = run("store", {"--only", "4"});
  ASSERT_EQ(one.code, 0) << one.err;
  EXPECT_EQ(one.json()["experiment"], "first");
  std::ifstream file(place.path("store/runs/1.json"));
  const json record = json::parse(file);
  EXPECT_EQ(record["sweep"],
            (json{{"name", "rates"},
                  {"run", 4},
                  {"point", {{"learn.optimizer.lr", "1e-3"}, {"learn.batch", "16 rows"}}}}));
  EXPECT_EQ(record["value"]["seed"], 8);
}

TEST_F(SweepRuns, OptionsThatMakeNoSense) {
  EXPECT_NE(run("store", {"--only", "7"}).out.find("has 6 runs"), std::string::npos);
  EXPECT_EQ(run("store", {"--only", "0"}).code, 2);
  EXPECT_EQ(run("store", {"--jobs", "0"}).code, 2);
  EXPECT_EQ(run("store", {"--only", "1", "--jobs", "2"}).code, 2);
  const Outcome experiment = place.rexp({"run", "a.rexp", "first", "--jobs", "2"});
  EXPECT_EQ(experiment.code, 2);
  EXPECT_NE(experiment.err.find("is for sweeps"), std::string::npos) << experiment.err;
  EXPECT_FALSE(std::filesystem::exists(place.path("store/artifacts")));
}

}  // namespace
}  // namespace rexp::cli
