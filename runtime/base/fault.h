// What a library threw, as an error. A machine that has no more memory, threads, disk or descriptors is the user's to mend; all else is a
// fault of ours.
//
//   try { step(); } catch (const std::exception& thrown) { return fault(thrown, "training of stage `tune`"); }
#pragma once

#include <exception>
#include <string>
#include <string_view>

#include "runtime/base/result.h"

namespace rexp {

/// `what` was being done: it begins the message.
Error fault(const std::exception& thrown, const std::string& what);

/// The error of a process that gets no more memory; `what` was being done.
Error out_of_memory(const std::string& what);

/// Whether a library's words say that there is no more memory.
bool says_no_memory(std::string_view text);

/// What a user can do about a refusal of the operating system; empty where we know nothing. `writing`: it was asked to create or change.
std::string way_out(int error_number, bool writing);

}  // namespace rexp
