// The sections of the page, each an HTML fragment.
#pragma once

#include <string>

#include "runtime/report/report.h"

namespace rexp::report {

/// The page's style sheet.
const char* page_style();

struct Section {
  std::string id, title, body;
};
/// A page that stands alone. `facts`: names and values below the title; `tiles`: HTML between them and the links to the sections.
std::string whole_page(const std::string& title,
                       const std::vector<std::pair<std::string, std::string>>& facts,
                       const std::string& tiles, const std::vector<Section>& sections);
/// A list of notes.
std::string notes_section(const std::vector<std::string>& notes);

/// Rendered examples: what is trained is marked, SID tokens and special tokens stand out.
std::string prompt_section(const std::vector<PromptSample>& prompts,
                           const std::vector<CodebookSummary>& codebooks);

/// What users saw, what came next and what was recommended.
std::string recommendation_section(const std::vector<Recommendation>& recommendations,
                                   const std::vector<CodebookSummary>& codebooks);

/// Escaped text in which tokens such as <|sid_17|> or <|im_end|> are marked, SID tokens by their level.
std::string with_tokens(std::string_view text, const std::vector<CodebookSummary>& codebooks);

}  // namespace rexp::report
