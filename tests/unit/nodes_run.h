// Runs plan nodes with hand-written arguments and functions, in a store of its own.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "runtime/abi/library.h"
#include "runtime/base/json.h"
#include "runtime/nodes/run.h"
#include "runtime/store/file.h"

namespace rexp::abi {

struct Kernel {
  RexpRowFn fn;
  nlohmann::json binding;
  std::string role = "";
};

struct Input {
  std::string kind, key;
};

class NodesTest : public testing::Test {
 protected:
  using Json = nlohmann::json;

  NodesTest() : folder_(testing::TempDir() + "rexp_nodes_" + std::to_string(::getpid())) {
    std::filesystem::remove_all(folder_);
    const Json options = {{"store", folder_},
                          {"device", "cpu"},
                          {"progress", "none"},
                          {"tokenizer", std::string(REXP_DEPS_DIR) + "/data/qwen.tiktoken"}};
    run_ = rexp_rt_open(options.dump().c_str());
  }
  ~NodesTest() override {
    rexp_rt_close(run_);
    std::filesystem::remove_all(folder_);
  }

  struct Node {
    std::string kind;
    Json args = Json::object();
    Json site = Json::object();
    std::vector<Input> inputs = {};
    std::vector<Kernel> kernels = {};
    std::string name = "test/node";
  };

  /// Runs a node under a key of its own; gives it as an input of others. A failure leaves `error`.
  Input run(const Node& node) {
    char key[33];
    std::snprintf(key, sizeof key, "%032x", ++keys_);
    const std::string args = node.args.dump(), site = node.site.is_null() ? "{}" : node.site.dump();
    std::vector<const char*> inputs, kinds;
    for (const Input& input : node.inputs) {
      inputs.push_back(input.key.c_str());
      kinds.push_back(input.kind.c_str());
    }
    std::vector<std::string> bindings;
    for (const Kernel& kernel : node.kernels) bindings.push_back(kernel.binding.dump());
    std::vector<RexpKernel> kernels;
    for (size_t i = 0; i < bindings.size(); ++i)
      kernels.push_back(
          {node.kernels[i].role.c_str(), "a kernel", bindings[i].c_str(), node.kernels[i].fn});
    const RexpNode plain = {node.name.c_str(),
                            node.kind.c_str(),
                            key,
                            args.c_str(),
                            site.c_str(),
                            inputs.data(),
                            kinds.data(),
                            static_cast<int64_t>(inputs.size()),
                            kernels.data(),
                            static_cast<int64_t>(kernels.size()),
                            /*stream=*/17};
    error.clear();
    if (entry(node.kind)(run_, &plain) != REXP_OK) error = rexp_rt_error(run_);
    return {node.kind, key};
  }

  std::string path(const Input& input, const std::string& file) const {
    return run_->store->path(input.key) + "/" + file;
  }
  std::string read(const Input& input, const std::string& file) const {
    auto text = store::read_file(path(input, file));
    EXPECT_TRUE(text.ok()) << (text.ok() ? "" : to_string(text.error()));
    return text.ok() ? *text : "";
  }
  Json read_json(const Input& input, const std::string& file) const {
    return Json::parse(read(input, file));
  }

  std::string error;
  std::string folder_;

 private:
  using Entry = int32_t (*)(RexpRun*, const RexpNode*);
  static Entry entry(const std::string& kind) {
#define REXP_NODE(name, version) \
  if (kind == #name) return rexp_rt_##name;
#include "runtime/abi/nodes.def"
#undef REXP_NODE
    ADD_FAILURE() << "no node " << kind;
    return nullptr;
  }

  RexpRun* run_ = nullptr;
  unsigned keys_ = 0;
};

}  // namespace rexp::abi
