// The sections of the page, each an HTML fragment.
#pragma once

#include <string>

#include "runtime/report/report.h"

namespace rexp::report {

/// The page's style sheet.
const char* page_style();

/// Rendered examples: what is trained is marked, SID tokens and special tokens stand out.
std::string prompt_section(const std::vector<PromptSample>& prompts,
                           const std::vector<CodebookSummary>& codebooks);

/// What users saw, what came next and what was recommended.
std::string recommendation_section(const std::vector<Recommendation>& recommendations,
                                   const std::vector<CodebookSummary>& codebooks);

/// Escaped text in which tokens such as <|sid_17|> or <|im_end|> are marked, SID tokens by their level.
std::string with_tokens(std::string_view text, const std::vector<CodebookSummary>& codebooks);

}  // namespace rexp::report
