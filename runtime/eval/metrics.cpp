#include "runtime/eval/metrics.h"

#include <charconv>
#include <cmath>
#include <vector>

namespace rexp::eval {
namespace {

Error unknown(std::string_view name) {
  return user_error("`" + std::string(name) + "` is no metric",
                    "known are hit@k, recall@k, ndcg@k, mrr, mrr@k and prefix@n@k");
}

/// "prefix@2@10" -> {"prefix", "2", "10"}
std::vector<std::string_view> split(std::string_view name) {
  std::vector<std::string_view> parts;
  for (size_t at = 0;;) {
    const size_t next = name.find('@', at);
    parts.push_back(name.substr(at, next - at));
    if (next == std::string_view::npos) return parts;
    at = next + 1;
  }
}

bool positive(std::string_view text, int* out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *out);
  return error == std::errc() && end == text.data() + text.size() && *out > 0;
}

}  // namespace

Result<Metric> parse_metric(std::string_view name) {
  const std::vector<std::string_view> parts = split(name);
  using Kind = Metric::Kind;
  Metric metric;
  size_t numbers = 1;
  if (parts[0] == "hit")
    metric.kind = Kind::hit;
  else if (parts[0] == "recall")
    metric.kind = Kind::recall;
  else if (parts[0] == "ndcg")
    metric.kind = Kind::ndcg;
  else if (parts[0] == "mrr")
    metric.kind = Kind::mrr, numbers = parts.size() == 1 ? 0 : 1;
  else if (parts[0] == "prefix")
    metric.kind = Kind::prefix, numbers = 2;
  else
    return unknown(name);
  if (parts.size() != numbers + 1) return unknown(name);
  if (numbers == 2 && !positive(parts[1], &metric.prefix)) return unknown(name);
  if (numbers >= 1 && !positive(parts.back(), &metric.k)) return unknown(name);
  return metric;
}

std::string to_string(const Metric& metric) {
  const std::string cut = metric.k > 0 ? "@" + std::to_string(metric.k) : "";
  switch (metric.kind) {
    case Metric::Kind::hit: return "hit" + cut;
    case Metric::Kind::recall: return "recall" + cut;
    case Metric::Kind::ndcg: return "ndcg" + cut;
    case Metric::Kind::mrr: return "mrr" + cut;
    case Metric::Kind::prefix: return "prefix@" + std::to_string(metric.prefix) + cut;
  }
  return {};
}

double value(const Metric& metric, int64_t rank, std::span<const Entry> entries) {
  if (metric.kind == Metric::Kind::prefix) {
    for (const Entry& entry : entries)
      if (entry.answer < metric.k && entry.agree >= metric.prefix) return 1;
    return 0;
  }
  if (rank < 1 || (metric.k > 0 && rank > metric.k)) return 0;
  switch (metric.kind) {
    case Metric::Kind::ndcg: return 1 / std::log2(static_cast<double>(rank) + 1);
    case Metric::Kind::mrr: return 1 / static_cast<double>(rank);
    default: return 1;
  }
}

}  // namespace rexp::eval
