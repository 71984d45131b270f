#include <algorithm>
#include <numeric>
#include <string>
#include <tuple>

#include "compiler/diagnostics/diagnostics.h"

namespace rexp::diagnostics {

namespace {

/// One element per code point, so that a Chinese letter is one edit and not three.
std::vector<std::string> letters_of(const std::string& word) {
  std::vector<std::string> letters;
  for (char c : word) {
    if ((c & 0xC0) != 0x80 || letters.empty()) letters.emplace_back();
    letters.back().push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  return letters;
}

/// Optimal string alignment: insert, delete, replace, swap two neighbours.
size_t distance(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  std::vector<size_t> two_above, above(b.size() + 1), row(b.size() + 1);
  std::iota(above.begin(), above.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], two_above[j - 2] + 1);
    }
    two_above = above;
    std::swap(above, row);
  }
  return above[b.size()];
}

}  // namespace

std::string nearest(const std::string& word, const std::vector<std::string>& candidates) {
  const std::vector<std::string> letters = letters_of(word);
  const size_t allowed = letters.empty() ? 0 : 1 + (letters.size() - 1) / 4;
  // by distance; then those that begin with the very same letter, capital or small
  std::tuple<size_t, bool, std::string> best{allowed + 1, false, ""};
  for (const std::string& candidate : candidates) {
    const std::vector<std::string> other = letters_of(candidate);
    const size_t longer = std::max(letters.size(), other.size());
    if (longer - std::min(letters.size(), other.size()) > allowed) continue;
    const size_t d = distance(letters, other);
    // Replacing every letter is not a typo: `h` is not `s`.
    if (d >= longer || d > allowed || candidate == word) continue;
    best = std::min(best, {d, candidate[0] != word[0], candidate});
  }
  return std::get<2>(best);
}

}  // namespace rexp::diagnostics
