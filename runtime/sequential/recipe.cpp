#include "runtime/sequential/recipe.h"

#include <utility>

#include "runtime/base/fields.h"
#include "runtime/base/registry.h"

namespace rexp::sequential {
namespace {

constexpr char kPositive[] = "a whole number of at least 1";

void read_training(Fields* fields, Recipe* recipe) {
  fields->number("dropout", &recipe->dropout, Fields::below_one,
                 "a number from 0 up to, but not including, 1");
  fields->choice("learns", &recipe->learns,
                 {{"sequences", Learns::sequences}, {"prefixes", Learns::prefixes}});
  fields->count("length", &recipe->epochs, 1, kPositive);
  fields->count("batch", &recipe->batch, 1, kPositive);
  fields->count("patience", &recipe->patience, 1, kPositive);
}

/// {"is": "AdamW", .., "schedule": {"at": {"kernel": 0}}}
Status read_optimizer(const nlohmann::json& args, const std::string& where, Recipe* recipe) {
  auto plan = train::read_optimizer(args, where);
  if (!plan) return plan.error();
  recipe->optimizer = std::move(*plan);
  if (!args.contains("schedule") || args["schedule"].is_null()) return {};
  Fields fields(args["schedule"], "the schedule of " + where);
  fields.kernel("at", &recipe->schedule);
  return fields.status();
}

}  // namespace

Status read_shape(const nlohmann::json& args, const std::string& where, Shape* shape) {
  Fields fields(args, where);
  fields.count("blocks", &shape->blocks, 1, kPositive);
  fields.count("heads", &shape->heads, 1, kPositive);
  fields.count("width", &shape->width, 1, kPositive);
  fields.count("inner", &shape->inner, 1, kPositive);
  fields.count("positions", &shape->positions, 2, "a whole number of at least 2");
  fields.choice("norm", &shape->norm, {{"before", NormPlace::before}, {"after", NormPlace::after}});
  fields.choice("activation", &shape->activation,
                {{"gelu", Activation::gelu}, {"relu", Activation::relu}});
  REXP_TRY(fields.status());
  if (shape->width % shape->heads == 0) return {};
  return user_error("the width of " + where + " is " + std::to_string(shape->width) +
                        ", which its " + std::to_string(shape->heads) +
                        " heads do not share evenly",
                    "take a multiple of `heads` as `width`");
}

Result<NetworkPlan> read_network(const nlohmann::json& args, const std::string& where) {
  Result<const NetworkKind*> kind = Registry<NetworkKind>::find(args);
  if (!kind) return kind.error();
  return (*kind)->read(args, where);
}

Result<Recipe> read_recipe(const nlohmann::json& args, const std::string& where) {
  auto network = read_network(args, where);
  if (!network) return network.error();
  Recipe recipe;
  static_cast<NetworkPlan&>(recipe) = std::move(*network);
  Fields fields(args, where);
  read_training(&fields, &recipe);
  REXP_TRY(fields.status());
  if (!args.contains("optimizer") || !args.contains("loss"))
    return internal_error(where + " has no optimizer or no loss");
  REXP_TRY(read_optimizer(args["optimizer"], where, &recipe));
  auto loss = read_item_loss(args["loss"], where);
  if (!loss) return loss.error();
  recipe.loss = std::move(*loss);
  return recipe;
}

}  // namespace rexp::sequential
