// rank: the list of a baseline or a hybrid for every row, cut from a full vector of scores, with the items the user has seen and without them.
#include <algorithm>
#include <span>

#include "runtime/base/fields.h"
#include "runtime/eval/guesses.h"
#include "runtime/nodes/questions.h"
#include "runtime/nodes/run.h"
#include "runtime/nodes/systems.h"
#include "runtime/nodes/versions.h"

namespace rexp::nodes {

namespace {

constexpr size_t kAsked = 256;  // questions whose scores are held at once

void add_ranking(const Questions& questions, size_t row, std::span<const double> scores,
                 int64_t listed, eval::Guesses* out) {
  const std::vector<int32_t> nothing;
  const auto& excluded = out->seen == eval::Seen::drop ? questions.histories[row] : nothing;
  const auto ranking = eval::rank_scores(scores, listed, excluded, questions.targets[row]);
  for (size_t i = 0; i < ranking.items.size(); ++i) {
    const int32_t item = ranking.items[i];
    out->add(item, static_cast<int32_t>(i), scores[item]);
  }
  out->target_ranks.push_back(ranking.target_rank);
  out->end_user();
}

std::vector<eval::Guesses> rank_all(const System& system, const Questions& questions,
                                    int64_t listed) {
  std::vector<eval::Guesses> lists = {eval::Guesses::empty(0, eval::Seen::keep),
                                      eval::Guesses::empty(0, eval::Seen::drop)};
  for (size_t first = 0; first < questions.users.size(); first += kAsked) {
    const size_t count = std::min(kAsked, questions.users.size() - first);
    std::vector<double> scores;
    for (eval::Guesses& list : lists) {
      if (scores.empty() || system.heeds_seen()) scores = system.scores(first, count, list.seen);
      const size_t items = scores.size() / count;
      for (size_t i = 0; i < count; ++i)
        add_ranking(questions, first + i, {scores.data() + i * items, items}, listed, &list);
    }
  }
  return lists;
}

Status rank(NodeContext& context) {
  int64_t listed = 0;
  Fields fields(context.args(), "a ranking");
  fields.count("listed", &listed, 1, "a whole number of at least 1");
  const nlohmann::json* described = fields.find("system");
  if (described == nullptr) fields.fail(internal_error("a ranking has no system"));
  REXP_TRY(fields.status());
  auto asked = read_asked(context);
  if (!asked) return asked.error();
  auto system = open_system(context, *described, *asked);
  if (!system) return system.error();
  if (context.site().value("asks", false) && context.find({"decode"}) < 0) {
    context.note(
        "a baseline takes no prompt: `ask` and `decode` are left out, the list is the top of its "
        "scores");
  }
  return eval::save(rank_all(**system, asked->questions, listed), context.out("guesses.bin"));
}

}  // namespace
}  // namespace rexp::nodes

int32_t rexp_rt_rank(RexpRun* run, const RexpNode* node) {
  return rexp::nodes::run_node(run, node, rexp::nodes::kVersion_rank, rexp::nodes::rank);
}
