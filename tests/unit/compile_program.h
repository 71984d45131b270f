// Programs that exist only in a test: written to a temporary folder, compiled, and looked at.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "compiler/driver/compile.h"

namespace rexp::testing_programs {

/// Made-up films with titles, one codebook, one template and a stage: what most programs of the tests begin with.
inline const std::string kFilms = R"(edition 2026
import std.toy
import std.train { adamw }
import std.eval { evaluate, greedy, beam, hit }
schema Film extends Item { title: Text; year: Int; category: [Text] }
dataset films: Interactions<Film> { source = toy.films(users = 20, items = 30) }
codebook sid { of = films.items; learn = toy.tree { levels = [8, 8] } }
)";

struct Compiled {
  source::SourceMap sources;
  diagnostics::Sink sink;
  plan::CompileResult result;

  std::vector<std::string> codes() {
    std::vector<std::string> out;
    for (const auto& d : sink.take(100))
      out.push_back(std::string(diagnostics::code_of(d.kind)) + " " + d.message);
    return out;
  }
  const plan::Node* node(const std::string& name) const {
    for (const plan::Node& n : result.plan->nodes) {
      if (n.name == name) return &n;
    }
    return nullptr;
  }
};

class Programs : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        std::filesystem::temp_directory_path() / ("rexp_programs_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    std::ofstream(folder_ / "ranks") << "";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name, std::ios::binary) << text;
    return (folder_ / name).string();
  }

  plan::CompileOptions options() const {
    plan::CompileOptions out;
    out.stdlib_dir = std::string(REXP_SOURCE_DIR) + "/stdlib";
    out.catalog.set_tokenizer("qwen", (folder_ / "ranks").string());
    return out;
  }

  std::unique_ptr<Compiled> compile_file(const std::string& path,
                                         const plan::CompileOptions& options) {
    auto out = std::make_unique<Compiled>();
    out->result = driver::compile(out->sources, path, options, out->sink);
    return out;
  }
  std::unique_ptr<Compiled> compile(const std::string& text,
                                    std::vector<std::string> overrides = {}) {
    plan::CompileOptions with = options();
    with.overrides = std::move(overrides);
    return compile_file(write("program.rexp", text), with);
  }
  std::unique_ptr<Compiled> check(const std::string& text) {
    plan::CompileOptions with = options();
    with.check_only = true;
    return compile_file(write("program.rexp", text), with);
  }

  std::filesystem::path folder_;
};

}  // namespace rexp::testing_programs
