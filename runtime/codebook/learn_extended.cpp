// Extended {of, vectors}: the codes of another codebook, and of what it learnt for items that it does not know.
#include <unordered_map>

#include "runtime/base/fields.h"
#include "runtime/base/registry.h"
#include "runtime/codebook/extend.h"
#include "runtime/codebook/learn.h"

namespace rexp::codebook {
namespace {

/// Of every item of the dataset its index among `ids`, -1 where it is not there.
std::vector<int64_t> places_in(const std::vector<std::string>& ids, const data::Dataset& dataset) {
  std::unordered_map<std::string_view, int64_t> place;
  for (size_t i = 0; i < ids.size(); ++i) place[ids[i]] = static_cast<int64_t>(i);
  const data::Column* id = dataset.items.find("id");
  std::vector<int64_t> places;
  for (int64_t item = 0; item < dataset.item_count(); ++item) {
    const auto found = place.find(id->text(item));
    places.push_back(found == place.end() ? -1 : found->second);
  }
  return places;
}

/// Vectors of another kind would give new items codes without meaning. Whoever knows the old items is asked: their vectors give them
/// their codes again. The first level tells, as nothing moves it afterwards, unless it is the only one.
Status check_vectors(const StoredBook& old, const Vectors& vectors,
                     const std::vector<int64_t>& places, const LearnInput& in) {
  const auto codes = old.quantiser->encode(vectors);
  if (!codes.ok()) return codes.error();
  int64_t known = 0, same = 0;
  for (size_t item = 0; item < places.size(); ++item) {
    if (places[item] < 0) continue;
    ++known;
    same += (*codes)[item].front() == old.book.codes[places[item]].front();
  }
  in.note(std::to_string(known) + " items keep their codes, the vectors give " +
          std::to_string(same) + " of them their first code again; " +
          std::to_string(static_cast<int64_t>(places.size()) - known) + " items are new");
  if (old.quantiser->centroids.size() == 1 || 2 * same >= known) return {};
  return user_error("the vectors give only " + std::to_string(same) + " of " +
                        std::to_string(known) + " items the first code that codebook `" +
                        old.book.name + "` has for them: they are not those that it was learnt on",
                    "extend with vectors that stay what they are when items are added, or learn "
                    "the codebook anew");
}

Result<Codes> learn(const nlohmann::json& args, const LearnInput& in) {
  int64_t of = 0, input = 0;
  Fields fields(args, "the codebook's learner");
  fields.input("of", &of);
  fields.input("vectors", &input);
  REXP_TRY(fields.status());
  Result<StoredBook> old = in.codebook(of);
  if (!old.ok()) return old.error();
  if (!old->quantiser) {
    return user_error("codebook `" + old->book.name + "` was not learnt on vectors, so it has no " +
                          "codes for new items",
                      "extend a codebook of `residual_k_means` or `rq_vae`");
  }
  Result<Vectors> vectors = in.vectors(input);
  if (!vectors.ok()) return vectors.error();
  if (vectors->rows != in.dataset->item_count())
    return internal_error("a codebook is extended with a vector per item");
  const std::vector<int64_t> places = places_in(old->book.items, *in.dataset);
  REXP_TRY(check_vectors(*old, *vectors, places, in));
  Result<Codebook> book = extend(old->book, *old->quantiser, *vectors, places);
  if (!book.ok()) return book.error();
  Codes out{std::move(book->level_sizes), std::move(book->codes)};
  out.level_surfaces = std::move(book->level_surfaces);
  out.quantiser = std::move(old->quantiser);
  out.vectors = std::move(*vectors);
  for (const int64_t place : places) out.kept.items.push_back(place >= 0);
  out.kept.codes = old->book.codes;
  out.extended = std::move(old->book);
  return out;
}

REXP_REGISTER(Learner, Extended, learn)

}  // namespace
}  // namespace rexp::codebook
