// components.def and what the runtime implements: neither holds a name that the other lacks.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "runtime/base/registry.h"
#include "runtime/baseline/recommender.h"
#include "runtime/codebook/learn.h"
#include "runtime/data/rows.h"
#include "runtime/data/source.h"
#include "runtime/decode/decoder.h"
#include "runtime/nodes/model_maker.h"
#include "runtime/sequential/item_loss.h"
#include "runtime/sequential/recipe.h"
#include "runtime/train/objective.h"
#include "runtime/train/optimizer.h"

namespace rexp {
namespace {

using Names = std::map<std::string, std::set<std::string>>;

Names declared() {
  Names names;
#define REXP_COMPONENT(base, name, version) names[#base].insert(#name);
#include "runtime/abi/components.def"
#undef REXP_COMPONENT
  return names;
}

template <class Base>
std::set<std::string> registered() {
  const std::vector<std::string> names = Registry<Base>::names();
  return {names.begin(), names.end()};
}

TEST(Components, TheListAndTheRegistriesAgree) {
  const Names implemented = {{"Source", registered<data::Source>()},
                             {"Learner", registered<codebook::Learner>()},
                             {"Vectors", registered<codebook::VectorsKind>()},
                             {"Recommender", registered<baseline::Recommender>()},
                             {"Network", registered<sequential::NetworkKind>()},
                             {"ItemLoss", registered<sequential::ItemLossKind>()},
                             {"Optimizer", registered<train::OptimizerKind>()},
                             {"Loss", registered<train::LossKind>()},
                             {"Decoder", registered<decode::Decoder>()},
                             {"Model", registered<nodes::ModelMaker>()},
                             {"RowsOp", registered<data::RowsOp>()}};
  EXPECT_EQ(declared(), implemented);
}

TEST(Components, AnUnknownOneIsAnInternalError) {
  const auto found = Registry<data::Source>::find({{"is", "Oracle"}});
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().kind, ErrorKind::internal);
  EXPECT_FALSE(Registry<data::Source>::find({{"kind", "Files"}}).ok());
}

}  // namespace
}  // namespace rexp
