// Reads a model folder. Whoever wrote it: whatever is used as an index or a size afterwards is looked at here.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>

#include "runtime/base/json.h"
#include "runtime/model/artifact.h"
#include "runtime/model/safetensors.h"
#include "runtime/store/file.h"

namespace rexp::model {
namespace {

using nlohmann::json;

constexpr const char* kConfig = "config.json";
constexpr const char* kOurs = "rexp.json";
constexpr const char* kCopyAgain = "copy the model folder again";
// Tokens are numbered far below; a larger id would be somebody's memory, not a token.
constexpr int64_t kLargestId = (int64_t{1} << 28) - 1;

Result<json> read_json(const std::string& path) {
  auto text = store::read_file(path);
  if (!text) return text.error();
  return parse_json(*text, path);
}

/// Place of the first element that is no finite number; -1 where all are.
int64_t first_not_finite(const at::Tensor& tensor) {
  const float* values = tensor.const_data_ptr<float>();
  constexpr int64_t kBlock = 4096;
  for (int64_t begin = 0; begin < tensor.numel(); begin += kBlock) {
    const int64_t end = std::min(begin + kBlock, tensor.numel());
    bool finite = true;
    for (int64_t i = begin; i < end; ++i)
      finite &= std::abs(values[i]) <= std::numeric_limits<float>::max();
    if (finite) continue;
    return std::find_if_not(values + begin, values + end,
                            [](float value) { return std::isfinite(value); }) -
           values;
  }
  return -1;
}

Error not_finite(const std::string& file, const std::string& name, const at::Tensor& tensor,
                 int64_t at) {
  const float value = tensor.const_data_ptr<float>()[at];
  return file_error(file, 0,
                    "tensor '" + name + "' holds " +
                        (std::isnan(value) ? "NaN" : "an infinite number") + " (element " +
                        std::to_string(at) + " of " + std::to_string(tensor.numel()) + ")",
                    "train the model again with a smaller `lr`, or copy it again if it was whole");
}

Result<Weights> read_weights(const Config& config, const std::string& folder) {
  auto file = TensorFile::open_folder(folder);
  if (!file) return file.error();
  Status status;
  Weights weights = weights_of(
      config, [&](const std::string& name, const std::vector<int64_t>& shape) -> at::Tensor {
        if (!status.ok()) return at::empty({0});
        auto tensor = file->read(name, shape);
        if (!tensor) {
          status = tensor.error();
          return at::empty({0});
        }
        if (const int64_t at = first_not_finite(*tensor); at >= 0)
          status = not_finite(file->file_of(name), name, *tensor, at);
        return *tensor;
      });
  if (!status.ok()) return status.error();
  return weights;
}

/// The tokens that rows stand for, one each.
Status read_row_ids(const json& list, const std::string& path, ModelArtifact* model) {
  const auto wrong = [&](const std::string& what) {
    return file_error(path, 0, what,
                      "'row_ids' lists the token of every matrix row, each token once; copy the "
                      "model folder again");
  };
  if (!list.is_array()) return wrong("'row_ids' is no list of token ids");
  if (static_cast<int64_t>(list.size()) != model->config.vocab) {
    return wrong("'row_ids' names " + std::to_string(list.size()) + " tokens, but the matrix has " +
                 std::to_string(model->config.vocab) + " rows");
  }
  std::vector<int32_t> ids;
  std::unordered_map<int64_t, size_t> rows;
  for (const json& element : list) {
    const auto id = whole_number(element, 0, kLargestId);
    if (!id) {
      return wrong("row " + std::to_string(ids.size()) + " has the token " + element.dump() +
                   ", token ids are whole numbers from 0 to " + std::to_string(kLargestId));
    }
    const auto [first, fresh] = rows.emplace(*id, ids.size());
    if (!fresh) {
      return wrong("rows " + std::to_string(first->second) + " and " + std::to_string(ids.size()) +
                   " have the same token " + std::to_string(*id));
    }
    ids.push_back(static_cast<int32_t>(*id));
  }
  model->vocabulary = Vocabulary::grows(std::move(ids));
  return {};
}

/// Fills what rexp.json says.
Status read_ours(const json& ours, const std::string& path, ModelArtifact* model) {
  auto facts = text::parse_model_facts(ours, path);
  if (!facts) return facts.error();
  static_cast<text::ModelFacts&>(*model) = std::move(*facts);
  const json vocabulary = ours.value("vocabulary", json());
  if (vocabulary == "full") return {};
  if (vocabulary == "grows") return read_row_ids(ours.value("row_ids", json()), path, model);
  return file_error(path, 0,
                    "'vocabulary' is " + vocabulary.dump() + ", it must be \"full\" or \"grows\"",
                    kCopyAgain);
}

/// What rexp.json says of the tokenizer beside it still holds.
Status check_folder_tokenizer(const ModelArtifact& model, const std::string& folder) {
  if (model.folder_hash.empty() || !std::filesystem::exists(folder + "/tokenizer.json")) return {};
  const auto tokenizer = text::folder_tokenizer(folder);
  return tokenizer ? Status() : tokenizer.error();
}

}  // namespace

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
  auto weights = read_weights(out.config, folder);
  if (!weights) return weights.error();
  out.weights = std::move(*weights);
  return out;
}

}  // namespace rexp::model
