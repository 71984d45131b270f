#include "runtime/train/stage_spec.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

namespace rexp::train {
namespace {

using Json = nlohmann::json;

// Reads fields of one JSON object and remembers the first thing wrong with them.
class Fields {
 public:
  Fields(const Json& object, std::string where) : object_(object), where_(std::move(where)) {}

  template <class Check>
  void number(const char* name, double* out, Check holds, const char* required) {
    const Json* field = find(name);
    if (field == nullptr) return;
    if (!field->is_number()) return fail(name, *field, required);
    if (!std::isfinite(field->get<double>()) || !holds(field->get<double>()))
      return fail(name, *field, required);
    *out = field->get<double>();
  }

  void count(const char* name, int64_t* out, int64_t least, const char* required) {
    const Json* field = find(name);
    if (field == nullptr) return;
    if (!field->is_number_integer() || field->get<int64_t>() < least)
      return fail(name, *field, required);
    *out = field->get<int64_t>();
  }

  void flag(const char* name, bool* out) {
    const Json* field = find(name);
    if (field == nullptr) return;
    if (!field->is_boolean()) return fail(name, *field, "true or false");
    *out = field->get<bool>();
  }

  void text(const char* name, std::string* out) {
    const Json* field = find(name);
    if (field == nullptr) return;
    if (!field->is_string()) return fail(name, *field, "a text");
    *out = field->get<std::string>();
  }

  template <class Enum>
  void choice(const char* name, Enum* out,
              std::initializer_list<std::pair<const char*, Enum>> names) {
    const Json* field = find(name);
    if (field == nullptr) return;
    std::string allowed;
    for (const auto& [word, value] : names) {
      if (field->is_string() && field->get<std::string>() == word) {
        *out = value;
        return;
      }
      allowed += (allowed.empty() ? "" : ", ") + std::string(word);
    }
    fail(name, *field, ("one of " + allowed).c_str());
  }

  /// The field, or null when it is absent or JSON null.
  const Json* find(const char* name) const {
    const auto it = object_.find(name);
    return it == object_.end() || it->is_null() ? nullptr : &*it;
  }

  void fail(const char* name, const Json& seen, const char* required) {
    fail("field `" + std::string(name) + "` of " + where_ + " is " + seen.dump() + ", it must be " +
         required);
  }
  void fail(std::string message) {
    if (!error_) error_ = user_error(std::move(message));
  }
  const std::optional<Error>& error() const { return error_; }

 private:
  const Json& object_;
  std::string where_;
  std::optional<Error> error_;
};

constexpr auto kPositive = [](double x) { return x > 0; };
constexpr auto kNotNegative = [](double x) { return x >= 0; };
constexpr auto kBelowOne = [](double x) { return x >= 0 && x < 1; };

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

void read_optimizer(const std::string& where, Fields* fields, AdamWSpec* spec) {
  const Json* optimizer = fields->find("optimizer");
  if (optimizer == nullptr) return;
  if (!optimizer->is_object()) return fields->fail("optimizer", *optimizer, "an object");
  Fields inner(*optimizer, "the optimizer of " + where);
  inner.number("lr", &spec->lr, kPositive, "a positive number");
  inner.number("decay", &spec->decay, kNotNegative, "a number of at least 0");
  inner.number("clip", &spec->clip, kNotNegative, "a number of at least 0 (0: no clipping)");
  inner.number("eps", &spec->eps, kPositive, "a positive number");
  if (const Json* betas = inner.find("betas")) {
    const bool pair = betas->is_array() && betas->size() == 2 && (*betas)[0].is_number() &&
                      (*betas)[1].is_number();
    if (!pair || !kBelowOne((*betas)[0].get<double>()) || !kBelowOne((*betas)[1].get<double>())) {
      inner.fail("betas", *betas, "two numbers from 0 up to, but not including, 1");
    } else {
      spec->betas = {(*betas)[0].get<double>(), (*betas)[1].get<double>()};
    }
  }
  if (inner.error()) fields->fail(inner.error()->message);
}

void read_tasks(const std::string& where, Fields* fields, std::vector<TaskSpec>* tasks) {
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
    inner.text("name", &task.name);
    inner.count("rows", &task.rows, 0, "an index of an input");
    inner.count("dataset", &task.dataset, 0, "an index of an input");
    inner.number("weight", &task.weight, kPositive, "a positive number");
    if (inner.error()) return fields->fail(inner.error()->message);
    tasks->push_back(std::move(task));
  }
}

void read_loss(const std::string& where, Fields* fields, StageSpec* spec) {
  const Json* loss = fields->find("loss");
  if (loss == nullptr || !loss->is_object() || !loss->contains("level_weight")) return;
  const Json& weights = (*loss)["level_weight"];
  if (weights.is_null()) return;
  if (!weights.is_array() || weights.empty()) {
    return fields->fail("level_weight", weights, "a list with one number for each level");
  }
  for (const Json& weight : weights) {
    if (!weight.is_number() || !kNotNegative(weight.get<double>())) {
      return fields->fail("a level weight of " + where + " is " + weight.dump() +
                          ", it must be a number of at least 0");
    }
    spec->level_weight.push_back(weight.get<double>());
  }
}

}  // namespace

int64_t StageSpec::total_steps(int64_t epoch_rows) const {
  return steps > 0 ? steps : (epochs * epoch_rows + batch - 1) / batch;
}

int64_t StageSpec::total_rows(int64_t epoch_rows) const {
  return steps > 0 ? steps * batch : epochs * epoch_rows;
}

Result<StageSpec> parse_stage_spec(std::string_view text) {
  const Json args = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!args.is_object())
    return internal_error("the arguments of a training stage are not a JSON object");
  StageSpec spec;
  Fields name(args, "a training stage");
  name.text("stage", &spec.stage);
  const std::string where = "stage `" + spec.stage + "`";
  Fields fields(args, where);
  fields.flag("adds", &spec.adds);
  fields.choice<Trains>(
      "trains", &spec.trains,
      {{"everything", Trains::everything}, {"added_embeddings", Trains::added_embeddings}});
  read_length(args, where, &fields, &spec);
  fields.count("batch", &spec.batch, 1, "a whole number of rows, at least 1");
  fields.count("window", &spec.window, 2, "a whole number of tokens, at least 2");
  fields.choice<Overflow>("overflow", &spec.overflow,
                          {{"drop_oldest", Overflow::drop_oldest},
                           {"drop_example", Overflow::drop_example},
                           {"refuse", Overflow::refuse}});
  read_optimizer(where, &fields, &spec.optimizer);
  read_tasks(where, &fields, &spec.tasks);
  fields.choice<MixtureUnit>("unit", &spec.unit,
                             {{"copies", MixtureUnit::copies}, {"shares", MixtureUnit::shares}});
  fields.count("total", &spec.total, 1, "a whole number of rows, at least 1");
  read_loss(where, &fields, &spec);
  fields.number("dropout", &spec.dropout, kBelowOne, "a number from 0 up to, but not including, 1");
  if (name.error()) return *name.error();
  if (fields.error()) return *fields.error();
  return spec;
}

}  // namespace rexp::train
