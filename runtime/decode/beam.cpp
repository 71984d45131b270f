// Beam {beams}: the likeliest answers that a search of this width finds.
#include "runtime/base/registry.h"
#include "runtime/decode/decoder.h"

namespace rexp::decode {
namespace {

void read(Fields* fields, SearchOptions* search) {
  fields->count("beams", &search->beams, 1, "a whole number of at least 1");
}

REXP_REGISTER(Decoder, Beam, read)

}  // namespace
}  // namespace rexp::decode
