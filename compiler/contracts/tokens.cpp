// Which tokens a model owns: those that a stage prints and a protocol decodes (R0220), each text once (R0223), as many levels as
// the loss weighs (R0222), and not more of them at a time than the model can hold (R0224).
#include <algorithm>

#include "compiler/contracts/codebooks.h"
#include "compiler/contracts/contracts.h"
#include "compiler/contracts/questions.h"

namespace rexp::contracts {
using diagnostics::Kind;

namespace {

/// The codebook whose tokens a stage adds; null when it adds none.
const Value* added_by(Subject& s, const Record& stage) {
  const auto* adds = field(s.e.program, stage, "adds").shared<Made>();
  return adds == nullptr ? nullptr : &receiver(*adds);
}

struct Owned {
  bool unknown = false;         // a model folder: only its files know
  std::vector<int32_t> tables;  // codebooks, in the order in which they were added
  bool has(Evaluator& e, int32_t table) const {
    return unknown || std::any_of(tables.begin(), tables.end(),
                                  [&](int32_t own) { return same_tokens(e, own, table); });
  }
};

Owned owned_by(Subject& s, const Chain& chain) {
  Owned out;
  out.unknown = is(s.e.program, *chain.base, Known::FolderModel);
  for (const Made* applied : chain.stages) {
    const Value* codebook = added_by(s, stage_of(*applied));
    if (codebook != nullptr) out.tables.push_back(table_id(s.e, *codebook));
  }
  return out;
}

template <class Visit>
void each_part(Subject& s, const Record& stage, Visit visit) {
  const Value& data = field(s.e.program, stage, "data");
  if (const auto* task = data.shared<eval::Task>()) {
    for (const eval::TaskPart& part : task->parts) visit(part);
  }
  if (const auto* mixture = data.shared<eval::Mixture>()) {
    for (const eval::MixtureEntry& entry : mixture->entries) {
      for (const eval::TaskPart& part : entry.task->parts) visit(part);
    }
  }
}

void check_stage(Subject& s, const Value& applied, const Made& made) {
  const Record& stage = stage_of(made);
  const Owned owned = owned_by(s, chain_of(s.e, applied));
  each_part(s, stage, [&](const eval::TaskPart& part) {
    for (const int32_t table : part.render->codebooks) {
      if (owned.has(s.e, table)) continue;
      const std::string& name = codebook_at(s.e, table).name;
      auto& error = s.e.program.sink.add(Kind::model_lacks_tokens, name_span(s.e.program, stage),
                                         called("stage", stage) + " trains on semantic ids of `" +
                                             name + "`, whose tokens the model does not have");
      point_at(s.e.program, error, part.span, "prints `" + name + "`");
      error.help = "add `adds = " + name + ".tokens` to this stage or to one before it";
    }
  });
}

void check_asked(Subject& s, const Made& made, const Value& model) {
  const auto* protocol = argument(made, "protocol").shared<Record>();
  if (protocol == nullptr) return;
  const auto& prompt = prompt_of(s, argument(made, "protocol"));
  if (!prompt || !answered_codebook(*prompt->function)) return;  // R0311 says so
  const Owned owned = owned_by(s, chain_of(s.e, model));
  std::vector<int32_t> tables = prompt->function->codebooks;
  if (const auto codebook = legal_codebook(s.e, *protocol)) tables.push_back(*codebook);
  for (const int32_t table : tables) {
    if (owned.has(s.e, table)) continue;
    const std::string& name = codebook_at(s.e, table).name;
    s.e.program.sink
        .add(Kind::model_lacks_tokens, made.span,
             called("protocol", *protocol) + " decodes semantic ids of `" + name +
                 "`, whose tokens the model does not have")
        .help = "train it with a stage that says `adds = " + name + ".tokens`";
    return;
  }
}

// ---- texts of tokens --------------------------------------------------------------------------------------------------------

void compare(Subject& s, int32_t one, int32_t other) {
  const Record &first = codebook_at(s.e, one), &second = codebook_at(s.e, other);
  const auto a = codebook_facts(s.e, first), b = codebook_facts(s.e, second);
  if (!a || !b) return;
  const std::set<std::string> tokens = a->tokens();
  for (const std::string& token : b->tokens()) {
    if (tokens.count(token) == 0) continue;
    auto& error = s.e.program.sink.add(
        Kind::same_surface, field_span(s.e.program, second, "surface"),
        "`" + first.name + "` and `" + second.name + "` of one model both print `" + token + "`");
    point_at(s.e.program, error, field_span(s.e.program, first, "surface"),
             "prints `" + token + "` too");
    error.help =
        same_tokens(s.e, one, other)
            ? "one of them extends the other, so the model has these tokens already: leave "
              "this `adds` out"
            : "give one of them tokens of its own: `surface = n => \"<|" + second.name +
                  "_${n}|>\"`";
    return;
  }
}

}  // namespace

void check_tokens(Subject& s) {
  for (const Value& value : s.values) {
    const auto* made = value.shared<Made>();
    if (made == nullptr) continue;
    if (is_stage(s.e, *made)) check_stage(s, value, *made);
    if (!is(s.e, *made, Intrinsic::evaluate)) continue;
    for (const Value& model : models_in(s.e, argument(*made, "system")))
      check_asked(s, *made, model);
  }
}

void check_surfaces(Subject& s) {
  for (const Value& value : s.values) {
    const auto* made = value.shared<Made>();
    if (made == nullptr || !is_stage(s.e, *made)) continue;
    if (added_by(s, stage_of(*made)) == nullptr) continue;
    const std::vector<int32_t> tables = owned_by(s, chain_of(s.e, value)).tables;
    for (size_t i = 0; i + 1 < tables.size(); ++i) {
      if (tables[i] != tables.back()) compare(s, tables[i], tables.back());
    }
  }
}

void check_windows(Subject& s) {
  Program& program = s.e.program;
  for (const Value& value : s.values) {
    const auto* made = value.shared<Made>();
    if (made == nullptr || !is_stage(s.e, *made)) continue;
    const auto* base = chain_of(s.e, value).base->shared<Record>();
    const Value* context = base == nullptr ? nullptr : find_field(program, *base, "context");
    if (context == nullptr) continue;
    const Record& stage = stage_of(*made);
    const Value& window = field(program, stage, "window");
    if (number_in(window) <= number_in(*context)) continue;
    auto& error = program.sink.add(Kind::window_beyond_model, field_span(program, stage, "window"),
                                   called("stage", stage) + " trains on windows of " +
                                       eval::print(s.e, window) + ", the model reads " +
                                       eval::print(s.e, *context));
    point_at(program, error, field_span(program, *base, "context"), "the model's `context`");
    error.help = "make `window` shorter, or the model's `context` longer";
  }
}

void check_level_weights(Subject& s) {
  Program& program = s.e.program;
  for (const Value& value : s.values) {
    const auto* stage = value.shared<Record>();
    if (stage == nullptr || !program.is(stage->type, Known::Stage)) continue;
    const auto* loss = field(program, *stage, "loss").shared<Record>();
    const Value* weights = loss == nullptr ? nullptr : find_field(program, *loss, "level_weight");
    const auto* list = weights == nullptr ? nullptr : weights->shared<eval::List>();
    if (list == nullptr) continue;
    const auto given = static_cast<int64_t>(list->elements.size());
    std::set<int32_t> looked_at;
    each_part(s, *stage, [&](const eval::TaskPart& part) {
      for (const int32_t table : part.render->codebooks) {
        if (!looked_at.insert(table).second) continue;
        const Record& codebook = codebook_at(s.e, table);
        const auto facts = codebook_facts(s.e, codebook);
        if (!facts || !facts->levels() || *facts->levels() == given) continue;
        auto& error = program.sink.add(
            Kind::beyond_levels, field_span(program, *loss, "level_weight"),
            "`level_weight` has " + std::to_string(given) + " weights, a semantic id of `" +
                codebook.name + "` has " + std::to_string(*facts->levels()) + " levels" +
                (facts->extra_level ? ", the one for clashes included" : ""));
        point_at(program, error, name_span(program, codebook), "the codebook");
        error.help = "write " + std::to_string(*facts->levels()) + " weights, one per level";
      }
    });
  }
}

void check_losses_of_ids(Subject& s) {
  Program& program = s.e.program;
  for (const Value& value : s.values) {
    const auto* stage = value.shared<Record>();
    if (stage == nullptr || !program.is(stage->type, Known::Stage)) continue;
    const auto* loss = field(program, *stage, "loss").shared<Record>();
    if (loss == nullptr || !program.is(loss->type, Known::IdCrossEntropy)) continue;
    bool prints_ids = false;
    each_part(s, *stage,
              [&](const eval::TaskPart& part) { prints_ids |= !part.render->codebooks.empty(); });
    if (prints_ids) continue;
    auto& error = program.sink.add(
        Kind::loss_without_ids, field_span(program, *stage, "loss"),
        called("stage", *stage) + " chooses among semantic ids, and none of its tasks prints one");
    point_at(program, error, field_span(program, *stage, "data"), "what it learns from");
    error.help = "say `loss = cross_entropy`";
  }
}

}  // namespace rexp::contracts
