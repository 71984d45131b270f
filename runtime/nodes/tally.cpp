// tally: how often a system guesses what, by a key and a class of each guess.
#include <algorithm>

#include "runtime/base/fields.h"
#include "runtime/eval/tally.h"
#include "runtime/nodes/bind.h"
#include "runtime/nodes/versions.h"

namespace rexp::nodes {

namespace {

Result<eval::OfGuess> of_guess(NodeContext& context, int64_t kernel) {
  auto function = row_function(context, kernel, {"rank", "item"});
  if (!function) return function.error();
  return eval::OfGuess(
      [function = std::move(*function)](int64_t rank, int64_t item) -> Result<int64_t> {
        const int64_t row[] = {rank, item};
        auto answer = function(row);
        if (!answer) return answer.error();
        return answer->value;
      });
}

Status count(NodeContext& context) {
  int64_t input = 0, by = 0, into = 0;
  Fields fields(context.args(), "a tally");
  fields.input("guesses", &input);
  fields.kernel("by", &by);
  fields.kernel("into", &into);
  REXP_TRY(fields.status());
  const auto classes = context.args().at("classes").get<std::vector<std::string>>();
  auto lists = eval::load_guesses(context.in(input, "guesses.bin"));
  if (!lists) return lists.error();
  auto key = of_guess(context, by), place = of_guess(context, into);
  if (!key) return key.error();
  if (!place) return place.error();
  std::vector<eval::Tally> tallies;
  const auto seen = context.args().at("seen").get<std::vector<std::string>>();
  for (const auto& guesses : *lists) {
    if (std::find(seen.begin(), seen.end(), eval::to_string(guesses.seen)) == seen.end()) continue;
    auto tally = eval::tally(guesses, *key, *place, static_cast<int64_t>(classes.size()));
    if (!tally) return tally.error();
    tallies.push_back(std::move(*tally));
  }
  return write_json(context.out("metrics.json"), eval::to_json(tallies, classes));
}

}  // namespace
}  // namespace rexp::nodes

int32_t rexp_rt_tally(RexpRun* run, const RexpNode* node) {
  return rexp::nodes::run_node(run, node, rexp::nodes::kVersion_tally, rexp::nodes::count);
}
