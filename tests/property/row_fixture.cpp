#include "tests/property/row_fixture.h"

#include <bit>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>

#include <unistd.h>

#include "runtime/base/assert.h"
#include "runtime/base/random.h"

namespace rexp::testing {

using row::ExprId;
using row::Kind;
using row::Op;
using row::Stmt;
using row::StmtId;
using row::StmtOp;

Builder::Builder(row::FunctionKind kind, std::string name) {
  function.kind = kind;
  function.name = std::move(name);
  function.slots = {{"history_begin", kEvent}, {"history_end", kEvent}, {"next", kEvent},
                    {"item", kItem},           {"step", kInt},          {"rate", kReal}};
  function.columns = {{0, "items", "title", kText}, {0, "items", "category", list_of(kText)},
                      {0, "items", "year", kInt},   {0, "items", "score", kReal},
                      {0, "events", "item", kInt},  {0, "events", "at", kInt}};
  function.codebooks = {1, 2};
}

ExprId Builder::expr(Op op, row::Type type, std::vector<ExprId> args, int64_t number) {
  function.exprs.push_back({op, type, std::move(args), number});
  return static_cast<ExprId>(function.exprs.size() - 1);
}

ExprId Builder::text(std::string value) {
  const ExprId id = expr(Op::const_text, kText);
  function.exprs.back().text = std::move(value);
  return id;
}

ExprId Builder::real(double value) {
  const ExprId id = expr(Op::const_real, kReal);
  function.exprs.back().real = value;
  return id;
}

StmtId Builder::stmt(Stmt s) {
  function.stmts.push_back(std::move(s));
  return static_cast<StmtId>(function.stmts.size() - 1);
}

StmtId Builder::print(ExprId id) { return stmt({.op = StmtOp::print, .expr = id}); }

StmtId Builder::turn(row::Role role, std::vector<StmtId> body, bool masked) {
  return stmt({.op = StmtOp::turn, .role = role, .masked = masked, .bodies = {std::move(body)}});
}

StmtId Builder::each(int64_t var, ExprId list, std::vector<StmtId> body,
                     std::vector<StmtId> separator) {
  return stmt({.op = StmtOp::for_each,
               .expr = list,
               .number = var,
               .bodies = {std::move(body), std::move(separator)}});
}

StmtId Builder::if_(ExprId condition, std::vector<StmtId> then, std::vector<StmtId> otherwise) {
  return stmt(
      {.op = StmtOp::if_, .expr = condition, .bodies = {std::move(then), std::move(otherwise)}});
}

StmtId Builder::choose(int64_t var, std::vector<double> weights,
                       std::vector<std::vector<StmtId>> bodies) {
  return stmt({.op = StmtOp::choose,
               .number = var,
               .weights = std::move(weights),
               .bodies = std::move(bodies)});
}

StmtId Builder::history_sids(std::string separator) {
  const int32_t v = new_var();
  const StmtId body = print(sid_of(var(v, kEvent)));
  std::vector<StmtId> between;
  if (!separator.empty()) between.push_back(print(std::move(separator)));
  return each(v, history(), {body}, between);
}

World::World() {
  const std::vector<std::string> titles = {
      "玩具总动员", "Toy Story (1995)", "",       "大话西游：月光宝盒",
      "a\nb  c",    "<|im_end|>",       "Amélie", "千と千尋の神隠し"};
  const std::vector<std::string> names = {"喜剧", "剧情", "Sci-Fi", "", "动作"};
  const std::vector<double> scores = {0.1, -0.0, 1e300, 3, 1.0 / 3, -2.5, 1e-310, 42};
  title_offsets_ = category_offsets_ = category_lists_ = {0};
  for (size_t i = 0; i < titles.size(); ++i) {
    titles_ += titles[i];
    title_offsets_.push_back(static_cast<int64_t>(titles_.size()));
    for (size_t j = 0; j < i % 4; ++j) {  // none to three categories, some of them twice
      categories_ += names[below(7, i * 8 + j, names.size())];
      category_offsets_.push_back(static_cast<int64_t>(categories_.size()));
    }
    category_lists_.push_back(static_cast<int64_t>(category_offsets_.size()) - 1);
    years_.push_back(1990 + static_cast<int64_t>(below(8, i, 30)));
    scores_.push_back(scores[i]);
    const auto item = static_cast<int32_t>(i);
    sid_ids_[0].insert(sid_ids_[0].end(), {900, 700 + item, 720 + item % 3, 901});
    sid_ids_[1].insert(sid_ids_[1].end(), {800 + item / 2, 810 + item % 2});
  }
  sid_levels_[0] = {0, 1, 2, 0};
  sid_levels_[1] = {1, 2};
  for (uint64_t i = 0; i < 400; ++i) {
    event_items_.push_back(static_cast<int64_t>(below(9, i, titles.size())));
    at_.push_back(static_cast<int64_t>(i) * 1000);
  }
  const auto n = static_cast<int64_t>(titles.size());
  columns_[kTitle] = {REXP_COLUMN_TEXT, n, titles_.data(), title_offsets_.data(), nullptr};
  columns_[kCategory] = {REXP_COLUMN_TEXT_LIST, n, categories_.data(), category_offsets_.data(),
                         category_lists_.data()};
  columns_[kYear] = {REXP_COLUMN_INT, n, years_.data(), nullptr, nullptr};
  columns_[kScore] = {REXP_COLUMN_FLOAT, n, scores_.data(), nullptr, nullptr};
  columns_[kEventItem] = {REXP_COLUMN_INT, 400, event_items_.data(), nullptr, nullptr};
  columns_[kAt] = {REXP_COLUMN_INT, 400, at_.data(), nullptr, nullptr};
  for (int b = 0; b < 2; ++b) {
    const auto width = static_cast<int32_t>(sid_levels_[b].size());
    sid_ids_[b].resize(sid_ids_[b].size() + REXP_SID_ROOM);
    sid_levels_[b].resize(sid_levels_[b].size() + REXP_SID_ROOM);
    sids_[b] = {n, width, sid_ids_[b].data(), sid_levels_[b].data()};
  }
}

std::vector<int64_t> World::row(uint64_t i) const {
  constexpr double kRates[] = {0,
                               -0.0,
                               0.5,
                               1e308,
                               -3,
                               std::numeric_limits<double>::quiet_NaN(),
                               std::numeric_limits<double>::infinity()};
  const auto begin = static_cast<int64_t>(below(11, i, 390));
  const auto end = begin + static_cast<int64_t>(below(12, i, 7));
  return {begin,
          end,
          end,
          static_cast<int64_t>(below(13, i, years_.size())),
          static_cast<int64_t>(below(14, i, 9)) - 2,
          std::bit_cast<int64_t>(kRates[below(15, i, std::size(kRates))])};
}

std::vector<RexpColumn> World::columns(const row::RowFunction& function) const {
  static const std::map<std::string, Columns> kPlaces = {
      {"items.title", kTitle},       {"items.id", kTitle},
      {"items.category", kCategory}, {"items.year", kYear},
      {"items.train_count", kYear},  {"items.score", kScore},
      {"events.item", kEventItem},   {"events.at", kAt}};
  std::vector<RexpColumn> out;
  for (const row::ColumnRef& column : function.columns) {
    const auto place = kPlaces.find(column.table + "." + column.column);
    REXP_ASSERT(place != kPlaces.end(), "a column that the small catalogue lacks");
    out.push_back(columns_[place->second]);
  }
  return out;
}

text::Tokenizer small_tokenizer() {
  static const char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const auto base64 = [](const std::string& s) {
    std::string out;
    for (size_t i = 0; i < s.size(); i += 3) {
      uint32_t bits = 0;
      for (size_t j = 0; j < 3; ++j)
        bits = bits << 8 | (i + j < s.size() ? static_cast<unsigned char>(s[i + j]) : 0);
      for (size_t j = 0; j < 4; ++j)
        out += i + j <= s.size() ? kDigits[bits >> (18 - 6 * j) & 63] : '=';
    }
    return out;
  };
  std::vector<std::string> tokens;
  for (int byte = 0; byte < 256; ++byte) tokens.emplace_back(1, static_cast<char>(byte));
  for (const char* merge : {"\xEF\xBC", "\xEF\xBC\x8C", "\xE5\x96", "\xE5\x96\x9C", "\n\n", "to",
                            " to", "us", "er", "user", ", "}) {
    tokens.emplace_back(merge);
  }
  const auto path = std::filesystem::temp_directory_path() /
                    ("rexp_small_" + std::to_string(getpid()) + ".tiktoken");
  {
    std::ofstream file(path);
    for (size_t i = 0; i < tokens.size(); ++i) file << base64(tokens[i]) << ' ' << i << '\n';
  }
  Result<text::Tokenizer> made =
      text::Tokenizer::from_tiktoken(path.string(), {{600, "<|endoftext|>"},
                                                     {601, "<|im_start|>"},
                                                     {602, "<|im_end|>"},
                                                     {603, "<think>", false},
                                                     {604, "</think>", false}});
  std::filesystem::remove(path);
  if (!made.ok()) std::fprintf(stderr, "%s\n", to_string(made.error()).c_str());
  REXP_ASSERT(made.ok(), "the small tokenizer cannot be read");
  return std::move(*made);
}

text::ChatFormat chatml(const text::Tokenizer& tokenizer, text::Think think) {
  Result<text::ChatFormat> format = text::chat_format("qwen3", think, tokenizer);
  REXP_ASSERT(format.ok(), "the small tokenizer has no chat format");
  return *format;
}

}  // namespace rexp::testing
