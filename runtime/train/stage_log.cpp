#include "runtime/train/stage_log.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>

#include "runtime/base/json.h"
#include "runtime/store/file.h"

namespace rexp::train {
namespace {

using Json = nlohmann::ordered_json;
constexpr int64_t kLogRows = 2000;
constexpr int kSamplesPerTask = 3;
constexpr int64_t kSampleSearch = 1000;  // positions looked through for examples of every task

// Text of ids of the full tokenizer, tokens of codebooks (which lie behind it) included.
class Printer {
 public:
  Printer(const text::Tokenizer& tokenizer, const std::vector<CodebookInput>& codebooks)
      : tokenizer_(tokenizer) {
    for (const CodebookInput& input : codebooks) {
      const std::vector<std::string> tokens = input.codebook->tokens();
      for (size_t place = 0; place < tokens.size(); ++place)
        sid_tokens_[input.ids[place]] = tokens[place];
    }
  }

  std::string text(const int32_t* begin, const int32_t* end) const {
    std::string out;
    while (begin != end) {
      const int32_t* stop =
          std::find_if(begin, end, [&](int32_t id) { return sid_tokens_.contains(id); });
      if (stop != begin) out += tokenizer_.decode({begin, stop});
      if (stop != end) out += sid_tokens_.at(*stop++);
      begin = stop;
    }
    return out;
  }

 private:
  const text::Tokenizer& tokenizer_;
  std::map<int32_t, std::string> sid_tokens_;
};

Json sample(const Example& example, int64_t position, const Printer* printer) {
  Json json = {{"task", example.task}, {"row", example.row}, {"tokens", example.ids.size()},
               {"position", position}, {"ids", example.ids}, {"mask", example.trained}};
  if (printer == nullptr) return json;
  const int32_t* ids = example.ids.data();
  json["text"] = printer->text(ids, ids + example.ids.size());
  Json spans = Json::array();
  for (size_t i = 0; i < example.ids.size();) {
    size_t end = i;
    while (end < example.ids.size() && example.trained[end] != 0) ++end;
    if (end > i) spans.push_back(printer->text(ids + i, ids + end));
    i = std::max(end, i + 1);
  }
  json["trained"] = std::move(spans);
  return json;
}

/// The sums of a list [[index or name, loss, count], ..]; false where it is none. A sum that is not finite is printed as null.
template <class Key>
bool read_list(const nlohmann::json& list, std::map<Key, LossSums::Sum>* out) {
  for (const auto& sum : list) {
    if (!sum.is_array() || sum.size() != 3 || !sum[1].is_number()) return false;
    (*out)[sum[0].get<Key>()] = {sum[1].get<double>(), sum[2].get<int64_t>()};
  }
  return true;
}

}  // namespace

Result<StageLog> StageLog::open(const std::string& work, int64_t keep_bytes,
                                const std::string& sums, int64_t total_steps) {
  REXP_TRY(store::make_folder(work));
  StageLog log;
  log.path_ = work + "/log.jsonl";
  if (keep_bytes == 0) {
    REXP_TRY(store::write_file(log.path_, ""));
  } else {
    std::error_code error;
    std::filesystem::resize_file(log.path_, static_cast<uintmax_t>(keep_bytes), error);
    if (error) return store::system_error("write", log.path_, error.value());
  }
  if (!sums.empty() && !log.read_sums(sums))
    return internal_error("sums of losses cannot be read: " + sums);
  log.bytes_ = keep_bytes;
  log.total_ = total_steps;
  log.every_ = std::max<int64_t>(1, total_steps / kLogRows);
  return log;
}

std::string StageLog::sums() const {
  const auto list = [](const auto& sums) {
    nlohmann::json out = nlohmann::json::array();
    for (const auto& [index, sum] : sums) out.push_back({index, sum.loss, sum.count});
    return out;
  };
  nlohmann::json out = {{{0, all_.loss, all_.count}}, list(losses_.levels), list(losses_.tasks)};
  if (!losses_.quantities.empty()) out.push_back(list(losses_.quantities));
  return out.dump();
}

bool StageLog::read_sums(const std::string& text) {
  const auto parsed = parse_own_json(text);
  if (!parsed || !parsed->is_array() || parsed->size() < 3 || parsed->size() > 4) return false;
  LossSums::Sums all;
  if (!read_list((*parsed)[0], &all) || !read_list((*parsed)[1], &losses_.levels) ||
      !read_list((*parsed)[2], &losses_.tasks))
    return false;
  all_ = all[0];
  return parsed->size() == 3 || read_list((*parsed)[3], &losses_.quantities);
}

void StageLog::add_step(double loss, const LossSums& losses) {
  all_.loss += loss;
  ++all_.count;
  losses_.add(losses);
}

Status StageLog::write(int64_t step, double lr) {
  if (step != 1 && step != total_ && step % every_ != 0) return {};
  if (all_.count == 0) return {};
  const auto mean = [](const LossSums::Sum& sum) {
    return sum.loss / static_cast<double>(sum.count);
  };
  const auto means = [&](const LossSums::Sums& sums) {
    Json out = Json::object();
    for (const auto& [index, sum] : sums) out[std::to_string(index)] = mean(sum);
    return out;
  };
  Json row = {{"step", step},
              {"loss", mean(all_)},
              {"levels", means(losses_.levels)},
              {"tasks", means(losses_.tasks)},
              {"lr", lr}};
  for (const auto& [name, sum] : losses_.quantities) row["quantities"][name] = mean(sum);
  std::ofstream file(path_, std::ios::app | std::ios::binary);
  const std::string line = row.dump() + "\n";
  if (!file.write(line.data(), static_cast<std::streamsize>(line.size())).flush()) {
    return store::system_error("write", path_, errno);
  }
  bytes_ += static_cast<int64_t>(line.size());
  all_ = {};
  losses_ = {};
  return {};
}

Status write_samples(const std::string& work, ExampleSource* source, int64_t rows,
                     const text::Tokenizer* tokenizer,
                     const std::vector<CodebookInput>& codebooks) {
  REXP_TRY(store::make_folder(work));
  std::optional<Printer> printer;
  if (tokenizer != nullptr) printer.emplace(*tokenizer, codebooks);
  std::vector<std::vector<Json>> found(static_cast<size_t>(source->tasks()));
  size_t missing = found.size() * kSamplesPerTask;
  for (int64_t position = 0; position < std::min(rows, kSampleSearch) && missing > 0; ++position) {
    Result<Example> example = source->make(position);
    if (!example.ok()) return example.error();
    std::vector<Json>& of_task = found[example->task];
    if (example->ids.empty() || of_task.size() >= kSamplesPerTask) continue;
    of_task.push_back(sample(*example, position, printer ? &*printer : nullptr));
    --missing;
  }
  std::string lines;
  for (const std::vector<Json>& of_task : found) {
    for (const Json& json : of_task)
      lines += json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  }
  return store::write_file(work + "/samples.jsonl", lines);
}

}  // namespace rexp::train
