#include "runtime/model/artifact.h"

#include <algorithm>
#include <numeric>

#include "runtime/base/assert.h"
#include "runtime/base/json.h"
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

MakeRows random_rows_like_others(uint64_t s) {
  return [s](std::span<const int32_t> ids, const at::Tensor& matrix, std::string_view name) {
    return random_rows(ids, matrix.size(1), matrix.std().item<double>(), stream(s, name));
  };
}

Status ModelArtifact::add_tokens(std::span<const int32_t> ids, const MakeRows& make) {
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
  for (size_t i = 0; i < ids.size(); ++i) {
    REXP_ASSERT(vocabulary.kind() == Vocabulary::Kind::grows ||
                    ids[i] == ids.front() + static_cast<int32_t>(i),
                "added ids are consecutive");
    vocabulary.add(ids[i]);
  }
  const at::Device device = weights.embedding.device();
  at::Tensor head;
  if (weights.head.defined()) head = make(ids, weights.head, "head").to(device);
  weights.append_rows(make(ids, weights.embedding, "embedding").to(device), std::move(head));
  config.vocab = weights.rows();
  return {};
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
