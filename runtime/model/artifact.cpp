#include "runtime/model/artifact.h"

#include <algorithm>
#include <filesystem>
#include <numeric>
#include "runtime/base/json.h"

#include "runtime/base/assert.h"
#include "runtime/base/random.h"
#include "runtime/model/generation.h"
#include "runtime/model/safetensors.h"
#include "runtime/store/file.h"

namespace rexp::model {
namespace {

using nlohmann::json;

constexpr const char* kConfig = "config.json";
constexpr const char* kGeneration = "generation_config.json";
constexpr const char* kOurs = "rexp.json";
constexpr const char* kWeights = "model.safetensors";

Result<json> read_json(const std::string& path) {
  auto text = store::read_file(path);
  if (!text) return text.error();
  return parse_json(*text, path);
}

Result<Weights> read_weights(const Config& config, const std::string& folder) {
  auto file = TensorFile::open_folder(folder);
  if (!file) return file.error();
  Status status;
  Weights weights = weights_of(
      config, [&](const std::string& name, const std::vector<int64_t>& shape) -> at::Tensor {
        if (!status.ok()) return at::empty({0});
        auto tensor = file->read(name, shape);
        if (tensor) return *tensor;
        status = tensor.error();
        return at::empty({0});
      });
  if (!status.ok()) return status.error();
  return weights;
}

/// Fills what rexp.json says.
Status read_ours(const json& ours, const std::string& path, ModelArtifact* model) {
  auto facts = text::parse_model_facts(ours, path);
  if (!facts) return facts.error();
  static_cast<text::ModelFacts&>(*model) = std::move(*facts);
  try {
    if (ours.at("vocabulary") == "grows")
      model->vocabulary = Vocabulary::grows(ours.at("row_ids").get<std::vector<int32_t>>());
  } catch (const json::exception& e) {
    return file_error(path, 0, std::string("not the form a model folder needs: ") + e.what());
  }
  return {};
}

/// Every row of the matrix has a token of its own.
Status check_rows(const ModelArtifact& model, const std::string& path) {
  if (model.vocabulary.rows() != model.config.vocab) {
    return file_error(path, 0,
                      "'row_ids' names " + std::to_string(model.vocabulary.rows()) +
                          " distinct tokens, but the matrix has " +
                          std::to_string(model.config.vocab) + " rows");
  }
  return {};
}

/// What rexp.json says of the tokenizer beside it still holds.
Status check_folder_tokenizer(const ModelArtifact& model, const std::string& folder) {
  if (model.folder_hash.empty() || !std::filesystem::exists(folder + "/tokenizer.json")) return {};
  const auto tokenizer = text::folder_tokenizer(folder);
  return tokenizer ? Status() : tokenizer.error();
}

}  // namespace

Vocabulary Vocabulary::full(int64_t rows) {
  Vocabulary out;
  out.full_rows_ = rows;
  return out;
}

Vocabulary Vocabulary::grows(std::vector<int32_t> row_ids) {
  Vocabulary out;
  out.kind_ = Kind::grows;
  for (int32_t id : row_ids) {
    if (!out.owns(id)) out.add(id);
  }
  return out;
}

int64_t Vocabulary::rows() const {
  return kind_ == Kind::full ? full_rows_ : static_cast<int64_t>(row_ids_.size());
}

int32_t Vocabulary::id(int64_t row) const {
  return kind_ == Kind::full ? static_cast<int32_t>(row) : row_ids_[static_cast<size_t>(row)];
}

int64_t Vocabulary::row(int32_t id) const {
  if (kind_ == Kind::full) return id >= 0 && id < full_rows_ ? id : -1;
  const auto found = row_of_.find(id);
  return found == row_of_.end() ? -1 : found->second;
}

bool Vocabulary::append_rows(int32_t id, const text::Tokenizer* tokenizer,
                             std::vector<int64_t>* rows) const {
  if (const int64_t r = row(id); r >= 0) {
    rows->push_back(r);
    return true;
  }
  const auto parts = tokenizer ? tokenizer->parts(id) : std::nullopt;
  if (!parts) return false;
  const size_t before = rows->size();
  if (append_rows(parts->first, tokenizer, rows) && append_rows(parts->second, tokenizer, rows))
    return true;
  rows->resize(before);
  return false;
}

void Vocabulary::add(int32_t id) {
  REXP_ASSERT(!owns(id), "a token is given one row");
  if (kind_ == Kind::full) {
    REXP_ASSERT(id == full_rows_, "a full vocabulary grows at its end");
    ++full_rows_;
    return;
  }
  row_of_.emplace(id, rows());
  row_ids_.push_back(id);
}

void Vocabulary::truncate(int64_t count) {
  if (kind_ == Kind::full) {
    full_rows_ = std::min(full_rows_, count);
    return;
  }
  for (; rows() > count; row_ids_.pop_back()) row_of_.erase(row_ids_.back());
}

std::vector<int32_t> Vocabulary::row_ids() const {
  if (kind_ == Kind::grows) return row_ids_;
  std::vector<int32_t> out(static_cast<size_t>(full_rows_));
  std::iota(out.begin(), out.end(), 0);
  return out;
}

Status ModelArtifact::add_tokens(std::span<const int32_t> ids, uint64_t stream) {
  if (ids.empty()) return {};
  weights.merge_rows();
  if (vocabulary.kind() == Vocabulary::Kind::full) {
    if (ids.front() > vocabulary.rows()) {
      return user_error("the model has rows for tokens 0 to " +
                            std::to_string(vocabulary.rows() - 1) +
                            ", but the first added token is " + std::to_string(ids.front()),
                        "use the tokenizer that the model was trained with");
    }
    vocabulary.truncate(ids.front());
    weights.truncate_rows(ids.front());
  }
  const double sigma = weights.embedding.std().item<double>();
  for (size_t i = 0; i < ids.size(); ++i) {
    REXP_ASSERT(vocabulary.kind() == Vocabulary::Kind::grows ||
                    ids[i] == ids.front() + static_cast<int32_t>(i),
                "added ids are consecutive");
    vocabulary.add(ids[i]);
  }
  const at::Device device = weights.embedding.device();
  const auto rows = [&](double s, std::string_view name) {
    return random_rows(ids, config.hidden, s, rexp::stream(stream, name)).to(device);
  };
  at::Tensor head;
  if (weights.head.defined()) head = rows(weights.head.std().item<double>(), "head");
  weights.append_rows(rows(sigma, "embedding"), std::move(head));
  config.vocab = weights.rows();
  return {};
}

Result<ModelArtifact> load_model(const std::string& folder) {
  const std::string config_path = folder + "/" + kConfig;
  if (!std::filesystem::exists(config_path)) {
    return file_error(folder, 0, "the folder has no config.json",
                      "name a folder that holds a model");
  }
  auto json = read_json(config_path);
  if (!json) return json.error();
  auto config = parse_config(*json, config_path);
  if (!config) return config.error();
  ModelArtifact out;
  out.config = *config;
  out.vocabulary = Vocabulary::full(config->vocab);
  const std::string ours_path = folder + "/" + kOurs;
  if (std::filesystem::exists(ours_path)) {
    auto ours = read_json(ours_path);
    if (!ours) return ours.error();
    REXP_TRY(read_ours(*ours, ours_path, &out));
  } else {
    out.tokenizer_kind = "folder";
  }
  REXP_TRY(check_folder_tokenizer(out, folder));
  REXP_TRY(check_rows(out, ours_path));
  auto weights = read_weights(out.config, folder);
  if (!weights) return weights.error();
  out.weights = std::move(*weights);
  return out;
}

Status save_model(const ModelArtifact& model, const std::string& folder,
                  const text::Tokenizer* tokenizer) {
  REXP_TRY(store::make_folder(folder));
  ModelArtifact merged = model;
  merged.weights.merge_rows();
  merged.config.vocab = merged.weights.rows();
  REXP_ASSERT(merged.vocabulary.rows() == merged.config.vocab, "every row has a token");
  std::vector<std::pair<std::string, at::Tensor>> tensors;
  std::as_const(merged.weights).for_each([&](const std::string& name, const at::Tensor& t) {
    tensors.emplace_back(name, t);
  });
  const bool grows = model.vocabulary.kind() == Vocabulary::Kind::grows;
  Ends ends;
  if (tokenizer) {
    REXP_TRY(save_tokenizer(*tokenizer, folder, &merged));
    ends = ends_of(merged.vocabulary, *tokenizer);
    end_with(ends, &merged.config);
  }
  json ours = text::to_json(merged);
  ours["vocabulary"] = grows ? "grows" : "full";
  ours["row_ids"] = grows ? json(model.vocabulary.row_ids()) : json(nullptr);
  REXP_TRY(write_safetensors(folder + "/" + kWeights, tensors));
  REXP_TRY(store::replace_file(folder + "/" + kGeneration,
                               generation_json(merged.config, ends).dump(2) + "\n"));
  REXP_TRY(store::replace_file(folder + "/" + kOurs, ours.dump() + "\n"));
  return store::replace_file(folder + "/" + kConfig, to_json(merged.config).dump(2) + "\n");
}

}  // namespace rexp::model
