// What is known of a codebook before it is learnt: how long its ids are, and which texts its tokens are.
//
//   codebook sid { learn = toy.tree { levels = [8, 8] } }      3 levels (the last one tells clashes apart), "<|sid_{}|>"
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "compiler/contracts/look.h"

namespace rexp::contracts {

struct CodebookFacts {
  std::vector<int64_t> level_sizes;  // of the learner; empty when only its file knows
  bool extra_level = false;          // one more, whose size the data decide
  std::string surface;               // "<|sid_{}|>"
  bool named = false;  // the user wrote it: tokens that have names already get these instead
  std::optional<std::string> open, close;

  /// Tokens of one id, marks not counted; nullopt when they are not known yet.
  std::optional<int64_t> levels() const;
  /// Texts of all tokens that are known to exist.
  std::set<std::string> tokens() const;
};

/// nullopt after a diagnostic: `surface` does not print its code once.
std::optional<CodebookFacts> codebook_facts(Evaluator& e, const Record& codebook);

/// Whether its codes are centroids, as those of a learner on vectors are.
bool learnt_on_vectors(Program& program, const Record& codebook);

/// The codebook that another one extends, by its learner; null where it extends none.
const Value* extended_by(Program& program, const Record& codebook);

/// Whether two codebooks of `e.tables` print the same tokens: they are one, or one extends the other and looks like it.
bool same_tokens(Evaluator& e, int32_t a, int32_t b);

/// Codebooks that a row function prints, as values.
std::vector<const Record*> codebooks_of(Evaluator& e, const row::RowFunction& function);
const Record& codebook_at(Evaluator& e, int32_t table);
/// The codebook of `sid.tokens`, `sid.legal`.
const Record& codebook_of(const Made& member);

}  // namespace rexp::contracts
