// train: one stage, from a model to a model.
#include <cmath>
#include <filesystem>

#include "runtime/base/fault.h"
#include "runtime/model/artifact.h"
#include "runtime/nodes/bind.h"
#include "runtime/nodes/index_files.h"
#include "runtime/nodes/versions.h"
#include "runtime/nodes/voice.h"
#include "runtime/quantiser/quantiser_file.h"
#include "runtime/train/kernel_source.h"
#include "runtime/train/stage.h"

namespace rexp::nodes {

namespace {

/// Everything a stage's example source points into.
struct Tasks {
  std::vector<std::unique_ptr<BoundKernel>> kernels;
  std::vector<data::Rows> rows;
  std::vector<train::KernelTask> tasks;
};

struct Codebooks {
  std::vector<codebook::Codebook> books;
  std::vector<std::optional<codebook::Quantiser>> quantisers;  // where the stage reads them
  std::vector<train::CodebookInput> placed;
  SidBases bases;  // by input
};

/// What new rows begin at, for who begins them there.
Status read_centroids(NodeContext& context, const std::vector<int64_t>& inputs, Codebooks* out) {
  for (const int64_t input : inputs) {
    auto quantiser = quantiser::load_stored(context.in(input, ""));
    if (!quantiser) return quantiser.error();
    out->quantisers.push_back(std::move(*quantiser));
  }
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (out->quantisers[i]) out->placed[i].centroids = &out->quantisers[i]->centroids;
  }
  return {};
}

Status read_codebooks(NodeContext& context, const train::StageSpec& spec,
                      const model::ModelArtifact& model, const text::Tokenizer& tokenizer,
                      Codebooks* out) {
  const std::vector<int64_t> inputs = context.all("codebook");
  for (const int64_t input : inputs) {
    auto book = context.codebook(input);
    if (!book) return book.error();
    out->books.push_back(std::move(*book));
  }
  std::vector<const codebook::Codebook*> pointers;
  for (const auto& book : out->books) pointers.push_back(&book);
  const train::KnownTokens known = {tokenizer.size(), [&](const codebook::Codebook& book) {
                                      return abi::tokens_in(tokenizer, book);
                                    }};
  auto placed = train::place_codebooks(spec.stage, model, spec.adds, pointers, known);
  if (!placed) return placed.error();
  out->placed = std::move(*placed);
  for (size_t i = 0; i < inputs.size(); ++i) out->bases[inputs[i]] = out->placed[i].ids;
  if (spec.new_rows == train::NewRows::codebook) return read_centroids(context, inputs, out);
  return {};
}

Status bind_tasks(NodeContext& context, const train::StageSpec& spec,
                  const model::ModelArtifact& model,
                  const std::shared_ptr<const text::Tokenizer>& tokenizer, const SidBases& bases,
                  Tasks* out) {
  out->rows.reserve(spec.tasks.size());
  for (size_t i = 0; i < spec.tasks.size(); ++i) {
    const RexpKernel* kernel = context.kernel("render", static_cast<int64_t>(i));
    if (!kernel) return internal_error("task `" + spec.tasks[i].name + "` has no renderer");
    REXP_TRY(check_voice(*kernel, model));
    auto bound = bind(context, *kernel, tokenizer, bases);
    if (!bound) return bound.error();
    auto rows = context.rows(spec.tasks[i].rows);
    if (!rows) return rows.error();
    auto slots = slot_columns(**bound, rows->columns);
    if (!slots) return slots.error();
    out->rows.push_back(std::move(*rows));
    out->tasks.push_back({(*bound)->fn, &(*bound)->context, &out->rows.back(), std::move(*slots)});
    out->kernels.push_back(std::move(*bound));
  }
  return {};
}

void tell(NodeContext& context, const train::StageResult& result) {
  context.note(std::to_string(result.steps) + " steps");
  if (result.precision == model::Precision::bf16) context.note("matrix products in bf16");
  if (result.added_rows > 0)
    context.note(std::to_string(result.added_rows) + " rows added to the vocabulary");
  if (result.dropped > 0)
    context.note(std::to_string(result.dropped) + " examples longer than `window` were dropped");
  if (result.skipped > 0)
    context.note(std::to_string(result.skipped) + " batches had nothing to train");
}

Status copy_logs(NodeContext& context, const std::string& work) {
  for (const char* file : {"log.jsonl", "samples.jsonl"}) {
    std::error_code error;
    std::filesystem::copy_file(work + "/" + file, context.out(file),
                               std::filesystem::copy_options::overwrite_existing, error);
    if (error)
      return user_error("cannot copy " + work + "/" + file + ": " + error.message(),
                        way_out(error.value(), /*writing=*/true));
  }
  return {};
}

Status train_stage(NodeContext& context) {
  auto spec = train::parse_stage_spec(context.args(), context.site());
  if (!spec) return spec.error();
  const int64_t base = context.find({"model", "train"});
  auto model = model::load_model(context.in(base, ""));
  if (!model) return model.error();
  auto tokenizer = tokenizer_of(context, *model, context.in(base, ""));
  if (!tokenizer) return tokenizer.error();

  Codebooks codebooks;
  REXP_TRY(read_codebooks(context, *spec, *model, **tokenizer, &codebooks));
  Tasks tasks;
  REXP_TRY(bind_tasks(context, *spec, *model, *tokenizer, codebooks.bases, &tasks));
  const RexpKernel* mixture = context.kernel("mixture");
  if (!mixture) return internal_error("stage `" + spec->stage + "` has no mixture");
  const uint64_t stream = context.node().stream;
  auto source = train::KernelExampleSource::create(*spec, mixture->fn, tasks.tasks, stream);
  if (!source) return source.error();
  auto work = context.work_folder();
  if (!work) return work.error();

  std::unique_ptr<train::Progress> progress;
  if (context.run().options.value("progress", "bar") != "none") progress = train::stream_progress();
  train::StageInputs inputs;
  inputs.spec = &*spec;
  inputs.source = &*source;
  if (spec->schedule >= 0) {
    auto schedule = context.kernel_at(spec->schedule);
    if (!schedule) return schedule.error();
    inputs.schedule = train::kernel_schedule((*schedule)->fn);
  }
  inputs.codebooks = codebooks.placed;
  inputs.tokenizer = tokenizer->get();
  inputs.stream = stream;
  inputs.device = context.run().options.value("device", "cpu");
  inputs.work = *work;
  inputs.checkpoint_seconds = context.run().checkpoint_seconds();
  inputs.interrupt = &interrupted();
  inputs.progress = progress.get();
  inputs.group = context.group();
  auto result = train::run_stage(std::move(*model), inputs);
  if (progress) progress->done();
  if (!result) return result.error();
  if (!context.leads()) return {};

  tell(context, *result);
  context.measured("precision", to_string(result->precision));
  if (result->seconds > 0)
    context.measured(
        "tokens_per_second",
        std::to_string(std::llround(static_cast<double>(result->tokens) / result->seconds)));
  const auto exported = text::full_tokenizer(**tokenizer, result->model);
  if (!exported) return exported.error();
  result->model.window = {spec->window, spec->overflow};
  REXP_TRY(model::save_model(result->model, context.out(""), &*exported));
  REXP_TRY(write_indexes(result->model, codebooks.books, context.in(base, ""), context.out("")));
  return copy_logs(context, *work);
}

}  // namespace
}  // namespace rexp::nodes

int32_t rexp_rt_train(RexpRun* run, const RexpNode* node) {
  return rexp::nodes::run_node(run, node, rexp::nodes::kVersion_train, rexp::nodes::train_stage,
                               rexp::nodes::Doers::everyone);
}
