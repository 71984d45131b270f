#include "runtime/codebook/learn.h"

#include <algorithm>
#include <bit>
#include <map>

#include "runtime/base/fields.h"
#include "runtime/base/registry.h"

namespace rexp::codebook {
namespace {

enum class Clashes { extra_level, share, reassign };

/// `clashes = reassign`
Status separate(const LearnInput& in, const std::string& name, Codes* codes) {
  if (!codes->quantiser) {
    return user_error("codebook `" + name +
                          "` reassigns items with equal codes, and no vectors "
                          "gave it its codes",
                      "say `clashes = extra_level`");
  }
  Result<int64_t> moved = reassign(*codes->quantiser, codes->vectors, codes->kept, &codes->codes);
  if (!moved.ok()) return moved.error();
  in.note(std::to_string(*moved) +
          " items have other codes than the nearest, so that each has its own");
  return {};
}

}  // namespace

void add_extra_level(Codebook& book, const std::vector<int64_t>& train_counts) {
  std::map<std::vector<int32_t>, std::vector<int64_t>> groups;
  for (size_t item = 0; item < book.codes.size(); ++item)
    groups[book.codes[item]].push_back(static_cast<int64_t>(item));
  size_t largest = 1;
  for (auto& [codes, items] : groups) {
    std::stable_sort(items.begin(), items.end(),
                     [&](int64_t a, int64_t b) { return train_counts[a] > train_counts[b]; });
    for (size_t place = 0; place < items.size(); ++place)
      book.codes[items[place]].push_back(static_cast<int32_t>(place));
    largest = std::max(largest, items.size());
  }
  book.level_sizes.push_back(static_cast<int32_t>(std::bit_ceil((3 * largest + 1) / 2)));
  book.extra_level = true;
}

Status check_all_items(const LearnInput& in, int64_t items, const std::string& who) {
  const Result<int64_t> rows = in.row_count(items);
  if (!rows.ok()) return rows.error();
  if (*rows == in.dataset->item_count()) return {};
  return user_error(who + " was given " + std::to_string(*rows) + " of " +
                        std::to_string(in.dataset->item_count()) + " items",
                    "every item needs a vector: give it all items, such as `films.items`");
}

Result<Vectors> learn_vectors(const nlohmann::json& args, const LearnInput& in) {
  Result<const VectorsKind*> kind = Registry<VectorsKind>::find(args);
  if (!kind.ok()) return kind.error();
  return (*kind)->learn(args, in);
}

Result<Learnt> learn_codebook(const nlohmann::json& args, const LearnInput& in) {
  Learnt learnt;
  Codebook& book = learnt.book;
  Clashes clashes = Clashes::extra_level;
  Fields fields(args, "a codebook");
  fields.text("name", &book.name);
  bool named = true;
  fields.text("surface", &book.surface);
  fields.flag("named", &named);
  fields.text("open", &book.open);
  fields.text("close", &book.close);
  fields.choice<Clashes>("clashes", &clashes,
                         {{"extra_level", Clashes::extra_level},
                          {"share", Clashes::share},
                          {"reassign", Clashes::reassign}});
  REXP_TRY(fields.status());
  if (book.surface.find("{}") == std::string::npos)
    return user_error("the surface `" + book.surface + "` has no place for the code",
                      "write {} where the number goes, such as \"<|sid_{}|>\"");
  const nlohmann::json learn = args.value("learn", nlohmann::json());
  Result<const Learner*> learner = Registry<Learner>::find(learn);
  if (!learner.ok()) return learner.error();
  Result<Codes> codes = (*learner)->learn(learn, in);
  if (!codes.ok()) return codes.error();
  if (clashes == Clashes::reassign) REXP_TRY(separate(in, book.name, &*codes));
  book.level_sizes = std::move(codes->level_sizes);
  book.codes = std::move(codes->codes);
  if (!named) book.level_surfaces = std::move(codes->level_surfaces);
  const data::Column& ids = *in.dataset->items.find("id");
  for (int64_t item = 0; item < in.dataset->item_count(); ++item)
    book.items.emplace_back(ids.text(item));
  const bool apart = clashes == Clashes::extra_level;
  if (codes->extended && codes->extended->extra_level != apart)
    return user_error(
        "codebook `" + book.name + "` and the one that it extends differ in `clashes`",
        "say the same `clashes` in both");
  book.extra_level = codes->extended && apart;
  if (apart && !codes->extended) add_extra_level(book, data::train_counts(*in.dataset));
  if (const std::string wrong = fault_of_sizes(book.level_sizes); !wrong.empty())
    return user_error("codebook `" + book.name + "`: " + wrong, "learn it with smaller levels");
  if (codes->extended && codes->extended->tokens() == book.tokens()) {
    Lineage before = codes->extended->lineage();
    book.extends = {std::move(before.hash)};
    book.extends.insert(book.extends.end(), before.extends.begin(), before.extends.end());
  }
  learnt.quantiser = std::move(codes->quantiser);
  learnt.log = std::move(codes->log);
  return learnt;
}

}  // namespace rexp::codebook
