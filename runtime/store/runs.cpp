#include "runtime/store/runs.h"

#include <signal.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>

#include "runtime/base/fault.h"

namespace rexp::store {
namespace {

constexpr int kBusyMilliseconds = 30'000, kLook = 20;

constexpr char kSchema[] =
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = NORMAL;"
    "CREATE TABLE IF NOT EXISTS runs ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT, experiment TEXT NOT NULL, file TEXT NOT NULL, started "
    "INTEGER NOT NULL,"
    "  seconds REAL NOT NULL DEFAULT 0, status TEXT NOT NULL DEFAULT 'running', metrics TEXT NOT "
    "NULL DEFAULT '{}',"
    "  keys TEXT NOT NULL DEFAULT '[]', host TEXT NOT NULL DEFAULT '', pid INTEGER NOT NULL "
    "DEFAULT 0);";

Error database_error(sqlite3* db, const std::string& path) {
  const int refusal = db != nullptr ? sqlite3_system_errno(db) : ENOMEM;
  const std::string reason = refusal != 0 ? std::strerror(refusal) : sqlite3_errmsg(db);
  const std::string help = way_out(refusal, true);
  return file_error(path, 0, "the registry of runs refused: " + reason,
                    !help.empty() ? help
                                  : "check that the file is writable and its disk has room, or "
                                    "choose another folder with `--store`");
}

/// Makes the tables where they are missing. While several processes turn a new file into a write-ahead log, SQLite refuses all but one
/// without waiting, whatever the timeout.
int prepare(sqlite3* db) {
  int state = SQLITE_BUSY;
  for (int waited = 0; state == SQLITE_BUSY && waited < kBusyMilliseconds; waited += kLook) {
    state = sqlite3_exec(db, kSchema, nullptr, nullptr, nullptr);
    if (state == SQLITE_BUSY) sqlite3_sleep(kLook);
  }
  return state;
}

std::string host_name() {
  char name[256] = {};
  ::gethostname(name, sizeof name - 1);
  return name;
}

/// A prepared statement with its parameters bound in order.
class Statement {
 public:
  Statement(sqlite3* db, const char* sql) { sqlite3_prepare_v2(db, sql, -1, &statement_, nullptr); }
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  Statement& bind(std::string_view text) {
    sqlite3_bind_text(statement_, next_++, text.data(), static_cast<int>(text.size()),
                      SQLITE_TRANSIENT);
    return *this;
  }
  Statement& bind(int64_t value) {
    sqlite3_bind_int64(statement_, next_++, value);
    return *this;
  }
  Statement& bind(double value) {
    sqlite3_bind_double(statement_, next_++, value);
    return *this;
  }
  int step() { return statement_ ? sqlite3_step(statement_) : SQLITE_ERROR; }
  int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
  double real(int column) const { return sqlite3_column_double(statement_, column); }
  std::string text(int column) const {
    const unsigned char* value = sqlite3_column_text(statement_, column);
    return value ? reinterpret_cast<const char*>(value) : "";
  }

 private:
  sqlite3_stmt* statement_ = nullptr;
  int next_ = 1;
};

}  // namespace

void RunRegistry::Close::operator()(sqlite3* db) const { sqlite3_close(db); }

Result<RunRegistry> RunRegistry::open(const std::string& path) {
  sqlite3* raw = nullptr;
  const int opened =
      sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  std::unique_ptr<sqlite3, Close> db(raw);
  if (opened != SQLITE_OK) return database_error(raw, path);
  sqlite3_busy_timeout(raw, kBusyMilliseconds);
  if (prepare(raw) != SQLITE_OK) return database_error(raw, path);
  return RunRegistry(std::move(db), path);
}

Result<int64_t> RunRegistry::record_run(std::string_view experiment, std::string_view file,
                                        std::string_view keys_json) {
  Statement insert(
      db_.get(),
      "INSERT INTO runs (experiment, file, started, keys, host, pid) VALUES (?, ?, ?, ?, ?, ?)");
  insert.bind(experiment).bind(file).bind(static_cast<int64_t>(std::time(nullptr))).bind(keys_json);
  insert.bind(host_name()).bind(static_cast<int64_t>(::getpid()));
  if (insert.step() != SQLITE_DONE) return database_error(db_.get(), path_);
  return static_cast<int64_t>(sqlite3_last_insert_rowid(db_.get()));
}

Status RunRegistry::finish_run(int64_t id, std::string_view status, double seconds,
                               std::string_view metrics_json) {
  Statement update(db_.get(), "UPDATE runs SET status = ?, seconds = ?, metrics = ? WHERE id = ?");
  if (update.bind(status).bind(seconds).bind(metrics_json).bind(id).step() != SQLITE_DONE)
    return database_error(db_.get(), path_);
  if (sqlite3_changes(db_.get()) != 1)
    return internal_error("run " + std::to_string(id) + " is not in the registry");
  return {};
}

Result<std::vector<RunRecord>> RunRegistry::select_runs(const char* which, int64_t number) {
  const std::string sql =
      std::string(
          "SELECT id, experiment, file, started, seconds, status, metrics, keys, host, "
          "pid FROM runs ") +
      which;
  Statement select(db_.get(), sql.c_str());
  select.bind(number);
  std::vector<RunRecord> runs;
  const std::string host = host_name();
  int state;
  while ((state = select.step()) == SQLITE_ROW) {
    RunRecord run{select.integer(0), select.text(1), select.text(2), select.integer(3),
                  select.real(4),    select.text(5), select.text(6), select.text(7)};
    const bool gone = select.text(8) == host &&
                      ::kill(static_cast<pid_t>(select.integer(9)), 0) != 0 && errno == ESRCH;
    if (run.status == "running" && gone) run.status = "lost";
    runs.push_back(std::move(run));
  }
  if (state != SQLITE_DONE) return database_error(db_.get(), path_);
  return runs;
}

Result<std::optional<RunRecord>> RunRegistry::find_run(int64_t id) {
  auto runs = select_runs("WHERE id = ?", id);
  if (!runs) return runs.error();
  return runs->empty() ? std::nullopt : std::optional(std::move(runs->front()));
}

Result<std::vector<RunRecord>> RunRegistry::list_runs(int64_t limit) {
  return select_runs("ORDER BY id DESC LIMIT ?", limit);
}

}  // namespace rexp::store
