#include "runtime/train/choices.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <string>

#include "runtime/base/assert.h"
#include "runtime/model/fused_ops.h"
#include "runtime/model/matmul.h"

namespace rexp::train {
namespace {

/// Rows of a matrix that comes in blocks.
at::Tensor rows_of(const std::vector<at::Tensor>& blocks, const std::vector<int64_t>& rows) {
  const at::Tensor& all = blocks[0];
  at::Tensor index = at::tensor(rows, at::kLong).to(all.device());
  if (blocks.size() == 1) return at::embedding(all, index);
  const auto [least, most] = std::minmax_element(rows.begin(), rows.end());
  const int64_t first = all.size(0);
  if (*most < first) return at::embedding(all, index);
  if (*least >= first) return at::embedding(blocks[1], index - first);
  return at::embedding(at::cat(blocks), index);
}

Error no_item(int32_t token) {
  return internal_error("the token " + std::to_string(token) +
                        " continues no semantic id of the catalogue");
}

}  // namespace

Result<Choices> Choices::create(ChosenAmong among, const std::vector<CodebookInput>& codebooks,
                                const RowOfId& rows) {
  Choices out;
  for (const CodebookInput& input : codebooks) {
    auto catalogue = decode::Catalogue::from_codebook(*input.codebook, input.ids);
    if (!catalogue.ok()) return catalogue.error();
    const size_t first_level = out.levels_.size();
    REXP_TRY(out.add_levels(*catalogue, rows));
    const int32_t root = among == ChosenAmong::trie
                             ? out.add_node(*catalogue, first_level, 0, catalogue->root())
                             : out.add_level_sets(first_level);
    out.roots_.push_back(root);
  }
  return out;
}

Status Choices::add_levels(const decode::Catalogue& catalogue, const RowOfId& rows) {
  for (int l = 0; l < catalogue.depth(); ++l) {
    Level level;
    level.tokens = catalogue.level_tokens(l);
    for (const int32_t token : level.tokens) {
      const int64_t row = token < static_cast<int64_t>(rows.size()) ? rows[token] : -1;
      if (row < 0) return internal_error("token " + std::to_string(token) + " has no row");
      level.code_of_row[row] = static_cast<int64_t>(level.rows.size());
      level.rows.push_back(row);
    }
    levels_.push_back(std::move(level));
  }
  return {};
}

int32_t Choices::add_level_sets(size_t first_level) {
  const auto root = static_cast<int32_t>(sets_.size());
  for (size_t l = first_level; l < levels_.size(); ++l) {
    Set set;
    set.level = l;
    set.codes.resize(levels_[l].tokens.size());
    std::iota(set.codes.begin(), set.codes.end(), 0);
    const auto next = l + 1 < levels_.size() ? static_cast<int32_t>(sets_.size()) + 1 : -1;
    set.following.assign(set.codes.size(), next);
    sets_.push_back(std::move(set));
  }
  return root;
}

int32_t Choices::add_node(const decode::Catalogue& catalogue, size_t first_level, int level,
                          decode::Node node) {
  const size_t index = sets_.size();
  sets_.push_back({first_level + static_cast<size_t>(level), {}, {}});
  std::vector<decode::Node> children;
  catalogue.for_children(level, node, [&](uint32_t code, decode::Node child) {
    sets_[index].codes.push_back(static_cast<int32_t>(code));
    children.push_back(child);
  });
  for (const decode::Node child : children) {
    const int32_t next =
        level + 1 == catalogue.depth() ? -1 : add_node(catalogue, first_level, level + 1, child);
    sets_[index].following.push_back(next);
  }
  return static_cast<int32_t>(index);
}

int32_t Choices::root_of(int32_t token) const {
  for (const int32_t root : roots_) {
    const std::vector<int32_t>& first = levels_[sets_[static_cast<size_t>(root)].level].tokens;
    if (std::binary_search(first.begin(), first.end(), token)) return root;
  }
  return -1;
}

int32_t Choices::following(int32_t index, int32_t token) const {
  const Set& set = sets_[static_cast<size_t>(index)];
  const std::vector<int32_t>& tokens = levels_[set.level].tokens;
  const auto at = std::lower_bound(tokens.begin(), tokens.end(), token);
  if (at == tokens.end() || *at != token) return -1;
  const auto code = static_cast<int32_t>(at - tokens.begin());
  const auto place = std::lower_bound(set.codes.begin(), set.codes.end(), code);
  if (place == set.codes.end() || *place != code) return -1;
  return set.following[static_cast<size_t>(place - set.codes.begin())];
}

Status Choices::of(const Example& example, std::vector<int32_t>* out) const {
  out->assign(example.ids.size(), -1);
  for (size_t i = 0; i < example.ids.size(); ++i) {
    if (example.levels[i] == 0) continue;
    int32_t set = -1;
    if (example.levels[i] == 1) {
      set = root_of(example.ids[i]);
    } else if (i > 0 && (*out)[i - 1] >= 0) {
      set = following((*out)[i - 1], example.ids[i - 1]);
    }
    if (set < 0) return no_item(example.ids[i]);
    (*out)[i] = set;
  }
  return {};
}

at::Tensor Choices::excluded(const std::vector<int32_t>& sets, const Level& level) const {
  const auto codes = static_cast<int64_t>(level.tokens.size());
  const bool all = std::all_of(sets.begin(), sets.end(), [&](int32_t set) {
    return sets_[static_cast<size_t>(set)].codes.size() == level.tokens.size();
  });
  if (all) return {};
  at::Tensor mask = at::ones({static_cast<int64_t>(sets.size()), codes}, at::kBool);
  bool* row = mask.mutable_data_ptr<bool>();
  for (const int32_t set : sets) {
    for (const int32_t code : sets_[static_cast<size_t>(set)].codes) row[code] = false;
    row += codes;
  }
  return mask;
}

at::Tensor Choices::level_losses(const LossInput& in, const Level& level,
                                 const std::vector<int64_t>& labels, double smoothing) const {
  const at::Device device = in.hidden.device();
  const at::Tensor index = at::tensor(labels, at::kLong);
  const at::Tensor rows = in.targets.cpu().index_select(0, index);
  at::Tensor codes = at::empty_like(rows);
  std::vector<int32_t> sets;
  for (size_t i = 0; i < labels.size(); ++i) {
    const auto code = level.code_of_row.find(rows.const_data_ptr<int64_t>()[i]);
    REXP_ASSERT(code != level.code_of_row.end(), "the target of a level is one of its codes");
    codes.mutable_data_ptr<int64_t>()[i] = code->second;
    sets.push_back(in.choices[static_cast<size_t>(labels[i])]);
  }
  at::Tensor logits = model::linear(model::distinct_rows(in.hidden, index.to(device)),
                                    rows_of(in.head, level.rows), in.precision);
  const at::Tensor mask = excluded(sets, level);
  if (mask.defined())
    logits = logits.masked_fill(mask.to(device), -std::numeric_limits<float>::infinity());
  const at::Tensor log_p = at::log_softmax(logits, 1);
  const at::Tensor losses = log_p.gather(1, codes.to(device).unsqueeze(1)).squeeze(1).neg();
  if (smoothing == 0) return losses;
  const at::Tensor allowed = mask.defined() ? log_p.masked_fill(mask.to(device), 0) : log_p;
  std::vector<float> sizes;
  for (const int32_t set : sets)
    sizes.push_back(static_cast<float>(sets_[static_cast<size_t>(set)].codes.size()));
  const at::Tensor even = allowed.sum(1).neg() / at::tensor(sizes).to(device);
  return losses * (1 - smoothing) + even * smoothing;
}

LossOutput Choices::loss(const LossInput& in, double smoothing) const {
  std::vector<int64_t> text;
  std::vector<std::vector<int64_t>> by_level(levels_.size());
  for (int64_t i = 0; i < in.targets.size(0); ++i) {
    const int32_t set = in.choices.empty() ? -1 : in.choices[static_cast<size_t>(i)];
    (set < 0 ? text : by_level[sets_[static_cast<size_t>(set)].level]).push_back(i);
  }
  LossOutput out{at::zeros({}, in.hidden.options()), at::empty({in.targets.size(0)}, at::kFloat)};
  out.losses = out.losses.to(in.hidden.device());
  for (size_t l = 0; l < levels_.size(); ++l) {
    if (by_level[l].empty()) continue;
    const at::Tensor index = at::tensor(by_level[l], at::kLong).to(in.hidden.device());
    const at::Tensor losses = level_losses(in, levels_[l], by_level[l], smoothing);
    out.loss = out.loss + (losses * in.weights.index_select(0, index)).sum() / in.weight;
    out.losses.index_copy_(0, index, losses.detach());
  }
  if (text.empty()) return out;
  const at::Tensor index = at::tensor(text, at::kLong).to(in.hidden.device());
  const LossOutput of_text = label_loss(
      {model::distinct_rows(in.hidden, index), in.head, in.targets.index_select(0, index),
       in.weights.index_select(0, index), in.weight, in.precision},
      smoothing);
  out.loss = out.loss + of_text.loss;
  out.losses.index_copy_(0, index, of_text.losses);
  return out;
}

}  // namespace rexp::train
