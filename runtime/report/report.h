// What people see of an experiment: a table in the terminal, and one HTML page that stands alone.
//
//   ReportData data;
//   data.experiment = "quickstart";
//   data.metrics.push_back({"quickstart/tune", "last_one", "test", "keep", "hit@10", .113, .094, .134, 943});
//   std::cout << terminal_table(data);
//   Status written = write_report(data, folder);     // report.html, table.txt
//
// The page has no script and loads nothing: style and charts are inside, so that it can be mailed or kept. A section whose data
// is empty is left out. Every text that comes from data is escaped.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/result.h"

namespace rexp::report {

/// One value with its 95 % interval. `seen`: "keep" or "drop" (may a system recommend what the user has seen).
struct MetricRow {
  std::string system, protocol, split, seen, metric;
  double value = 0, low = 0, high = 0;
  int64_t n = 0;  // users
};

struct LogPoint {
  int64_t step = 0;                // from 1
  double loss = 0;                 // nats per label
  std::vector<double> level_loss;  // [0] text, [1..] SID levels; NaN where a level has no label
  std::vector<double> task_loss;   // by task; NaN where it has no label
  double lr = 0;
};
struct TrainingLog {
  std::string stage;
  std::vector<std::string> tasks;
  std::vector<LogPoint> points;  // by step
  std::string unit = "loss, nats per label";
};

/// How something else than a loss went: NDCG@10 on valid by epoch, codes in use by step.
struct LearningCurve {
  struct Series {
    std::string name;
    std::vector<std::pair<double, double>> points;  // (1-based epoch or step, value)
  };
  std::string title;
  std::string axis, unit;  // "epoch", "NDCG@10 on valid"
  std::vector<Series> series;
};

struct CodebookSummary {
  std::string name;
  std::string surface = "<|sid_{}|>";  // {} is the flat code
  std::vector<int32_t> level_sizes;
  std::vector<std::vector<int64_t>> usage;  // [levels][codes of the level]: items with the code
  std::vector<std::pair<std::string, double>> numbers;  // "collision rate", "perplexity", ..
};

/// A rendered example, as the model saw it.
struct PromptSample {
  struct Span {
    std::string text;
    bool trained = false;
  };
  std::string stage, task;
  int64_t tokens = 0;
  std::vector<Span> spans;
};

struct Recommendation {
  struct Guess {
    std::string title;  // or what the model wrote, where that is no item
    double score = 0;
    bool hit = false;
  };
  std::string system, user;
  std::vector<std::string> history;  // oldest first
  std::string truth;
  std::vector<Guess> guesses;  // best first
};

/// Shares of classes among guesses, by a key such as the rank.
struct TallySummary {
  struct Row {
    int64_t key = 0, n = 0;
    std::vector<double> shares;  // by class
  };
  std::string name, seen;
  std::vector<std::string> classes;
  std::vector<Row> rows;  // by key
};

struct ReportData {
  std::string experiment;
  std::vector<std::pair<std::string, std::string>> facts;  // "seed", .. for the head of the page
  std::vector<MetricRow> metrics;
  std::vector<TrainingLog> logs;
  std::vector<LearningCurve> curves;
  std::vector<CodebookSummary> codebooks;
  std::vector<PromptSample> prompts;
  std::vector<Recommendation> recommendations;
  std::vector<TallySummary> tallies;
  std::vector<std::string> notes;
};

struct TerminalOptions {
  int width = 100;      // columns; a wider table is cut into several below each other
  bool colour = false;  // bold for the best, dim for intervals
};

/// Systems by metrics, one table per protocol, split and treatment of seen items. `*` marks the best of a column.
std::string terminal_table(const ReportData& data, const TerminalOptions& options = {});

/// The page.
std::string html_page(const ReportData& data);

/// Writes report.html and table.txt; each is replaced as a whole or not at all. Errors: the folder cannot be written.
Status write_report(const ReportData& data, const std::string& folder);

}  // namespace rexp::report
