#include "runtime/decode/decode_command.h"

#include <filesystem>
#include <optional>

#include "runtime/base/json.h"
#include "runtime/decode/catalogue_file.h"
#include "runtime/decode/exact.h"
#include "runtime/decode/prompts_file.h"
#include "runtime/decode/search.h"
#include "runtime/model/artifact.h"
#include "runtime/model/transformer.h"

namespace rexp::decode {
namespace {

using nlohmann::json;

struct Arguments {
  std::string model, catalogue, prompts;
  SearchOptions search;
  bool exact = false;
};

Result<Arguments> parse_arguments(const json& args) {
  Arguments a;
  try {
    a.model = args.at("model");
    a.catalogue = args.at("catalogue");
    a.prompts = args.at("prompts");
    a.search.beams = args.value("beams", int64_t{20});
    a.search.constrained = !args.value("unconstrained", false);
    a.exact = args.value("exact", false);
    Result<ScoreRule> rule = parse_score_rule(args.value("score", std::string("model")));
    if (!rule.ok()) return rule.error();
    a.search.rule = *rule;
  } catch (const json::exception& e) {
    return user_error(std::string("the arguments of decode are not as they should be: ") +
                      e.what());
  }
  if (a.exact && !a.search.constrained)
    return user_error("exact scoring covers the catalogue, it cannot be unconstrained");
  return a;
}

Result<CatalogueFile> read_items(const Arguments& args, int64_t rows) {
  std::optional<text::Tokenizer> tokenizer;
  if (std::filesystem::exists(std::filesystem::path(args.model) / "tokenizer.json")) {
    Result<text::Tokenizer> read = text::Tokenizer::from_folder(args.model);
    if (!read.ok()) return read.error();
    tokenizer = std::move(*read);
  }
  Result<CatalogueFile> file =
      read_catalogue_file(args.catalogue, tokenizer ? &*tokenizer : nullptr);
  if (!file.ok()) return file.error();
  for (size_t i = 0; i < file->tokens.size(); ++i)
    for (int32_t token : file->tokens[i])
      if (token >= rows)
        return item_error(*file, i,
                          "the item has the token " + std::to_string(token) +
                              ", the model has the tokens 0 to " + std::to_string(rows - 1));
  return file;
}

/// A codebook.json is one that the model has learnt, or agrees with it, where the model knows what it has learnt.
Status check_codebook(const model::ModelArtifact& model, const CatalogueFile& file) {
  if (file.codebook.hash.empty() || model.codebooks.empty()) return {};
  std::string known;
  for (const model::OwnedCodebook& owned : model.codebooks) {
    if (owned.lineage.agrees_with(file.codebook)) return {};
    known += (known.empty() ? "`" : ", `") + owned.name + "` " + owned.lineage.hash;
  }
  return file_error(
      file.path, 0,
      "the model was trained with codebook " + known + ", this is codebook " + file.codebook.hash,
      "take the codebook the model was trained with");
}

json to_json(const Catalogue& catalogue, const CatalogueFile& file, size_t prompt,
             const Ranking& ranking) {
  json line{{"prompt", prompt},
            {"sids", json::array()},
            {"items", json::array()},
            {"scores", json::array()}};
  for (const Answer& answer : ranking.answers) {
    line["sids"].push_back(answer.tokens);
    line["scores"].push_back(answer.score);
    json items = json::array();
    if (answer.key >= 0)
      for (int32_t item : catalogue.items_of(answer.key)) items.push_back(file.names[item]);
    line["items"].push_back(std::move(items));
  }
  line["certified"] = ranking.certified();
  return line;
}

Result<std::vector<Ranking>> rank(const Arguments& args, const model::Decoder& decoder,
                                  const model::Vocabulary& vocabulary, const Catalogue& catalogue,
                                  std::vector<Request> requests) {
  std::vector<Ranking> rankings;
  if (args.exact) {
    for (const Request& request : requests) {
      Result<std::vector<double>> scores =
          exact_scores(decoder, vocabulary, catalogue, args.search.rule, request.prompt);
      if (!scores.ok()) return scores.error();
      rankings.push_back(exact_ranking(catalogue, *scores, {&catalogue}, args.search.beams));
    }
    return rankings;
  }
  for (Request& request : requests) request.searches = {Allowed{&catalogue}};
  Result<Searcher> searcher = Searcher::create(decoder, vocabulary, catalogue, args.search);
  if (!searcher.ok()) return searcher.error();
  Result<std::vector<std::vector<Ranking>>> found = searcher->run(requests);
  if (!found.ok()) return found.error();
  for (std::vector<Ranking>& ranking : *found) rankings.push_back(std::move(ranking[0]));
  return rankings;
}

}  // namespace

Status decode_command(const json& json_args, std::ostream& out) {
  Result<Arguments> args = parse_arguments(json_args);
  if (!args.ok()) return args.error();
  Result<model::ModelArtifact> model = model::load_model(args->model);
  if (!model.ok()) return model.error();
  const int64_t rows = model->weights.rows();
  Result<CatalogueFile> file = read_items(*args, rows);
  if (!file.ok()) return file.error();
  REXP_TRY(check_codebook(*model, *file));
  Result<Catalogue> catalogue = Catalogue::build(file->tokens);
  if (!catalogue.ok()) return catalogue.error();
  Result<std::vector<std::vector<int64_t>>> prompts = read_prompts(args->prompts, rows);
  if (!prompts.ok()) return prompts.error();
  std::vector<Request> requests;
  for (std::vector<int64_t>& prompt : *prompts) requests.push_back({std::move(prompt), {}});

  const at::Device device(json_args.value("device", "cpu"));
  const model::Transformer transformer(model->config, model->weights.copy(device));
  const model::Vocabulary vocabulary = model::Vocabulary::full(rows);
  Result<std::vector<Ranking>> rankings =
      rank(*args, transformer, vocabulary, *catalogue, std::move(requests));
  if (!rankings.ok()) return rankings.error();
  for (size_t i = 0; i < rankings->size(); ++i)
    out << to_json(*catalogue, *file, i, (*rankings)[i]).dump() << '\n';
  if (!out.flush()) return user_error("the ranked lists cannot be written");
  return {};
}

}  // namespace rexp::decode
