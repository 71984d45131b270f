#include "runtime/train/kernel_source.h"

#include <cmath>
#include <utility>

#include "runtime/base/assert.h"
#include "runtime/base/random.h"

namespace rexp::train {
namespace {

Status status_of(int32_t code, const std::string& what) {
  if (code == REXP_OK) return {};
  if (code == REXP_INTERRUPTED) return Error{ErrorKind::interrupted, "interrupted", {}, {}, 0};
  const std::string message =
      "the compiled " + what + " failed with status " + std::to_string(code);
  return code == REXP_USER ? user_error(message) : internal_error(message);
}

}  // namespace

int64_t epoch_rows(const StageSpec& spec, const std::vector<int64_t>& counts) {
  // a stage measured in steps needs no total: its stream is as long as its steps
  if (spec.unit == MixtureUnit::shares)
    return spec.total > 0 ? spec.total : spec.steps * spec.batch;
  int64_t rows = 0;
  for (size_t i = 0; i < counts.size(); ++i) {
    rows += static_cast<int64_t>(
        std::floor(spec.tasks[i].weight * static_cast<double>(counts[i]) + 0.5));
  }
  return rows;
}

KernelExampleSource::KernelExampleSource(const StageSpec& spec, RexpRowFn mixture,
                                         std::vector<KernelTask> tasks, uint64_t stream)
    : spec_(spec),
      mixture_(mixture),
      kernels_(std::move(tasks)),
      stream_(stream),
      sink_(std::make_unique<abi::SinkBuffer>()) {
  for (const KernelTask& task : kernels_) {
    const std::vector<std::string>& columns = task.rows->columns;
    std::vector<std::string>& names = names_.emplace_back();
    for (const int column : task.slots) names.push_back(columns[column]);
    if (task.slots.empty()) names = columns;
  }
}

Result<KernelExampleSource> KernelExampleSource::create(const StageSpec& spec, RexpRowFn mixture,
                                                        std::vector<KernelTask> tasks,
                                                        uint64_t stream) {
  if (tasks.size() != spec.tasks.size())
    return internal_error("a stage needs one renderer for each task");
  KernelExampleSource source(spec, mixture, std::move(tasks), stream);
  source.mixture_slots_.push_back(0);
  std::vector<int64_t> counts;
  for (size_t i = 0; i < source.kernels_.size(); ++i) {
    const std::string& name = spec.tasks[i].name;
    const int64_t count = source.kernels_[i].rows->count;
    if (count == 0) {
      return user_error("task `" + name + "` of stage `" + spec.stage +
                            "` has no rows, it must have at least one",
                        "loosen its `where` or give users longer histories, or leave the task out "
                        "of the mixture");
    }
    counts.push_back(count);
  }
  source.mixture_slots_.insert(source.mixture_slots_.end(), counts.begin(), counts.end());
  source.epoch_rows_ = train::epoch_rows(spec, counts);
  if (source.epoch_rows_ <= 0) {
    return user_error(
        "the mixture of stage `" + spec.stage + "` has no rows, it must have at least one",
        "raise the copies of its tasks, or state a `total` for shares");
  }
  return source;
}

Result<abi::Draw> KernelExampleSource::draw(int64_t position) {
  mixture_slots_[0] = position;
  sink_->clear();
  const RexpRowContext context{};
  REXP_TRY(status_of(mixture_(&context, mixture_slots_.data(), stream_, sink_->get()),
                     "mixture of stage `" + spec_.stage + "`"));
  const abi::Draw draw = abi::unpack_draw(sink_->value());
  REXP_ASSERT(draw.task >= 0 && draw.task < static_cast<int64_t>(kernels_.size()),
              "a mixture names a task it has");
  REXP_ASSERT(draw.row < kernels_[draw.task].rows->count, "a mixture names a row its task has");
  return draw;
}

Result<int64_t> KernelExampleSource::render(const KernelTask& task, uint64_t example) {
  sink_->clear();
  REXP_TRY(status_of(task.render(task.context, slots_.data(), example, sink_->get()), "renderer"));
  return static_cast<int64_t>(sink_->ids().size());
}

std::string KernelExampleSource::place(const abi::Draw& draw) const {
  const data::Rows& rows = *kernels_[draw.task].rows;
  std::string text =
      "row " + std::to_string(draw.row) + " of task `" + spec_.tasks[draw.task].name + "`";
  if (const int user = rows.column("user"); user >= 0)
    text += " (user " + std::to_string(rows.row(draw.row)[user]) + ")";
  if (const int item = rows.column("item"); item >= 0)
    text += " (item " + std::to_string(rows.row(draw.row)[item]) + ")";
  return text;
}

Error KernelExampleSource::too_long(const abi::Draw& draw, int64_t tokens, const char* help) const {
  return user_error(place(draw) + " has " + std::to_string(tokens) +
                        " tokens, the window of stage `" + spec_.stage + "` holds " +
                        std::to_string(spec_.window),
                    help);
}

Status KernelExampleSource::shorten(const abi::Draw& draw, int64_t tokens, uint64_t example) {
  const auto fitted = abi::drop_oldest(
      spec_.window, tokens,
      {names_[draw.task], slots_, [&] { return render(kernels_[draw.task], example); }});
  if (!fitted.ok()) return fitted.error();
  if (fitted->tokens <= spec_.window) return {};
  return too_long(draw, fitted->tokens,
                  fitted->dropped > 0 ? "one event of history is all that is left: raise `window`, "
                                        "or say `overflow = drop_example`"
                                      : "raise `window`, or say `overflow = drop_example`");
}

Result<Example> KernelExampleSource::make(int64_t position) {
  const Result<abi::Draw> drawn = draw(position);
  if (!drawn.ok()) return drawn.error();
  const KernelTask& task = kernels_[drawn->task];
  const int64_t* row = task.rows->row(drawn->row);
  slots_.clear();
  if (task.slots.empty()) slots_.assign(row, row + task.rows->columns.size());
  for (const int column : task.slots) slots_.push_back(row[column]);
  const uint64_t example = stream(stream_, static_cast<uint64_t>(position));
  const Result<int64_t> tokens = render(task, example);
  if (!tokens.ok()) return tokens.error();
  Example out;
  out.task = static_cast<int32_t>(drawn->task);
  out.row = drawn->row;
  if (*tokens > spec_.window) {
    if (spec_.overflow == Overflow::drop_example) return out;
    if (spec_.overflow == Overflow::refuse) {
      return too_long(*drawn, *tokens, "raise `window`, or say `overflow = drop_oldest`");
    }
    REXP_TRY(shorten(*drawn, *tokens, example));
  }
  out.ids.assign(sink_->ids().begin(), sink_->ids().end());
  out.trained.assign(sink_->trained().begin(), sink_->trained().end());
  out.levels.assign(sink_->levels().begin(), sink_->levels().end());
  return out;
}

}  // namespace rexp::train
