// Made-up films, as nodes have loaded them, and what most tests of nodes make of them first.
#pragma once

#include <string>
#include <vector>

#include "tests/unit/nodes_functions.h"
#include "tests/unit/nodes_run.h"

namespace rexp::abi {

using Json = nlohmann::json;

inline Json reads(int64_t input, const char* table, const char* column,
                  std::vector<std::string> slots) {
  return {{"columns", {{{"input", input}, {"table", table}, {"column", column}}}},
          {"slots", slots}};
}

class Nodes : public NodesTest {
 protected:
  void SetUp() override {
    films_ = run(
        {"load",
         {{"source",
           {{"is", "ToySource"}, {"users", 40}, {"items", 220}, {"seed", 7}, {"language", "en"}}},
          {"split", "leave_one_out"},
          {"ties", "file"},
          {"columns", {{{"name", "title"}, {"type", "text"}}}}}});
    ASSERT_EQ(error, "");
    train_ = windows("train");
    test_ = windows("test");
  }

  Input windows(const std::string& part) {
    const Input rows =
        run({"rows",
             {{"is", "windows"}, {"max", 8}, {"part", {{"input", 0}, {"part", part}}}},
             {},
             {films_}});
    EXPECT_EQ(error, "");
    return rows;
  }

  Input vectors() {
    const Input vectors =
        run({"vectors",
             {{"is", "ppmi_svd"}, {"size", 8}, {"train", {{"input", 0}, {"part", "train"}}}},
             {},
             {films_}});
    EXPECT_EQ(error, "");
    return vectors;
  }

  Input codebook() {
    const Input book = run(
        {"codebook",
         {{"name", "sid"},
          {"learn", {{"is", "ResidualKMeans"}, {"vectors", {{"input", 1}}}, {"levels", {8, 8}}}},
          {"clashes", "extra_level"},
          {"surface", "<|sid_{}|>"}},
         {},
         {films_, vectors()}});
    EXPECT_EQ(error, "");
    return book;
  }

  Node evaluation(const Input& guesses, const Input& book) {
    const Json slots = {{"slots", {"rank"}}};
    return {"evaluate",
            {{"seen", {"keep", "drop"}},
             {"metrics",
              {{{"name", "hit@1"}, {"depth", 1}, {"levels", nullptr}, {"kernel", 0}},
               {{"name", "hit@200"}, {"depth", 200}, {"levels", nullptr}, {"kernel", 0}},
               {{"name", "prefix@2@200"}, {"depth", 200}, {"levels", 2}, {"kernel", 0}}}},
             {"bootstrap", {{"resamples", 50}, {"seed", 3}}}},
            {{"protocol", "last_one"}, {"system", "item_knn"}},
            {guesses, films_, test_, book},
            {{found, slots}}};
  }

  Input films_, train_, test_;
};

}  // namespace rexp::abi
