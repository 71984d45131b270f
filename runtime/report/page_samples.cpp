#include <algorithm>
#include <charconv>
#include <cmath>

#include "runtime/report/charts.h"
#include "runtime/report/format.h"
#include "runtime/report/page_parts.h"

namespace rexp::report {
namespace {

constexpr size_t kHistoryShown = 12;

/// A token at the beginning of a text.
struct Token {
  size_t size = 0;
  int level = 0;  // 0: not of a codebook
};

/// The level of a flat code, from 1; 0 when it is beyond the last.
int level_of(int64_t flat, const std::vector<int32_t>& sizes) {
  for (size_t level = 0; level < sizes.size(); ++level) {
    if (flat < sizes[level]) return static_cast<int>(level) + 1;
    flat -= sizes[level];
  }
  return 0;
}

/// Does `text` begin with a token of this codebook's surface.
Token sid_token(std::string_view text, const CodebookSummary& codebook) {
  const size_t hole = codebook.surface.find("{}");
  if (hole == std::string::npos) return {};
  const std::string_view before = std::string_view(codebook.surface).substr(0, hole),
                         after = std::string_view(codebook.surface).substr(hole + 2);
  if (before.empty() || after.empty() || !text.starts_with(before)) return {};
  const std::string_view rest = text.substr(before.size());
  int64_t flat = 0;
  const auto [end, fault] = std::from_chars(rest.data(), rest.data() + rest.size(), flat);
  const auto digits = static_cast<size_t>(end - rest.data());
  if (fault != std::errc() || flat < 0 || !rest.substr(digits).starts_with(after)) return {};
  return {before.size() + digits + after.size(), level_of(flat, codebook.level_sizes)};
}

/// <|name|>, the spelling of special tokens.
Token special_token(std::string_view text) {
  if (!text.starts_with("<|")) return {};
  const size_t end = text.find("|>");
  if (end == std::string_view::npos || end > 40) return {};
  const std::string_view name = text.substr(2, end - 2);
  const bool plain = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
  return plain ? Token{end + 2, 0} : Token{};
}

/// Log-probabilities and counts with three digits, small probabilities with as many as they need.
std::string score_text(double score) {
  return "<span class=\"number\">" +
         (std::abs(score) >= 0.01 || score == 0 ? fixed(score, 3) : compact(score)) + "</span>";
}

std::string guess_row(const Recommendation::Guess& guess, size_t rank, double best, double worst,
                      const std::vector<CodebookSummary>& codebooks) {
  const bool scored = std::isfinite(guess.score);
  const double share = scored && best > worst ? (guess.score - worst) / (best - worst) : 0;
  return std::string("<tr") + (guess.hit ? " class=\"hit\"" : "") + "><td class=\"rank\">" +
         std::to_string(rank) + "</td><td>" + with_tokens(guess.title, codebooks) +
         (guess.hit ? " <span class=\"chip good\">✓ hit</span>" : "") +
         "</td><td class=\"score\"><span class=\"track\"><i style=\"width:" +
         fixed(100 * share, 0) + "%\"></i></span>" + (scored ? score_text(guess.score) : "") +
         "</td></tr>\n";
}

std::string card(const Recommendation& r, const std::vector<CodebookSummary>& codebooks) {
  const auto hit =
      std::find_if(r.guesses.begin(), r.guesses.end(), [](const auto& g) { return g.hit; });
  std::string out = "<article class=\"card\"><header><h3>" +
                    escape(r.user.empty() ? "a user" : "user " + r.user) +
                    "</h3><span class=\"muted\">" + escape(r.system) + "</span>";
  out += hit == r.guesses.end() ? "<span class=\"chip\">missed</span>"
                                : "<span class=\"chip good\">✓ hit at " +
                                      std::to_string(hit - r.guesses.begin() + 1) + "</span>";
  out += "</header>\n<p class=\"history\"><span class=\"muted\">saw</span> ";
  const size_t skipped = r.history.size() > kHistoryShown ? r.history.size() - kHistoryShown : 0;
  if (skipped > 0)
    out += "<span class=\"muted\">… " + std::to_string(skipped) + " before</span> → ";
  for (size_t i = skipped; i < r.history.size(); ++i)
    out += (i > skipped ? " → " : "") + with_tokens(r.history[i], codebooks);
  out += "</p>\n<p><span class=\"muted\">then chose</span> <b>" + with_tokens(r.truth, codebooks) +
         "</b></p>\n";
  if (r.guesses.empty()) return out + "</article>\n";
  double best = -INFINITY, worst = INFINITY;
  for (const auto& guess : r.guesses) {
    if (!std::isfinite(guess.score)) continue;
    best = std::max(best, guess.score);
    worst = std::min(worst, guess.score);
  }
  if (worst > 0)
    worst = 0;  // probabilities and counts start at nothing
  else if (worst < best)
    worst -= (best - worst) * 0.1;  // of log-probabilities the last keeps a sliver
  out +=
      "<table class=\"guesses\"><thead><tr><th scope=\"col\"><span "
      "class=\"hidden\">rank</span></th><th scope=\"col\">recommended</th>"
      "<th scope=\"col\" class=\"score\">score</th></tr></thead><tbody>\n";
  for (size_t i = 0; i < r.guesses.size(); ++i)
    out += guess_row(r.guesses[i], i + 1, best, worst, codebooks);
  return out + "</tbody></table></article>\n";
}

}  // namespace

std::string with_tokens(std::string_view text, const std::vector<CodebookSummary>& codebooks) {
  std::string out;
  size_t plain = 0;
  for (size_t at = 0; at < text.size();) {
    Token token;
    for (const CodebookSummary& codebook : codebooks) {
      if (token.size == 0) token = sid_token(text.substr(at), codebook);
    }
    if (token.size == 0) token = special_token(text.substr(at));
    if (token.size == 0) {
      ++at;
      continue;
    }
    out += escape(text.substr(plain, at - plain)) + "<span class=\"tok" +
           (token.level > 0 ? " t" + std::to_string(token.level % kColours) : std::string()) +
           "\">" + escape(text.substr(at, token.size)) + "</span>";
    plain = at += token.size;
  }
  return out + escape(text.substr(plain));
}

std::string prompt_section(const std::vector<PromptSample>& prompts,
                           const std::vector<CodebookSummary>& codebooks) {
  std::string out =
      "<p class=\"muted\">As the model reads them. <mark>Marked</mark> is what it is trained to "
      "write; the rest is context.</p>\n";
  for (const PromptSample& prompt : prompts) {
    out += "<figure class=\"wide\"><figcaption>" + escape(prompt.stage) +
           (prompt.task.empty() ? "" : " · " + escape(prompt.task));
    if (prompt.tokens > 0)
      out += " <span class=\"muted\">" + std::to_string(prompt.tokens) + " tokens</span>";
    out += "</figcaption><pre class=\"prompt\">";
    for (const PromptSample::Span& span : prompt.spans) {
      out += span.trained ? "<mark>" + with_tokens(span.text, codebooks) + "</mark>"
                          : with_tokens(span.text, codebooks);
    }
    out += "</pre></figure>\n";
  }
  return out;
}

std::string recommendation_section(const std::vector<Recommendation>& recommendations,
                                   const std::vector<CodebookSummary>& codebooks) {
  std::string out = "<div class=\"cards\">\n";
  for (const Recommendation& r : recommendations) out += card(r, codebooks);
  return out + "</div>\n";
}

}  // namespace rexp::report
