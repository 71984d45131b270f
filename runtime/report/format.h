// Numbers, widths and escapes for both outputs.
#pragma once

#include <string>
#include <string_view>

namespace rexp::report {

/// Columns that a UTF-8 text takes on a terminal: CJK and emoji take two, combining marks none.
int display_width(std::string_view text);
/// `text` and blanks up to `width` columns; `right` puts the blanks in front.
std::string padded(std::string_view text, int width, bool right = false);
/// `text` cut to at most `width` columns, with an ellipsis where something was cut.
std::string shortened(std::string_view text, int width);

/// Fixed notation whatever the locale; "–" for what is not finite.
std::string fixed(double value, int digits);
/// A metric: four digits below ten, two above.
std::string metric_text(double value);
/// Three significant digits: 41.2k, 0.00191, 3.10.
std::string compact(double value);

/// For HTML text and for attributes in double quotes. Characters that no HTML may hold become U+FFFD.
std::string escape(std::string_view text);

}  // namespace rexp::report
