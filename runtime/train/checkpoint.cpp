#include "runtime/train/checkpoint.h"

#include <ATen/core/grad_mode.h>
#include <filesystem>
#include "runtime/base/json.h"

#include "runtime/model/safetensors.h"
#include "runtime/store/file.h"

namespace rexp::train {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

std::string json_path(const std::string& work) { return work + "/checkpoint.json"; }

bool is_state(const fs::path& path) {
  const std::string name = path.filename().string();
  return name.starts_with("state-") && name.ends_with(".safetensors");
}

void remove_states(const std::string& work, const std::string& keep) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(work, error)) {
    if (is_state(entry.path()) && entry.path().filename() != keep) fs::remove(entry.path(), error);
  }
}

Error damaged(const std::string& work, const std::string& what) {
  return file_error(json_path(work), 0, "the checkpoint is damaged: " + what,
                    "remove the folder " + work + " to train from the start");
}

}  // namespace

Status save_checkpoint(const std::string& work, const CheckpointInfo& info,
                       const NamedTensors& tensors) {
  REXP_TRY(store::make_folder(work));
  const std::string state = "state-" + std::to_string(info.step) + ".safetensors";
  std::vector<std::pair<std::string, at::Tensor>> on_cpu;
  for (const auto& [name, tensor] : tensors)
    on_cpu.emplace_back(name, tensor.detach().to(at::kCPU).contiguous());
  REXP_TRY(model::write_safetensors(work + "/" + state, on_cpu));
  const Json json = {{"run", info.run},
                     {"step", info.step},
                     {"optimizer_steps", info.optimizer_steps},
                     {"dropped", info.dropped},
                     {"log_bytes", info.log_bytes},
                     {"state", state}};
  REXP_TRY(store::replace_file(json_path(work), json.dump(2) + "\n"));
  remove_states(work, state);
  return {};
}

Result<std::optional<CheckpointInfo>> load_checkpoint(const std::string& work,
                                                      const std::string& run,
                                                      const NamedTensors& tensors) {
  if (!fs::exists(json_path(work))) return std::optional<CheckpointInfo>();
  Result<std::string> text = store::read_file(json_path(work));
  if (!text.ok()) return text.error();
  const Json json = Json::parse(*text, nullptr, /*allow_exceptions=*/false);
  CheckpointInfo info;
  std::string state;
  try {
    info = {json.at("run"), json.at("step"), json.at("optimizer_steps"), json.at("dropped"),
            json.at("log_bytes")};
    state = json.at("state");
  } catch (const Json::exception&) {
    return damaged(work, "its fields are not what this version writes");
  }
  if (info.run != run) return std::optional<CheckpointInfo>();
  Result<model::TensorFile> file = model::TensorFile::open(work + "/" + state);
  if (!file.ok()) return damaged(work, file.error().message);
  at::NoGradGuard no_grad;
  for (const auto& [name, tensor] : tensors) {
    Result<at::Tensor> value = file->read(name, tensor.sizes().vec());
    if (!value.ok()) return damaged(work, value.error().message);
    tensor.detach().copy_(*value);
  }
  return std::optional<CheckpointInfo>(info);
}

void remove_checkpoint(const std::string& work) {
  std::error_code error;
  fs::remove(json_path(work), error);
  remove_states(work, "");
}

}  // namespace rexp::train
