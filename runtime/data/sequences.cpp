#include <algorithm>

#include "runtime/data/raw_table.h"
#include "runtime/data/text_file.h"
#include "runtime/data/text_lines.h"

namespace rexp::data {
namespace {

struct Event {
  std::string_view user, item;
  size_t place = 0;  // in the user's line
  int64_t line = 0;
};

std::vector<Event> split_events(std::string_view text) {
  std::vector<Event> events;
  for (int64_t number = 1; !text.empty(); ++number) {
    std::string_view line = take_line(text);
    const std::string_view user = take_word(line);
    size_t place = 0;
    for (std::string_view item = take_word(line); !item.empty(); item = take_word(line))
      events.push_back({user, item, place++, number});
  }
  return events;
}

}  // namespace

Result<RawTable> read_sequences(const std::string& path) {
  Result<std::string> text = read_text(path);
  if (!text.ok()) return text.error();
  const std::vector<Event> events = split_events(*text);
  // Cells are views into one buffer, so the digits of the places follow the file's text in it.
  size_t longest = 0;
  for (const Event& event : events) longest = std::max(longest, event.place + 1);
  auto storage = std::make_shared<std::string>(*text);
  std::vector<size_t> begins;
  for (size_t place = 0; place < longest; ++place) {
    begins.push_back(storage->size());
    *storage += std::to_string(place);
  }
  begins.push_back(storage->size());
  const std::string_view stored = *storage;
  const auto moved = [&](std::string_view view) {
    return stored.substr(static_cast<size_t>(view.data() - text->data()), view.size());
  };
  RawTable table;
  table.file = path;
  table.columns = {{"user", RawKind::token}, {"item", RawKind::token}, {"at", RawKind::number}};
  for (const Event& event : events) {
    const size_t begin = begins[event.place];
    table.cells.insert(table.cells.end(), {moved(event.user), moved(event.item),
                                           stored.substr(begin, begins[event.place + 1] - begin)});
    table.lines.push_back(event.line);
  }
  table.storage = std::move(storage);
  return table;
}

}  // namespace rexp::data
