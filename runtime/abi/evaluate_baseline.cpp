// Questions of a protocol, and baselines as systems: a full vector of scores per user, ranked in both regimes.
#include <algorithm>

#include "runtime/abi/evaluate_systems.h"
#include "runtime/baseline/baseline.h"
#include "runtime/codebook/codebook.h"

namespace rexp::abi {

Result<Questions> read_questions(const data::Dataset& dataset, const data::Rows& rows,
                                 const nlohmann::json& args) {
  Questions out;
  const int user = rows.column("user"), next = rows.column("next");
  if (user < 0 || next < 0)
    return user_error("a protocol asks for the next item, its rows have none",
                      "use rows of windows: `rows = films.test`");
  for (int64_t r = 0; r < rows.count; ++r) {
    const int64_t u = rows.row(r)[user], event = rows.row(r)[next];
    out.users.push_back(u);
    out.targets.push_back(static_cast<int32_t>(dataset.event_items()[event]));
    auto& history = out.histories.emplace_back();
    for (int64_t e = dataset.user_offsets[u]; e < event; ++e)
      history.push_back(static_cast<int32_t>(dataset.event_items()[e]));
  }
  for (const auto& name : args.at("seen")) {
    auto seen = eval::parse_seen(name.get<std::string>());
    if (!seen) return seen.error();
    out.seen.push_back(*seen);
  }
  return out;
}

namespace {

constexpr int64_t kListed = 100;  // entries kept per user, or as many as metrics look at

eval::Guesses rank_all(const baseline::Baseline& baseline, const Questions& questions,
                       eval::Seen seen, int64_t listed,
                       const std::vector<std::vector<int32_t>>& codes) {
  eval::Guesses out =
      eval::Guesses::empty(codes.empty() ? 0 : static_cast<int32_t>(codes.front().size()), seen);
  for (size_t u = 0; u < questions.users.size(); ++u) {
    const std::vector<int64_t> history(questions.histories[u].begin(),
                                       questions.histories[u].end());
    const std::vector<double> scores = baseline::score(baseline, history);
    const std::vector<int32_t> nothing;
    std::vector<int32_t> excluded = seen == eval::Seen::drop ? questions.histories[u] : nothing;
    const auto ranking = eval::rank_scores(scores, listed, excluded, questions.targets[u]);
    for (size_t i = 0; i < ranking.items.size(); ++i) {
      const int32_t item = ranking.items[i];
      out.add(item, static_cast<int32_t>(i), scores[item],
              codes.empty() ? std::span<const int32_t>() : std::span<const int32_t>(codes[item]));
    }
    out.target_ranks.push_back(ranking.target_rank);
    out.end_user();
  }
  return out;
}

}  // namespace

Result<Answers> ask_baseline(NodeContext& context, const Questions& questions, int64_t deepest) {
  auto baseline = baseline::load_baseline(context.in(context.find({"baseline"}), "baseline.bin"));
  if (!baseline) return baseline.error();
  Answers out;
  if (const int64_t input = context.find({"codebook"}); input >= 0) {
    auto book = context.codebook(input);
    if (!book) return book.error();
    for (const auto& codes : book->codes) {
      auto& flat = out.item_codes.emplace_back();
      for (int level = 0; level < book->depth(); ++level)
        flat.push_back(book->level_offset(level) + codes[level]);
    }
  }
  for (const eval::Seen seen : questions.seen)
    out.lists.push_back(
        rank_all(*baseline, questions, seen, std::max(kListed, deepest), out.item_codes));
  out.notes.push_back(
      "a baseline takes no prompt: `ask` and `decode` are left out, the list is the top of its "
      "scores");
  return out;
}

}  // namespace rexp::abi
