#include <cstdio>
#include <set>

#include "compiler/driver/arguments.h"
#include "compiler/driver/commands.h"
#include "compiler/driver/compile.h"
#include "compiler/driver/compile_options.h"
#include "compiler/driver/output.h"
#include "compiler/driver/paths.h"
#include "runtime/store/garbage.h"
#include "runtime/store/runs.h"
#include "runtime/store/store.h"

namespace rexp::driver {

namespace {

using store::Leftover;

struct StoreArguments {
  std::optional<std::string> store;
  bool json = false;
};

std::string size_text(int64_t bytes) {
  static constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB"};
  auto size = static_cast<double>(bytes);
  size_t unit = 0;
  for (; size >= 1000 && unit + 1 < std::size(kUnits); ++unit) size /= 1000;
  char out[32];
  std::snprintf(out, sizeof out, unit == 0 ? "%.0f %s" : "%.1f %s", size, kUnits[unit]);
  return out;
}

// ---- verify -----------------------------------------------------------------------------------------------------

int verify(const StoreArguments& arguments) {
  const auto store = store::Store::existing(store_folder(arguments.store));
  if (!store) return report(store.error(), arguments.json);
  const std::vector<std::string> keys = store->keys();
  nlohmann::json damaged = nlohmann::json::array();
  for (const std::string& key : keys) {
    const auto damage = store->damage(key);
    if (!damage) return report(damage.error(), arguments.json);
    if (!damage->has_value()) continue;
    damaged.push_back({{"key", key}, {"what", **damage}, {"folder", store->path(key)}});
    if (!arguments.json) std::printf("%s: %s\n", store->path(key).c_str(), (*damage)->c_str());
  }
  if (arguments.json) {
    print_json({{"ok", damaged.empty()}, {"artifacts", keys.size()}, {"damaged", damaged}});
  } else {
    std::printf("%zu artifacts, %zu damaged%s\n", keys.size(), damaged.size(),
                damaged.empty() ? "" : "; a run that needs one puts it aside and makes it again");
  }
  return damaged.empty() ? kOk : kUserError;
}

// ---- gc ---------------------------------------------------------------------------------------------------------

struct GcArguments : StoreArguments {
  int64_t last = 0;  // 0: by report
  bool dry_run = false;
};

bool can_be_continued(const std::string& status) {
  return status == "running" || status == "interrupted" || status == "lost";
}

/// Keys that the runs refer to which count.
Result<std::set<std::string>> referred_to(const store::Store& store, int64_t last) {
  constexpr int64_t kAll = int64_t{1} << 40;
  auto registry = store::RunRegistry::open(store.root() + "/runs.db");
  if (!registry) return registry.error();
  const auto runs = registry->list_runs(last > 0 ? last : kAll);
  if (!runs) return runs.error();
  std::set<std::string> reports, keep;
  for (const std::string& key : store.keys()) {
    const auto meta = store.meta(key);
    if (meta.ok() && meta->kind == "report") reports.insert(key);
  }
  for (const store::RunRecord& run : *runs) {
    const auto parsed = parse_json(run.keys, store.root() + "/runs.db");
    if (!parsed) return parsed.error();
    if (!parsed->is_array()) continue;
    std::set<std::string> keys;
    bool reported = false;
    for (const auto& key : *parsed) {
      if (key.is_string()) keys.insert(key.get<std::string>());
    }
    for (const std::string& key : keys) reported = reported || reports.contains(key);
    if (last > 0 || reported || can_be_continued(run.status)) keep.merge(keys);
  }
  return keep;
}

const char* word(Leftover::What what) {
  return what == Leftover::What::artifact      ? "artifact"
         : what == Leftover::What::checkpoints ? "checkpoints"
                                               : "quarantined";
}

int gc(const GcArguments& arguments) {
  const auto store = store::Store::existing(store_folder(arguments.store));
  if (!store) return report(store.error(), arguments.json);
  const auto lock = store->lock(store::kRunsLock);
  if (!lock) return report(lock.error(), arguments.json);
  const auto keep = referred_to(*store, arguments.last);
  if (!keep) return report(keep.error(), arguments.json);
  const auto garbage = store::find_garbage(*store, *keep);
  if (!garbage) return report(garbage.error(), arguments.json);
  nlohmann::json removed = nlohmann::json::array();
  int64_t bytes = 0, in_use = 0;
  for (const Leftover& leftover : garbage->leftovers) {
    const auto gone = arguments.dry_run ? Result<bool>(true) : store::remove(*store, leftover);
    if (!gone) return report(gone.error(), arguments.json);
    if (!*gone) {
      ++in_use;
      continue;
    }
    bytes += leftover.bytes;
    removed.push_back({{"what", word(leftover.what)},
                       {"key", leftover.key},
                       {"kind", leftover.kind},
                       {"name", leftover.name},
                       {"bytes", leftover.bytes}});
    if (!arguments.json) {
      std::printf("%10s  %-11s  %.12s  %-9s  %s\n", size_text(leftover.bytes).c_str(),
                  word(leftover.what), leftover.key.c_str(), leftover.kind.c_str(),
                  leftover.name.c_str());
    }
  }
  if (arguments.json) {
    print_json({{"ok", true},
                {"dry_run", arguments.dry_run},
                {"removed", removed},
                {"bytes", bytes},
                {"kept", garbage->kept},
                {"in_use", in_use}});
    return kOk;
  }
  std::printf("%s %zu, %s; %lld artifacts stay%s\n", arguments.dry_run ? "would remove" : "removed",
              removed.size(), size_text(bytes).c_str(), static_cast<long long>(garbage->kept),
              in_use > 0 ? ", and what is being made" : "");
  return kOk;
}

// ---- path -------------------------------------------------------------------------------------------------------

struct PathArguments : StoreArguments {
  std::string what;
  CompileArguments program;
};

/// The key of the node that the plan of a file calls `name`.
Result<std::string> key_of_node(const PathArguments& arguments, int* status) {
  const auto options = compile_options(arguments.program);
  if (!options) return options.error();
  source::SourceMap sources;
  diagnostics::Sink sink;
  const plan::CompileResult result = compile(sources, arguments.program.file, *options, sink);
  if (!result.plan) {
    *status = report(sink, sources, arguments.json);
    return std::string();
  }
  std::vector<std::string> names;
  for (const plan::Node& node : result.plan->nodes) {
    if (node.name == arguments.what) return node.key;
    names.push_back(node.name);
  }
  const std::string near = diagnostics::nearest(arguments.what, names);
  return user_error(
      "the plan of " + arguments.program.file + " has no node `" + arguments.what + "`",
      near.empty() ? "`rexp explain` lists them" : "did you mean `" + near + "`?");
}

Result<std::string> key_that_begins(const store::Store& store, const std::string& prefix) {
  std::vector<std::string> found;
  for (const std::string& key : store.keys()) {
    if (key.starts_with(prefix)) found.push_back(key);
  }
  if (found.size() == 1) return found[0];
  if (found.empty())
    return user_error("no artifact's key begins with `" + prefix + "`",
                      "`rexp explain FILE` lists keys; `--file FILE` takes the name of a node");
  return user_error(
      "the keys of " + std::to_string(found.size()) + " artifacts begin with `" + prefix + "`",
      "give more of it: " + found[0] + " or " + found[1]);
}

int path(const PathArguments& arguments) {
  const auto store = store::Store::existing(store_folder(arguments.store));
  if (!store) return report(store.error(), arguments.json);
  int status = kOk;
  const auto key = arguments.program.file.empty() ? key_that_begins(*store, arguments.what)
                                                  : key_of_node(arguments, &status);
  if (status != kOk) return status;
  if (!key) return report(key.error(), arguments.json);
  if (!store->has(*key))
    return report(user_error("`" + arguments.what + "` is not in the store yet (key " + *key + ")",
                             "`rexp run " + arguments.program.file + "` makes it"),
                  arguments.json);
  if (arguments.json) {
    print_json({{"key", *key}, {"path", store->path(*key)}});
  } else {
    std::printf("%s\n", store->path(*key).c_str());
  }
  return kOk;
}

template <class Arguments>
std::shared_ptr<Arguments> with_common(Command& command) {
  auto arguments = std::make_shared<Arguments>();
  add_store_option(command, arguments->store);
  add_json_option(command, arguments->json);
  return arguments;
}

}  // namespace

void add_store(Command& program) {
  Command parent = program.command("store", "look after what the runs have left");
  parent.needs_command();

  Command verify_command = parent.command("verify", "read every artifact; say which are damaged");
  auto verified = with_common<StoreArguments>(verify_command);
  verify_command.does([verified] { return verify(*verified); });

  Command gc_command = parent.command("gc", "remove what no run refers to any more");
  auto collected = with_common<GcArguments>(gc_command);
  gc_command.count("--last", collected->last, 1,
                   "keep what the last N runs refer to (default: every run whose report is there "
                   "or that can be continued)");
  gc_command.flag("--dry-run", collected->dry_run, "only say what would go");
  gc_command.does([collected] { return gc(*collected); });

  Command path_command = parent.command("path", "where an artifact lies");
  auto placed = with_common<PathArguments>(path_command);
  path_command.text("what", placed->what, "the beginning of a key; with --file the name of a node",
                    Given::must_be);
  path_command.text("--file", placed->program.file,
                    "experiment file (.rexp) whose plan has the node");
  path_command.text("--experiment", placed->program.experiment,
                    "which experiment of the file (default: the only one)");
  path_command.texts("--set", placed->program.overrides,
                     "override a value: path=expression (may be repeated)");
  path_command.does([placed] { return path(*placed); });
}

}  // namespace rexp::driver
