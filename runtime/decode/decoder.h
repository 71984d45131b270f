// How a protocol searches for answers: components of base Decoder.
//
//   {"is": "Beam", "beams": 20, "score": "model", "within": {"legal": {"input": 3}, "where": {"kernel": 1}}}
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "runtime/base/fields.h"
#include "runtime/base/result.h"
#include "runtime/decode/search.h"

namespace rexp::decode {

struct DecoderPlan {
  SearchOptions search;
  int64_t where = -1;  // kernel that says which items may be answered; -1: all of the catalogue
};

struct Decoder {
  /// Reads a decoder's own fields; what all have is read already.
  void (*read)(Fields* fields, SearchOptions* search) = nullptr;
};

Result<DecoderPlan> read_decoder(const nlohmann::json& args);

}  // namespace rexp::decode
