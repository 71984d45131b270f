#include "runtime/sequential/network.h"

#include <cmath>
#include <utility>

#include "runtime/base/assert.h"
#include "runtime/base/random.h"
#include "runtime/model/fused_ops.h"
#include "runtime/model/safetensors.h"
#include "runtime/model/weights.h"

namespace rexp::sequential {
namespace {

constexpr double kDeviation = 0.02;
constexpr double kNormEps = 1e-12;

/// Rows of sequences of different lengths in a rectangle [sequences, longest].
struct Rectangle {
  int64_t sequences = 0, longest = 0;
  at::Tensor slot_of;  // [rows] the slot of each row
  at::Tensor gather;   // [slots] the row of each slot; of padding any
  at::Tensor place;    // [sequences, longest] where in its sequence the slot's row stands

  at::Tensor spread(const at::Tensor& rows) const {
    return model::padded_rows(rows, gather, slot_of);
  }
  at::Tensor collect(const at::Tensor& slots) const { return model::distinct_rows(slots, slot_of); }
};

/// `rows[s]`: places of sequence s that are in the rectangle.
Rectangle lay_out(const std::vector<std::vector<int64_t>>& rows, at::Device device) {
  Rectangle r;
  r.sequences = static_cast<int64_t>(rows.size());
  for (const auto& row : rows) r.longest = std::max(r.longest, static_cast<int64_t>(row.size()));
  std::vector<int64_t> slot_of, gather(r.sequences * r.longest), place(gather.size());
  for (int64_t s = 0; s < r.sequences; ++s) {
    for (size_t i = 0; i < rows[s].size(); ++i) {
      const int64_t slot = s * r.longest + static_cast<int64_t>(i);
      gather[slot] = static_cast<int64_t>(slot_of.size());
      place[slot] = rows[s][i];
      slot_of.push_back(slot);
    }
  }
  r.slot_of = at::tensor(slot_of, at::kLong).to(device);
  r.gather = at::tensor(gather, at::kLong).to(device);
  r.place = at::tensor(place, at::kLong).view({r.sequences, r.longest}).to(device);
  return r;
}

/// [B, L, heads * D] as [B, heads, L, D]
at::Tensor split_heads(const at::Tensor& x, const Rectangle& r, int64_t heads) {
  return x.view({r.sequences, r.longest, heads, -1}).transpose(1, 2);
}

}  // namespace

/// What one forward pass shares between its blocks.
struct Network::Pass {
  const std::optional<model::Dropout>& dropout;
  uint64_t place = 0;  // of the next mask
  Rectangle tokens, outputs;
  at::Tensor output_rows;  // places of the outputs among the tokens
  at::Tensor lengths;      // [sequences]

  at::Tensor drop(const at::Tensor& x) {
    if (!dropout || dropout->rate <= 0) return x;
    return model::dropped(x.reshape({-1, x.size(-1)}), dropout->rate,
                          stream(dropout->stream, place++))
        .view(x.sizes());
  }

