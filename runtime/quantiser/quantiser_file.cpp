#include "runtime/quantiser/quantiser_file.h"

#include <ATen/ATen.h>

#include <filesystem>

#include "runtime/base/fields.h"
#include "runtime/model/floats.h"
#include "runtime/model/safetensors.h"
#include "runtime/quantiser/tensors.h"
#include "runtime/store/file.h"

namespace rexp::quantiser {
namespace {

using codebook::Quantiser;
using Json = nlohmann::json;

std::string json_file(const std::string& folder) { return folder + "/quantiser.json"; }
std::string tensor_file(const std::string& folder) { return folder + "/quantiser.safetensors"; }
std::string layer(size_t i) { return "layer." + std::to_string(i); }
std::string level(size_t i) { return "level." + std::to_string(i); }

/// What the JSON says, before a tensor is read.
struct Shape {
  int64_t input = 0, latent = 0;
  std::vector<int32_t> layers, levels;
  bool scaled = false;
};

Result<Shape> read_shape(const std::string& path) {
  Result<std::string> text = store::read_file(path);
  if (!text.ok()) return text.error();
  Result<Json> json = parse_json(*text, path);
  if (!json.ok()) return json.error();
  if (!json->is_object()) return file_error(path, 0, "a quantiser is described by a JSON object");
  Shape shape;
  const Json none = Json::array();
  Fields fields(*json, path);
  fields.count("input", &shape.input, 1, "a whole number of at least 1");
  fields.count("latent", &shape.latent, 1, "a whole number of at least 1");
  if (const Json* layers = fields.find("layers"); layers != nullptr && *layers != none)
    fields.counts("layers", &shape.layers, 1, "a list of whole numbers of at least 1");
  fields.counts("levels", &shape.levels, 1, "a list of whole numbers of at least 1");
  fields.flag("scaled", &shape.scaled);
  REXP_TRY(fields.status());
  const int64_t last = shape.layers.empty() ? shape.input : shape.layers.back();
  if (shape.levels.empty() || shape.input <= 0 || last != shape.latent) {
    return file_error(path, 0, "the sizes of the quantiser do not fit each other",
                      "remove the folder of this artifact and run again");
  }
  return shape;
}

Status read_rows(const model::TensorFile& file, const std::string& name, int64_t rows, int64_t size,
                 codebook::Vectors* out) {
  Result<at::Tensor> tensor = file.read(name, {rows, size});
  if (!tensor.ok()) return tensor.error();
  *out = to_vectors(*tensor);
  return {};
}

Status read_floats(const model::TensorFile& file, const std::string& name, int64_t size,
                   std::vector<float>* out) {
  Result<at::Tensor> tensor = file.read(name, {size});
  if (!tensor.ok()) return tensor.error();
  *out = model::to_floats(*tensor);
  return {};
}

}  // namespace

Status save(const Quantiser& quantiser, const std::string& folder) {
  std::vector<std::pair<std::string, at::Tensor>> tensors;
  Json layers = Json::array();
  if (!quantiser.shift.empty()) {
    tensors.emplace_back("shift", at::tensor(quantiser.shift));
    tensors.emplace_back("scale", at::tensor(quantiser.scale));
  }
  for (size_t i = 0; i < quantiser.layers.size(); ++i) {
    tensors.emplace_back(layer(i) + ".weight", to_tensor(quantiser.layers[i].weight));
    tensors.emplace_back(layer(i) + ".bias", at::tensor(quantiser.layers[i].bias));
    layers.push_back(quantiser.layers[i].weight.rows);
  }
  for (size_t i = 0; i < quantiser.centroids.size(); ++i)
    tensors.emplace_back(level(i), to_tensor(quantiser.centroids[i]));
  REXP_TRY(model::write_safetensors(tensor_file(folder), tensors));
  const Json json = {{"input", quantiser.input_size()},
                     {"layers", layers},
                     {"levels", quantiser.level_sizes()},
                     {"latent", quantiser.centroids.front().size},
                     {"scaled", !quantiser.shift.empty()}};
  return store::write_file(json_file(folder), json.dump() + "\n");
}

Result<Quantiser> load(const std::string& folder) {
  Result<Shape> shape = read_shape(json_file(folder));
  if (!shape.ok()) return shape.error();
  Result<model::TensorFile> file = model::TensorFile::open(tensor_file(folder));
  if (!file.ok()) return file.error();
  Quantiser out;
  if (shape->scaled) {
    REXP_TRY(read_floats(*file, "shift", shape->input, &out.shift));
    REXP_TRY(read_floats(*file, "scale", shape->input, &out.scale));
  }
  int64_t width = shape->input;
  for (size_t i = 0; i < shape->layers.size(); ++i) {
    codebook::Affine& affine = out.layers.emplace_back();
    REXP_TRY(read_rows(*file, layer(i) + ".weight", shape->layers[i], width, &affine.weight));
    REXP_TRY(read_floats(*file, layer(i) + ".bias", shape->layers[i], &affine.bias));
    width = shape->layers[i];
  }
  for (size_t i = 0; i < shape->levels.size(); ++i)
    REXP_TRY(read_rows(*file, level(i), shape->levels[i], width, &out.centroids.emplace_back()));
  return out;
}

Result<std::optional<Quantiser>> load_stored(const std::string& folder) {
  if (!std::filesystem::exists(json_file(folder))) return std::optional<Quantiser>();
  Result<Quantiser> loaded = load(folder);
  if (!loaded.ok()) return loaded.error();
  return std::optional(std::move(*loaded));
}

}  // namespace rexp::quantiser
