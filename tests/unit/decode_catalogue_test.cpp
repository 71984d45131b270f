#include "runtime/decode/catalogue.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "runtime/base/random.h"
#include "runtime/decode/catalogue_file.h"
#include "runtime/decode/item_set.h"

namespace rexp::decode {
namespace {

using Keys = std::vector<std::vector<int32_t>>;

Keys random_keys(uint64_t seed, int64_t items, int depth, uint64_t spread) {
  Keys keys(items);
  for (int64_t i = 0; i < items; ++i)
    for (int level = 0; level < depth; ++level)
      keys[i].push_back(static_cast<int32_t>(100 * level + below(stream(seed, i), level, spread)));
  return keys;
}

std::string write_file(const std::string& name, const std::string& text) {
  const std::string path =
      (std::filesystem::temp_directory_path() / ("rexp_catalogue_test_" + name)).string();
  std::ofstream(path) << text;
  return path;
}

/// Walks the whole trie and collects the paths to its leaves.
void walk(const Catalogue& c, int level, Node node, std::vector<int32_t>* path, Keys* leaves) {
  if (level == c.depth()) {
    EXPECT_EQ(node.size(), 1);
    EXPECT_EQ(c.tokens(node.low), *path);
    leaves->push_back(*path);
    return;
  }
  int64_t end = node.low, last = -1;
  c.for_children(level, node, [&](uint32_t code, Node child) {
    EXPECT_EQ(child.low, end) << "children cover their parent without a gap";
    EXPECT_GT(static_cast<int64_t>(code), last) << "children come in ascending order";
    EXPECT_GT(child.size(), 0);
    end = child.high, last = code;
    path->push_back(c.level_tokens(level)[code]);
    EXPECT_EQ(c.child(level, node, path->back()), child);
    walk(c, level + 1, child, path, leaves);
    path->pop_back();
  });
  EXPECT_EQ(end, node.high);
}

TEST(Catalogue, IsTheSortedSetOfItsKeys) {
  for (const auto& [items, depth, spread] : {std::tuple{1, 1, 3},
                                             {1, 8, 2},
                                             {200, 1, 50},
                                             {300, 3, 6},
                                             {500, 4, 70},
                                             {400, 8, 2},
                                             {2000, 2, 90}}) {
    const Keys keys = random_keys(items + depth, items, depth, spread);
    const Result<Catalogue> c = Catalogue::build(keys);
    ASSERT_TRUE(c.ok());
    const std::set<std::vector<int32_t>> model(keys.begin(), keys.end());
    ASSERT_EQ(c->keys(), static_cast<int64_t>(model.size()));
    ASSERT_EQ(c->items(), items);
    Keys leaves;
    std::vector<int32_t> path;
    walk(*c, 0, c->root(), &path, &leaves);
    EXPECT_EQ(leaves, Keys(model.begin(), model.end()));
    for (int64_t i = 0; i < items; ++i) {
      const int64_t key = c->find(keys[i]);
      ASSERT_EQ(key, c->key_of(i));
      EXPECT_EQ(c->tokens(key), keys[i]);
      EXPECT_EQ(c->item_at(c->position_of(i)), i);
      const auto list = c->items_of(key);
      EXPECT_TRUE(std::is_sorted(list.begin(), list.end()));
      EXPECT_NE(std::find(list.begin(), list.end(), i), list.end());
    }
  }
}

TEST(Catalogue, WideLevelsUseWiderCodes) {
  Keys keys;
  for (int32_t i = 0; i < 70000; ++i) keys.push_back({i % 3, i});
  const Result<Catalogue> c = Catalogue::build(keys);
  ASSERT_TRUE(c.ok());
  EXPECT_EQ(c->index_bytes(), 70000 * (1 + 4 + 4));  // one and four bytes of code, four of item
  EXPECT_EQ(c->tokens(c->find(keys[69999])), keys[69999]);
  Keys narrow = random_keys(3, 3000, 4, 40);
  for (size_t i = 0; i < narrow.size(); ++i) narrow[i][3] = 300 + static_cast<int32_t>(i % 200);
  const Result<Catalogue> small = Catalogue::build(narrow);
  if (small->keys() == small->items()) {
    EXPECT_EQ(small->index_bytes(), 3000 * (4 + 4));
  }
}

TEST(Catalogue, ItemsOfOneKeyComeByPopularity) {
  const Keys keys = {{1, 2}, {1, 3}, {1, 2}, {1, 2}};
  const Result<Catalogue> c = Catalogue::build(keys, std::vector<int64_t>{5, 1, 9, 5});
  ASSERT_TRUE(c.ok());
  const auto items = c->items_of(c->find(keys[0]));
  EXPECT_EQ(std::vector<int32_t>(items.begin(), items.end()), (std::vector<int32_t>{2, 0, 3}));
}

TEST(Catalogue, WhatIsNotThereIsNotFound) {
  const Result<Catalogue> c = Catalogue::build({{1, 20}, {2, 21}});
  EXPECT_EQ(c->find(std::vector<int32_t>{1, 21}), -1) << "both tokens exist, their pair does not";
  EXPECT_EQ(c->find(std::vector<int32_t>{3, 20}), -1);
  EXPECT_EQ(c->find(std::vector<int32_t>{1}), -1);
}

TEST(Catalogue, BadKeysAreRefused) {
  EXPECT_FALSE(Catalogue::build({}).ok());
  EXPECT_FALSE(Catalogue::build({{}}).ok());
  EXPECT_FALSE(Catalogue::build({{1, 2, 3, 4, 5, 6, 7, 8, 9}}).ok());
  EXPECT_FALSE(Catalogue::build({{1, 2}, {1}}).ok());
  EXPECT_FALSE(Catalogue::build({{1, -2}}).ok());
}

TEST(Catalogue, ACodebookGivesFlatCodesBehindTheTokenizer) {
  codebook::Codebook book;
  book.level_sizes = {4, 8};
  book.codes = {{3, 0}, {0, 7}};
  const Result<Catalogue> c = Catalogue::from_codebook(book, consecutive_ids(book, 1000));
  ASSERT_TRUE(c.ok());
  EXPECT_EQ(c->tokens(c->key_of(0)), (std::vector<int32_t>{1003, 1004}));
  EXPECT_EQ(c->tokens(c->key_of(1)), (std::vector<int32_t>{1000, 1011}));
}

TEST(ItemSet, RankAndCountEqualCountingOneByOne) {
  for (const int64_t items : {1, 63, 64, 65, 511, 512, 513, 3000}) {
    const Keys keys = random_keys(items, items, 3, 9);
    const Result<Catalogue> c = Catalogue::build(keys);
    const auto in = [](int64_t item) { return bits(77, item) % 3 == 0; };
    const ItemSet set = ItemSet::of(*c, in);
    std::vector<int32_t> history;
    for (int64_t i = 0; i < items; i += 5)
      history.push_back(static_cast<int32_t>(i)), history.push_back(static_cast<int32_t>(i));
    history.push_back(-1), history.push_back(static_cast<int32_t>(items));
    const Exclusion seen(*c, history);
    int64_t rank = 0;
    for (int64_t p = 0; p < items; ++p) {
      ASSERT_EQ(set.rank(p), rank);
      rank += in(c->item_at(p));
    }
    ASSERT_EQ(set.rank(items), rank);
    EXPECT_EQ(set.size(), rank);
    for (const ItemSet* within : {static_cast<const ItemSet*>(nullptr), &set}) {
      for (const Exclusion* without : {static_cast<const Exclusion*>(nullptr), &seen}) {
        const Allowed allowed{&*c, within, without};
        for (uint64_t trial = 0; trial < 30; ++trial) {
          Node node{static_cast<int64_t>(below(trial, 0, c->keys())), 0};
          node.high = node.low + static_cast<int64_t>(below(trial, 1, c->keys() - node.low + 1));
          int64_t count = 0;
          for (int64_t key = node.low; key < node.high; ++key)
            count += static_cast<int64_t>(allowed.items_of(key).size());
          ASSERT_EQ(allowed.count(node), count);
        }
      }
    }
  }
}

TEST(CatalogueFile, ReadsJsonLines) {
  const std::string path = write_file(
      "lines", "{\"item\": \"b\", \"tokens\": [3, 4]}\n\n{\"item\": 7, \"tokens\": [3, 5]}\n");
  const Result<CatalogueFile> file = read_catalogue_file(path, nullptr);
  ASSERT_TRUE(file.ok()) << to_string(file.error());
  EXPECT_EQ(file->tokens, (Keys{{3, 4}, {3, 5}}));
  EXPECT_EQ(file->names, (std::vector<nlohmann::json>{"b", 7}));
  EXPECT_EQ(file->lines, (std::vector<int>{1, 3}));
}

TEST(CatalogueFile, ErrorsNameTheLine) {
  const std::string good = "{\"item\": 1, \"tokens\": [3, 4]}\n";
  const std::vector<std::string> bad = {"{\"item\": 2, \"tokens\": [3]}",
                                        "{\"item\": 2}",
                                        "{\"tokens\": [3, 4]}",
                                        "not json",
                                        "{\"item\": 2, \"tokens\": [3, \"x\"]}",
                                        "{\"item\": 2, \"tokens\": [3, -4]}",
                                        good};
  for (const std::string& line : bad) {
    const Result<CatalogueFile> file = read_catalogue_file(write_file("bad", good + line), nullptr);
    ASSERT_FALSE(file.ok()) << line;
    EXPECT_EQ(file.error().line, 2) << line;
  }
  EXPECT_FALSE(read_catalogue_file(write_file("empty", ""), nullptr).ok());
  EXPECT_FALSE(read_catalogue_file("/nowhere/catalogue.jsonl", nullptr).ok());
}

TEST(CatalogueFile, AnIndexFileNeedsATokenizer) {
  const Result<CatalogueFile> file =
      read_catalogue_file(write_file("index", "{\"0\": [\"<a_1>\", \"<b_2>\"]}"), nullptr);
  ASSERT_FALSE(file.ok());
  EXPECT_NE(file.error().message.find("tokenizer"), std::string::npos);
}

}  // namespace
}  // namespace rexp::decode
