#include "runtime/abi/library.h"

#include <rexp_identity.h>

#include <cmath>
#include <sstream>

#include "runtime/base/fault.h"
#include "runtime/decode/decode_command.h"
#include "runtime/decode/level_head.h"
#include "runtime/model/artifact.h"
#include "runtime/model/device.h"
#include "runtime/model/transformer.h"
#include "runtime/nodes/run.h"

namespace {

using rexp::Status;

/// Meets the other processes, if there are any. Before anything else: what fails after it is told once.
Status join(RexpRun* run, const rexp::group::Launch& launch) {
  if (launch.alone()) return {};
  auto group = rexp::group::join(launch);
  if (!group) return group.error();
  run->group = std::move(*group);
  return {};
}

Status open(RexpRun* run) {
  rexp::group::Launch launch;
  if (run->options.value("together", false)) {
    auto read = rexp::group::read_launch();
    if (!read) return read.error();
    launch = *read;
  }
  REXP_TRY(join(run, launch));
  std::optional<std::string> wanted;
  if (run->options.contains("device") && run->options["device"].is_string())
    wanted = run->options["device"];
  auto device = rexp::model::pick_device(wanted);
  if (!device) return device.error();
  if (device->is_cuda() && !launch.alone()) {
    return rexp::user_error("several processes can run on the CPU only so far",
                            "say --device cpu, or start one process");
  }
  run->options["device"] = device->is_cuda() ? "cuda" : "cpu";
  rexp::model::set_threads(run->options.value("threads", 0), launch.on_this_machine);
  rexp::model::keep_freed_memory();
  run->made = rexp::model::machine(*device);
  run->made["rexp"] = rexp::abi::kVersion;
  if (run->options.contains("store")) {
    auto store = rexp::store::Store::open(run->options["store"]);
    if (!store) return store.error();
    run->store = std::move(*store);
  }
  return {};
}

/// {"logprobs": [n - 1], "last_logits": [rows]} of one sequence.
Status score(RexpRun* run, const nlohmann::json& args, std::ostream& out) {
  const std::string folder = args.at("model");
  auto model = rexp::model::load_model(folder);
  if (!model) return model.error();
  const auto tokens = args.at("tokens").get<std::vector<int64_t>>();
  for (const int64_t token : tokens) {
    if (token < 0 || token >= model->weights.rows()) {
      return rexp::user_error("token " + std::to_string(token) + " is outside the model's " +
                                  std::to_string(model->weights.rows()) + " rows",
                              "take ids of the folder's own tokenizer");
    }
  }
  if (static_cast<int64_t>(tokens.size()) > model->config.max_positions) {
    return rexp::user_error(std::to_string(tokens.size()) + " tokens were given, the model has " +
                            std::to_string(model->config.max_positions) + " positions");
  }
  auto weights = model->weights.copy(at::Device(run->options.value("device", "cpu")));
  rexp::model::Transformer transformer(model->config, std::move(weights));
  const auto score = rexp::model::score(transformer, tokens);
  for (const double value : score.log_probs) {
    if (!std::isfinite(value)) return rexp::decode::not_finite_scores();
  }
  for (const float value : score.last_logits) {
    if (!std::isfinite(value)) return rexp::decode::not_finite_scores();
  }
  if (args.value("json", false)) {
    out << nlohmann::json{{"logprobs", score.log_probs}, {"last_logits", score.last_logits}}.dump()
        << "\n";
    return {};
  }
  double sum = 0;
  for (size_t i = 0; i < score.log_probs.size(); ++i) {
    out << tokens[i + 1] << "\t" << score.log_probs[i] << "\n";
    sum += score.log_probs[i];
  }
  out << "sum\t" << sum << "\n";
  return {};
}

Status carry_out(RexpRun* run, std::string_view command, const nlohmann::json& args,
                 std::ostream& out) {
  if (command == "score") return score(run, args, out);
  if (command == "decode") return rexp::decode::decode_command(args, out);
  return rexp::internal_error("the runtime has no command `" + std::string(command) + "`");
}

}  // namespace

const char* rexp_rt_identity() { return rexp::abi::kIdentity; }

RexpRun* rexp_rt_open(const char* options) {
  auto* run = new RexpRun;
  try {
    auto parsed = rexp::parse_own_json(options);
    if (parsed) run->options = std::move(*parsed);
    if (const Status status = open(run); !status.ok())
      rexp::nodes::fail(run, status.error(), nullptr);
  } catch (const std::exception& e) {
    rexp::nodes::fail(run, rexp::fault(e, "opening the run"), nullptr);
  }
  return run;
}

int32_t rexp_rt_told_elsewhere(RexpRun* run, int32_t status) {
  try {
    if (run->group == nullptr) return REXP_OK;
    return run->group->told_elsewhere(status).value_or(REXP_OK);
  } catch (const std::exception&) {
    return REXP_OK;
  }
}

void rexp_rt_close(RexpRun* run) { delete run; }

const char* rexp_rt_error(const RexpRun* run) { return run->error.c_str(); }

const char* rexp_rt_outcomes(RexpRun* run) {
  run->outcomes_text = run->outcomes.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return run->outcomes_text.c_str();
}

void rexp_rt_interrupt() { rexp::nodes::interrupted().store(true); }

int32_t rexp_rt_command(RexpRun* run, const char* command, const char* args,
                        void (*write)(void* user, const char* data, int64_t size), void* user) {
  try {
    std::ostringstream out;
    auto parsed = rexp::parse_own_json(args);
    if (!parsed) return rexp::nodes::fail(run, parsed.error(), nullptr);
    auto& arguments = *parsed;
    arguments["device"] = run->options.value("device", "cpu");
    const Status status = carry_out(run, command, arguments, out);
    const std::string text = out.str();
    write(user, text.data(), static_cast<int64_t>(text.size()));
    return status.ok() ? REXP_OK : rexp::nodes::fail(run, status.error(), nullptr);
  } catch (const std::exception& e) {
    return rexp::nodes::fail(run, rexp::fault(e, std::string("`rexp ") + command + "`"), nullptr);
  }
}
