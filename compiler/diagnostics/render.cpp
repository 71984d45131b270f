#include <algorithm>
#include <map>

#include "compiler/diagnostics/diagnostics.h"

namespace rexp::diagnostics {

namespace {

struct Mark {
  int column = 0;  // display cells before it
  int width = 1;
  bool primary = false;
  std::string text;
};

/// Marks by file (the primary label's first), then by line.
using Lines = std::map<int, std::vector<Mark>>;

class Renderer {
 public:
  Renderer(const Diagnostic& diagnostic, const source::SourceMap& sources, bool colour)
      : diagnostic_(diagnostic), sources_(sources), colour_(colour) {
    place(diagnostic.primary, true);
    for (const Label& label : diagnostic.secondary) place(label, false);
    int last = 1;
    for (const auto& [file, lines] : files_) last = std::max(last, lines.rbegin()->first);
    gutter_ = std::string(std::to_string(last).size() + 1, ' ');
  }

  std::string render() {
    const bool error = level_of(diagnostic_.kind) == Level::error;
    level_colour_ = error ? "1;31" : "1;33";
    out_ = paint(level_colour_,
                 std::string(error ? "error" : "warning") + "[" + code_of(diagnostic_.kind) + "]") +
           paint("1", ": " + diagnostic_.message) + "\n";
    const source::Span span = diagnostic_.primary.span;
    if (span.file >= 0) {
      header(span, "--> ");
      frame(files_[span.file]);
      for (const Label& label : diagnostic_.secondary) {
        if (label.span.file < 0 || files_[label.span.file].empty()) continue;
        header(label.span, "::: ");
        frame(files_[label.span.file]);
      }
    }
    if (!diagnostic_.help.empty()) out_ += paint("1;36", "help") + ": " + diagnostic_.help + "\n";
    return out_;
  }

 private:
  void place(const Label& label, bool primary) {
    if (label.span.file < 0) return;
    const source::Place begin = sources_.place(label.span.file, label.span.begin);
    const source::Place end = sources_.place(label.span.file, label.span.end);
    const int right = end.line == begin.line
                          ? end.display_column
                          : source::display_width(sources_.line(label.span.file, begin.line)) + 1;
    files_[label.span.file][begin.line].push_back(Mark{
        begin.display_column - 1, std::max(1, right - begin.display_column), primary, label.text});
  }

  void header(source::Span span, const std::string& arrow) {
    const source::Place at = sources_.place(span.file, span.begin);
    current_ = span.file;
    out_ += gutter_.substr(1) + paint("1;34", arrow) + sources_.name(span.file) + ":" +
            std::to_string(at.line) + ":" + std::to_string(at.display_column) + "\n" + gutter_ +
            paint("1;34", "|") + "\n";
  }

  void frame(Lines& lines) {
    for (auto& [line, marks] : lines) {
      const std::string number = std::to_string(line);
      std::string text;
      for (char c : sources_.line(current_, line)) {
        text += c == '\t' ? std::string(source::kTabWidth, ' ') : std::string(1, c);
      }
      out_ += paint("1;34", number + gutter_.substr(number.size()) + "|") +
              (text.empty() ? "" : " " + text) + "\n";
      std::sort(marks.begin(), marks.end(),
                [](const Mark& a, const Mark& b) { return a.column < b.column; });
      underline(marks);
    }
    lines.clear();
  }

  /// One mark carries its text behind it. Several carry theirs below: on one row where they fit,
  /// else a row each from the right.
  void underline(const std::vector<Mark>& marks) {
    row_begin();
    for (const Mark& mark : marks) put(mark, std::string(mark.width, mark.primary ? '^' : '-'));
    if (marks.size() == 1) {
      if (!marks[0].text.empty()) out_ += " " + paint(colour_of(marks[0]), marks[0].text);
      out_ += "\n";
      return;
    }
    out_ += "\n";
    bool fits = true;
    for (size_t i = 0; i + 1 < marks.size(); ++i) {
      fits &= marks[i].column + source::display_width(marks[i].text) < marks[i + 1].column;
    }
    if (!fits) {
      for (auto mark = marks.rbegin(); mark != marks.rend(); ++mark) texts({*mark});
    } else {
      texts(marks);
    }
  }

  void texts(const std::vector<Mark>& marks) {
    if (std::all_of(marks.begin(), marks.end(), [](const Mark& m) { return m.text.empty(); }))
      return;
    row_begin();
    for (const Mark& mark : marks) {
      if (!mark.text.empty()) put(mark, mark.text);
    }
    out_ += "\n";
  }

  void row_begin() {
    out_ += gutter_ + paint("1;34", "|") + " ";
    column_ = 0;
  }

  /// Writes at the mark's column; what an earlier mark on the row already covers is left out.
  void put(const Mark& mark, std::string text) {
    if (mark.column < column_) {
      const size_t covered = static_cast<size_t>(column_ - mark.column);
      if (covered >= text.size()) return;
      text.erase(0, covered);
    } else {
      out_ += std::string(mark.column - column_, ' ');
      column_ = mark.column;
    }
    out_ += paint(colour_of(mark), text);
    column_ += source::display_width(text);
  }

  const char* colour_of(const Mark& mark) const { return mark.primary ? level_colour_ : "1;34"; }

  std::string paint(const char* colour, const std::string& text) const {
    return colour_ ? std::string("\x1b[") + colour + "m" + text + "\x1b[0m" : text;
  }

  const Diagnostic& diagnostic_;
  const source::SourceMap& sources_;
  const bool colour_;
  const char* level_colour_ = "1;31";
  std::map<source::FileId, Lines> files_;
  std::string gutter_;  // as wide as the largest line number, and one
  std::string out_;
  source::FileId current_ = -1;
  int column_ = 0;  // cells written on this row
};

}  // namespace

std::string render(const Diagnostic& diagnostic, const source::SourceMap& sources, bool colour) {
  return Renderer(diagnostic, sources, colour).render();
}

}  // namespace rexp::diagnostics
