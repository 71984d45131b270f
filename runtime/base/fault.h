// What a library threw, as an error. A machine that has no more memory, threads, disk or descriptors is the user's to mend; all else is a
// fault of ours.
//
//   try { step(); } catch (const std::exception& thrown) { return fault(thrown, "training of stage `tune`"); }
#pragma once

#include <exception>
#include <string>

#include "runtime/base/result.h"

namespace rexp {

/// `what` was being done: it begins the message.
Error fault(const std::exception& thrown, const std::string& what);

/// The error of a process that gets no more memory; `what` was being done.
Error out_of_memory(const std::string& what);

}  // namespace rexp
