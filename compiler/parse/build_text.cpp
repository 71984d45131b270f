// Texts: escapes, holes, directives, and the indentation of `"""` blocks.
#include <charconv>

#include "compiler/parse/build.h"

namespace rexp::parse {

using diagnostics::Kind;
using P = rexp_grammar::RexpParser;
using Part = ast::TextPart;

namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }

void append_utf8(std::string& out, uint32_t point) {
  const auto tail = [&](int shift) { out += static_cast<char>(0x80 | ((point >> shift) & 0x3F)); };
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xC0 | point >> 6);
    tail(0);
  } else if (point < 0x10000) {
    out += static_cast<char>(0xE0 | point >> 12);
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0 | point >> 18);
    tail(12);
    tail(6);
    tail(0);
  }
}

}  // namespace

/// Walks the parts of one text in order. For a block it knows where the closing quotes stand, so it
/// can remove their indentation from every line and the line end before them.
class TextBuilder {
 public:
  TextBuilder(Builder& owner, P::TextContext* c) : owner_(owner), c_(c) {
    end_ = owner_.span(c).end;
    if (c->TEXT3_OPEN()) open_block();
  }

  ast::Text build() { return {owner_.span(c_), parts(c_->part())}; }

 private:
  void open_block() {
    const source::Span open = owner_.span(c_->TEXT3_OPEN());
    const std::string_view source = owner_.source_;
    if (source[open.end - 1] != '\n') {
      owner_.error(Kind::bad_text_block, open, "text begins on the line of its `\"\"\"`").help =
          "the text of a `\"\"\"` block begins on the next line";
      return;
    }
    if (!c_->TEXT_CLOSE()) return;
    const source::Span close = owner_.span(c_->TEXT_CLOSE());
    if (close.begin == close.end) return;  // put in by the scanner
    size_t start = close.begin;
    while (start > open.end && is_blank(source[start - 1])) --start;
    if (source[start - 1] != '\n') {
      owner_.error(Kind::bad_text_block, close, "closing `\"\"\"` stands behind text").help =
          "put it on a line of its own";
      return;
    }
    indent_ = source.substr(start, close.begin - start);
    due_ = !indent_.empty();
    end_ = start;
    if (end_ > open.end) --end_;  // the line end before the closing quotes
    if (end_ > open.end && source[end_ - 1] == '\r') --end_;
  }

  std::vector<Part> parts(const std::vector<P::PartContext*>& list) {
    std::vector<Part> out;
    for (P::PartContext* p : list) {
      if (auto* node = p->CHARS() ? p->CHARS() : p->BAD_ESCAPE()) {
        const source::Span span = owner_.span(node);
        if (p->BAD_ESCAPE()) {
          owner_
              .error(Kind::bad_escape, span,
                     "unknown escape `" +
                         std::string(owner_.source_.substr(span.begin, span.end - span.begin)) +
                         "`")
              .help =
              "write `\\\\` for a backslash; the others are \\\" \\n \\t \\$ \\% and \\u{...}";
        }
        if (out.empty() || out.back().kind != Part::Kind::chars) {
          out.emplace_back();
          out.back().span = span;
        }
        out.back().span = source::cover(out.back().span, span);
        chars(span, out.back().chars);
        if (out.back().chars.empty()) out.pop_back();
        continue;
      }
      check_indent(owner_.span(p).begin);
      if (p->hole()) out.push_back(hole(p->hole()));
      if (p->forPart()) out.push_back(for_each(p->forPart()));
      if (p->ifPart()) out.push_back(condition(p->ifPart()));
    }
    return out;
  }

  Part hole(P::HoleContext* c) {
    Part out;
    out.kind = Part::Kind::hole;
    out.span = owner_.span(c);
    out.expr = owner_.expr(c->expr());
    if (c->text()) out.separator.push_back(owner_.text(c->text()));
    return out;
  }

