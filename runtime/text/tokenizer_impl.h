// What a Tokenizer is made of; shared by the readers and the writer of its files, not for other folders.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtime/text/added_tokens.h"
#include "runtime/text/bpe.h"
#include "runtime/text/splitter.h"
#include "runtime/text/tokenizer.h"

namespace rexp::text {

struct Tokenizer::Impl {
  std::shared_ptr<const Bpe> bpe =
      std::make_shared<Bpe>(Bpe::Order::by_id);  // shared by copies: extend() leaves it alone
  SplitRule rule;
  bool nfc = true;
  std::vector<AddedToken> added;     // in the order they were given
  std::vector<int32_t> added_index;  // id - first_added -> index in `added`, -1 in gaps
  int32_t first_added = 0;           // the lowest id of an added token
  AddedTokens finder;
  int32_t size = 0;

  /// Sets `added` and what follows from it.
  void set_added(std::vector<AddedToken> tokens);
  const AddedToken* added_by_id(int32_t id) const;
  void encode_plain(std::string_view text, std::vector<int32_t>* out) const;
};

/// The patterns of splitter.h as tokenizer.json spells them.
std::string_view pattern_source(SplitPattern pattern);

}  // namespace rexp::text
