// What sharing the prompt saves. Two searches with the same answers, on a random model of 4.7
// million parameters, one prompt at a time:
//
//   shared   our search: the prompt once, beams as further query rows
//   copied   as generate() of transformers: the prompt repeated for every beam before the first
//            step, keys and values reordered after each, log-softmax of the whole vocabulary
//
// A ratio is printed only when both return the same ids in the same order with scores within 1e-4.
// Then what an evaluation pays: many users in batches, lists of both treatments of seen items, a
// small model as the movie experiment trains it.
//
//   decode_bench [prompt tokens = 200] [repeats = 5]
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "runtime/base/random.h"
#include "runtime/decode/search.h"
#include "runtime/model/packing.h"
#include "runtime/model/transformer.h"

namespace rexp::decode {
namespace {

constexpr int64_t kVocabulary = 2048;
constexpr int kDepth = 4;
constexpr int64_t kItems = 10000;

model::Transformer make_model(int64_t hidden, int64_t layers) {
  model::Config c;
  c.hidden = hidden, c.layers = layers, c.heads = hidden / 32, c.kv_heads = hidden / 64,
  c.head_dim = 32, c.ffn = 3 * hidden;
  c.vocab = kVocabulary, c.max_positions = 4096;
  model::Weights weights = model::random_weights(c, 1);
  weights.embedding.mul_(20);
  return {c, std::move(weights)};
}

Catalogue make_catalogue() {
  std::vector<std::vector<int32_t>> keys(kItems);
  for (int64_t i = 0; i < kItems; ++i)
    for (int level = 0; level < kDepth; ++level)
      keys[i].push_back(static_cast<int32_t>(256 * (level + 1) + below(stream(2, i), level, 256)));
  return std::move(*Catalogue::build(keys));
}

/// -inf on every token that no item continues with; one row per beam.
at::Tensor trie_mask(const Catalogue& catalogue, const std::vector<Answer>& beams, int level) {
  at::Tensor mask = at::full({static_cast<int64_t>(beams.size()), kVocabulary}, -INFINITY);
  for (size_t b = 0; b < beams.size(); ++b) {
    Node node = catalogue.root();
    for (int l = 0; l < level; ++l) node = catalogue.child(l, node, beams[b].tokens[l]);
    float* row = mask.mutable_data_ptr<float>() + static_cast<int64_t>(b) * kVocabulary;
    catalogue.for_children(
        level, node, [&](uint32_t code, Node) { row[catalogue.level_tokens(level)[code]] = 0; });
  }
  return mask;
}

/// Beam search with everything copied per beam.
std::vector<Answer> copied_search(const model::Transformer& transformer, const Catalogue& catalogue,
                                  const std::vector<int64_t>& prompt, int64_t width) {
  const c10::InferenceMode inference;
  const std::vector<std::vector<int64_t>> copies(width, prompt);
  model::Prefill prefill = transformer.prefill(model::pack(copies), kDepth - 1);
  at::Tensor hidden = prefill.hidden;
  std::vector<Answer> beams(width);
  for (int64_t b = 1; b < width; ++b)
    beams[b].score = -INFINITY;  // all copies are equal: only the first may be extended
  for (int level = 0;; ++level) {
    const at::Tensor before = at::empty({width, 1}, at::kDouble);
    for (int64_t b = 0; b < width; ++b) before.mutable_data_ptr<double>()[b] = beams[b].score;
    const at::Tensor scores = at::log_softmax(transformer.logits(hidden), -1) +
                              trie_mask(catalogue, beams, level) + before;
    const auto [best, place] = scores.flatten().topk(width);
    const at::Tensor parent = place.floor_divide(kVocabulary), token = place.remainder(kVocabulary);
    std::vector<Answer> next;
    for (int64_t b = 0; b < width; ++b) {
      Answer beam = beams[parent[b].item<int64_t>()];
      beam.tokens.push_back(static_cast<int32_t>(token[b].item<int64_t>()));
      beam.score = best[b].item<double>();
      next.push_back(std::move(beam));
    }
    beams = std::move(next);
    if (level + 1 == kDepth) return beams;
    model::Cache& cache = prefill.cache;
    for (model::Cache::Layer& layer : cache.layers)
      layer.k = layer.k.index_select(0, parent), layer.v = layer.v.index_select(0, parent);
    const at::Tensor positions =
        at::full({width, 1}, static_cast<int64_t>(prompt.size()) + level, at::kLong);
    const at::Tensor mask = at::ones({width, 1, cache.used + 1}, at::kBool);
    hidden = transformer.step(token.view({width, 1}), positions, mask, cache).squeeze(1);
  }
}

double cpu_milliseconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return 1e3 * static_cast<double>(now.tv_sec) + 1e-6 * static_cast<double>(now.tv_nsec);
}

bool same(const std::vector<Answer>& a, const std::vector<Answer>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Answer& x, const Answer& y) {
    return x.tokens == y.tokens && std::abs(x.score - y.score) < 1e-4;
  });
}

