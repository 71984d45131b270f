// Which function computes which library function.
#include "compiler/eval/constructs.h"

namespace rexp::eval {

IntrinsicFunction intrinsic_function(Intrinsic which) {
  switch (which) {
#define REXP_INTRINSIC(id, module, receiver, name) \
  case Intrinsic::id: return intrinsic::id;
#define REXP_OPERATION(id, module, receiver, name)
#include "compiler/check/intrinsics.def"
    default: return nullptr;
  }
}

}  // namespace rexp::eval
