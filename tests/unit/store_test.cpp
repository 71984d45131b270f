#include "runtime/store/store.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "runtime/store/digest.h"
#include "runtime/store/file.h"
#include "runtime/store/runs.h"

namespace rexp::store {
namespace {

namespace fs = std::filesystem;

constexpr char kKey[] = "0123456789abcdef0123456789abcdef";

class StoreTest : public testing::Test {
 protected:
  void SetUp() override {
    root_ = testing::TempDir() + "rexp_store_" + std::to_string(::getpid()) + "_" +
            testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(root_);
  }
  void TearDown() override { fs::remove_all(root_); }
  Store open() {
    Result<Store> store = Store::open(root_);
    EXPECT_TRUE(store.ok());
    return *store;
  }
  static Meta meta() {
    return {"rows", "quickstart/rows", 1, 0.5, {"a note"}, {{"device", "cpu"}}};
  }
  size_t count(const std::string& area) const {
    size_t n = 0;
    for ([[maybe_unused]] const auto& entry : fs::directory_iterator(root_ + "/" + area)) ++n;
    return n;
  }
  std::string root_;
};

/// Runs `body` in a child process; returns its pid.
template <class Body>
pid_t fork_child(Body body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  return child;
}

int exit_code(pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(DigestTest, KnownValuesAndPieces) {
  EXPECT_EQ(digest(""), "99aa06d3014798d86001c324468d497f");
  Digester pieces;
  pieces.add("a");
  pieces.add("bc");
  EXPECT_EQ(pieces.hex(), digest("abc"));
  Digester left, right;
  left.add_text("ab");
  left.add_text("c");
  right.add_text("a");
  right.add_text("bc");
  EXPECT_NE(left.hex(), right.hex());
}

TEST_F(StoreTest, CommitMakesTheArtifactVisibleAtOnce) {
  Store store = open();
  EXPECT_FALSE(store.has(kKey));
  ASSERT_TRUE(store.work(kKey).ok());
  Result<Pending> pending = store.begin(kKey);
  ASSERT_TRUE(pending.ok());
  ASSERT_TRUE(make_folder(pending->path() + "/deep").ok());
  ASSERT_TRUE(write_file(pending->path() + "/deep/rows.bin", "rows").ok());
  EXPECT_FALSE(store.has(kKey));
  ASSERT_TRUE(pending->commit(meta()).ok());
  EXPECT_TRUE(store.has(kKey));
  EXPECT_EQ(*read_file(store.path(kKey) + "/deep/rows.bin"), "rows");
  Result<StoredMeta> read = store.meta(kKey);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->kind, "rows");
  EXPECT_EQ(read->notes, std::vector<std::string>{"a note"});
  EXPECT_EQ(read->made, (std::map<std::string, std::string>{{"device", "cpu"}}));
  EXPECT_EQ(read->files, (std::map<std::string, std::string>{{"deep/rows.bin", digest("rows")}}));
  EXPECT_EQ(store.keys(), std::vector<std::string>{kKey});
  EXPECT_EQ(count("pending"), 0u);
  EXPECT_FALSE(fs::exists(root_ + "/work/" + kKey)) << "checkpoints go with the commit";
}

TEST_F(StoreTest, AnAbandonedFolderLeavesNothing) {
  Store store = open();
  {
    Result<Pending> pending = store.begin(kKey);
    ASSERT_TRUE(write_file(pending->path() + "/half", "x").ok());
  }
  EXPECT_EQ(count("pending"), 0u);
  EXPECT_FALSE(store.has(kKey));
}

TEST_F(StoreTest, ASecondWriterLosesGracefully) {
  Store store = open();
  Result<Pending> first = store.begin(kKey), second = store.begin(kKey);
  ASSERT_NE(first->path(), second->path());
  ASSERT_TRUE(write_file(first->path() + "/value", "first").ok());
  ASSERT_TRUE(write_file(second->path() + "/value", "second").ok());
  ASSERT_TRUE(first->commit(meta()).ok());
  ASSERT_TRUE(second->commit(meta()).ok());
  EXPECT_EQ(*read_file(store.path(kKey) + "/value"), "first");
  EXPECT_EQ(count("pending"), 0u);
}

TEST_F(StoreTest, LeftoversOfADeadProcessAreSweptAndThoseOfALiveOneStay) {
  Store store = open();
  Result<Pending> mine = store.begin(kKey);
  const pid_t child = fork_child([&] {
    Result<Pending> pending = Store::open(root_)->begin(kKey);
    ::_exit(write_file(pending->path() + "/half", "x").ok() ? 0
                                                            : 1);  // no destructor runs: a crash
    return 1;
  });
  ASSERT_EQ(exit_code(child), 0);
  EXPECT_EQ(count("pending"), 4u);  // two folders, two marks
  Store again = open();
  EXPECT_EQ(count("pending"), 2u);
  EXPECT_TRUE(fs::exists(mine->path()));
}

TEST_F(StoreTest, TwoRunsDoANodeOnce) {
  open();
  const auto run = [&](char name) {
    Result<Store> store = Store::open(root_);
    Result<KeyLock> lock = store->lock(kKey);
    if (!lock.ok()) return 3;
    if (store->has(kKey)) return 1;  // waited, then found it
    Result<Pending> pending = store->begin(kKey);
    ::usleep(300'000);
    if (!write_file(pending->path() + "/by", std::string(1, name)).ok() ||
        !pending->commit(meta()).ok())
      return 3;
    return 0;
  };
  const pid_t a = fork_child([&] { return run('a'); }), b = fork_child([&] { return run('b'); });
  const int first = exit_code(a), second = exit_code(b);
  EXPECT_EQ(first + second, 1) << "one does it, the other finds it";
}

TEST_F(StoreTest, AWaitCanBeInterruptedAndIsAnnouncedOnce) {
  Store store = open();
  Result<KeyLock> held = store.lock(kKey);
  ASSERT_TRUE(held.ok());
  int notices = 0, polls = 0;
  Result<KeyLock> second = store.lock(kKey, {[&] { ++notices; }, [&] { return ++polls > 2; }});
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().kind, ErrorKind::interrupted);
  EXPECT_EQ(notices, 1);
}

TEST_F(StoreTest, AFullDiskIsAUserErrorThatNamesThePath) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "this system has no /dev/full";
  ASSERT_TRUE(make_folder(root_).ok());
  const std::string path = root_ + "/rows.bin";
  fs::create_symlink("/dev/full", path);
  const Status status = write_file(path, "bytes");
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind, ErrorKind::user);
  EXPECT_NE(status.error().message.find(path), std::string::npos);
  EXPECT_NE(status.error().help.find("free some space"), std::string::npos);
  EXPECT_FALSE(fs::exists(fs::symlink_status(path))) << "nothing half-written stays";
}

