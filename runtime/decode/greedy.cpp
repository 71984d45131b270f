// Greedy: the likeliest token at every step, so one answer.
#include "runtime/base/registry.h"
#include "runtime/decode/decoder.h"

namespace rexp::decode {
namespace {

void read(Fields* /*fields*/, SearchOptions* search) { search->beams = 1; }

REXP_REGISTER(Decoder, Greedy, read)

}  // namespace
}  // namespace rexp::decode
