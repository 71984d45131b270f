// The question of a protocol: the prompt that its `ask` makes of a row, and what is answered to it.
#pragma once

#include "compiler/contracts/contracts.h"

namespace rexp::contracts {

/// Where `ask` was written.
Span ask_span(Program& program, const Record& protocol);
/// Whether a protocol has a question at all; what only measures baselines may have none.
bool asks(Program& program, const Record& protocol);
/// The prompt of a protocol, made once; nothing without a question, and after a diagnostic.
const std::optional<eval::Kernel>& prompt_of(Subject& s, const Value& protocol);
std::optional<eval::Kernel> make_prompt(Evaluator& e, const Record& protocol);

/// The codebook of the semantic id that is answered, as an id of Evaluator.tables; nullopt where none is printed, or none on one of
/// the ways that a row may choose, or ids of several codebooks.
std::optional<int32_t> answered_codebook(const row::RowFunction& prompt);
/// The codebook of `within = sid.legal`.
std::optional<int32_t> legal_codebook(Evaluator& e, const Record& protocol);
/// Guesses that the decoder gives; nullopt when it cannot be run anyway.
std::optional<double> guesses_of(Program& program, const Record& protocol);

/// Whether rows of this type have a `next` event to be guessed: windows, and what is joined to them.
bool has_next(Program& program, TypeId row);
/// The type of a protocol's rows.
TypeId row_type(Program& program, const Value& rows);

/// R0312, for every way from `ask` to the prompt.
void check_shown(Subject& s, const Value& value, const Record& protocol);

}  // namespace rexp::contracts
