#include "runtime/baseline/recommender.h"

#include "runtime/base/json.h"
#include "runtime/base/registry.h"
#include "runtime/data/rows.h"
#include "runtime/store/binary.h"
#include "runtime/store/file.h"

namespace rexp::baseline {
namespace {

std::string path_in(const std::string& folder) { return folder + "/recommender.json"; }

}  // namespace

Status fit(const nlohmann::json& args, FitInput& in, const std::string& folder) {
  Result<const Recommender*> recommender = Registry<Recommender>::find(args);
  if (!recommender.ok()) return recommender.error();
  REXP_TRY(data::check_train(args));
  REXP_TRY((*recommender)->fit(args, in, folder));
  const nlohmann::json what = {{"is", args["is"]}};
  return store::write_file(path_in(folder), what.dump() + "\n");
}

Result<std::unique_ptr<Scorer>> open(const std::string& folder, const std::string& device) {
  Result<std::string> text = store::read_file(path_in(folder));
  if (!text.ok()) return text.error();
  Result<nlohmann::json> what = parse_json(*text, path_in(folder));
  if (!what.ok()) return what.error();
  const Result<const Recommender*> recommender = Registry<Recommender>::find(*what);
  if (!recommender.ok())
    return store::damaged(path_in(folder), "it names no recommender of this version");
  return (*recommender)->open(folder, device);
}

}  // namespace rexp::baseline
