// A language model as a system: prompts from the compiled renderer, beams over the codebook's semantic ids.
#include "runtime/abi/bind.h"
#include "runtime/abi/evaluate_systems.h"
#include "runtime/abi/row_helpers.h"
#include "runtime/base/random.h"
#include "runtime/decode/recommend.h"
#include "runtime/model/artifact.h"
#include "runtime/model/transformer.h"
#include "runtime/train/progress.h"

namespace rexp::abi {

namespace {

struct System {
  model::ModelArtifact model;
  std::shared_ptr<const text::Tokenizer> tokenizer;
  codebook::Codebook codebook;
  int64_t codebook_input = -1;
  int32_t first_id = 0;
};

/// The codebook's tokens as the model knows them; a model that learnt another codebook of that name is refused.
Status match_codebook(System* system) {
  const std::string hash = system->codebook.hash();
  for (const auto& owned : system->model.codebooks) {
    if (owned.name != system->codebook.name) continue;
    if (owned.hash != hash) {
      return user_error("the model was trained with codebook `" + owned.name + "` " + owned.hash +
                            ", the protocol decodes codebook " + hash,
                        "evaluate with the codebook the model was trained with, or train again");
    }
    system->first_id = owned.first_id;
    return {};
  }
  return user_error(
      "the model does not own the tokens of codebook `" + system->codebook.name + "`",
      "train it with a stage that says `adds = " + system->codebook.name + ".tokens`");
}

Status open_system(NodeContext& context, System* system) {
  const int64_t input = context.find({"train", "model"});
  auto model = model::load_model(context.in(input, ""));
  if (!model) return model.error();
  auto tokenizer = context.tokenizer(model->tokenizer_kind, context.in(input, ""));
  if (!tokenizer) return tokenizer.error();
  system->codebook_input = context.find({"codebook"});
  if (system->codebook_input < 0) return internal_error("a model is evaluated without a codebook");
  auto codebook = context.codebook(system->codebook_input);
  if (!codebook) return codebook.error();
  system->model = std::move(*model);
  system->tokenizer = std::move(*tokenizer);
  system->codebook = std::move(*codebook);
  return match_codebook(system);
}

Result<std::vector<std::vector<int32_t>>> render_prompts(NodeContext& context, const System& system,
                                                         const data::Rows& rows) {
  const RexpKernel* kernel = context.kernel("prompt");
  if (!kernel) return internal_error("a model is evaluated without a prompt");
  auto bound = bind(context, *kernel, system.tokenizer, {{system.codebook_input, system.first_id}});
  if (!bound) return bound.error();
  auto columns = slot_columns(**bound, rows);
  if (!columns) return columns.error();
  std::vector<std::vector<int32_t>> prompts;
  std::vector<int64_t> slots(columns->size());
  SinkBuffer sink;
  for (int64_t r = 0; r < rows.count; ++r) {
    for (size_t i = 0; i < slots.size(); ++i) slots[i] = rows.row(r)[(*columns)[i]];
    sink.clear();
    if ((*bound)->fn(&(*bound)->context, slots.data(), stream(context.node().stream, r),
                     sink.get()) != REXP_OK) {
      return internal_error("the prompt of row " + std::to_string(r) + " could not be rendered");
    }
    prompts.emplace_back(sink.ids().begin(), sink.ids().end());
  }
  return prompts;
}

decode::SearchOptions search_options(const nlohmann::json& decode, decode::ScoreRule rule) {
  decode::SearchOptions options;
  options.beams = decode.at("kind") == "greedy" ? 1 : decode.value("beams", int64_t{20});
  options.rule = rule;
  options.constrained = decode.contains("within") && !decode["within"].is_null();
  return options;
}

}  // namespace

Result<Answers> ask_model(NodeContext& context, const data::Rows& rows,
                          const Questions& questions) {
  System system;
  if (Status status = open_system(context, &system); !status.ok()) return status.error();
  auto prompts = render_prompts(context, system, rows);
  if (!prompts) return prompts.error();
  auto dataset = context.dataset(context.find({"load"}));
  if (!dataset) return dataset.error();
  // items that share a semantic id are listed by how often they occur in train
  auto catalogue = decode::Catalogue::from_codebook(system.codebook, system.first_id,
                                                    data::train_counts(**dataset));
  if (!catalogue) return catalogue.error();
  const auto& decode = context.args().at("decode");
  auto rule = decode::parse_score_rule(decode.value("score", "model"));
  if (!rule) return rule.error();

  at::Device device(context.run().options.value("device", "cpu"));
  model::Transformer transformer(system.model.config, system.model.weights.copy(device));
  std::unique_ptr<train::Progress> bar;
  if (context.run().options.value("progress", "bar") != "none") bar = train::stream_progress();
  const auto progress = [&](int64_t done, int64_t total) {
    if (bar)
      bar->update({.stage = context.node().name, .phase = "decode", .step = done, .total = total});
    return !interrupted().load();
  };
  decode::RecommendInput input;
  input.prompts = std::move(*prompts);
  input.histories = questions.histories;
  input.seen = questions.seen;
  auto found = decode::recommend(transformer, system.model.vocabulary, system.tokenizer.get(),
                                 *catalogue, input, search_options(decode, *rule), progress);
  if (bar) bar->done();
  if (!found) return found.error();
  return Answers{std::move(found->lists), decode::item_tokens(*catalogue), std::move(found->notes)};
}

}  // namespace rexp::abi
