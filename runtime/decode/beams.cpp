#include "runtime/decode/beams.h"

#include <algorithm>

namespace rexp::decode {
namespace {

struct Child {
  double score;
  int32_t parent;
  int32_t token;
  Node node;
};

/// Keeps the best children, in order, as the new beams.
void select(Search* search, int level, std::vector<Child> children, int64_t width) {
  const std::vector<Beam>& beams = search->beams;
  const auto better = [&](const Child& a, const Child& b) {
    if (a.score != b.score) return a.score > b.score;
    if (a.parent != b.parent && beams[a.parent].tokens != beams[b.parent].tokens)
      return beams[a.parent].tokens < beams[b.parent].tokens;
    return a.token < b.token;
  };
  const int64_t kept = std::min<int64_t>(width, static_cast<int64_t>(children.size()));
  if (kept < static_cast<int64_t>(children.size())) {
    std::nth_element(children.begin(), children.begin() + kept, children.end(), better);
    search->best_pruned = std::max(search->best_pruned, children[kept].score);
    children.resize(kept);
  }
  std::sort(children.begin(), children.end(), better);
  std::vector<Beam> next;
  next.reserve(kept);
  for (const Child& child : children) {
    Beam& beam = next.emplace_back(beams[child.parent]);
    beam.tokens[level] = child.token;
    beam.node = child.node;
    beam.score = child.score;
    beam.row = -1;
  }
  search->beams = std::move(next);
}

}  // namespace

bool needs_hidden(const Beam& beam, const SearchOptions& options) {
  return options.rule != ScoreRule::trie || beam.node.size() > 1;
}

void advance(Search* search, int level, const Catalogue& catalogue, const LevelScores& scores,
             const SearchOptions& options) {
  const bool limited = search->allowed.within || search->allowed.without;
  std::vector<Child> children;
  for (size_t b = 0; b < search->beams.size(); ++b) {
    const Beam& beam = search->beams[b];
    const bool scored = beam.row >= 0;
    const double normaliser = !scored ? 0
                              : options.rule == ScoreRule::trie
                                  ? scores.node_normaliser(beam.row, catalogue, level, beam.node)
                                  : scores.normalisers[beam.row];
    catalogue.for_children(level, beam.node, [&](uint32_t code, Node child) {
      if (limited && search->allowed.count(child) == 0) return;
      const double step = scored ? scores.log_prob(beam.row, code, normaliser) : 0;
      children.push_back(
          {beam.score + step, static_cast<int32_t>(b), catalogue.level_tokens(level)[code], child});
    });
  }
  select(search, level, std::move(children), options.beams);
}

int64_t widest_list(const Search& search, int level, int depth, const SearchOptions& options) {
  const bool last = level + 1 == depth;
  const int64_t left_out = last && search.allowed.without
                               ? static_cast<int64_t>(search.allowed.without->positions().size())
                               : 0;
  return options.beams + left_out + 1;
}

void advance_freely(Search* search, int level, const Catalogue& catalogue,
                    const std::vector<std::vector<TokenScore>>& tokens,
                    const SearchOptions& options) {
  const bool last = level + 1 == catalogue.depth();
  std::vector<Child> children;
  for (size_t b = 0; b < search->beams.size(); ++b) {
    const Beam& beam = search->beams[b];
    for (const TokenScore& next : tokens[beam.row]) {
      const Node node = catalogue.child(level, beam.node, next.token);
      if (last && node.size() > 0 && search->allowed.count(node) == 0) continue;
      children.push_back({beam.score + next.log_prob, static_cast<int32_t>(b), next.token, node});
    }
  }
  select(search, level, std::move(children), options.beams);
}

Ranking finish(const Search& search, int depth) {
  Ranking ranking;
  ranking.best_pruned = search.best_pruned;
  for (const Beam& beam : search.beams)
    ranking.answers.push_back({{beam.tokens.begin(), beam.tokens.begin() + depth},
                               beam.node.size() > 0 ? beam.node.low : -1,
                               beam.score});
  return ranking;
}

}  // namespace rexp::decode
