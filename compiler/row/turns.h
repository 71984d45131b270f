// What weaving must know about a conversation before it starts: which turn is the last, and which answers.
//
//   assistant "${next.sid}"             a prompt stops in front of the id that is made of `next`
//   document "${h.sid sep ", "}."       a prompt continues the list: a separator, and what stands before the id of an element
#pragma once

#include <vector>

#include "compiler/row/row_tree.h"

namespace rexp::row {

enum class Last : uint8_t { no, yes, unknown };

struct Turns {
  std::vector<Last> last;  // per turn of an assistant (of documents, where there is no assistant):
                           // is it the last one of the conversation
  bool any_assistant = false;
  std::vector<bool>
      answer;  // per print statement: a prompt stops here, in favour of the semantic id
  std::vector<bool> continued;  // per loop of a document: a prompt ends with one more element of it
  std::vector<int64_t>
      codebook;  // per print that answers and loop that is continued: its ids'; -1: only known per row
  std::vector<bool> answering;  // per turn: a prompt stops at its end at the latest
  std::vector<bool> says;       // per turn: it answers in words, so a prompt stops where it begins
  bool answers = false;         // some turn answers
  bool answers_always = false;  // whichever way the conversation goes
  bool answers_last = false;    // because it is the last one, not because it prints `next`
  int64_t first_codebook =
      -1;  // of the first answer, whichever way; -1: there is none, or it is only known per row

  /// A semantic id is answered, and not words.
  bool answers_with_id() const;
};

Turns look_at_turns(const RowFunction& function);

/// What a prompt reads before its answer begins.
struct Shown {
  std::vector<bool> slots, columns;
};
Shown shown_by_prompt(const RowFunction& function);

}  // namespace rexp::row
