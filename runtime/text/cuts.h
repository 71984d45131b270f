// Where a text may be cut in two so that both halves, tokenized apart, give the tokens of the whole, whatever stands around it.
//
//   "Toy Story (1995)》、《Heat"      behind "Toy", "Story" and "1995", in front of "1995"; not behind "(" or ")" or "《"
//
// It holds for every splitting rule of splitter.h, with and without NFC: a piece never goes on there, and nothing composes.
#pragma once

#include <cstddef>
#include <string_view>

namespace rexp::text {

/// True where `before` followed by `after` may be cut between them. False is always safe.
bool cut_between(std::string_view before, std::string_view after);

/// The first and the last cut inside `text`; both are `text.size()` where there is none.
struct Cuts {
  size_t first, last;
};
Cuts cuts_in(std::string_view text);

}  // namespace rexp::text
