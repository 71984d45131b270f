// decode: what a language model answers to every row: prompts from the compiled renderer, beams over the codebook's semantic ids.
// What is measured of the answers is another node's, so protocols that ask the same share this one.
#include <unordered_map>

#include "runtime/decode/decoder.h"
#include "runtime/decode/recommend.h"
#include "runtime/model/artifact.h"
#include "runtime/model/transformer.h"
#include "runtime/nodes/prompts.h"
#include "runtime/nodes/questions.h"
#include "runtime/nodes/versions.h"
#include "runtime/nodes/voice.h"
#include "runtime/store/file.h"
#include "runtime/train/progress.h"
#include "runtime/train/vocabulary_growth.h"

namespace rexp::nodes {

namespace {

struct System {
  model::ModelArtifact model;
  std::shared_ptr<const text::Tokenizer> tokenizer;
  codebook::Codebook codebook;  // that answers are made of
  codebook::TokenIds ids;       // of its tokens
  SidBases bases;               // of all codebooks, by input
};

/// Where the model has the codebook's tokens; a model that learnt another codebook of that name is refused.
Result<codebook::TokenIds> match_codebook(const codebook::Codebook& codebook,
                                          const System& system) {
  const codebook::Lineage lineage = codebook.lineage();
  for (const auto& owned : system.model.codebooks) {
    if (owned.name != codebook.name || owned.lineage.agrees_with(lineage)) continue;
    return user_error("the model was trained with codebook `" + owned.name + "` " +
                          owned.lineage.hash + ", the protocol decodes codebook " + lineage.hash,
                      "evaluate with the codebook the model was trained with, or train again");
  }
  const text::Tokenizer& tokenizer = *system.tokenizer;
  auto found = train::find_tokens(system.model, codebook,
                                  {tokenizer.size(), [&](const codebook::Codebook& book) {
                                     return abi::tokens_in(tokenizer, book);
                                   }});
  if (!found) return found.error();
  if (found->has_value()) return std::move((*found)->ids);
  return user_error("the model does not own the tokens of codebook `" + codebook.name + "`",
                    "train it with a stage that says `adds = " + codebook.name + ".tokens`");
}

/// The codebook that answers are made of: the one that `within` names, else the node's first.
int64_t decoded_codebook(const NodeContext& context) {
  const auto& decode = context.args().at("decode");
  if (decode.contains("within") && decode["within"].is_object())
    return decode["within"].at("legal").at("input").get<int64_t>();
  return context.find({"codebook"});
}

Status open_system(NodeContext& context, System* system) {
  const int64_t input = context.find({"train", "model"});
  auto model = model::load_model(context.in(input, ""));
  if (!model) return model.error();
  auto tokenizer = tokenizer_of(context, *model, context.in(input, ""));
  if (!tokenizer) return tokenizer.error();
  system->model = std::move(*model);
  system->tokenizer = std::move(*tokenizer);
  const int64_t decoded = decoded_codebook(context);
  for (const int64_t input : context.all("codebook")) {
    auto codebook = context.codebook(input);
    if (!codebook) return codebook.error();
    auto ids = match_codebook(*codebook, *system);
    if (!ids) return ids.error();
    system->bases[input] = *ids;
    if (input != decoded) continue;
    system->codebook = std::move(*codebook);
    system->ids = std::move(*ids);
  }
  if (!system->bases.contains(decoded))
    return internal_error("a model is asked without a codebook");
  return {};
}

/// What the model was last trained with; of one that no stage has trained, its positions.
text::Window window_of(const model::ModelArtifact& model) {
  text::Window window = model.window;
  if (window.tokens == 0) window.tokens = model.config.max_positions;
  return window;
}

/// The items that `within` lets be answered; nothing where it lets all.
Result<std::optional<decode::ItemSet>> allowed_items(NodeContext& context, int64_t kernel,
                                                     const decode::Catalogue& catalogue) {
  if (kernel < 0) return std::optional<decode::ItemSet>();
  auto holds = row_function(context, kernel, {"item"});
  if (!holds) return holds.error();
  Status status;
  const auto allowed = decode::ItemSet::of(catalogue, [&](int64_t item) {
    auto answer = (*holds)(&item);
    if (!answer) status = answer.error();
    return answer.ok() && answer->value != 0;
  });
  if (!status) return status.error();
  const int64_t count = allowed.rank(catalogue.items());
  if (count == 0)
    return user_error("`within` lets no item of the catalogue be answered", "loosen its condition");
  context.note("answers are limited to " + std::to_string(count) + " of " +
               std::to_string(catalogue.items()) + " items");
  return std::optional(allowed);
}

/// Draws how far decoding is; stops it where the run was interrupted.
decode::Progress progress_of(NodeContext& context, train::Progress* bar) {
  const std::string name = context.site().value("system", std::string(context.node().name));
  return [name, bar](int64_t done, int64_t total) {
    if (bar != nullptr)
      bar->update({.stage = name, .phase = "decode", .step = done, .total = total});
    return !interrupted().load();
  };
}

/// Lists with the items a user has seen and without them, from one computation of the prompts.
Result<decode::Recommendations> answer(NodeContext& context, const System& system,
                                       const data::Dataset& dataset, decode::RecommendInput input) {
  // items that share a semantic id are listed by how often they occur in train
  auto catalogue =
      decode::Catalogue::from_codebook(system.codebook, system.ids, data::train_counts(dataset));
  if (!catalogue) return catalogue.error();
  auto plan = decode::read_decoder(context.args().at("decode"));
  if (!plan) return plan.error();
  auto within = allowed_items(context, plan->where, *catalogue);
  if (!within) return within.error();
  if (*within) input.within = &**within;
  input.seen = {eval::Seen::keep, eval::Seen::drop};
  at::Device device(context.run().options.value("device", "cpu"));
  model::Transformer transformer(system.model.config, system.model.weights.copy(device));
  std::unique_ptr<train::Progress> bar;
  if (context.run().options.value("progress", "bar") != "none") bar = train::stream_progress();
  auto found = decode::recommend(transformer, system.model.vocabulary, system.tokenizer.get(),
                                 *catalogue, input, plan->search, progress_of(context, bar.get()));
  if (bar) bar->done();
  return found;
}

/// Codes instead of ids of the full tokenizer, so that who reads them needs the codebook and no model; other tokens are below 0.
void number_by_codebook(const codebook::TokenIds& ids, std::vector<eval::Guesses>* lists) {
  std::unordered_map<int32_t, int32_t> places;
  for (size_t place = 0; place < ids.size(); ++place)
    places.emplace(ids[place], static_cast<int32_t>(place));
  for (eval::Guesses& list : *lists) {
    for (int32_t& token : list.tokens) {
      const auto at = places.find(token);
      token = at != places.end() ? at->second : -1 - token;
    }
  }
}

/// asked.jsonl: some of the prompts, as the model got them.
Status write_asked(NodeContext& context, const Prompts& prompts) {
  std::string lines;
  for (const int64_t row : shown_rows(static_cast<int64_t>(prompts.size())))
    lines +=
        nlohmann::ordered_json{{"row", row}, {"ids", prompts[static_cast<size_t>(row)]}}.dump() +
        "\n";
  return store::write_file(context.out("asked.jsonl"), lines);
}

Status decode_node(NodeContext& context) {
  auto asked = read_asked(context);
  if (!asked) return asked.error();
  System system;
  REXP_TRY(open_system(context, &system));
  if (const RexpKernel* kernel = context.kernel("prompt"))
    REXP_TRY(check_voice(*kernel, system.model));
  const PromptInput prompt{system.tokenizer, system.bases, window_of(system.model),
                           system.codebook.depth()};
  auto prompts = render_prompts(context, prompt, asked->rows);
  if (!prompts) return prompts.error();
  REXP_TRY(write_asked(context, *prompts));
  decode::RecommendInput input;
  input.prompts = std::move(*prompts);
  input.histories = std::move(asked->questions.histories);
  auto found = answer(context, system, *asked->dataset, std::move(input));
  if (!found) return found.error();
  for (auto& text : found->notes) context.note(std::move(text));
  number_by_codebook(system.ids, &found->lists);
  return eval::save(found->lists, context.out("guesses.bin"));
}

}  // namespace
}  // namespace rexp::nodes

int32_t rexp_rt_decode(RexpRun* run, const RexpNode* node) {
  return rexp::nodes::run_node(run, node, rexp::nodes::kVersion_decode, rexp::nodes::decode_node);
}
