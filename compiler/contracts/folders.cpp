// A model folder that a stage left says how its model was trained; whoever names it speaks to it in the same way (R0225). Where the
// folder is not there yet, or is named in site.toml, the run says so.
#include "compiler/contracts/contracts.h"
#include "runtime/text/model_facts.h"

namespace rexp::contracts {
using diagnostics::Kind;

namespace {

void check_folder(Program& program, const Record& model) {
  const auto* path = field(program, model, "path").as<std::string>();
  if (path == nullptr) return;
  const Span span = written_at(program, model, "path", model.span);
  const auto facts = text::read_model_facts(program.sources.beside(span.file, *path));
  if (!facts || !facts->has_value())
    return;  // what is wrong with a folder is said where it is read
  const Status status = text::check_voice(
      **facts, choice_in(program, field(program, model, "chat")),
      choice_in(program, field(program, model, "think")), "the model in " + *path);
  if (status.ok()) return;
  program.sink.add(Kind::other_voice, span, status.error().message).help = status.error().help;
}

}  // namespace

void check_folders(Subject& s) {
  Program& program = s.e.program;
  for (const Value& value : s.values) {
    const auto* record = value.shared<Record>();
    if (record != nullptr && program.is(record->type, Known::FolderModel))
      check_folder(program, *record);
  }
}

}  // namespace rexp::contracts
