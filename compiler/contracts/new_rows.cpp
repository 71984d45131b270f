// Rows of new tokens begin at the centroids of the codebook that the stage adds; a codebook whose codes no vector gave has none (R0227).
//
//   codebook sid { of = films.items; learn = random_codes() }
//   stage warm_up { adds = sid.tokens; new_rows = codebook; … }
#include "compiler/contracts/codebooks.h"
#include "compiler/contracts/contracts.h"

namespace rexp::contracts {
using diagnostics::Kind;

namespace {

void check_stage(Program& program, const Record& stage) {
  if (choice_in(program, field(program, stage, "new_rows")) != "codebook") return;
  const Span span = field_span(program, stage, "new_rows");
  const std::string begins = called("stage", stage) + " begins new rows at centroids";
  const auto* adds = field(program, stage, "adds").shared<Made>();
  if (adds == nullptr) {
    program.sink
        .add(Kind::rows_without_centroids, span, begins + ", and adds no codebook that has some")
        .help = "say which: `adds = sid.tokens`; or leave `new_rows` out";
    return;
  }
  const Record& codebook = codebook_of(*adds);
  if (learnt_on_vectors(program, codebook)) return;
  auto& error = program.sink.add(
      Kind::rows_without_centroids, span,
      begins + ", and the codes of `" + codebook.name + "` were not learnt on vectors");
  point_at(program, error, field_span(program, codebook, "learn"), "what gives it codes");
  error.help =
      "say `new_rows = mean_text`, or learn the codebook with `residual_k_means` or `rq_vae`";
}

}  // namespace

void check_new_rows(Subject& s) {
  for (const Value& value : s.values) {
    const auto* stage = value.shared<Record>();
    if (stage != nullptr && s.e.program.is(stage->type, Known::Stage))
      check_stage(s.e.program, *stage);
  }
}

}  // namespace rexp::contracts