  /// True where a query does not see a key.
  at::Tensor hidden_keys(bool causal, bool last) const {
    const at::Tensor keys = at::arange(tokens.longest, lengths.options()).view({1, 1, 1, -1});
    const Rectangle& asked = last ? outputs : tokens;
    if (causal) return keys > asked.place.view({asked.sequences, 1, -1, 1});
    return keys >= lengths.view({-1, 1, 1, 1});
  }
};

// ---- weights ----------------------------------------------------------------------------------------------------

Status Network::fill_affine(const Fill& fill, const std::string& name, at::IntArrayRef sizes,
                            Affine* affine) {
  for (auto [part, tensor] : {std::pair{".weight", &affine->weight}, {".bias", &affine->bias}}) {
    const bool bias = tensor == &affine->bias;
    auto filled = fill(name + part, bias ? sizes.slice(0, 1) : sizes);
    if (!filled) return filled.error();
    *tensor = std::move(*filled);
    tensors_.emplace_back(name + part, *tensor);
  }
  return {};
}

Status Network::fill(const Fill& fill) {
  const auto one = [&](const char* name, at::IntArrayRef sizes, at::Tensor* tensor) -> Status {
    auto filled = fill(name, sizes);
    if (!filled) return filled.error();
    *tensor = std::move(*filled);
    tensors_.emplace_back(name, *tensor);
    return {};
  };
  const int64_t d = shape_.width, inner = shape_.inner;
  REXP_TRY(one("items", {shape_.items + (shape_.causal ? 0 : 1), d}, &items_));
  REXP_TRY(one("positions", {shape_.positions, d}, &positions_));
  if (shape_.norm == NormPlace::after) REXP_TRY(fill_affine(fill, "input_norm", {d}, &input_norm_));
  for (size_t b = 0; b < blocks_.size(); ++b) {
    const std::string at = "blocks." + std::to_string(b) + ".";
    Block& block = blocks_[b];
    for (auto [name, affine] : {std::pair{"query", &block.query},
                                {"key", &block.key},
                                {"value", &block.value},
                                {"output", &block.output}})
      REXP_TRY(fill_affine(fill, at + name, {d, d}, affine));
    REXP_TRY(fill_affine(fill, at + "attention_norm", {d}, &block.attention_norm));
    REXP_TRY(fill_affine(fill, at + "up", {inner, d}, &block.up));
    REXP_TRY(fill_affine(fill, at + "down", {d, inner}, &block.down));
    REXP_TRY(fill_affine(fill, at + "feed_norm", {d}, &block.feed_norm));
  }
  if (shape_.norm == NormPlace::before)
    REXP_TRY(fill_affine(fill, "output_norm", {d}, &output_norm_));
  if (shape_.causal) return {};
  REXP_TRY(fill_affine(fill, "head", {d, d}, &head_));
  REXP_TRY(fill_affine(fill, "head_norm", {d}, &head_norm_));
  return one("item_bias", {shape_.items}, &item_bias_);
}

Network Network::random(const Shape& shape, uint64_t s) {
  Network network(shape);
  const Status filled =
      network.fill([&](const std::string& name, at::IntArrayRef sizes) -> Result<at::Tensor> {
        if (name.ends_with("norm.weight")) return at::ones(sizes);
        if (name.ends_with("bias")) return at::zeros(sizes);
        return model::random_normal(sizes, kDeviation, stream(s, name));
      });
  REXP_ASSERT(filled.ok(), "drawing weights cannot fail");
  return network;
}

Result<Network> Network::load(const Shape& shape, const std::string& path) {
  auto file = model::TensorFile::open(path);
  if (!file) return file.error();
  Network network(shape);
  REXP_TRY(network.fill([&](const std::string& name, at::IntArrayRef sizes) {
    return file->read(name, sizes.vec());
  }));
  return network;
}

Network Network::to(at::Device device) const {
  Network moved(shape_);
  auto next = tensors_.begin();
  const Status filled = moved.fill([&](const std::string&, at::IntArrayRef) -> Result<at::Tensor> {
    return (next++)->second.detach().to(device, /*non_blocking=*/false, /*copy=*/true);
  });
  REXP_ASSERT(filled.ok(), "copying weights cannot fail");
  return moved;
}

Status Network::save(const std::string& path) const {
  train::NamedTensors on_cpu;
  for (const auto& [name, tensor] : tensors_)
    on_cpu.emplace_back(name, tensor.detach().to(at::kCPU).contiguous());
  return model::write_safetensors(path, on_cpu);
}

// ---- forward ----------------------------------------------------------------------------------------------------

at::Tensor Network::norm(const at::Tensor& x, const Affine& norm) const {
  return at::layer_norm(x, {shape_.width}, norm.weight, norm.bias, kNormEps);
}

at::Tensor Network::embed(const model::Packed& batch, Pass* pass) const {
  const at::Tensor places = pass->tokens.place.view({-1}).index_select(0, pass->tokens.slot_of);
  at::Tensor x = at::embedding(items_, batch.tokens) + at::embedding(positions_, places);
  if (shape_.norm == NormPlace::after) x = norm(x, input_norm_);
  return pass->drop(x);
}

at::Tensor Network::attend(const Block& block, const at::Tensor& queries, const at::Tensor& x,
                           bool last, Pass* pass) const {
  const Rectangle &keys = pass->tokens, &asked = last ? pass->outputs : pass->tokens;
  const auto heads = [&](const at::Tensor& in, const Affine& affine, const Rectangle& r) {
    return split_heads(r.spread(at::linear(in, affine.weight, affine.bias)), r, shape_.heads);
  };
  const at::Tensor q = heads(queries, block.query, asked), k = heads(x, block.key, keys),
                   v = heads(x, block.value, keys);
  const double scale = 1 / std::sqrt(static_cast<double>(q.size(-1)));
  at::Tensor weights = at::matmul(q * scale, k.transpose(2, 3));
  weights = weights.masked_fill(pass->hidden_keys(shape_.causal, last),
                                -std::numeric_limits<float>::infinity());
  const at::Tensor seen = at::matmul(pass->drop(at::softmax(weights, -1)), v);
  return asked.collect(
      seen.transpose(1, 2).reshape({asked.sequences * asked.longest, shape_.width}));
}

at::Tensor Network::block(const Block& block, const at::Tensor& x, bool last, Pass* pass) const {
  const bool before = shape_.norm == NormPlace::before;
  const at::Tensor in = before ? norm(x, block.attention_norm) : x;
  // behind the last attention only the outputs are of interest
  const auto outputs = [&](const at::Tensor& rows) {
    return last ? model::distinct_rows(rows, pass->output_rows) : rows;
  };
  const at::Tensor seen = attend(block, outputs(in), in, last, pass);
  at::Tensor y = outputs(x) + pass->drop(at::linear(seen, block.output.weight, block.output.bias));
  if (!before) y = norm(y, block.attention_norm);
  at::Tensor up = at::linear(before ? norm(y, block.feed_norm) : y, block.up.weight, block.up.bias);
  up = shape_.activation == Activation::gelu ? at::gelu(up) : at::relu(up);
  y = y + pass->drop(at::linear(up, block.down.weight, block.down.bias));
  return before ? y : norm(y, block.feed_norm);
}

at::Tensor Network::states(const model::Packed& batch, const std::optional<model::Dropout>& dropout,
                           const at::Tensor& rows) const {
  const at::Tensor asked =
      (rows.defined() ? rows : at::arange(batch.size(), at::kLong)).to(at::kCPU).contiguous();
  const int64_t* next = asked.const_data_ptr<int64_t>();
  const int64_t* const end_of_rows = next + asked.numel();
  std::vector<std::vector<int64_t>> tokens(batch.sequences()), outputs(batch.sequences());
  std::vector<int64_t> lengths;
  for (int64_t s = 0; s < batch.sequences(); ++s) {
    const int64_t begin = batch.offsets[s], end = batch.offsets[s + 1];
    REXP_ASSERT(begin < end && end - begin <= shape_.positions, "a sequence fits the network");
    lengths.push_back(end - begin);
    for (int64_t i = begin; i < end; ++i) tokens[s].push_back(i - begin);
    for (; next != end_of_rows && *next < end; ++next) outputs[s].push_back(*next - begin);
  }
  Pass pass{dropout,
            0,
            lay_out(tokens, device()),
            lay_out(outputs, device()),
            asked.to(device()),
            at::tensor(lengths, at::kLong).to(device())};
  at::Tensor x = embed(batch, &pass);
  for (size_t b = 0; b < blocks_.size(); ++b)
    x = block(blocks_[b], x, b + 1 == blocks_.size(), &pass);
  if (shape_.norm == NormPlace::before) x = norm(x, output_norm_);
  if (shape_.causal) return x;
  return norm(at::gelu(at::linear(x, head_.weight, head_.bias)), head_norm_);
}

at::Tensor outputs(const Network& network, const Sequences& sequences,
                   const std::optional<model::Dropout>& dropout) {
  const model::Packed batch = {at::tensor(sequences.items, at::kLong).to(network.device()),
                               sequences.offsets};
  return network.hidden(batch, dropout, at::tensor(sequences.outputs, at::kLong));
}

at::Tensor Network::item_rows() const { return items_.narrow(0, 0, shape_.items); }

at::Tensor Network::scores(const at::Tensor& hidden) const {
  const at::Tensor products = at::mm(hidden, item_rows().t());
  return item_bias_.defined() ? products + item_bias_ : products;
}

}  // namespace rexp::sequential
