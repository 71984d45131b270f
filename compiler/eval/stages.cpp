// Stages: Model -> Model. Applying one makes a `train` node after the checks that only the whole shows: split marks (P6) and
// whether the model owns the tokens that its tasks print (R0220).
#include <algorithm>

#include "compiler/eval/elaborator.h"
#include "compiler/eval/json_args.h"
#include "compiler/eval/show.h"
#include "runtime/base/random.h"

namespace rexp::elaborate {
using diagnostics::Kind;
using nlohmann::json;

Value Elaborator::apply(const Value& function, const Value& argument, Span span) {
  if (is_error(function) || is_error(argument)) return failed();
  const auto* record = function.shared<RecordValue>();
  if (record != nullptr && program_.schema(record->schema).name == "Stage")
    return apply_stage(*record, argument, span);
  if (const auto* block = function.as<BlockFunction>()) {
    const Value stage = call_block(*block, Scope{block->symbol.module, nullptr}, {}, span);
    return is_error(stage) ? stage : apply(stage, argument, span);
  }
  if (record != nullptr || (!function.is_unknown() && function.shared<FunctionValue>() == nullptr &&
                            function.as<ExternValue>() == nullptr)) {
    report(Kind::not_callable, span,
           "`|>` needs a stage or a function on its right, found a " + described(function.type));
    return failed();
  }
  const auto schema = program_.standard_schema("Stage");
  if (function.is_unknown() && schema && function.type == types().record(*schema, "Stage")) {
    const auto model = program_.standard_schema("Model");
    return unknown(types().record(*model, "Model"));
  }
  return call_value(function, {argument}, span);
}

std::optional<MixtureValue> Elaborator::stage_data(const RecordValue&, const Value& data) {
  if (const auto* mixture = data.shared<MixtureValue>()) return *mixture;
  if (const auto* task = data.shared<TaskValue>()) {
    MixtureValue mixture;
    mixture.entries.push_back({task->name.empty() ? "data" : task->name,
                               std::make_shared<const TaskValue>(*task), 1, false, task->span});
    mixture.span = task->span;
    return mixture;
  }
  return std::nullopt;
}

bool Elaborator::check_stage(const RecordValue& stage, const MixtureValue& data,
                             const ModelValue& model, const std::set<int>& adds) {
  bool fine = true;
  const Value& length = *field(stage, "length");
  const bool shares = !data.entries.empty() && data.entries[0].share;
  if (shares && types().kind(length.type) == TypeKind::epochs && !data.total) {
    report(Kind::bad_mixture, stage.span,
           "stage `" + stage.name +
               "` counts epochs of a mixture of shares, which has no size of its own")
        .help = "give the mixture `total = 50k rows`, or write the length in steps";
    fine = false;
  }
  for (const MixtureEntry& entry : data.entries) {
    if (entry.share && entry.task->parts.size() > 1) {
      not_yet("share of a task made with `+`", entry.span);
      fine = false;
    }
    for (const TaskPart& part : entry.task->parts) {
      if (!part.split.empty() && part.split != "train") {
        auto& error = report(Kind::trains_on_held_out_rows, stage.span,
                             "stage `" + stage.name + "` would train on " + part.split +
                                 " rows, through task `" + entry.name + "`");
        error.secondary.push_back({part.span, "reads " + part.split + " rows"});
        fine = false;
      }
      for (int32_t codebook : part.render.codebooks) {
        const bool owned = model.from_folder || adds.count(codebook) > 0 ||
                           std::find(model.codebooks.begin(), model.codebooks.end(), codebook) !=
                               model.codebooks.end();
        if (owned) continue;
        const std::string& name = codebooks_[static_cast<size_t>(codebook)].name;
        auto& error = report(Kind::model_lacks_tokens, stage.span,
                             "stage `" + stage.name + "` trains on semantic ids of `" + name +
                                 "`, whose tokens the model does not have");
        error.secondary.push_back({part.span, "prints `" + name + "`"});
        error.help = "add `adds = " + name + ".tokens` to this stage or to one before it";
        fine = false;
      }
    }
  }
  return fine;
}

json Elaborator::optimizer_args(const RecordValue& optimizer) {
  json args = json::object();
  for (const char* name : {"lr", "betas", "decay", "clip", "eps"}) {
    if (const Value* v = field(optimizer, name)) args[name] = to_json(*v);
  }
  return args;
}

Kernel Elaborator::schedule_kernel(const std::string& name, const RecordValue& optimizer) {
  const Value* schedule = field(optimizer, "schedule");
  const auto* record = schedule == nullptr ? nullptr : schedule->shared<RecordValue>();
  RowBuilder builder(row::FunctionKind::real_function, name);
  return in_row(builder, [&] {
    builder.slot("step", {row::Kind::integer});
    builder.slot("total", {row::Kind::integer});
    const Value step = residual(type(TypeKind::integer),
                                builder.add(row::Op::param, {row::Kind::integer}, {}, 0), {});
    const Value total = residual(type(TypeKind::integer),
                                 builder.add(row::Op::param, {row::Kind::integer}, {}, 1), {});
    row::ExprId result = builder.constant(1.0);
    if (record != nullptr) {
      Value factor = call_value(*field(*record, "at"), {step, total}, record->span);
      factor = coerce(factor, type(TypeKind::real), "the result of a schedule", record->span);
      if (!is_error(factor) && !factor.is_unknown()) result = lift(factor);
    }
    return Kernel{"schedule", name, builder.finish(result), {}};
  });
}

Value Elaborator::apply_stage(const RecordValue& stage, const Value& base, Span span) {
  const auto model_schema = program_.standard_schema("Model");
  const TypeId model_type = types().record(*model_schema, "Model");
  if (base.is_unknown()) return unknown(model_type);
  const std::optional<ModelValue> model = model_of(base, span);
  if (!model) return failed();
  const std::optional<MixtureValue> data = stage_data(stage, *field(stage, "data"));
  const auto* optimizer = field(stage, "optimizer")->shared<RecordValue>();
  if (!data || optimizer == nullptr) return unknown(model_type);
  std::set<int> adds, books;
  if (const auto* vocabulary = field(stage, "adds")->as<VocabularyValue>())
    adds.insert(vocabulary->codebook);
  if (!check_stage(stage, *data, *model, adds)) return failed();

  const std::string name = stage.name.empty() ? "stage" : stage.name;
  Node node;
  node.name = node_name(name);
  node.kind = "train";
  node.inputs = {model->node};
  books = adds;
  for (const MixtureEntry& entry : data->entries) {
    for (const TaskPart& part : entry.task->parts)
      books.insert(part.render.codebooks.begin(), part.render.codebooks.end());
  }
  for (int codebook : books) node.inputs.push_back(codebooks_[static_cast<size_t>(codebook)].node);

  const Value& length = *field(stage, "length");
  node.args = {
      {"stage", name},
      {"adds", !adds.empty()},
      {"trains", to_json(*field(stage, "trains"))},
      {"length",
       {{types().kind(length.type) == TypeKind::epochs ? "epochs" : "steps", to_json(length)}}},
      {"batch", to_json(*field(stage, "batch"))},
      {"window", to_json(*field(stage, "window"))},
      {"overflow", to_json(*field(stage, "overflow"))},
      {"optimizer", optimizer_args(*optimizer)},
      {"tasks", json::array()},
      {"unit", data->entries[0].share ? "shares" : "copies"},
      {"total", data->total ? number_json(*data->total) : json()},
      {"dropout", to_json(*field(stage, "dropout"))}};
  const auto* loss = field(stage, "loss")->shared<RecordValue>();
  node.args["loss"] = {
      {"level_weight", loss != nullptr ? to_json(*field(*loss, "level_weight")) : json()}};

  Kernel mixture{"mixture", name, {}, {{"unit", node.args["unit"]}, {"weights", json::array()}}};
  std::vector<Kernel> renders;
  auto input = [&](NodeId id) {
    const auto at = std::find(node.inputs.begin(), node.inputs.end(), id);
    if (at != node.inputs.end()) return at - node.inputs.begin();
    node.inputs.push_back(id);
    return static_cast<std::ptrdiff_t>(node.inputs.size()) - 1;
  };
  for (const MixtureEntry& entry : data->entries) {
    size_t number = 0;
    for (const TaskPart& part : entry.task->parts) {
      const std::string task =
          ++number == 1 ? entry.name : entry.name + "#" + std::to_string(number);
      const auto rows = input(part.rows),
                 dataset = input(datasets_[static_cast<size_t>(part.dataset)].load);
      node.args["tasks"].push_back(
          {{"name", task}, {"rows", rows}, {"dataset", dataset}, {"weight", entry.weight}});
      mixture.mixture["weights"].push_back(entry.weight);
      renders.push_back({"render", task, part.render, {}});
    }
  }
  node.kernels.push_back(std::move(mixture));
  node.kernels.push_back(schedule_kernel(name, *optimizer));
  for (Kernel& render : renders) node.kernels.push_back(std::move(render));
  node.stream = stream(seed_, node.name);
  node.note = show(length) + " of " + std::to_string(data->entries.size()) +
              (data->entries.size() == 1 ? " task" : " tasks");

  ModelValue out{graph_.add(std::move(node)), model->codebooks, node_name(name)};
  out.from_folder = model->from_folder;
  for (int codebook : adds) {
    if (std::find(out.codebooks.begin(), out.codebooks.end(), codebook) == out.codebooks.end())
      out.codebooks.push_back(codebook);
  }
  return model_value(std::move(out));
}

}  // namespace rexp::elaborate
