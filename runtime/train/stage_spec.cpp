#include "runtime/train/stage_spec.h"

#include <utility>

#include "runtime/base/fields.h"
#include "runtime/train/objective.h"
#include "runtime/train/optimizer.h"

namespace rexp::train {
namespace {

using Json = nlohmann::json;

void read_length(const Json& args, const std::string& where, Fields* fields, StageSpec* spec) {
  const Json* length = fields->find("length");
  if (length == nullptr || !length->is_object()) {
    fields->fail(where + " has no length, it must say a number of epochs or of steps");
    return;
  }
  const bool epochs = length->contains("epochs"), steps = length->contains("steps");
  if (epochs == steps) {
    fields->fail("length", args["length"], "either a number of epochs or a number of steps");
    return;
  }
  Fields inner(*length, "the length of " + where);
  inner.count("epochs", &spec->epochs, 1, "a whole number of at least 1");
  inner.count("steps", &spec->steps, 1, "a whole number of at least 1");
  if (inner.error()) fields->fail(inner.error()->message);
}

void read_components(const Json& args, const std::string& where, Fields* fields, StageSpec* spec) {
  Result<OptimizerPlan> optimizer = read_optimizer(args.value("optimizer", Json()), where);
  if (!optimizer.ok()) return fields->fail(optimizer.error());
  spec->optimizer = std::make_shared<const OptimizerPlan>(std::move(*optimizer));
  Result<LossPlan> loss = read_loss(args.value("loss", Json()), where);
  if (!loss.ok()) return fields->fail(loss.error());
  spec->loss = std::make_shared<const LossPlan>(std::move(*loss));
  const Json schedule = args["optimizer"].value("schedule", Json());
  if (schedule.is_null()) return;
  Fields inner(schedule, "the schedule of " + where);
  inner.kernel("at", &spec->schedule);
  if (inner.error()) fields->fail(*inner.error());
}

void read_tasks(const std::string& where, const std::vector<std::string>& names, Fields* fields,
                std::vector<TaskSpec>* tasks) {
  const Json* list = fields->find("tasks");
  if (list == nullptr || !list->is_array() || list->empty()) {
    fields->fail(where + " has no tasks, it must have at least one");
    return;
  }
  for (size_t i = 0; i < list->size(); ++i) {
    const std::string place = "task " + std::to_string(i + 1) + " of " + where;
    if (!(*list)[i].is_object())
      return fields->fail(place + " is " + (*list)[i].dump() + ", it must be an object");
    Fields inner((*list)[i], place);
    TaskSpec task;
    task.name = i < names.size() ? names[i] : std::to_string(i + 1);
    inner.count("rows", &task.rows, 0, "an index of an input");
    inner.count("dataset", &task.dataset, 0, "an index of an input");
    inner.number("weight", &task.weight, Fields::positive, "a positive number");
    if (inner.error()) return fields->fail(inner.error()->message);
    tasks->push_back(std::move(task));
  }
}

}  // namespace

int64_t StageSpec::total_steps(int64_t epoch_rows) const {
  return steps > 0 ? steps : (epochs * epoch_rows + batch - 1) / batch;
}

int64_t StageSpec::total_rows(int64_t epoch_rows) const {
  return steps > 0 ? steps * batch : epochs * epoch_rows;
}

Result<StageSpec> parse_stage_spec(const Json& args, const Json& site) {
  StageSpec spec;
  spec.stage = site.value("stage", "");
  const std::string where = "stage `" + spec.stage + "`";
  Fields fields(args, where);
  fields.flag("adds", &spec.adds);
  fields.choice<Trains>(
      "trains", &spec.trains,
      {{"everything", Trains::everything}, {"added_embeddings", Trains::added_embeddings}});
  fields.choice<NewRows>("new_rows", &spec.new_rows,
                         {{"random", NewRows::random},
                          {"mean_text", NewRows::mean_text},
                          {"codebook", NewRows::codebook}});
  read_length(args, where, &fields, &spec);
  fields.count("batch", &spec.batch, 1, "a whole number of rows, at least 1");
  fields.count("window", &spec.window, 2, "a whole number of tokens, at least 2");
  fields.choice<Overflow>("overflow", &spec.overflow,
                          {{"drop_oldest", Overflow::drop_oldest},
                           {"drop_example", Overflow::drop_example},
                           {"refuse", Overflow::refuse}});
  read_tasks(where, site.value("tasks", std::vector<std::string>()), &fields, &spec.tasks);
  fields.choice<MixtureUnit>("unit", &spec.unit,
                             {{"copies", MixtureUnit::copies}, {"shares", MixtureUnit::shares}});
  fields.count("total", &spec.total, 1, "a whole number of rows, at least 1");
  fields.number("dropout", &spec.dropout, Fields::below_one,
                "a number from 0 up to, but not including, 1");
  fields.choice<std::optional<model::Precision>>(
      "precision", &spec.precision,
      {{"auto", std::nullopt}, {"fp32", model::Precision::fp32}, {"bf16", model::Precision::bf16}});
  REXP_TRY(fields.status());
  read_components(args, where, &fields, &spec);
  REXP_TRY(fields.status());
  return spec;
}

}  // namespace rexp::train
