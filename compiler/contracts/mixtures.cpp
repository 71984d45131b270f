// Mixtures: whole copies or shares, never both; shares add up to all of it; shares have no size of their own (R0404, R0405).
#include <algorithm>
#include <cmath>

#include "compiler/contracts/contracts.h"

namespace rexp::contracts {
using diagnostics::Kind;

namespace {

std::string source_text(const Program& program, Span span) {
  return span.file < 0 ? std::string() : std::string(program.sources.text(span));
}

void check_mixture(Subject& s, const eval::Mixture& mixture) {
  Program& program = s.e.program;
  const eval::MixtureEntry* copy = nullptr;
  const eval::MixtureEntry* share = nullptr;
  double sum = 0;
  for (const eval::MixtureEntry& entry : mixture.entries) {
    if (!(entry.weight > 0)) {
      program.sink.add(Kind::bad_mixture, entry.span,
                       "the weight of task `" + entry.name + "` is " +
                           source_text(program, entry.span) + ", it has to be above zero");
      return;
    }
    (entry.share ? share : copy) = &entry;
    sum += entry.share ? entry.weight : 0;
  }
  if (mixture.entries.empty()) {
    program.sink.add(Kind::bad_mixture, mixture.span,
                     "mixture is empty, it needs at least one task");
  } else if (copy != nullptr && share != nullptr) {
    auto& error =
        program.sink.add(Kind::copies_and_shares, share->span,
                         "mixture has copies (`" + source_text(program, copy->span) +
                             "`) and shares (`" + source_text(program, share->span) + "`)");
    point_at(program, error, copy->span, "copies");
    error.help = "write all of them in one way";
  } else if (share != nullptr && std::abs(sum - 1) > 1e-6) {
    const Value total{eval::Amount{check::TypeKind::ratio, sum}};
    program.sink.add(Kind::bad_mixture, mixture.span,
                     "the shares add up to " + eval::print(s.e, total) + ", 100% is required");
  }
}

/// Epochs need a number of rows, which shares alone do not give.
/// Whether the parts of a task have as many rows each, so that its share is theirs in equal parts. Otherwise only the run knows.
bool parts_share_rows(Evaluator& e, const eval::Task& task) {
  return std::ranges::all_of(task.parts, [&](const eval::TaskPart& part) {
    return eval::equal(e, Value{part.rows}, Value{task.parts[0].rows});
  });
}

/// A stage takes whole steps or whole passes over its rows, one at least.
void check_whole(Subject& s, const Record& stage, const eval::Amount& length) {
  if (length.number >= 1 && length.number == std::trunc(length.number)) return;
  s.e.program.sink
      .add(Kind::condition_fails, field_span(s.e.program, stage, "length"),
           "`length` of " + called("stage", stage) + " is " + eval::print(s.e, Value{length}) +
               ", a whole number of at least 1 is required")
      .help = "write it like `3 epochs` or `500 steps`";
}

void check_length(Subject& s, const Record& stage) {
  Program& program = s.e.program;
  const auto* mixture = field(program, stage, "data").shared<eval::Mixture>();
  const auto* length = field(program, stage, "length").as<eval::Amount>();
  if (length != nullptr) check_whole(s, stage, *length);
  if (mixture == nullptr || length == nullptr || mixture->entries.empty()) return;
  const eval::MixtureEntry& first = mixture->entries[0];
  if (first.share && length->unit == check::TypeKind::epochs && !mixture->total) {
    program.sink
        .add(Kind::bad_mixture, name_span(program, stage),
             called("stage", stage) +
                 " counts epochs of a mixture of shares, which has no size of its own")
        .help = "give the mixture `total = 50k rows`, or write the length in steps";
  }
  for (const eval::MixtureEntry& entry : mixture->entries) {
    if (entry.share && !parts_share_rows(s.e, *entry.task)) {
      program.sink
          .add(Kind::not_available_yet, entry.span,
               "a share of a task that joins different rows with `+` is part of the language but "
               "not available yet in this version")
          .help = "give each part a task and a share of its own";
    }
  }
}

}  // namespace

void check_mixtures(Subject& s) {
  for (const Value& value : s.values) {
    if (const auto* mixture = value.shared<eval::Mixture>()) check_mixture(s, *mixture);
  }
}

void check_lengths(Subject& s) {
  for (const Value& value : s.values) {
    const auto* record = value.shared<Record>();
    if (record != nullptr && s.e.program.is(record->type, Known::Stage)) check_length(s, *record);
  }
}

}  // namespace rexp::contracts
