// What weaving must know about a conversation before it starts: which assistant turn is the last, and which answers.
#pragma once

#include <vector>

#include "compiler/row/row_tree.h"

namespace rexp::row {

enum class Last : uint8_t { no, yes, unknown };

struct Turns {
  std::vector<Last> last;  // per statement: is this assistant turn the last one of the conversation
  bool any_assistant = false;
  std::vector<bool>
      answer;  // per print statement: a prompt stops here, in favour of the semantic id
  std::vector<int64_t>
      codebook;  // per print statement that answers: the semantic id's; -1: only known per row
  std::vector<bool> answering;  // per turn: a prompt stops at its end at the latest
  std::vector<bool> says;       // per turn: it answers in words, so a prompt stops where it begins
  bool answers = false;         // some turn answers
  bool answers_always = false;  // whichever way the conversation goes
  int64_t first_codebook =
      -1;  // of the first answer, whichever way; -1: there is none, or it is only known per row
  bool answers_last = false;  // because it is the last one, not because it prints `next`
};

Turns look_at_turns(const RowFunction& function);

}  // namespace rexp::row
