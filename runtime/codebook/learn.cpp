#include "runtime/codebook/learn.h"

#include <algorithm>
#include <bit>
#include <map>
#include <nlohmann/json.hpp>

#include "runtime/codebook/index_file.h"
#include "runtime/codebook/item_vectors.h"
#include "runtime/codebook/k_means.h"
#include "runtime/codebook/spectral.h"

namespace rexp::codebook {
namespace {

using Json = nlohmann::json;

Status check_levels(const std::vector<int32_t>& levels) {
  if (levels.empty())
    return user_error("`levels` is empty",
                      "a semantic id needs at least one level, such as `levels = [64, 64, 64]`");
  for (int32_t size : levels) {
    if (size < 1)
      return user_error("`levels` holds " + std::to_string(size) +
                        ", every level needs at least one code");
  }
  return {};
}

Status learn_codes(const Json& learn, const Json& site, const data::Dataset& dataset,
                   const Vectors* vectors, Codebook& book) {
  const std::string kind = learn.at("kind").get<std::string>();
  if (kind == "index_file") {
    Result<IndexFile> index = read_index_file(site.at("files").at("index").get<std::string>());
    if (!index.ok()) return index.error();
    Result<Codebook> read = from_index_file(*index, dataset, learn.value("shift", int64_t{0}));
    if (!read.ok()) return read.error();
    book.level_sizes = std::move(read->level_sizes);
    book.codes = std::move(read->codes);
    return {};
  }
  book.level_sizes = learn.at("levels").get<std::vector<int32_t>>();
  REXP_TRY(check_levels(book.level_sizes));
  if (kind == "toy_tree") {
    book.codes = toy_tree(dataset.item_count(), book.level_sizes);
    return {};
  }
  if (kind != "residual_k_means") return internal_error("codebook: unknown kind " + kind);
  if (!vectors || vectors->rows != dataset.item_count())
    return internal_error("codebook: residual_k_means needs a vector per item");
  const KMeansOptions options{learn.value("iterations", int64_t{50}),
                              learn.value("seed", uint64_t{0})};
  const Json components = learn.value("pca", Json());
  book.codes = components.is_null()
                   ? residual_k_means(*vectors, book.level_sizes, options)
                   : residual_k_means(pca(*vectors, components.get<int32_t>(), options.seed),
                                      book.level_sizes, options);
  return {};
}

}  // namespace

void add_extra_level(Codebook& book, const std::vector<int64_t>& train_counts) {
  std::map<std::vector<int32_t>, std::vector<int64_t>> groups;
  for (size_t item = 0; item < book.codes.size(); ++item)
    groups[book.codes[item]].push_back(static_cast<int64_t>(item));
  size_t largest = 1;
  for (auto& [codes, items] : groups) {
    std::stable_sort(items.begin(), items.end(),
                     [&](int64_t a, int64_t b) { return train_counts[a] > train_counts[b]; });
    for (size_t place = 0; place < items.size(); ++place)
      book.codes[items[place]].push_back(static_cast<int32_t>(place));
    largest = std::max(largest, items.size());
  }
  book.level_sizes.push_back(static_cast<int32_t>(std::bit_ceil((3 * largest + 1) / 2)));
  book.extra_level = true;
}

std::vector<std::vector<int32_t>> toy_tree(int64_t items, const std::vector<int32_t>& levels) {
  std::vector<std::vector<int32_t>> codes;
  for (int64_t item = 0; item < items; ++item) {
    std::vector<int32_t>& digits = codes.emplace_back();
    int64_t rest = item;
    for (int32_t size : levels) {
      digits.push_back(static_cast<int32_t>(rest % size));
      rest /= size;
    }
  }
  return codes;
}

Result<Vectors> learn_vectors(const Json& args, const data::Dataset& dataset,
                              const std::function<std::string(int64_t)>& text,
                              std::vector<std::string>* notes) {
  try {
    const std::string kind = args.at("kind").get<std::string>();
    const int32_t size = args.value("size", 48);
    const uint64_t seed = args.value("seed", uint64_t{0});
    if (size < 1)
      return user_error("`size` is " + std::to_string(size) +
                        ", a vector needs at least one number");
    if (kind == "ppmi_svd") {
      const int64_t window = args.value("window", int64_t{5});
      if (window < 1)
        return user_error("`window` is " + std::to_string(window) + ", it must be at least 1");
      int64_t cold = 0;
      Vectors vectors = ppmi_svd(dataset, {size, window, seed}, &cold);
      if (cold > 0 && notes)
        notes->push_back(
            std::to_string(cold) + " of " + std::to_string(dataset.item_count()) +
            " items have no neighbour in train: their vectors are noise near the origin");
      return vectors;
    }
    if (kind != "text_features") return internal_error("vectors: unknown kind " + kind);
    std::vector<std::string> texts;
    for (int64_t item = 0; item < dataset.item_count(); ++item) texts.push_back(text(item));
    return text_features(texts, size, seed);
  } catch (const Json::exception& error) {
    return internal_error(std::string("vectors: ") + error.what());
  }
}

Result<Codebook> learn_codebook(const Json& args, const Json& site, const data::Dataset& dataset,
                                const Vectors* vectors) {
  try {
    Codebook book;
    book.name = args.at("name").get<std::string>();
    book.surface = args.value("surface", book.surface);
    if (book.surface.find("{}") == std::string::npos)
      return user_error("the surface `" + book.surface + "` has no place for the code",
                        "write {} where the number goes, such as \"<|sid_{}|>\"");
    for (const auto& [key, mark] :
         {std::pair("open", &book.open), std::pair("close", &book.close)}) {
      if (args.contains(key) && !args[key].is_null()) *mark = args[key].get<std::string>();
    }
    REXP_TRY(learn_codes(args.at("learn"), site, dataset, vectors, book));
    if (args.value("clashes", "extra_level") == "extra_level")
      add_extra_level(book, data::train_counts(dataset));
    return book;
  } catch (const Json::exception& error) {
    return internal_error(std::string("codebook: ") + error.what());
  }
}

}  // namespace rexp::codebook
