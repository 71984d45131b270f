#include "runtime/nodes/run.h"

#include <chrono>
#include <cstdio>
#include <exception>

#include "runtime/base/fault.h"
#include "runtime/nodes/together.h"
#include "runtime/store/file.h"

namespace rexp::nodes {

std::atomic<bool>& interrupted() {
  static std::atomic<bool> flag{false};
  return flag;
}

int32_t fail(RexpRun* run, const Error& error, const char* node_name) {
  const char* kind = error.kind == ErrorKind::user       ? "user"
                     : error.kind == ErrorKind::internal ? "internal"
                                                         : "interrupted";
  run->error = nlohmann::json{{"kind", kind},       {"message", error.message},
                              {"help", error.help}, {"file", error.file},
                              {"line", error.line}, {"node", node_name ? node_name : ""}}
                   .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  switch (error.kind) {
    case ErrorKind::user: return REXP_USER;
    case ErrorKind::interrupted: return REXP_INTERRUPTED;
    case ErrorKind::internal: break;
  }
  return REXP_INTERNAL;
}

Result<NodeContext> NodeContext::open(RexpRun* run, const RexpNode* node, std::string folder) {
  auto args = parse_own_json(node->args);
  if (!args) return args.error();
  auto site = parse_own_json(node->site);
  if (!site) return site.error();
  NodeContext context(run, node, std::move(folder));
  context.args_ = std::move(*args);
  context.site_ = std::move(*site);
  return context;
}

namespace {

/// The folder itself for an empty name: messages show these paths.
std::string below(std::string folder, std::string_view file) {
  return file.empty() ? folder : folder + "/" + std::string(file);
}

}  // namespace

void NodeContext::note(std::string text) { notes_.push_back(std::move(text)); }

std::string NodeContext::out(std::string_view file) const { return below(folder_, file); }

std::string NodeContext::in(int64_t input, std::string_view file) const {
  return below(run_->store->path(node_->inputs[input]), file);
}

int64_t NodeContext::find(std::initializer_list<std::string_view> kinds, int64_t n) const {
  for (int64_t i = 0; i < node_->input_count; ++i) {
    for (std::string_view kind : kinds) {
      if (kind == node_->input_kinds[i] && n-- == 0) return i;
    }
  }
  return -1;
}

std::vector<int64_t> NodeContext::all(std::string_view kind) const {
  std::vector<int64_t> found;
  for (int64_t i = 0; i < node_->input_count; ++i) {
    if (kind == node_->input_kinds[i]) found.push_back(i);
  }
  return found;
}

const RexpKernel* NodeContext::kernel(std::string_view role, int64_t n) const {
  for (int64_t i = 0; i < node_->kernel_count; ++i) {
    if (role == node_->kernels[i].role && n-- == 0) return &node_->kernels[i];
  }
  return nullptr;
}

Result<const RexpKernel*> NodeContext::kernel_at(int64_t index) const {
  if (index < 0 || index >= node_->kernel_count)
    return internal_error("`" + std::string(node_->name) + "` has no kernel " +
                          std::to_string(index));
  return &node_->kernels[index];
}

Result<std::string> NodeContext::work_folder() { return run_->store->work(node_->key); }

Result<std::shared_ptr<const data::Dataset>> NodeContext::dataset(int64_t input) {
  REXP_TRY(check_input(input));
  return dataset_of(node_->inputs[input]);
}

Result<std::shared_ptr<const data::Dataset>> NodeContext::finished_dataset() {
  return dataset_of(node_->key);
}

Result<std::shared_ptr<const data::Dataset>> NodeContext::dataset_of(const std::string& key) {
  auto& slot = run_->datasets[key];
  if (!slot) {
    auto loaded = data::load_dataset(below(run_->store->path(key), "dataset.bin"));
    if (!loaded) return loaded.error();
    slot = std::make_shared<const data::Dataset>(std::move(*loaded));
  }
  return slot;
}

Result<data::Rows> NodeContext::rows(int64_t input) {
  REXP_TRY(check_input(input));
  return data::load_rows(in(input, "rows.bin"));
}

Result<data::Table> NodeContext::table(int64_t input) {
  REXP_TRY(check_input(input));
  return data::load_table(in(input, "table.bin"));
}

Result<codebook::Codebook> NodeContext::codebook(int64_t input) {
  REXP_TRY(check_input(input));
  return codebook::load_codebook(in(input, "codebook.json"));
}

Status NodeContext::check_input(int64_t input) const {
  if (input >= 0 && input < node_->input_count) return {};
  return internal_error("`" + std::string(node_->name) + "` has no input " + std::to_string(input));
}

Result<std::shared_ptr<const text::Tokenizer>> NodeContext::tokenizer(const std::string& kind,
                                                                      const std::string& folder) {
  const std::string path = kind == "qwen" ? run_->options.value("tokenizer", "") : folder;
  auto& slot = run_->tokenizers[path];
  if (!slot) {
    auto loaded = kind == "qwen" ? text::Tokenizer::from_tiktoken(path, text::qwen3_added_tokens())
                                 : text::Tokenizer::from_folder(path);
    if (!loaded) return loaded.error();
    slot = std::make_shared<const text::Tokenizer>(std::move(*loaded));
  }
  return slot;
}

namespace {

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

Status guarded(const std::function<Status(NodeContext&)>& body, NodeContext& context) {
  try {
    return body(context);
  } catch (const std::exception& thrown) {
    return fault(thrown, "`" + std::string(context.node().name) + "`");
  }
}

Result<bool> is_whole(const store::Store& store, const RexpNode* node) {
  if (!store.has(node->key)) return false;
  const auto damage = store.damage(node->key);
  if (!damage.ok()) return damage.error();
  return !damage->has_value();
}

/// Moves a damaged artifact away. The caller holds the lock of its key.
Status set_aside_where_damaged(const store::Store& store, const RexpNode* node) {
  if (!store.has(node->key)) return {};
  const auto damage = store.damage(node->key);
  if (!damage.ok()) return damage.error();
  if (!damage->has_value()) return {};
  const auto place = store.quarantine(node->key);
  if (!place.ok()) return place.error();
  std::fprintf(stderr,
               "rexp: the artifact of `%s` is damaged (%s); it lies in %s now and is made again\n",
               node->name, (*damage)->c_str(), place->c_str());
  return {};
}

/// Makes the artifact that is not there. The caller holds the lock of its key.
Status make(RexpRun* run, const RexpNode* node, int version,
            const std::function<Status(NodeContext&)>& body, double start,
            std::vector<std::string>* notes) {
  auto pending = run->store->begin(node->key);
  if (!pending) return pending.error();
  auto context = NodeContext::open(run, node, pending->path());
  if (!context) return context.error();
  REXP_TRY(guarded(body, *context));
  *notes = context->notes();
  store::Meta meta;
  meta.kind = node->kind;
  meta.name = node->name;
  meta.version = version;
  meta.seconds = now() - start;
  meta.notes = *notes;
  meta.made = context->made();
  return pending->commit(meta);
}

Status execute(RexpRun* run, const RexpNode* node, int version,
               const std::function<Status(NodeContext&)>& body) {
  const double start = now();
  const auto whole = is_whole(*run->store, node);
  if (!whole.ok()) return whole.error();
  bool cached = *whole;
  std::vector<std::string> notes;
  if (!cached) {
    store::Waiting waiting;
    waiting.notice = [&] {
      std::fprintf(stderr, "%s: another run is making it; waiting\n", node->name);
    };
    waiting.interrupted = [] { return interrupted().load(); };
    auto lock = run->store->lock(node->key, waiting);
    if (!lock) return lock.error();
    REXP_TRY(set_aside_where_damaged(*run->store, node));
    cached = run->store->has(node->key);
    REXP_TRY(lead(*run, *node, cached));
    if (!cached) {
      REXP_TRY(make(run, node, version, body, start, &notes));
      REXP_TRY(made(*run));
    }
  } else {
    REXP_TRY(lead(*run, *node, cached));
  }
  double seconds = now() - start;
  if (cached) {
    const auto meta = run->store->meta(node->key);
    if (!meta.ok()) return meta.error();
    notes = meta->notes;
    seconds = meta->seconds;
  }
  run->outcomes.push_back({{"name", node->name},
                           {"kind", node->kind},
                           {"key", node->key},
                           {"state", cached ? "cached" : "run"},
                           {"seconds", seconds},
                           {"notes", notes}});
  return {};
}

/// What a process does that is not the first.
Status follow(RexpRun* run, const RexpNode* node, const std::function<Status(NodeContext&)>& body,
              Doers doers) {
  const Result<bool> cached = hear(*run, *node);
  if (!cached.ok()) return cached.error();
  if (*cached) return {};
  if (doers == Doers::everyone) {
    auto context = NodeContext::open(run, node, {});
    if (!context) return context.error();
    REXP_TRY(guarded(body, *context));
  }
  REXP_TRY(made(*run));
  return see(*run, *node);
}

}  // namespace

int32_t run_node(RexpRun* run, const RexpNode* node, int version,
                 const std::function<Status(NodeContext&)>& body, Doers doers) noexcept {
  try {
    if (interrupted().load())
      return fail(run,
                  Error{ErrorKind::interrupted,
                        "interrupted",
                        "run the same command again to continue",
                        {},
                        0},
                  node->name);
    const bool leads = run->group == nullptr || run->group->leads();
    const Status status =
        leads ? execute(run, node, version, body) : follow(run, node, body, doers);
    return status.ok() ? REXP_OK : fail(run, status.error(), node->name);
  } catch (const std::exception& e) {
    return fail(run, fault(e, "`" + std::string(node->name) + "`"), node->name);
  }
}

int32_t look_at_node(RexpRun* run, const RexpNode* node,
                     const std::function<Status(NodeContext&)>& body) noexcept {
  try {
    auto context = NodeContext::open(run, node, run->store->path(node->key));
    const Status status = context ? guarded(body, *context) : Status(context.error());
    return status.ok() ? REXP_OK : fail(run, status.error(), node->name);
  } catch (const std::exception& e) {
    return fail(run, fault(e, "`" + std::string(node->name) + "`"), node->name);
  }
}

Status write_json(const std::string& path, const nlohmann::json& value) {
  return store::write_file(
      path, value.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

Result<nlohmann::json> read_json(const std::string& path) {
  auto text = store::read_file(path);
  if (!text) return text.error();
  return parse_json(*text, path);
}

}  // namespace rexp::nodes
