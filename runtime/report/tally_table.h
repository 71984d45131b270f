// Tallies of guesses: shares of classes by key, for the terminal and for the page.
#pragma once

#include <string>

#include "runtime/report/report.h"

namespace rexp::report {

std::string tally_text(const TallySummary& tally);
/// An HTML fragment.
std::string tally_html(const TallySummary& tally);

}  // namespace rexp::report
