#include "runtime/codebook/item_vectors.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "runtime/base/random.h"
#include "runtime/codebook/spectral.h"

namespace rexp::codebook {
namespace {

constexpr double kNoise = 0.05;  // of the median length
constexpr double kZeroLength = 1e-10;
constexpr uint64_t kHashColumns = uint64_t{1} << 18;

double length(const Vectors& vectors, int64_t row) {
  double square = 0;
  for (int32_t d = 0; d < vectors.size; ++d)
    square += static_cast<double>(vectors.row(row)[d]) * vectors.row(row)[d];
  return std::sqrt(square);
}

void scale_to_unit(Vectors& vectors) {
  for (int64_t i = 0; i < vectors.rows; ++i) {
    const double norm = length(vectors, i);
    for (int32_t d = 0; norm > kZeroLength && d < vectors.size; ++d)
      vectors.row(i)[d] = static_cast<float>(vectors.row(i)[d] / norm);
  }
}

/// Rows of zeros become noise. Returns how many there were.
int64_t fill_zero_rows(Vectors& vectors, uint64_t seed) {
  std::vector<double> lengths;
  std::vector<int64_t> zeros;
  for (int64_t i = 0; i < vectors.rows; ++i) {
    const double norm = length(vectors, i);
    if (norm > kZeroLength) {
      lengths.push_back(norm);
    } else {
      zeros.push_back(i);
    }
  }
  double median = 1;
  if (!lengths.empty()) {
    std::nth_element(lengths.begin(), lengths.begin() + lengths.size() / 2, lengths.end());
    median = lengths[lengths.size() / 2];
  }
  const double scale =
      kNoise * median * std::sqrt(3.0 / vectors.size);  // uniform in [-1, 1] has variance 1/3
  for (int64_t item : zeros) {
    const uint64_t draws = stream(stream(seed, "item_vectors/noise"), item);
    for (int32_t d = 0; d < vectors.size; ++d)
      vectors.row(item)[d] = static_cast<float>(scale * (2 * uniform(draws, d) - 1));
  }
  return static_cast<int64_t>(zeros.size());
}

/// Symmetric counts of two different items at most `window` events apart.
SparseMatrix count_neighbours(const data::Dataset& dataset, int64_t window) {
  const std::vector<int64_t>& items = dataset.event_items();
  std::vector<uint64_t> pairs;
  for (int64_t user = 0; user < dataset.user_count(); ++user) {
    for (int64_t e = dataset.user_offsets[user]; e < dataset.train_end(user); ++e) {
      for (int64_t f = std::max(dataset.user_offsets[user], e - window); f < e; ++f) {
        const uint64_t a = static_cast<uint64_t>(items[e]), b = static_cast<uint64_t>(items[f]);
        if (a == b) continue;
        pairs.push_back(a << 32 | b);
        pairs.push_back(b << 32 | a);
      }
    }
  }
  std::sort(pairs.begin(), pairs.end());
  SparseMatrix counts{dataset.item_count(),
                      dataset.item_count(),
                      std::vector<int64_t>(static_cast<size_t>(dataset.item_count()) + 1),
                      {},
                      {}};
  for (size_t i = 0; i < pairs.size();) {
    size_t end = i;
    while (end < pairs.size() && pairs[end] == pairs[i]) ++end;
    counts.index.push_back(static_cast<int32_t>(pairs[i] & 0xFFFFFFFF));
    counts.value.push_back(static_cast<double>(end - i));
    ++counts.offsets[(pairs[i] >> 32) + 1];
    i = end;
  }
  for (size_t row = 1; row < counts.offsets.size(); ++row)
    counts.offsets[row] += counts.offsets[row - 1];
  return counts;
}

void to_ppmi(SparseMatrix& counts) {
  std::vector<double> sums(static_cast<size_t>(counts.rows));
  double total = 0;
  for (int64_t i = 0; i < counts.rows; ++i) {
    for (int64_t k = counts.offsets[i]; k < counts.offsets[i + 1]; ++k) sums[i] += counts.value[k];
    total += sums[i];
  }
  for (int64_t i = 0; i < counts.rows; ++i) {
    for (int64_t k = counts.offsets[i]; k < counts.offsets[i + 1]; ++k) {
      counts.value[k] =
          std::max(0.0, std::log(counts.value[k] * total / (sums[i] * sums[counts.index[k]])));
    }
  }
}

// ---- texts ----

bool is_word_byte(unsigned char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Features of a text: lower-case ASCII words ("w:toy"), their runs of three letters ("c:^to",
/// "c:toy"), and for every other character itself and its pair with the one before ("u:塔",
/// "u:灯塔").
void add_features(std::string_view text, const auto& add) {
  std::string word, before;
  const auto end_word = [&] {
    if (word.empty()) return;
    add("w:" + word);
    const std::string framed = "^" + word + "$";
    for (size_t i = 0; i + 3 <= framed.size(); ++i) add("c:" + framed.substr(i, 3));
    word.clear();
  };
  for (size_t i = 0; i < text.size();) {
    const unsigned char c = static_cast<unsigned char>(text[i]);
    if (c < 0x80) {
      if (is_word_byte(c)) {
        word += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
      } else {
        end_word();
      }
      before.clear();
      ++i;
      continue;
    }
    end_word();
    size_t next = i + 1;
    while (next < text.size() && (static_cast<unsigned char>(text[next]) & 0xC0) == 0x80) ++next;
    const std::string character(text.substr(i, next - i));
    add("u:" + character);
    if (!before.empty()) add("u:" + before + character);
    before = character;
    i = next;
  }
  end_word();
}

/// Rows of unit length: (1 + log tf) * log((1 + N) / (1 + df)).
SparseMatrix tf_idf(const std::vector<std::string>& texts) {
  std::vector<std::map<int32_t, double>> rows;
  std::vector<int32_t> documents(kHashColumns);
  for (const std::string& text : texts) {
    std::map<int32_t, double>& row = rows.emplace_back();
    add_features(text, [&](const std::string& feature) {
      row[static_cast<int32_t>(stream(0, feature) % kHashColumns)] += 1;
    });
    for (const auto& [column, count] : row) ++documents[column];
  }
  SparseMatrix matrix{
      static_cast<int64_t>(texts.size()), static_cast<int64_t>(kHashColumns), {0}, {}, {}};
  for (const std::map<int32_t, double>& row : rows) {
    double square = 0;
    for (const auto& [column, count] : row) {
      const double weight =
          (1 + std::log(count)) *
          std::log((1.0 + static_cast<double>(texts.size())) / (1.0 + documents[column]));
      matrix.index.push_back(column);
      matrix.value.push_back(weight);
      square += weight * weight;
    }
    for (size_t k = matrix.offsets.back(); square > 0 && k < matrix.value.size(); ++k)
      matrix.value[k] /= std::sqrt(square);
    matrix.offsets.push_back(static_cast<int64_t>(matrix.index.size()));
  }
  return matrix;
}

}  // namespace

Vectors ppmi_svd(const data::Dataset& dataset, const PpmiOptions& options, int64_t* cold) {
  SparseMatrix matrix = count_neighbours(dataset, options.window);
  to_ppmi(matrix);
  Vectors vectors = spectral_embedding(dataset.item_count(), options.size, options.seed,
                                       [&](const Matrix& q) { return matrix.times(q); });
  scale_to_unit(vectors);
  const int64_t zeros = fill_zero_rows(vectors, options.seed);
  if (cold) *cold = zeros;
  return vectors;
}

Vectors text_features(const std::vector<std::string>& texts, int32_t size, uint64_t seed) {
  const SparseMatrix matrix = tf_idf(texts), transposed = matrix.transposed();
  Vectors vectors = spectral_embedding(
      matrix.rows, size, seed, [&](const Matrix& q) { return matrix.times(transposed.times(q)); });
  fill_zero_rows(vectors, seed);
  return vectors;
}

}  // namespace rexp::codebook
