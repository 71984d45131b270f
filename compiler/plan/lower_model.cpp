// `model` nodes: base models. A folder is known by its contents, a random model by its sizes and the experiment's seed.
#include "compiler/plan/lower.h"
#include "runtime/base/random.h"

namespace rexp::plan {
using nlohmann::json;

namespace {

/// `path = "models/x"` or `name = "qwen3_8b"`: where the folder lies is the location's business.
void locate_folder(Lowering& l, Draft& draft, const Record& model) {
  Program& program = l.program();
  Location& at = draft.location;
  const json path = draft.args.value("path", json()), name = draft.args.value("name", json());
  at.kind = path.is_string() ? Location::Kind::model_folder : Location::Kind::model_name;
  at.path = path.is_string() ? path.get<std::string>() : "";
  at.name = name.is_string() ? name.get<std::string>() : "";
  at.span = written_at(program, model, path.is_string() ? "path" : "name", model.span);
  draft.args.erase("path");
  draft.args.erase("name");
}

}  // namespace

std::optional<DraftId> lower_model(Lowering& l, const Record& model) {
  Program& program = l.program();
  Draft draft;
  draft.kind = "model";
  draft.name = name_in(l, "base");
  const Value value = eval::shared_value(Record(model));
  auto args = describe_component(l, draft, value, model.span);
  if (!args) return std::nullopt;
  draft.args = std::move(*args);
  if (program.is(model.type, Known::FolderModel)) {
    locate_folder(l, draft, model);
  } else {
    draft.stream = stream(l.seed, draft.kind);
    draft.location.kind = Location::Kind::tokenizer;
    draft.location.name = draft.args.value("tokenizer", "");
    draft.location.span = written_at(program, model, "tokenizer", model.span);
  }
  return l.add(std::move(draft));
}

}  // namespace rexp::plan
