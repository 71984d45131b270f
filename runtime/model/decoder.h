// What search knows of a network: prompts once, then a few tokens at a time over what is cached, and the logits that it asks for.
//
//   Prefill p = decoder.prefill(prompts, /*extra_slots=*/60);
//   at::Tensor z = decoder.logits(p.hidden, level_rows);               // [users, codes]
//   at::Tensor h = decoder.step(tokens, positions, beam_mask(p.cache, paths, n), p.cache);
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <vector>

#include "runtime/model/packing.h"

namespace rexp::model {

/// Keys and values of `users` prompts side by side, and of the beam tokens behind them. Slots [0,
/// prompt_slots) hold prompts, padded on the right to the longest; each step() fills the next slots
/// of all users alike. Nothing is ever moved: which slots a query sees is the mask's matter.
struct Cache {
  struct Layer {
    at::Tensor k, v;  // [users, kv_heads, capacity, head_dim]
  };
  std::vector<Layer> layers;
  std::vector<int64_t> prompt_lengths;  // [users]
  at::Tensor prompt_mask;               // bool [users, prompt_slots]: true where a prompt token is
  int64_t prompt_slots = 0;
  int64_t used = 0;  // slots filled so far
  int64_t capacity = 0;

  int64_t users() const { return static_cast<int64_t>(prompt_lengths.size()); }
};

struct Prefill {
  Cache cache;
  at::Tensor hidden;  // [users, d]: of each prompt's last token, after the final norm
};

class Decoder {
 public:
  virtual ~Decoder() = default;
  virtual at::Device device() const = 0;
  /// Rows of the output matrix.
  virtual int64_t vocabulary() const = 0;
  /// Tokens of the longest sequence.
  virtual int64_t positions() const = 0;
  /// Bytes that a cache takes per token.
  virtual int64_t cache_bytes() const = 0;

  /// Runs prompts (packed, one per user, none empty) and keeps their keys and values, with room for
  /// `extra_slots` more tokens a user.
  virtual Prefill prefill(const Packed& prompts, int64_t extra_slots) const = 0;

  /// `n` further tokens of every user (beams, or the next token of one continuation).
  ///   tokens    int64 [users, n]
  ///   positions int64 [users, n]: 0-based place in its sequence (prompt length + tokens behind it)
  ///   mask      bool [users, n, cache.used + n], true where query i may look; each query must see
  ///   at least itself
  /// Stores their keys and values in slots [used, used + n), then raises `used`. Returns hidden
  /// states [users, n, d] after the final norm.
  virtual at::Tensor step(const at::Tensor& tokens, const at::Tensor& positions,
                          const at::Tensor& mask, Cache& cache) const = 0;

  /// Logits of the matrix rows [begin, end) only: [N, end - begin].
  virtual at::Tensor logits(const at::Tensor& hidden, int64_t begin, int64_t end) const = 0;
  /// Logits of the matrix rows `rows` (int64 [M]) only: [N, M].
  virtual at::Tensor logits(const at::Tensor& hidden, const at::Tensor& rows) const = 0;

 protected:
  Decoder() = default;
  Decoder(const Decoder&) = default;
  Decoder(Decoder&&) = default;
  Decoder& operator=(const Decoder&) = default;
  Decoder& operator=(Decoder&&) = default;
};

/// The mask step() wants for beams: each query sees its user's prompt, the step slots `paths` names
/// and its own slot.
///   paths int64 [users, n, m]: slots of its ancestors counted from cache.prompt_slots (m may be 0)
/// Returns bool [users, n, cache.used + n].
at::Tensor beam_mask(const Cache& cache, const at::Tensor& paths, int64_t n);

}  // namespace rexp::model
