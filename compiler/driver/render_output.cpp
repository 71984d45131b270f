#include "compiler/driver/render_output.h"

#include <algorithm>
#include <cstdio>

namespace rexp::driver {

namespace {

/// Token by token: id, trained or not, SID level, text.
void print_tokens(const RenderedRow& row) {
  for (size_t i = 0; i < row.ids.size(); ++i) {
    const std::string shown =
        nlohmann::json(row.texts[i]).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    std::printf("%8d  %s  %d  %s\n", row.ids[i], row.trained[i] ? "trained" : "      -",
                row.levels[i], shown.c_str());
  }
}

/// The text, trained stretches between ⟦ and ⟧ when `mask`.
void print_text(const RenderedRow& row, bool mask) {
  bool inside = false;
  std::string out;
  for (size_t i = 0; i < row.ids.size(); ++i) {
    if (mask && (row.trained[i] != 0) != inside) out += inside ? "⟧" : "⟦";
    inside = mask && row.trained[i] != 0;
    out += row.texts[i];
  }
  if (inside) out += "⟧";
  std::printf("%s\n", out.c_str());
}

/// What the tokens say together: one of them may be no more than a part of a character.
std::string text_of(const RenderedRow& row) {
  std::string out;
  for (const std::string& text : row.texts) out += text;
  return out;
}

/// Whether the window holds what is left of the row.
bool fits(const RenderedRow& row) {
  return row.window == 0 || static_cast<int64_t>(row.ids.size()) <= row.window;
}

}  // namespace

void print_row(const RenderArguments& arguments, const plan::RenderTarget& target,
               const std::string& variant, const RenderedRow& row) {
  const auto trained = std::count(row.trained.begin(), row.trained.end(), uint8_t{1});
  const std::string wording = target.applied + (variant.empty() ? "" : "." + variant);
  const bool asks = target.reader.as == plan::As::ask;
  std::printf("%s, row %lld of %lld of %s %s: %zu tokens", wording.c_str(),
              static_cast<long long>(arguments.row), static_cast<long long>(row.rows),
              asks ? "protocol" : "task", target.task.c_str(), row.ids.size());
  if (asks) {
    std::printf(" before the answer\n");
  } else {
    std::printf(", %lld trained\n", static_cast<long long>(trained));
  }
  if (!target.reader.name.empty()) {
    const char* does = asks                     ? "asks with it"
                       : target.reader.held_out ? "holds it out: it is never trained on"
                                                : "trains on it";
    std::printf("as %s %s\n", target.reader.name.c_str(), does);
  }
  if (row.dropped > 0)
    std::printf("%lld oldest events left out, as the window holds %lld tokens\n",
                static_cast<long long>(row.dropped), static_cast<long long>(row.window));
  if (!fits(row))
    std::printf("the window holds %lld tokens: training leaves it out, or refuses to start\n",
                static_cast<long long>(row.window));
  if (arguments.tokens) print_tokens(row);
  if (!arguments.tokens || arguments.mask) print_text(row, arguments.mask);
}

nlohmann::json row_json(const RenderArguments& arguments, const plan::RenderTarget& target,
                        const std::string& variant, const RenderedRow& row) {
  return {{"template", arguments.name},
          {"variant", variant.empty() ? nlohmann::json() : nlohmann::json(variant)},
          {"task", target.task},
          {"as", target.reader.as == plan::As::ask ? "ask" : "train"},
          {"reader", target.reader.name},
          {"held_out", target.reader.held_out},
          {"row", arguments.row},
          {"rows", row.rows},
          {"position", row.position < 0 ? nlohmann::json() : nlohmann::json(row.position)},
          {"dropped", row.dropped},
          {"fits", fits(row)},
          {"ids", row.ids},
          {"trained", row.trained},
          {"levels", row.levels},
          {"texts", row.texts},
          {"text", text_of(row)}};
}

}  // namespace rexp::driver
