#include "runtime/train/checkpoint.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "runtime/base/json.h"
#include "runtime/model/safetensors.h"
#include "runtime/store/digest.h"
#include "runtime/store/file.h"
#include "runtime/store/sealed.h"

namespace rexp::train {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr char kInfoPrefix[] = "checkpoint-", kInfoSuffix[] = ".json", kStatePrefix[] = "state-";

std::string info_path(const std::string& work, int64_t step) {
  return work + "/" + kInfoPrefix + std::to_string(step) + kInfoSuffix;
}
std::string state_path(const std::string& work, int64_t step) {
  return work + "/" + kStatePrefix + std::to_string(step) + ".safetensors";
}
std::string log_path(const std::string& work) { return work + "/log.jsonl"; }

/// Steps of the checkpoints that say they are whole, newest first.
std::vector<int64_t> steps_in(const std::string& work) {
  std::vector<int64_t> steps;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(work, error)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kInfoPrefix) || !name.ends_with(kInfoSuffix)) continue;
    const int64_t step = std::atoll(name.c_str() + sizeof kInfoPrefix - 1);
    if (info_path(work, step) == work + "/" + name) steps.push_back(step);
  }
  std::sort(steps.rbegin(), steps.rend());
  return steps;
}

/// Removes the checkpoints of all steps but `keep`, and what a killed writer left. The JSON goes first: it vouches for the state.
void remove_all_but(const std::string& work, int64_t keep) {
  const std::string info = info_path(work, keep), state = state_path(work, keep);
  for (const char* prefix : {kInfoPrefix, kStatePrefix}) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(work, error)) {
      const std::string path = work + "/" + entry.path().filename().string();
      if (!entry.path().filename().string().starts_with(prefix) || path == info || path == state)
        continue;
      fs::remove(path, error);
    }
  }
}

struct Read {
  CheckpointInfo info;
  std::string state_digest, log_digest;
};

// Below, `damage` says what is wrong with a checkpoint. An error without it is the operating system's refusal, which says nothing of
// the files: they stay.

Error damaged_by(std::string what, std::string* damage) {
  *damage = what;
  return user_error(std::move(what));
}

Result<Read> read_info(const std::string& work, int64_t step, std::string* damage) {
  const Result<std::string> text = store::read_file(info_path(work, step));
  if (!text.ok()) return text.error();
  const Result<Json> json = store::unseal(*text);
  if (!json.ok()) return damaged_by(json.error().message, damage);
  try {
    return Read{{json->at("run"), json->at("step"), json->at("optimizer_steps"),
                 json->at("dropped"), json->at("log_bytes"), json->at("log_sums")},
                json->at("state"),
                json->at("log")};
  } catch (const Json::exception&) {
    return damaged_by("its fields are not what this version writes", damage);
  }
}

Result<NamedTensors> read_whole(const std::string& work, const Read& read,
                                const NamedTensors& tensors, std::string* damage) {
  const std::string state = state_path(work, read.info.step);
  for (const std::string& path : {state, log_path(work)}) {
    if (!fs::exists(path)) return damaged_by(path + " is missing", damage);
  }
  const Result<std::string> digest = store::digest_file(state);
  if (!digest.ok()) return digest.error();
  if (*digest != read.state_digest)
    return damaged_by("the checksum of its state does not match", damage);
  const Result<std::string> log = store::digest_beginning(log_path(work), read.info.log_bytes);
  if (!log.ok()) return log.error();
  if (*log != read.log_digest)
    return damaged_by("the log is not the one that belongs to it", damage);
  Result<model::TensorFile> file = model::TensorFile::open(state);
  if (!file.ok()) return file.error();
  NamedTensors values;
  for (const auto& [name, tensor] : tensors) {
    Result<at::Tensor> value = file->read(name, tensor.sizes().vec());
    if (!value.ok()) return damaged_by(value.error().message, damage);
    values.emplace_back(name, std::move(*value));
  }
  return values;
}

}  // namespace

Status save_checkpoint(const std::string& work, const CheckpointInfo& info,
                       const NamedTensors& tensors) {
  REXP_TRY(store::make_folder(work));
  const std::vector<int64_t> before = steps_in(work);
  remove_all_but(work, before.empty() ? -1 : before.front());
  const std::string state = state_path(work, info.step);
  REXP_TRY(model::write_safetensors(state, tensors));
  const Result<std::string> state_digest = store::digest_file(state);
  if (!state_digest.ok()) return state_digest.error();
  REXP_TRY(store::sync_path(log_path(work)));
  const Result<std::string> log_digest = store::digest_beginning(log_path(work), info.log_bytes);
  if (!log_digest.ok()) return log_digest.error();
  const Json json = {{"run", info.run},
                     {"step", info.step},
                     {"optimizer_steps", info.optimizer_steps},
                     {"dropped", info.dropped},
                     {"log_bytes", info.log_bytes},
                     {"log_sums", info.log_sums},
                     {"log", *log_digest},
                     {"state", *state_digest}};
  return store::replace_file(info_path(work, info.step), store::seal(json));
}

Result<std::optional<CheckpointInfo>> load_checkpoint(
    const std::string& work, const std::string& run, const NamedTensors& tensors,
    const std::function<void(const std::string& what)>& damaged) {
  for (const int64_t step : steps_in(work)) {
    std::string damage;
    const Result<Read> read = read_info(work, step, &damage);
    if (read.ok() && read->info.run != run) continue;
    const Result<NamedTensors> values =
        read.ok() ? read_whole(work, *read, tensors, &damage) : Result<NamedTensors>(read.error());
    if (!values.ok() && damage.empty()) return values.error();
    if (!values.ok()) {
      damaged("the checkpoint after step " + std::to_string(step) + " is damaged: " + damage);
      std::error_code error;
      fs::remove(info_path(work, step), error);
      fs::remove(state_path(work, step), error);
      continue;
    }
    at::NoGradGuard no_grad;
    for (size_t i = 0; i < tensors.size(); ++i)
      tensors[i].second.detach().copy_((*values)[i].second);
    return std::optional<CheckpointInfo>(read->info);
  }
  return std::optional<CheckpointInfo>();
}

void remove_checkpoints(const std::string& work) { remove_all_but(work, -1); }

}  // namespace rexp::train
