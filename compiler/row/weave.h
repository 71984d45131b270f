// Weaves a model's chat format into a renderer: turns become special tokens, literal ids, and stretches of text to tokenize.
//
//   system "你好"  user "看过${h.sid sep "、"}"  assistant "${next.sid}"        (ChatML, whole example)
//
//   special im_start, ids[system ⏎ 你好], special im_end, ids[⏎],
//   special im_start, ids[user ⏎ 看过], for e in h { print sid } sep { ids[、] }, special im_end, ids[⏎],
//   special im_start, ids[assistant ⏎], print sid (trained), special im_end (trained), ids[⏎]
//
// A stretch is the text between two boundaries: special tokens, semantic ids, the two ends of a loop over semantic ids, and the
// point where an assistant's header ends. Each stretch is tokenized on its own, so one flag says whether it is trained, and a
// prompt is a prefix of the example it was cut from, token by token. A stretch that is known while compiling is tokenized here;
// the others are tokenized when the row is rendered. Where the boundaries are does not depend on which of the two happens.
#pragma once

#include "compiler/row/row_tree.h"
#include "runtime/base/result.h"
#include "runtime/text/chat_format.h"
#include "runtime/text/tokenizer.h"

namespace rexp::row {

enum class Extent : uint8_t {
  whole,  // the example as it is trained on
  prompt,  // the example up to the answer's first code: the open mark of its codebook is still printed
};

struct WeaveOptions {
  Extent extent = Extent::whole;
  bool tokenize_literals =
      true;  // false: every stretch is tokenized at run time (to compare both ways)
};

/// The renderer without turns. A prompt ends at the first semantic id that is made of the `next` slot, in the first assistant
/// turn that has one; without such a turn, at the first semantic id of the last assistant turn, or else where that turn begins.
/// A function of documents only answers in its documents. Where none of them prints an id made of `next`, the last list of ids of
/// the last document is continued: the prompt is a prefix of the example whose list has one more element. Errors (user): nothing
/// to answer; which assistant turn is the last one, or which codebook the answer is printed in, is only known per row while the
/// format or the prompt depends on it.
Result<RowFunction> weave(const RowFunction& function, const text::Tokenizer& tokenizer,
                          const text::ChatFormat& format, WeaveOptions options = {});

}  // namespace rexp::row
