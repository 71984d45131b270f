#include "runtime/codebook/vector_lines.h"

#include <cmath>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "runtime/base/json.h"
#include "runtime/data/text_file.h"
#include "runtime/data/text_lines.h"

namespace rexp::codebook {
namespace {

using Json = nlohmann::json;

constexpr const char* kForm = R"(a line is an object such as {"id": "17", "vector": [0.1, -0.2]})";

class Reader {
 public:
  explicit Reader(const std::string& path) { lines_.file = path; }

  Status add(std::string_view text, int line) {
    const Result<Json> parsed = parse_json(text, lines_.file, line);
    if (!parsed.ok()) return parsed.error();
    if (!parsed->is_object() || !parsed->contains("id") || !parsed->contains("vector"))
      return fail(line, "the line is no object with `id` and `vector`", kForm);
    std::optional<std::string> id = id_of((*parsed)["id"]);
    if (!id) return fail(line, "`id` is neither a text nor a whole number", kForm);
    const auto [at, fresh] = lines_.row.emplace(*id, lines_.vectors.rows);
    if (!fresh) {
      return fail(line,
                  "item `" + *id + "` has a vector in line " +
                      std::to_string(line_of_row_[static_cast<size_t>(at->second)]) + " already",
                  "write each item once");
    }
    line_of_row_.push_back(line);
    return add_numbers((*parsed)["vector"], *id, line);
  }

  Result<VectorLines> finish() && {
    if (lines_.vectors.rows == 0)
      return file_error(lines_.file, 0, "the file has no vector", kForm);
    return std::move(lines_);
  }

 private:
  Error fail(int line, std::string message, std::string help) const {
    return file_error(lines_.file, line, std::move(message), std::move(help));
  }

  static std::optional<std::string> id_of(const Json& value) {
    if (value.is_string()) return value.get<std::string>();
    return value.is_number_integer() ? std::optional(value.dump()) : std::nullopt;
  }

  Status add_numbers(const Json& list, const std::string& id, int line) {
    const std::string whose = "the vector of item `" + id + "`";
    if (!list.is_array() || list.empty())
      return fail(line, whose + " is no list of numbers", kForm);
    Vectors& vectors = lines_.vectors;
    if (vectors.rows == 0) vectors.size = static_cast<int32_t>(list.size());
    if (list.size() != static_cast<size_t>(vectors.size)) {
      return fail(line,
                  whose + " has " + std::to_string(list.size()) + " numbers, that of line " +
                      std::to_string(line_of_row_.front()) + " has " + std::to_string(vectors.size),
                  "write vectors of one model, all of one size");
    }
    for (const Json& number : list) {
      constexpr double kMost = std::numeric_limits<float>::max();
      if (!number.is_number() || !(std::abs(number.get<double>()) <= kMost)) {
        return fail(line, whose + " holds " + number.dump() + ", which is no number of 32 bits",
                    "write finite numbers");
      }
      vectors.values.push_back(number.get<float>());
    }
    ++vectors.rows;
    return {};
  }

  VectorLines lines_;
  std::vector<int> line_of_row_;
};

}  // namespace

Result<VectorLines> read_vector_lines(const std::string& path) {
  const Result<std::string> text = data::read_text(path);
  if (!text.ok()) return text.error();
  Reader reader(path);
  std::string_view rest = *text;
  for (int line = 1; !rest.empty(); ++line) {
    const std::string_view taken = data::take_line(rest);
    if (taken.find_first_not_of(" \t") == std::string_view::npos) continue;
    REXP_TRY(reader.add(taken, line));
  }
  return std::move(reader).finish();
}

Result<Vectors> vectors_of_items(const VectorLines& lines, const data::Dataset& dataset,
                                 int64_t* strangers) {
  const data::Column& ids = *dataset.items.find("id");
  Vectors out{dataset.item_count(), lines.vectors.size, {}};
  out.values.reserve(static_cast<size_t>(out.rows) * static_cast<size_t>(out.size));
  int64_t missing = 0;
  std::string first;
  for (int64_t item = 0; item < out.rows; ++item) {
    const std::string id(ids.text(item));
    const auto found = lines.row.find(id);
    if (found == lines.row.end()) {
      if (++missing == 1) first = id;
      continue;
    }
    const float* row = lines.vectors.row(found->second);
    out.values.insert(out.values.end(), row, row + out.size);
  }
  if (missing > 0) {
    return file_error(lines.file, 0,
                      std::to_string(missing) + " of " + std::to_string(out.rows) +
                          " items have no vector, the first of them is item `" + first + "`",
                      "every item of the dataset needs one, under the id that it has there");
  }
  *strangers = lines.vectors.rows - out.rows;
  return out;
}

}  // namespace rexp::codebook
