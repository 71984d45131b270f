#include "runtime/nodes/index_files.h"

#include <algorithm>
#include <filesystem>

#include "runtime/store/file.h"

namespace rexp::nodes {

Status write_indexes(const model::ModelArtifact& model,
                     const std::vector<codebook::Codebook>& books, const std::string& from,
                     const std::string& to) {
  for (size_t i = 0; i < model.codebooks.size(); ++i) {
    const std::string file = i == 0 ? "/index.json" : "/index." + std::to_string(i + 1) + ".json";
    const auto book = std::find_if(books.begin(), books.end(), [&](const auto& one) {
      return one.hash() == model.codebooks[i].lineage.hash;
    });
    if (book != books.end()) {
      REXP_TRY(store::write_file(to + file, codebook::index_text(*book)));
    } else if (std::filesystem::exists(from + file)) {
      const auto text = store::read_file(from + file);
      if (!text) return text.error();
      REXP_TRY(store::write_file(to + file, *text));
    }
  }
  return {};
}

}  // namespace rexp::nodes
