#include "runtime/codebook/reassign.h"

#include <algorithm>
#include <map>

#include "runtime/codebook/assignment.h"

namespace rexp::codebook {
namespace {

using Code = std::vector<int32_t>;

class Reassignment {
 public:
  Reassignment(const Quantiser& quantiser, const Vectors& vectors, const Kept& kept,
               std::vector<Code>* codes)
      : quantiser_(quantiser), latent_(quantiser.latent(vectors)), codes_(codes) {
    for (const Code& code : kept.codes) taken_[prefix(code)].push_back(code.back());
    for (int64_t item = 0; item < latent_.rows; ++item) {
      if (kept.items.empty() || !kept.items[item]) free_[prefix((*codes)[item])].push_back(item);
    }
  }

  Status run() {
    const size_t depth = quantiser_.centroids.size();
    if (depth > 1) {
      for (const Code& crowded : crowded_prefixes()) REXP_TRY(thin_out(crowded));
    }
    for (const auto& [before, items] : free_) {
      if (room(before) < 0) return no_room();
      give_last_codes(before, items);
    }
    return {};
  }

 private:
  static Code prefix(const Code& code) { return {code.begin(), code.end() - 1}; }

  template <class T>
  static int64_t count(const std::map<Code, std::vector<T>>& groups, const Code& before) {
    const auto at = groups.find(before);
    return at == groups.end() ? 0 : static_cast<int64_t>(at->second.size());
  }

  /// Last codes behind a prefix that are left over when every item of it has one; below 0: items without one.
  int64_t room(const Code& before) const {
    return quantiser_.centroids.back().rows - count(taken_, before) - count(free_, before);
  }

  std::vector<Code> crowded_prefixes() const {
    std::vector<Code> out;
    for (const auto& [before, items] : free_) {
      if (room(before) < 0) out.push_back(before);
    }
    return out;
  }

  /// What a code without its last levels leaves over of an item.
  std::vector<float> residual(int64_t item, const Code& before) const {
    std::vector<float> left(latent_.row(item), latent_.row(item) + latent_.size);
    for (size_t level = 0; level < before.size(); ++level) {
      const float* centroid = quantiser_.centroids[level].row(before[level]);
      for (int32_t d = 0; d < latent_.size; ++d) left[d] -= centroid[d];
    }
    return left;
  }

  /// Sends the items of a crowded prefix that lie farthest from it to its neighbours.
  Status thin_out(const Code& crowded) {
    const Code parent(crowded.begin(), crowded.end() - 1);
    const Vectors& level = quantiser_.centroids[parent.size()];
    std::vector<std::pair<double, int64_t>> by_distance;
    for (const int64_t item : free_[crowded]) {
      const std::vector<float> left = residual(item, parent);
      by_distance.emplace_back(
          squared_distance<double>(left.data(), level.row(crowded.back()), level.size), item);
    }
    std::sort(by_distance.begin(), by_distance.end());
    while (room(crowded) < 0) {
      if (by_distance.empty()) return no_room();
      const int64_t item = by_distance.back().second;
      by_distance.pop_back();
      const std::vector<float> left = residual(item, parent);
      Code best;
      double nearest = 0;
      for (int32_t code = 0; code < level.rows; ++code) {
        Code other = parent;
        other.push_back(code);
        if (room(other) <= 0) continue;
        const double far = squared_distance<double>(left.data(), level.row(code), level.size);
        if (best.empty() || far < nearest) best = other, nearest = far;
      }
      if (best.empty()) return no_room();
      std::erase(free_[crowded], item);
      free_[best].push_back(item);
    }
    return {};
  }

  void give_last_codes(const Code& before, const std::vector<int64_t>& items) {
    const Vectors& level = quantiser_.centroids.back();
    std::vector<bool> used(static_cast<size_t>(level.rows), false);
    if (const auto at = taken_.find(before); at != taken_.end()) {
      for (const int32_t code : at->second) used[code] = true;
    }
    std::vector<int32_t> open;
    for (int32_t code = 0; code < level.rows; ++code) {
      if (!used[code]) open.push_back(code);
    }
    std::vector<double> costs;
    for (const int64_t item : items) {
      const std::vector<float> left = residual(item, before);
      for (const int32_t code : open)
        costs.push_back(squared_distance<double>(left.data(), level.row(code), level.size));
    }
    const std::vector<int32_t> columns =
        assign(costs, static_cast<int64_t>(items.size()), static_cast<int64_t>(open.size()));
    for (size_t i = 0; i < items.size(); ++i) {
      Code code = before;
      code.push_back(open[columns[i]]);
      (*codes_)[items[i]] = std::move(code);
    }
  }

  Status no_room() const {
    std::string sizes;
    for (const Vectors& level : quantiser_.centroids)
      sizes += (sizes.empty() ? "" : ", ") + std::to_string(level.rows);
    return user_error("levels of [" + sizes + "] codes are too small to give each of " +
                          std::to_string(latent_.rows) + " items codes of its own",
                      "learn the codebook with larger levels, or say `clashes = extra_level`");
  }

  const Quantiser& quantiser_;
  Vectors latent_;
  std::vector<Code>* codes_;
  // By all codes but the last: the last ones that nobody gets, and items that get one.
  std::map<Code, std::vector<int32_t>> taken_;
  std::map<Code, std::vector<int64_t>> free_;
};

}  // namespace

Result<int64_t> reassign(const Quantiser& quantiser, const Vectors& vectors, const Kept& kept,
                         std::vector<std::vector<int32_t>>* codes) {
  const std::vector<Code> before = *codes;
  REXP_TRY(Reassignment(quantiser, vectors, kept, codes).run());
  int64_t moved = 0;
  for (size_t item = 0; item < codes->size(); ++item) moved += (*codes)[item] != before[item];
  return moved;
}

}  // namespace rexp::codebook
