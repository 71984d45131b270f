// A machine that has no more memory, disk or descriptors, or gives no right to write: one message with the way out, exit code 2, nothing
// half-written; with what was missing, the same command comes to the bytes that it always had.
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include <cstring>
#include <filesystem>

#include "tests/cli/every_node.h"

namespace rexp::cli {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kMegabyte = uint64_t{1} << 20;

size_t count_of(const std::string& text, const std::string& word) {
  size_t n = 0;
  for (size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++n;
  return n;
}

class Exhaustion : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!has_qwen_tokenizer()) GTEST_SKIP() << "qwen.tiktoken is not there: ./dev setup fetches it";
  }

  /// What a user sees of a refusal; of a run that had enough, nothing.
  static void expect_one_message(const Outcome& outcome, const std::vector<std::string>& words,
                                 const std::string& what) {
    ASSERT_TRUE(outcome.code == 0 || outcome.code == 2) << what << outcome.code << outcome.err;
    if (outcome.code == 0) return;
    EXPECT_EQ(count_of(outcome.err, "error"), 1u) << what << outcome.err;
    EXPECT_EQ(count_of(outcome.err, "help: "), 1u) << what << outcome.err;
    for (const std::string& word : words)
      EXPECT_NE(outcome.err.find(word), std::string::npos) << what << word << "\n" << outcome.err;
  }

  /// Artifacts are whole or not there.
  void expect_nothing_half_written(const std::string& store) const {
    for (const std::string& key : names_in(place.path(store + "/artifacts")))
      EXPECT_TRUE(fs::exists(place.path(store + "/artifacts/" + key + "/meta.json"))) << key;
  }

  /// Without `--json`: messages are for people.
  std::vector<std::string> command(const std::string& store) const {
    std::vector<std::string> args = every.run(store);
    std::erase(args, "--json");
    return args;
  }

  void expect_completes(const std::string& store) {
    if (expected.empty()) {
      const Outcome calm = place.rexp(command("calm"));
      ASSERT_EQ(calm.code, 0) << calm.err;
      expected = every.bytes("calm");
    }
    const Outcome again = place.rexp(command(store));
    ASSERT_EQ(again.code, 0) << again.err;
    EXPECT_EQ(again.err.find("damaged"), std::string::npos) << again.err;
    EXPECT_EQ(difference(expected, every.bytes(store)), "");
    EXPECT_EQ(names_in(place.path(store + "/pending")), std::vector<std::string>());
  }

  Workplace place;
  EveryNode every{place};
  std::map<std::string, std::string> expected;
};

#ifndef __SANITIZE_ADDRESS__
TEST_F(Exhaustion, OfMemory) {
  place.write("large.rexp",
              small_experiment({{"hidden = 32; layers = 1", "hidden = 512; layers = 4"},
                                {"ffn = 64", "ffn = 2048"},
                                {"batch = 16 rows", "batch = 400 rows"},
                                {"5 steps", "2 steps"}}));
  size_t refused = 0;
  for (const uint64_t megabytes : {300, 550, 570, 590, 620, 660, 720, 800}) {
    const Outcome outcome =
        place.limited(RLIMIT_AS, megabytes * kMegabyte,
                      {"run", "large.rexp", "--quiet", "--threads", "1", "--store", "store"});
    expect_one_message(outcome, {"memory ran out", "ulimit -v"},
                       std::to_string(megabytes) + " MB: ");
    expect_nothing_half_written("store");
    refused += outcome.code == 2 ? 1 : 0;
    fs::remove_all(place.path("store"));
  }
  EXPECT_GE(refused, 4u) << "the limits are no longer where memory runs out";
}
#endif

TEST_F(Exhaustion, OfDescriptors) {
  size_t refused = 0;
  for (uint64_t files = 5; files <= 10; ++files) {
    const Outcome outcome = place.limited(RLIMIT_NOFILE, files, command("store"));
    expect_one_message(outcome, {"Too many open files", "ulimit -n"},
                       std::to_string(files) + " files: ");
    expect_nothing_half_written("store");
    refused += outcome.code == 2 ? 1 : 0;
  }
  EXPECT_GE(refused, 3u) << "the limits are no longer where descriptors run out";
  expect_completes("store");
}

TEST_F(Exhaustion, OfDisk) {
  const std::string disk = place.path("disk");
  fs::create_directory(disk);
  for (const char* size :
       {"16k", "64k", "128k", "256k", "400k", "600k", "800k", "1000k", "1300k"}) {
    const std::string options = std::string("size=") + size;
    if (mount("tmpfs", disk.c_str(), "tmpfs", 0, options.c_str()) != 0)
      GTEST_SKIP() << "a file system cannot be mounted here: " << std::strerror(errno);
    const Outcome full = place.rexp(command("disk/store"));
    expect_one_message(full, {"No space left on device", "free some space"},
                       std::string(size) + ": ");
    EXPECT_EQ(full.code, 2) << size;
    expect_nothing_half_written("disk/store");
    EXPECT_EQ(names_in(disk + "/store/pending"), std::vector<std::string>());
    EXPECT_EQ(mount("", disk.c_str(), "", MS_REMOUNT, "size=50m"), 0);
    expect_completes("disk/store");
    umount(disk.c_str());
  }
}

TEST_F(Exhaustion, AStoreThatCannotBeWritten) {
  place.write("file", "a file is in the way");
  for (const char* store : {"file", "file/below"}) {
    const Outcome outcome = place.rexp(command(store));
    EXPECT_EQ(outcome.code, 2);
    expect_one_message(outcome, {"/file", "Not a directory", "--store"}, store);
  }
  const std::string disk = place.path("disk");
  fs::create_directory(disk);
  if (mount("tmpfs", disk.c_str(), "tmpfs", MS_RDONLY, "size=1m") != 0)
    GTEST_SKIP() << "a file system cannot be mounted here: " << std::strerror(errno);
  const Outcome outcome = place.rexp(command("disk/store"));
  umount(disk.c_str());
  EXPECT_EQ(outcome.code, 2);
  expect_one_message(outcome, {"Read-only file system", "--store"}, "read-only: ");
}

}  // namespace
}  // namespace rexp::cli
