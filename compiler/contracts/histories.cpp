// A model is asked with histories as long as those it has learnt from: of the places beyond, it knows nothing (R0808).
#include <algorithm>
#include <optional>

#include "compiler/contracts/questions.h"

namespace rexp::contracts {
using diagnostics::Kind;

namespace {

/// Events in the longest history of rows that are windows, or made of windows; nullopt for others.
std::optional<int64_t> longest_history(const Evaluator& e, const Value& rows) {
  std::optional<int64_t> longest;
  Walk walk([&](const Value& inner) {
    const auto* made = inner.shared<Made>();
    if (made == nullptr || !is(e, *made, Intrinsic::part_windows)) return;
    const auto* most = argument(*made, "max").as<int64_t>();
    if (most != nullptr) longest = std::max(longest.value_or(0), *most);
  });
  walk(rows);
  return longest;
}

/// What a model has learnt of a template: from how many earlier events, and where that is written.
struct Learnt {
  int64_t history = 0;
  Span span;
};

class Lesson {
 public:
  Lesson(const Evaluator& e, const std::vector<Symbol>& asked) : e_(e), asked_(asked) {}

  void read(const Value& data) {
    if (const auto* task = data.shared<eval::Task>()) read(*task);
    if (const auto* mixture = data.shared<eval::Mixture>()) {
      for (const eval::MixtureEntry& entry : mixture->entries) read(*entry.task);
    }
  }
  /// Nothing where the template was learnt from rows that are no windows, too.
  std::optional<Learnt> learnt() const { return other_rows_ ? std::nullopt : learnt_; }

 private:
  void read(const eval::Task& task) {
    for (const eval::TaskPart& part : task.parts) {
      if (!asks_alike(part)) continue;
      const auto longest = longest_history(e_, Value{part.rows});
      other_rows_ |= !longest;
      if (longest && (!learnt_ || learnt_->history < *longest)) learnt_ = {*longest, part.span};
    }
  }

  bool asks_alike(const eval::TaskPart& part) const {
    return std::ranges::any_of(part.templates, [&](Symbol wording) {
      return std::ranges::find(asked_, wording) != asked_.end();
    });
  }

  const Evaluator& e_;
  const std::vector<Symbol>& asked_;
  std::optional<Learnt> learnt_;
  bool other_rows_ = false;
};

void check_asked(Subject& s, const Value& model, const Value& protocol) {
  const auto& prompt = prompt_of(s, protocol);
  if (!prompt) return;
  const auto& record = *protocol.shared<Record>();
  const auto asked = longest_history(s.e, field(s.e.program, record, "rows"));
  Lesson lesson(s.e, prompt->templates);
  for (const Made* stage : chain_of(s.e, model).stages)
    lesson.read(field(s.e.program, stage_of(*stage), "data"));
  const auto learnt = lesson.learnt();
  if (!asked || !learnt || *asked <= learnt->history) return;
  const std::string most = std::to_string(learnt->history);
  auto& warning =
      s.e.program.sink.add(Kind::longer_than_learnt, field_span(s.e.program, record, "rows"),
                           "the question has up to " + std::to_string(*asked) +
                               " earlier events, the model has learnt from up to " + most);
  point_at(s.e.program, warning, learnt->span, "learnt here");
  warning.help = "write `.windows(max = " + most +
                 ")` behind the part here, or `.windows(max = " + std::to_string(*asked) +
                 ")` there";
}

}  // namespace

void check_histories(Subject& s) {
  for (const Value& value : s.values) {
    const auto* made = value.shared<Made>();
    if (made == nullptr || !is(s.e, *made, Intrinsic::evaluate)) continue;
    for (const Value& model : models_in(s.e, argument(*made, "system")))
      check_asked(s, model, argument(*made, "protocol"));
  }
}

}  // namespace rexp::contracts
