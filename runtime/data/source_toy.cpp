// ToySource {users, items, seed, language}: made-up films.
#include "runtime/base/fields.h"
#include "runtime/base/registry.h"
#include "runtime/data/source.h"
#include "runtime/data/toy.h"

namespace rexp::data {
namespace {

enum class Language { zh, en };

Result<RawTables> make_films(const SourceInput& input) {
  ToyOptions options;
  Fields fields(input.args, "the toy source");
  fields.count("users", &options.users, 1, "a whole number of at least 1");
  fields.count("items", &options.items, 1, "a whole number of at least 1");
  fields.seed("seed", &options.seed);
  Language language = Language::zh;
  fields.choice<Language>("language", &language, {{"zh", Language::zh}, {"en", Language::en}});
  REXP_TRY(fields.status());
  options.chinese = language == Language::zh;
  return RawTables{toy_events(options), toy_items(options), std::nullopt};
}

REXP_REGISTER(Source, ToySource, make_films)

}  // namespace
}  // namespace rexp::data
