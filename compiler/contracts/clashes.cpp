// How a codebook tells items with equal codes apart: as the one that it extends (R0228), and near them only where vectors say what is
// near (R0229).
#include "compiler/contracts/codebooks.h"
#include "compiler/contracts/contracts.h"

namespace rexp::contracts {
using diagnostics::Kind;

namespace {

void check_clashes_alike(Program& program, const Record& codebook, const Record& before) {
  const std::string own = choice_in(program, field(program, codebook, "clashes")),
                    theirs = choice_in(program, field(program, before, "clashes"));
  if (own == theirs) return;
  auto& error = program.sink.add(Kind::clashes_differ, field_span(program, codebook, "clashes"),
                                 "`" + codebook.name + "` says `clashes = " + own +
                                     "`, and the codebook that it extends `" + theirs + "`");
  point_at(program, error, field_span(program, before, "clashes"), "the ids that its items keep");
  error.help = "say `clashes = " + theirs + "`";
}

/// What lies near is known of vectors only.
void check_reassigned(Program& program, const Record& codebook) {
  if (choice_in(program, field(program, codebook, "clashes")) != "reassign") return;
  if (learnt_on_vectors(program, codebook)) return;
  auto& error = program.sink.add(
      Kind::reassigns_without_vectors, field_span(program, codebook, "clashes"),
      "`" + codebook.name + "` reassigns items with equal codes, which no vectors gave them");
  point_at(program, error, field_span(program, codebook, "learn"), "what gives it codes");
  error.help =
      "say `clashes = extra_level`, or learn the codebook with `residual_k_means` or `rq_vae`";
}

}  // namespace

void check_clashes(Subject& s) {
  Program& program = s.e.program;
  for (const Value& value : s.values) {
    const auto* codebook = value.shared<Record>();
    if (codebook == nullptr || !program.is(codebook->type, Known::Codebook)) continue;
    check_reassigned(program, *codebook);
    if (const Value* of = extended_by(program, *codebook))
      check_clashes_alike(program, *codebook, *of->shared<Record>());
  }
}

}  // namespace rexp::contracts
