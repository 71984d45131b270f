// Inline SVG, just enough for three kinds of charts. Colours are classes of the page's style, so that a chart follows light and dark.
#pragma once

#include <string>
#include <string_view>

#include "runtime/report/format.h"

namespace rexp::report {

class Svg {
 public:
  /// `label` is what a screen reader says.
  Svg(double width, double height, std::string_view label) {
    out_ = "<svg class=\"chart\" role=\"img\" viewBox=\"0 0 " + fixed(width, 0) + " " +
           fixed(height, 0) + "\" aria-label=\"" + escape(label) + "\">";
  }
  void rect(double x, double y, double width, double height, std::string_view attributes,
            std::string_view tip = {}) {
    out_ += "<rect x=\"" + fixed(x, 1) + "\" y=\"" + fixed(y, 1) + "\" width=\"" + fixed(width, 1) +
            "\" height=\"" + fixed(height, 1) + "\" " + std::string(attributes) +
            close("rect", tip);
  }
  void line(double x1, double y1, double x2, double y2, std::string_view attributes) {
    out_ += "<line x1=\"" + fixed(x1, 1) + "\" y1=\"" + fixed(y1, 1) + "\" x2=\"" + fixed(x2, 1) +
            "\" y2=\"" + fixed(y2, 1) + "\" " + std::string(attributes) + "/>";
  }
  /// `anchor`: start, middle or end.
  void text(double x, double y, std::string_view content, std::string_view anchor = "start",
            std::string_view classes = "label") {
    out_ += "<text x=\"" + fixed(x, 1) + "\" y=\"" + fixed(y, 1) + "\" text-anchor=\"" +
            std::string(anchor) + "\" class=\"" + std::string(classes) + "\">" + escape(content) +
            "</text>";
  }
  void path(std::string_view commands, std::string_view attributes, std::string_view tip = {}) {
    out_ +=
        "<path d=\"" + std::string(commands) + "\" " + std::string(attributes) + close("path", tip);
  }
  std::string take() { return std::move(out_) + "</svg>"; }

 private:
  /// Ends an element; the tip is shown where the pointer rests.
  static std::string close(std::string_view name, std::string_view tip) {
    if (tip.empty()) return "/>";
    return "><title>" + escape(tip) + "</title></" + std::string(name) + ">";
  }
  std::string out_;
};

}  // namespace rexp::report