TEST_F(StoreTest, ARootThatCannotBeMadeIsAUserError) {
  ASSERT_TRUE(write_file(root_, "a file is in the way").ok());
  Result<Store> store = Store::open(root_);
  ASSERT_FALSE(store.ok());
  EXPECT_EQ(store.error().kind, ErrorKind::user);
  EXPECT_NE(store.error().message.find(root_), std::string::npos);
}

TEST_F(StoreTest, ReplaceFileKeepsTheOldBytesOnFailure) {
  ASSERT_TRUE(make_folder(root_).ok());
  ASSERT_TRUE(replace_file(root_ + "/a", "old").ok());
  ASSERT_TRUE(replace_file(root_ + "/a", "new").ok());
  EXPECT_EQ(*read_file(root_ + "/a"), "new");
  EXPECT_FALSE(read_file(root_).ok()) << "a folder is not a file";
  EXPECT_FALSE(read_file(root_ + "/absent").ok());
}

TEST_F(StoreTest, RunsAreRecordedByManyProcesses) {
  open();
  const std::string path = root_ + "/runs.db";
  std::vector<pid_t> children;
  for (int i = 0; i < 4; ++i) {
    children.push_back(fork_child([&] {
      Result<RunRegistry> runs = RunRegistry::open(path);
      if (!runs.ok()) return 1;
      for (int k = 0; k < 10; ++k) {
        Result<int64_t> id = runs->record_run("quickstart", "quickstart.rexp", "[]");
        if (!id.ok() || !runs->finish_run(*id, "ok", 1.5, R"({"hit@10": 0.11})").ok()) return 1;
      }
      return runs->record_run("killed", "quickstart.rexp", R"(["k"])").ok() ? 0 : 1;
    }));
  }
  for (pid_t child : children) EXPECT_EQ(exit_code(child), 0);
  Result<RunRegistry> runs = RunRegistry::open(path);
  ASSERT_TRUE(runs.ok());
  Result<std::vector<RunRecord>> list = runs->list_runs(100);
  ASSERT_TRUE(list.ok());
  ASSERT_EQ(list->size(), 44u);
  for (const RunRecord& run : *list) {
    EXPECT_EQ(run.status, run.experiment == "killed" ? "lost" : "ok");
    EXPECT_GT(run.started, 0);
  }
  EXPECT_EQ((*runs->list_runs(1)).size(), 1u);
  EXPECT_FALSE(runs->finish_run(4711, "ok", 0, "{}").ok());
}

TEST_F(StoreTest, AForeignFileIsNoRegistry) {
  ASSERT_TRUE(make_folder(root_).ok());
  ASSERT_TRUE(write_file(root_ + "/runs.db", std::string(4096, 'x')).ok());
  EXPECT_FALSE(RunRegistry::open(root_ + "/runs.db").ok());
}

}  // namespace
}  // namespace rexp::store
