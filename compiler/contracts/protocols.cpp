// Protocols: the rows have something to guess, the template asks for it without showing it, the decoder guesses as often as the
// metrics look, and ids are as long as they compare (R0221, R0222, R0311, R0312). What a model or a metric of ids needs a template
// for is not measured without one (R0107).
#include <algorithm>

#include "compiler/contracts/codebooks.h"
#include "compiler/contracts/components.h"
#include "compiler/contracts/questions.h"
#include "compiler/row/turns.h"
#include "runtime/codebook/codebook.h"

namespace rexp::contracts {
using diagnostics::Kind;

namespace {

std::vector<const Record*> metrics_of(Program& program, const Record& protocol) {
  std::vector<const Record*> out;
  const auto* list = field(program, protocol, "metrics").shared<eval::List>();
  for (size_t i = 0; list != nullptr && i < list->elements.size(); ++i) {
    if (const auto* metric = list->elements[i].shared<Record>()) out.push_back(metric);
  }
  return out;
}

std::string metric_name(Program& program, const Record& metric) {
  const auto* name = field(program, metric, "name").as<std::string>();
  return "`" + (name == nullptr ? std::string("a metric") : *name) + "`";
}

std::string guesses_text(double count) {
  const auto whole = static_cast<int64_t>(count);
  return std::to_string(whole) + (whole == 1 ? " guess" : " guesses");
}

void check_depth(Subject& s, const Record& protocol) {
  Program& program = s.e.program;
  const auto guesses = guesses_of(program, protocol);
  const Record* deepest = nullptr;
  for (const Record* metric : metrics_of(program, protocol)) {
    if (deepest == nullptr ||
        number_in(field(program, *metric, "depth")) > number_in(field(program, *deepest, "depth")))
      deepest = metric;
  }
  if (!guesses || deepest == nullptr) return;
  const double depth = number_in(field(program, *deepest, "depth"));
  if (depth <= *guesses) return;
  auto& error =
      program.sink.add(Kind::metric_beyond_list, field_span(program, protocol, "metrics"),
                       metric_name(program, *deepest) + " looks at " + guesses_text(depth) +
                           ", `decode` gives " + guesses_text(*guesses));
  if (written(program, protocol, "decode"))
    point_at(program, error, field_span(program, protocol, "decode"), guesses_text(*guesses));
  error.help = "write `decode = beam(" + std::to_string(static_cast<int64_t>(depth)) +
               ")` or more, or measure at a smaller depth";
}

void check_levels(Subject& s, const Record& protocol, const Record& book,
                  const CodebookFacts& facts) {
  Program& program = s.e.program;
  for (const Record* metric : metrics_of(program, protocol)) {
    const auto* levels = field(program, *metric, "levels").as<int64_t>();
    if (levels == nullptr || *levels <= *facts.levels()) continue;
    auto& error = program.sink.add(Kind::beyond_levels, field_span(program, protocol, "metrics"),
                                   metric_name(program, *metric) + " compares " +
                                       std::to_string(*levels) + " levels, a semantic id of `" +
                                       book.name + "` has " + std::to_string(*facts.levels()) +
                                       (facts.extra_level ? ", the one for clashes included" : ""));
    point_at(program, error, name_span(program, book), "the codebook");
    error.help = "compare " + std::to_string(*facts.levels()) + " levels or fewer";
  }
}

/// A search walks ids of at most so many tokens.
void check_searched(Subject& s, const Record& protocol, const Record& book,
                    const CodebookFacts& facts) {
  Program& program = s.e.program;
  if (*facts.levels() <= codebook::kMostSearched) return;
  auto& error = program.sink.add(
      Kind::beyond_levels, ask_span(program, protocol),
      "a search finds ids of at most " + std::to_string(codebook::kMostSearched) +
          " tokens, those of `" + book.name + "` have " + std::to_string(*facts.levels()));
  point_at(program, error, name_span(program, book), "the codebook");
  error.help = "learn it with fewer levels";
}

/// Items of a catalogue whose source says how many it makes.
std::optional<double> catalogue_size(Subject& s, const Record& protocol) {
  Program& program = s.e.program;
  const Value* dataset = eval::dataset_of(s.e, field(program, protocol, "rows"));
  const auto* record = dataset == nullptr ? nullptr : dataset->shared<Record>();
  const auto* source =
      record == nullptr ? nullptr : field(program, *record, "source").shared<Record>();
  const Value* items = source == nullptr ? nullptr : find_field(program, *source, "items");
  const auto* count = items == nullptr ? nullptr : items->as<int64_t>();
  return count == nullptr ? std::nullopt : std::optional(static_cast<double>(*count));
}

/// A decoder that keeps to the catalogue cannot give more answers than it has.
void check_breadth(Subject& s, const Record& protocol) {
  const auto guesses = guesses_of(s.e.program, protocol);
  const auto items = catalogue_size(s, protocol);
  if (!guesses || !items || *guesses <= *items || !legal_codebook(s.e, protocol)) return;
  s.e.program.sink
      .add(Kind::metric_beyond_list, field_span(s.e.program, protocol, "decode"),
           "`decode` asks for " + guesses_text(*guesses) + ", the catalogue has " +
               std::to_string(static_cast<int64_t>(*items)) + " items")
      .help = "ask for as many as there are, or fewer";
}

/// The template's name and place, for messages.
const ast::Decl* wording_of(Subject& s, const Record& protocol) {
  const auto* wording = field(s.e.program, protocol, "ask").as<eval::TemplateRef>();
  return wording == nullptr ? nullptr : &s.e.program.decl(wording->symbol);
}

/// R0311; the codebook of the answer where there is one.
std::optional<int32_t> check_answer(Subject& s, const Value& protocol, const Record& record) {
  const auto& prompt = prompt_of(s, protocol);
  if (!prompt) return std::nullopt;
  if (const auto codebook = answered_codebook(*prompt->function)) return codebook;
  const bool prints_words = row::look_at_turns(*prompt->function).any_assistant;
  auto& error =
      s.e.program.sink.add(Kind::no_answer_to_decode, ask_span(s.e.program, record),
                           "template `" + prompt->function->name + "` has no answer to decode");
  if (const ast::Decl* wording = wording_of(s, record)) {
    point_at(s.e.program, error, wording->name.span,
             prints_words ? "its last turn does not print the target's semantic id as `assistant`"
                          : "its last document neither prints the target's semantic id nor a list "
                            "of ids to continue");
  }
  const bool several = prompt->templates.size() > 1;
  error.help = several ? "end each of them with " : "end the template with ";
  error.help += prints_words ? "a turn such as `assistant \"${next.sid}\"`"
                             : "`document \"${h.sid sep \" \"}\"`, or print `${next.sid}` in it";
  if (several) error.help += ", in one codebook";
  return std::nullopt;
}

/// The decoder keeps to the ids that the template asks for.
void check_within(Subject& s, const Record& protocol, int32_t answered) {
  const auto legal = legal_codebook(s.e, protocol);
  if (!legal || *legal == answered) return;
  s.e.program.sink
      .add(Kind::wrong_type, field_span(s.e.program, protocol, "decode"),
           "`within` keeps to ids of `" + codebook_at(s.e, *legal).name +
               "`, the template answers with ids of `" + codebook_at(s.e, answered).name + "`")
      .help = "write `within = " + codebook_at(s.e, answered).name + ".legal`";
}

/// R0107: whatever needs a question, where the protocol has none.
void check_unasked(Subject& s, const Record& protocol, const Made* asked) {
  Program& program = s.e.program;
  const std::string needs = called("protocol", protocol) + " needs `ask`";
  if (asked != nullptr) {
    auto& error = program.sink.add(Kind::missing_field, name_span(program, protocol),
                                   needs + ": a language model is asked with it");
    point_at(program, error, asked->span, "asks the model");
    error.help = "write `ask = next_film`, a template that ends in the target's id";
    return;
  }
  for (const Record* metric : metrics_of(program, protocol)) {
    if (field(program, *metric, "levels").as<int64_t>() == nullptr) continue;
    auto& error = program.sink.add(
        Kind::missing_field, field_span(program, protocol, "metrics"),
        needs + ": " + metric_name(program, *metric) + " compares the ids that it answers with");
    error.help = "write `ask = next_film`, or measure items: `hit@10`";
    return;
  }
}

/// `asked`: an evaluation of a language model under the protocol, if there is one. `decodes`: whether anything but baselines may be.
void check_protocol(Subject& s, const Value& value, const Record& protocol, const Made* asked,
                    bool decodes) {
  Program& program = s.e.program;
  if (decodes) {
    check_depth(s, protocol);
    check_breadth(s, protocol);
  }
  if (!has_next(program, row_type(program, field(program, protocol, "rows")))) {
    program.sink
        .add(Kind::wrong_type, field_span(program, protocol, "rows"),
             called("protocol", protocol) + " needs rows with a next event")
        .help = "write `rows = films.test`";
    return;
  }
  if (!asks(program, protocol)) {
    check_unasked(s, protocol, asked);
    return;
  }
  if (const auto codebook = check_answer(s, value, protocol)) {
    const Record& book = codebook_at(s.e, *codebook);
    if (const auto facts = codebook_facts(s.e, book); facts && facts->levels()) {
      check_levels(s, protocol, book, *facts);
      if (decodes) check_searched(s, protocol, book, *facts);
    }
    check_within(s, protocol, *codebook);
    check_shown(s, value, protocol);
  }
}

}  // namespace

void check_protocols(Subject& s) {
  std::map<std::string, const Made*> asked;  // by protocol: where a model is, or nullptr
  for (const Value& value : s.values) {
    const auto* made = value.shared<Made>();
    if (made == nullptr || !is(s.e, *made, Intrinsic::evaluate)) continue;
    const std::string key = eval::print(s.e, argument(*made, "protocol"), /*canonical=*/true);
    const Made*& first = asked[key];
    if (first == nullptr && !models_in(s.e, argument(*made, "system")).empty()) first = made;
  }
  for (const Value& value : s.values) {
    const auto* record = value.shared<Record>();
    if (record == nullptr || !s.e.program.is(record->type, Known::Protocol)) continue;
    // Of a protocol that only baselines stand under, `ask` and `decode` are left out.
    const auto used = asked.find(eval::print(s.e, value, /*canonical=*/true));
    const bool unused = used == asked.end();
    const Made* first = unused ? nullptr : used->second;
    check_protocol(s, value, *record, first, unused || first != nullptr);
  }
}

}  // namespace rexp::contracts
