#include "runtime/abi/window.h"

#include <algorithm>

namespace rexp::abi {
namespace {

/// Indices of the first two slots that are a range of events; {-1, -1} when the row has none.
std::pair<int, int> history_of(const std::vector<std::string>& names) {
  constexpr std::string_view kBegin = "_begin";
  for (size_t begin = 0; begin < names.size(); ++begin) {
    if (!names[begin].ends_with(kBegin)) continue;
    const std::string wanted = names[begin].substr(0, names[begin].size() - kBegin.size()) + "_end";
    const auto end = std::find(names.begin(), names.end(), wanted);
    if (end != names.end()) return {static_cast<int>(begin), static_cast<int>(end - names.begin())};
  }
  return {-1, -1};
}

Error too_long(const std::string& where, int64_t tokens, int64_t answer, int64_t window,
               const char* help) {
  return user_error(where + " has " + std::to_string(tokens) + " tokens, and its answer " +
                        std::to_string(answer) + "; the model was trained with a window of " +
                        std::to_string(window),
                    help);
}

}  // namespace

Result<Fitted> drop_oldest(int64_t room, int64_t tokens, const RenderedSlots& row) {
  const auto [begin, end] = history_of(row.names);
  if (tokens <= room || begin < 0 || row.values[begin] >= row.values[end] - 1)
    return Fitted{0, tokens};
  int64_t& from = row.values[begin];
  const int64_t oldest = from;
  int64_t long_at = oldest, fits_at = row.values[end] - 1;
  const auto render_from = [&](int64_t event) {
    from = event;
    return row.render();
  };
  auto shortest = render_from(fits_at);
  if (!shortest) return shortest.error();
  if (*shortest > room) return Fitted{fits_at - oldest, *shortest};
  while (fits_at - long_at > 1) {
    const int64_t middle = long_at + (fits_at - long_at) / 2;
    const auto now = render_from(middle);
    if (!now) return now.error();
    (*now <= room ? fits_at : long_at) = middle;
  }
  const auto left = render_from(fits_at);
  if (!left) return left.error();
  return Fitted{fits_at - oldest, *left};
}

Result<Fitted> render_question(const text::Window& window, int64_t answer, const std::string& where,
                               const RenderedSlots& row) {
  const auto whole = row.render();
  if (!whole) return whole.error();
  const int64_t room = window.tokens - answer;
  if (*whole <= room) return Fitted{0, *whole};
  if (window.overflow == text::Overflow::refuse) {
    return too_long(where, *whole, answer, window.tokens,
                    "raise `window`, or say `overflow = drop_oldest`, in the last stage");
  }
  const auto fitted = drop_oldest(room, *whole, row);
  if (!fitted) return fitted.error();
  if (fitted->tokens > room) {
    return too_long(
        where, fitted->tokens, answer, window.tokens,
        fitted->dropped > 0
            ? "one event of history is all that is left: raise `window` in the last stage"
            : "there is no history that could be shortened: raise `window` in the "
              "last stage");
  }
  return fitted;
}

}  // namespace rexp::abi
