// codebook: semantic ids and how good they are.
#include <cstdio>

#include "runtime/codebook/sid_metrics.h"
#include "runtime/nodes/learn_input.h"
#include "runtime/nodes/versions.h"
#include "runtime/quantiser/quantiser_file.h"
#include "runtime/store/file.h"

namespace rexp::nodes {

namespace {

/// Items per code, level by level.
nlohmann::json usage(const codebook::Codebook& book) {
  nlohmann::json out = nlohmann::json::array();
  for (int level = 0; level < book.depth(); ++level) {
    std::vector<int64_t> counts(book.level_sizes[level], 0);
    for (const auto& codes : book.codes) ++counts[codes[level]];
    out.push_back(counts);
  }
  return out;
}

const data::Column* first_list(const data::Dataset& dataset) {
  for (const auto& column : dataset.items.columns) {
    if (column.kind == data::ColumnKind::text_list) return &column;
  }
  return nullptr;
}

Status keep_log(const std::string& from, const std::string& to) {
  auto text = store::read_file(from);
  return text ? store::write_file(to, *text) : Status(text.error());
}

Status make(NodeContext& context) {
  auto in = learn_input(context);
  if (!in) return in.error();
  in->name = context.args().value("name", "");
  auto learnt = codebook::learn_codebook(context.args(), *in);
  if (!learnt) return learnt.error();
  const codebook::Codebook* book = &learnt->book;
  std::optional<codebook::Vectors> vectors;
  if (const int64_t input = context.find({"vectors"}); input >= 0) {
    auto loaded = in->vectors(input);
    if (!loaded) return loaded.error();
    vectors = std::move(*loaded);
  }
  const auto report = codebook::measure(
      *book, in->dataset.get(),
      {.labels = first_list(*in->dataset), .vectors = vectors ? &*vectors : nullptr, .seed = 0});
  nlohmann::json metrics = nlohmann::json(codebook::to_json(report));
  metrics["usage"] = usage(*book);
  char text[160];
  std::snprintf(text, sizeof text, "%d levels, %.1f%% of items share %s, largest group %lld",
                book->depth(), 100 * report.share_in_collisions,
                book->extra_level ? "codes before the last level" : "their codes",
                static_cast<long long>(report.max_group));
  context.note(text);
  REXP_TRY(write_json(context.out("metrics.json"), metrics));
  if (learnt->quantiser) REXP_TRY(quantiser::save(*learnt->quantiser, context.out("")));
  if (!learnt->log.empty()) REXP_TRY(keep_log(learnt->log, context.out("log.jsonl")));
  return codebook::save(*book, context.out("codebook.json"));
}

}  // namespace
}  // namespace rexp::nodes

int32_t rexp_rt_codebook(RexpRun* run, const RexpNode* node) {
  return rexp::nodes::run_node(run, node, rexp::nodes::kVersion_codebook, rexp::nodes::make);
}
