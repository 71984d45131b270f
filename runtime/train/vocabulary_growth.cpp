#include "runtime/train/vocabulary_growth.h"

#include <algorithm>
#include <set>

#include "runtime/train/new_rows.h"

namespace rexp::train {
namespace {

/// The codebook of the model whose tokens `book` prints; null where the model has learnt none such.
template <class Model>
auto* owned(Model& model, const codebook::Codebook& book) {
  const codebook::Lineage lineage = book.lineage();
  const auto at = std::find_if(
      model.codebooks.begin(), model.codebooks.end(),
      [&](const model::OwnedCodebook& own) { return own.lineage.agrees_with(lineage); });
  return at == model.codebooks.end() ? nullptr : &*at;
}

/// A model keeps the codebook it learnt: one of that name that does not agree with it is another one.
Status check_same(const std::string& stage, const model::ModelArtifact& model,
                  const codebook::Codebook& book) {
  const codebook::Lineage lineage = book.lineage();
  for (const model::OwnedCodebook& own : model.codebooks) {
    if (own.name != book.name || own.lineage.agrees_with(lineage)) continue;
    return user_error("the model of stage `" + stage + "` owns the tokens of codebook `" +
                          book.name + "` with hash " + own.lineage.hash +
                          ", the stage prints codebook `" + book.name + "` with hash " +
                          lineage.hash,
                      "a model keeps the codebook it learnt: train again from the base model, "
                      "or name the new codebook differently");
  }
  return {};
}

/// No token of the codebook belongs to another one that the model owns.
Status check_distinct(const model::ModelArtifact& model, const codebook::Codebook& codebook) {
  for (const model::OwnedCodebook& other : model.codebooks) {
    const std::set<std::string> texts(other.tokens.begin(), other.tokens.end());
    for (const std::string& token : codebook.tokens()) {
      if (!texts.contains(token)) continue;
      return user_error("the model owns codebook `" + other.name + "`, which prints `" + token +
                            "` as codebook `" + codebook.name + "` does",
                        "give one of them tokens of its own: `surface = n => \"<|" + codebook.name +
                            "_${n}|>\"`");
    }
  }
  return {};
}

}  // namespace

Result<std::optional<CodebookInput>> find_tokens(const model::ModelArtifact& model,
                                                 const codebook::Codebook& codebook,
                                                 const KnownTokens& known) {
  const model::OwnedCodebook* has = owned(model, codebook);
  if (has != nullptr && has->first_id >= 0)
    return std::optional(CodebookInput{&codebook, consecutive_ids(codebook, has->first_id), false});
  if (has == nullptr) REXP_TRY(check_distinct(model, codebook));
  if (!known.find) return std::optional<CodebookInput>();
  auto found = known.find(codebook);
  if (!found.ok()) return found.error();
  if (!found->has_value()) return std::optional<CodebookInput>();
  return std::optional(CodebookInput{&codebook, std::move(**found), true});
}

Result<std::vector<CodebookInput>> place_codebooks(
    const std::string& stage, const model::ModelArtifact& model, bool adds,
    const std::vector<const codebook::Codebook*>& codebooks, const KnownTokens& known) {
  int32_t next_id = known.size;
  for (const model::OwnedCodebook& codebook : model.codebooks)
    next_id = std::max(next_id, codebook.end_id());
  std::vector<CodebookInput> placed;
  for (const codebook::Codebook* codebook : codebooks) {
    REXP_TRY(check_same(stage, model, *codebook));
    auto already = find_tokens(model, *codebook, known);
    if (!already.ok()) return already.error();
    if (already->has_value()) {
      placed.push_back(std::move(**already));
      continue;
    }
    if (!adds) {
      return user_error("stage `" + stage + "` prints tokens of codebook `" + codebook->name +
                            "`, its model does not own them",
                        "say `adds = " + codebook->name + "` in this stage or in one before it");
    }
    placed.push_back({codebook, consecutive_ids(*codebook, next_id), false});
    next_id += static_cast<int32_t>(placed.back().ids.size());
  }
  return placed;
}

Result<std::vector<int32_t>> ids_of_stream(ExampleSource* source, int64_t rows,
                                           const std::function<bool(int64_t)>& look) {
  constexpr int64_t kLookEvery = 1024;
  std::vector<bool> seen;
  for (int64_t position = 0; position < rows; ++position) {
    if (position % kLookEvery == 0 && look && !look(position))
      return Error{ErrorKind::interrupted, "interrupted", {}, {}, 0};
    Result<Example> example = source->make(position);
    if (!example.ok()) return example.error();
    for (const int32_t id : example->ids) {
      if (id < 0) return internal_error("an example has the token " + std::to_string(id));
      if (static_cast<size_t>(id) >= seen.size()) seen.resize(id + 1);
      seen[id] = true;
    }
  }
  std::vector<int32_t> ids;
  for (size_t id = 0; id < seen.size(); ++id) {
    if (seen[id]) ids.push_back(static_cast<int32_t>(id));
  }
  return ids;
}

std::vector<const CodebookInput*> gained_by(const model::ModelArtifact& model,
                                            const std::vector<CodebookInput>& codebooks) {
  std::vector<const CodebookInput*> gained;
  for (const CodebookInput& input : codebooks) {
    if (owned(model, *input.codebook) == nullptr && !input.in_tokenizer) gained.push_back(&input);
  }
  return gained;
}

Result<int64_t> grow(const StageSpec& spec, const std::vector<CodebookInput>& codebooks,
                     const std::vector<int32_t>& stream_ids, uint64_t stream,
                     model::ModelArtifact* model) {
  std::vector<int32_t> added;
  std::vector<model::OwnedCodebook> gained;
  for (const CodebookInput& input : codebooks) {
    codebook::Lineage lineage = input.codebook->lineage();
    if (model::OwnedCodebook* has = owned(*model, *input.codebook)) {
      if (lineage.is_extension_of(has->lineage)) has->lineage = std::move(lineage);
      continue;
    }
    gained.push_back({input.codebook->name, std::move(lineage),
                      input.in_tokenizer ? -1 : input.ids.front(), input.codebook->tokens()});
  }
  const std::vector<const CodebookInput*> in_rows = gained_by(*model, codebooks);
  for (const CodebookInput* input : in_rows)
    added.insert(added.end(), input->ids.begin(), input->ids.end());
  if (model->vocabulary.kind() == model::Vocabulary::Kind::grows) {
    for (const int32_t id : stream_ids) {
      if (!model->vocabulary.owns(id)) added.push_back(id);
    }
  }
  // Ascending: text before semantic ids, which keep the rows of a level side by side.
  std::sort(added.begin(), added.end());
  added.erase(std::unique(added.begin(), added.end()), added.end());
  const auto own = [&] {
    model->codebooks.insert(model->codebooks.end(), gained.begin(), gained.end());
  };
  if (added.empty()) {
    own();
    return 0;
  }
  if (model->vocabulary.kind() == model::Vocabulary::Kind::full &&
      added.back() - added.front() + 1 != static_cast<int32_t>(added.size())) {
    return user_error("stage `" + spec.stage +
                          "` adds codebooks that do not follow one another behind the tokenizer",
                      "add all codebooks of a published model in one stage, or one by one");
  }
  REXP_TRY(model->add_tokens(added, make_new_rows(spec.new_rows, in_rows, stream)));
  own();
  return static_cast<int64_t>(added.size());
}

RowOfId row_of_id(const model::Vocabulary& vocabulary) {
  const std::vector<int32_t> ids = vocabulary.row_ids();
  RowOfId rows;
  for (size_t row = 0; row < ids.size(); ++row) {
    if (static_cast<size_t>(ids[row]) >= rows.size()) rows.resize(ids[row] + 1, -1);
    rows[ids[row]] = static_cast<int64_t>(row);
  }
  return rows;
}

}  // namespace rexp::train
