#include "runtime/report/format.h"

#include <utf8proc.h>

#include <charconv>
#include <cmath>
#include <cstdint>

namespace rexp::report {
namespace {

struct Step {
  utf8proc_int32_t value;  // negative for an invalid byte
  size_t size;
};

Step step(std::string_view text, size_t at) {
  utf8proc_int32_t value = -1;
  const utf8proc_ssize_t size =
      utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + at,
                       static_cast<utf8proc_ssize_t>(text.size() - at), &value);
  return size > 0 ? Step{value, static_cast<size_t>(size)} : Step{-1, 1};
}

int width_of(utf8proc_int32_t value) { return value < 0 ? 1 : utf8proc_charwidth(value); }

}  // namespace

int display_width(std::string_view text) {
  int width = 0;
  bool joined = false;  // after a zero-width joiner an emoji melts into the one before
  for (size_t at = 0; at < text.size();) {
    const Step s = step(text, at);
    if (!joined) width += width_of(s.value);
    joined = s.value == 0x200D;
    at += s.size;
  }
  return width;
}

std::string padded(std::string_view text, int width, bool right) {
  const int blanks = width - display_width(text);
  const std::string fill(blanks > 0 ? static_cast<size_t>(blanks) : 0, ' ');
  return right ? fill + std::string(text) : std::string(text) + fill;
}

std::string shortened(std::string_view text, int width) {
  if (display_width(text) <= width) return std::string(text);
  int used = 1;  // the ellipsis
  size_t at = 0;
  while (at < text.size()) {
    const Step s = step(text, at);
    if (used + width_of(s.value) > width) break;
    used += width_of(s.value);
    at += s.size;
  }
  return std::string(text.substr(0, at)) + "…";
}

std::string fixed(double value, int digits) {
  if (!std::isfinite(value)) return "–";
  char buffer[400];
  const auto [end, fault] =
      std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed, digits);
  return std::string(buffer, fault == std::errc() ? end : buffer);
}

std::string metric_text(double value) { return fixed(value, std::abs(value) < 10 ? 4 : 2); }

std::string compact(double value) {
  if (!std::isfinite(value)) return "–";
  const double size = std::abs(value);
  if (size >= 999.5e6) return fixed(value / 1e9, size < 9.995e9 ? 2 : 1) + "G";
  if (size >= 999.5e3) return fixed(value / 1e6, size < 9.995e6 ? 2 : 1) + "M";
  if (size >= 9999.5) return fixed(value / 1e3, 1) + "k";
  if (value == std::floor(value)) return fixed(value, 0);
  if (size < 1e-4) {
    char buffer[64];
    const auto [end, fault] =
        std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific, 1);
    return std::string(buffer, fault == std::errc() ? end : buffer);
  }
  const int before = static_cast<int>(std::floor(std::log10(size)));
  return fixed(value, std::max(0, 2 - before));
}

std::string escape(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  for (size_t at = 0; at < text.size();) {
    const Step s = step(text, at);
    const bool control = s.value >= 0 && (s.value < 0x20 || (s.value >= 0x7F && s.value < 0xA0));
    switch (s.value) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default:
        if (s.value < 0 || (control && s.value != '\n' && s.value != '\t' && s.value != '\r')) {
          out += "\uFFFD";
        } else {
          out += text.substr(at, s.size);
        }
    }
    at += s.size;
  }
  return out;
}

}  // namespace rexp::report
