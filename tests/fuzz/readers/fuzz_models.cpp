// Model folders: config.json, rexp.json, safetensors in one file or in shards, and the checkpoint of a stage. What loads is written.
#include <ATen/ATen.h>

#include <filesystem>

#include "runtime/model/artifact.h"
#include "runtime/model/safetensors.h"
#include "runtime/store/file.h"
#include "runtime/train/checkpoint.h"
#include "tests/fuzz/readers/reader_fuzz.h"

namespace {

using namespace rexp;
namespace fs = std::filesystem;

model::ModelArtifact small_model() {
  model::ModelArtifact m;
  m.config.hidden = 4, m.config.layers = 1, m.config.heads = 1, m.config.kv_heads = 1;
  m.config.head_dim = 4, m.config.ffn = 4, m.config.vocab = 6, m.config.max_positions = 8;
  m.weights = model::random_weights(m.config, 5);
  m.vocabulary = model::Vocabulary::grows({3, 1, 4, 15, 9, 2});
  m.codebooks = {{"sid", {"h"}, 9, {"<a>", "<b>"}}};
  return m;
}

constexpr const char* kCheckpoint = "work/checkpoint-3.json";

void save_small_checkpoint() {
  const std::string work = fuzz::folder() + "/work", log(100, '\n');
  fuzz::answered(store::make_folder(work));
  fuzz::as_file("work/log.jsonl", log);
  fuzz::answered(train::save_checkpoint(work, {"run", 3, 2, 1, 100, "{}"}, {{"w", at::ones({2})}}));
}

/// A whole folder, of which each input replaces one file.
const std::string& whole() {
  static const std::string path = [] {
    std::string made = fuzz::folder() + "/whole";
    fuzz::answered(model::save_model(small_model(), made));
    return made;
  }();
  return path;
}

void read_model(const char* file, std::string_view body) {
  const std::string path = fuzz::folder() + "/model";
  fs::create_directories(path);
  for (const char* name : {"config.json", "rexp.json", "model.safetensors"})
    fs::copy_file(whole() + "/" + name, path + "/" + name, fs::copy_options::overwrite_existing);
  fuzz::answered(store::write_file(path + "/" + file, body));
  const auto loaded = model::load_model(path);
  if (fuzz::answered(loaded)) fuzz::answered(model::save_model(*loaded, fuzz::folder() + "/again"));
}

void read_all(const Result<model::TensorFile>& file) {
  if (!fuzz::answered(file)) return;
  for (const std::string& name : file->names()) fuzz::answered(file->read(name, {6, 4}));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0]) {
    case 'c': read_model("config.json", body); break;
    case 'r': read_model("rexp.json", body); break;
    case 'w': read_model("model.safetensors", body); break;
    case 's': read_all(model::TensorFile::open(fuzz::as_file("x.safetensors", body))); break;
    case 'i': {
      fs::create_directories(fuzz::folder() + "/shards");
      fs::copy_file(whole() + "/model.safetensors", fuzz::folder() + "/shards/a.safetensors",
                    fs::copy_options::overwrite_existing);
      fuzz::as_file("shards/model.safetensors.index.json", body);
      read_all(model::TensorFile::open_folder(fuzz::folder() + "/shards"));
      break;
    }
    case 'k': {
      save_small_checkpoint();
      fuzz::as_file(kCheckpoint, fuzz::sealed(body));
      fuzz::answered(train::load_checkpoint(fuzz::folder() + "/work", "run",
                                            {{"w", at::zeros({2})}}, [](const std::string&) {}));
      break;
    }
    default: break;
  }
  return 0;
}

namespace rexp::fuzz {

std::vector<std::string> seeds() {
  const std::string& path = whole();
  std::vector<std::string> out = {seed('c', path + "/config.json"), seed('r', path + "/rexp.json"),
                                  seed('w', path + "/model.safetensors"),
                                  seed('s', path + "/model.safetensors")};
  out.push_back(
      R"(i{"weight_map": {"model.embed_tokens.weight": "a.safetensors", "v": "a.safetensors"}})");
  save_small_checkpoint();
  out.push_back(seed('k', folder() + "/" + kCheckpoint));
  return out;
}

}  // namespace rexp::fuzz
