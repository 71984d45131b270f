// Small datasets and a small codebook for the tests of codebooks.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "runtime/codebook/codebook.h"
#include "runtime/data/load.h"
#include "runtime/store/file.h"

namespace rexp::codebook {

inline std::string temporary(const std::string& name) {
  return testing::TempDir() + "rexp_codebook_" + std::to_string(::getpid()) + "_" + name;
}

inline data::Dataset from_sequences(const std::string& path) {
  data::LoadOptions options;
  options.source = {{"is", "Files"}, {"format", "sequences"}};
  options.files = {{"sequences", path}};
  Result<data::Loaded> loaded = data::read_dataset(options);
  EXPECT_TRUE(loaded.ok());
  return loaded->dataset;
}

inline data::Dataset from_text(const std::string& text) {
  const std::string path = temporary("sequences.txt");
  EXPECT_TRUE(store::write_file(path, text).ok());
  data::Dataset dataset = from_sequences(path);
  std::filesystem::remove(path);
  return dataset;
}

inline Codebook small_book() {
  Codebook book;
  book.name = "sid";
  book.level_sizes = {2, 3};
  book.codes = {{0, 0}, {0, 1}, {1, 2}, {0, 0}};
  return book;
}

}  // namespace rexp::codebook