int run(int64_t prompt_tokens, int repeats) {
  const model::Transformer transformer = make_model(256, 6);
  const Catalogue catalogue = make_catalogue();
  const model::Vocabulary vocabulary = model::Vocabulary::full(kVocabulary);
  std::vector<int64_t> prompt;
  for (int64_t i = 0; i < prompt_tokens; ++i)
    prompt.push_back(static_cast<int64_t>(below(3, i, kVocabulary)));
  std::printf("%lld items, %lld prompt tokens, %d threads; least CPU milliseconds of %d\n",
              static_cast<long long>(kItems), static_cast<long long>(prompt_tokens),
              at::get_num_threads(), repeats);
  for (const int64_t width : {10, 50}) {
    const Result<Searcher> searcher =
        Searcher::create(transformer, vocabulary, catalogue, {.beams = width});
    const std::vector<Request> requests = {{prompt, {{&catalogue}}}};
    double shared = INFINITY, copied = INFINITY;
    for (int repeat = 0; repeat < repeats; ++repeat) {
      const double start = cpu_milliseconds();
      const auto ours = searcher->run(requests);
      const double middle = cpu_milliseconds();
      const std::vector<Answer> theirs = copied_search(transformer, catalogue, prompt, width);
      copied = std::min(copied, cpu_milliseconds() - middle);
      shared = std::min(shared, middle - start);
      if (!ours.ok() || !same((*ours)[0][0].answers, theirs)) {
        std::printf("beams %lld: the two searches differ, no ratio\n",
                    static_cast<long long>(width));
        return 1;
      }
    }
    std::printf("beams %3lld: shared %8.1f   copied %8.1f   ratio %.1f\n",
                static_cast<long long>(width), shared, copied, copied / shared);
  }
  return 0;
}

/// Milliseconds of CPU per user of an evaluation: prompts of 200 to 260 tokens, 20 beams, histories
/// of 50 items.
int run_many(int64_t users) {
  const model::Transformer transformer = make_model(128, 3);
  const Catalogue catalogue = make_catalogue();
  const model::Vocabulary vocabulary = model::Vocabulary::full(kVocabulary);
  std::vector<Exclusion> seen;
  for (int64_t u = 0; u < users; ++u) {
    std::vector<int32_t> history;
    for (uint64_t i = 0; i < 50; ++i)
      history.push_back(static_cast<int32_t>(below(stream(4, u), i, kItems)));
    seen.emplace_back(catalogue, history);
  }
  std::vector<Request> requests;
  for (int64_t u = 0; u < users; ++u) {
    Request& request = requests.emplace_back();
    for (uint64_t i = 0; i < 200 + below(5, u, 61); ++i)
      request.prompt.push_back(static_cast<int64_t>(below(stream(6, u), i, kVocabulary)));
    request.searches = {{&catalogue}, {&catalogue, nullptr, &seen[u]}};
  }
  const Result<Searcher> searcher =
      Searcher::create(transformer, vocabulary, catalogue, {.beams = 20});
  const double start = cpu_milliseconds();
  if (!searcher->run(requests).ok()) return 1;
  std::printf("%lld users, 20 beams, seen = keep and drop: %.2f ms a user\n",
              static_cast<long long>(users),
              (cpu_milliseconds() - start) / static_cast<double>(users));
  return 0;
}

}  // namespace
}  // namespace rexp::decode

int main(int argc, char** argv) {
  at::set_num_threads(1);  // CPU time is comparable only without two threads waiting for each other
  const int differs =
      rexp::decode::run(argc > 1 ? std::atoll(argv[1]) : 200, argc > 2 ? std::atoi(argv[2]) : 5);
  return differs != 0 ? differs : rexp::decode::run_many(128);
}
