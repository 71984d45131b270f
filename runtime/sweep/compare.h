// The points of a sweep beside each other: what every evaluated system reaches, with its interval, and how far that is from the
// first point, paired by user and by seed.
//
//   sweep.trials.push_back({.point = 0, .seed = 7, .evaluations = {{"accuracy", 0, "rates/learn", "last_one", "test", key, rows}}});
//   Result<std::vector<Row>> rows = compare(sweep, store_root);
//
// Reads only finished artifacts. No tensor in this folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/result.h"

namespace rexp::sweep {

/// One evaluation in an experiment: `accuracy = [evaluate(m, p) for m in [model, rival]]` has the output "accuracy" with the places 0, 1.
struct Evaluation {
  std::string output;
  int64_t place = 0;
  std::string system, protocol, split;
  std::string key;        // of its artifact
  std::string questions;  // key of the rows it was asked: equal ones are paired
};

/// A run of the experiment at a point, with one of its seeds.
struct Trial {
  int64_t point = 0;
  uint64_t seed = 0;
  std::string report;  // key of the page of its own
  std::vector<Evaluation> evaluations;
  int64_t number = 0;  // of the run, from 1: what `--only` takes
};

/// A table of one evaluation with an axis down and another across.
struct Cross {
  size_t rows = 0, columns = 0;  // axes
  std::string output;
  int64_t place = 0;
};

struct Sweep {
  std::string name, experiment;
  std::vector<std::string> axes;                 // "learn.optimizer.lr"
  std::vector<std::vector<std::string>> points;  // a value per axis, as they are written
  std::vector<Trial> trials;                     // those that are finished
  std::optional<Cross> cross = {};               // that is asked for
};

/// What separates a point from the first one.
struct Against {
  double value = 0, low = 0, high = 0;  // the difference and its 95 % interval
  double p = 1;                         // two-sided, adjusted for the number of points (Holm)
  bool resolved() const { return p < 0.05; }
};

struct Row {
  int64_t point = 0;
  std::string output;
  int64_t place = 0;
  std::string system, protocol, split;
  std::string seen, metric;
  double value = 0, low = 0, high = 0;
  int64_t users = 0, seeds = 0;
  std::optional<Against> against_first;  // nothing at the first point, and where others were asked
};

/// Rows by evaluation, treatment of seen items, metric and point, in the order of the first trial. Points without a finished trial are
/// left out. Errors: an artifact that is damaged or gone, told with the point that makes it again.
Result<std::vector<Row>> compare(const Sweep& sweep, const std::string& store);

/// The last words of the axes, longer where two end alike: "lr", "batch".
std::vector<std::string> short_names(const std::vector<std::string>& axes);

}  // namespace rexp::sweep