  Part for_each(P::ForPartContext* c) {
    Part out;
    out.kind = Part::Kind::for_each;
    out.span = owner_.span(c);
    out.variable = owner_.name(c->name());
    out.expr = owner_.expr(c->expr());
    if (c->text()) out.separator.push_back(owner_.text(c->text()));
    out.bodies.push_back({out.span, parts(c->part())});
    return out;
  }

  Part condition(P::IfPartContext* c) {
    Part out;
    out.kind = Part::Kind::if_;
    out.span = owner_.span(c);
    out.expr = owner_.expr(c->expr());
    out.bodies.push_back({out.span, parts(c->part())});
    if (c->elsePart())
      out.bodies.push_back({owner_.span(c->elsePart()), parts(c->elsePart()->part())});
    return out;
  }

  /// Appends the characters of a token: escapes resolved, the block's indentation and last line end
  /// left out, CRLF as LF.
  void chars(source::Span span, std::string& out) {
    const std::string_view source = owner_.source_;
    const size_t end = std::min<size_t>(span.end, end_);
    for (size_t at = span.begin; at < end;) {
      if (due_) {
        skip_indent(at, end);
      } else if (source[at] == '\\') {
        escape(source.substr(at, span.end - at), at, out);
      } else if (source[at] == '\r' && at + 1 < source.size() && source[at + 1] == '\n') {
        ++at;
      } else {
        due_ = source[at] == '\n' && !indent_.empty();
        out += source[at++];
      }
    }
  }

  void skip_indent(size_t& at, size_t end) {
    const std::string_view source = owner_.source_;
    due_ = false;
    size_t taken = 0;
    while (taken < indent_.size() && at + taken < end && source[at + taken] == indent_[taken])
      ++taken;
    const size_t next = at + taken;
    const bool blank = next == end_ || source[next] == '\n' || source[next] == '\r';
    if (taken < indent_.size() && !blank) report_indent(at, next);
    at = next;
  }

  /// A hole right at the start of a line has no indentation in front of it.
  void check_indent(size_t at) {
    if (due_) report_indent(at, at);
    due_ = false;
  }

  void report_indent(size_t begin, size_t end) {
    if (reported_) return;
    reported_ = true;
    const source::Span span{owner_.file_, static_cast<uint32_t>(begin), static_cast<uint32_t>(end)};
    owner_.error(Kind::bad_text_block, span, "line is indented less than the closing `\"\"\"`")
        .help =
        "the indentation of the closing quotes is taken away from every line; move them to the "
        "left or the line to the right";
  }

  void escape(std::string_view rest, size_t& at, std::string& out) {
    const char c = rest.size() > 1 ? rest[1] : '\0';
    at += 2;
    switch (c) {
      case 'n': out += '\n'; return;
      case 't': out += '\t'; return;
      case '"':
      case '\\':
      case '$':
      case '%': out += c; return;
      default: break;
    }
    const size_t close =
        c == 'u' && rest.starts_with("\\u{") ? rest.find('}') : std::string_view::npos;
    if (close == std::string_view::npos) {  // an unknown escape, reported by the caller
      at -= 1;
      out += '\\';
      return;
    }
    at += close - 1;
    uint32_t point = 0;
    const auto read = std::from_chars(rest.data() + 3, rest.data() + close, point, 16);
    if (read.ec != std::errc() || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000)) {
      const uint32_t end = static_cast<uint32_t>(at);
      owner_
          .error(Kind::bad_escape, {owner_.file_, end - static_cast<uint32_t>(close) - 1, end},
                 "no character has this number")
          .help = "a character is \\u{0} to \\u{d7ff} or \\u{e000} to \\u{10ffff}";
      point = 0xFFFD;
    }
    append_utf8(out, point);
  }

  Builder& owner_;
  P::TextContext* c_;
  std::string_view indent_;
  size_t end_ = 0;    // bytes from here on are not part of the text
  bool due_ = false;  // at the start of a line whose indentation is still to be removed
  bool reported_ = false;
};

ast::Text Builder::text(P::TextContext* c) {
  if (!c || (!c->TEXT_OPEN() && !c->TEXT3_OPEN())) return {span(c), {}};
  return TextBuilder(*this, c).build();
}

}  // namespace rexp::parse
