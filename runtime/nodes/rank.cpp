// rank: a baseline's list for every row, cut from a full vector of scores, with the items the user has seen and without them.
#include "runtime/base/fields.h"
#include "runtime/baseline/baseline.h"
#include "runtime/eval/guesses.h"
#include "runtime/nodes/questions.h"
#include "runtime/nodes/run.h"
#include "runtime/nodes/versions.h"

namespace rexp::nodes {

namespace {

eval::Guesses rank_all(const baseline::Baseline& baseline, const Questions& questions,
                       eval::Seen seen, int64_t listed) {
  eval::Guesses out = eval::Guesses::empty(0, seen);
  for (size_t u = 0; u < questions.users.size(); ++u) {
    const std::vector<int64_t> history(questions.histories[u].begin(),
                                       questions.histories[u].end());
    const std::vector<double> scores = baseline::score(baseline, history);
    const std::vector<int32_t> nothing;
    const auto& excluded = seen == eval::Seen::drop ? questions.histories[u] : nothing;
    const auto ranking = eval::rank_scores(scores, listed, excluded, questions.targets[u]);
    for (size_t i = 0; i < ranking.items.size(); ++i) {
      const int32_t item = ranking.items[i];
      out.add(item, static_cast<int32_t>(i), scores[item]);
    }
    out.target_ranks.push_back(ranking.target_rank);
    out.end_user();
  }
  return out;
}

Status rank(NodeContext& context) {
  int64_t listed = 0;
  Fields fields(context.args(), "a ranking");
  fields.count("listed", &listed, 1, "a whole number of at least 1");
  REXP_TRY(fields.status());
  auto asked = read_asked(context);
  if (!asked) return asked.error();
  auto baseline = baseline::load_baseline(context.in(context.find({"baseline"}), "baseline.bin"));
  if (!baseline) return baseline.error();
  if (static_cast<int64_t>(baseline->counts.size()) != asked->dataset->item_count())
    return internal_error("a baseline ranks another catalogue than its rows ask of");
  std::vector<eval::Guesses> lists;
  for (const eval::Seen seen : {eval::Seen::keep, eval::Seen::drop})
    lists.push_back(rank_all(*baseline, asked->questions, seen, listed));
  return eval::save(lists, context.out("guesses.bin"));
}

}  // namespace
}  // namespace rexp::nodes

int32_t rexp_rt_rank(RexpRun* run, const RexpNode* node) {
  return rexp::nodes::run_node(run, node, rexp::nodes::kVersion_rank, rexp::nodes::rank);
}
