#include "compiler/contracts/codebooks.h"

#include "runtime/base/assert.h"

namespace rexp::contracts {
using diagnostics::Kind;

namespace {

/// "<|sid_{}|>" of n => "<|sid_${n}|>"; nullopt when the code is not printed exactly once between fixed texts.
std::optional<std::string> pattern_of(const row::RowFunction& function) {
  const auto& result = function.exprs[static_cast<size_t>(function.result)];
  std::vector<row::ExprId> pieces = result.args;
  if (result.op != row::Op::concat) pieces = {function.result};
  std::string pattern;
  int holes = 0;
  for (const row::ExprId piece : pieces) {
    const row::Expr& part = function.exprs[static_cast<size_t>(piece)];
    if (part.op == row::Op::const_text) {
      pattern += part.text;
    } else if (part.op == row::Op::param) {
      pattern += "{}";
      ++holes;
    } else {
      return std::nullopt;
    }
  }
  return holes == 1 ? std::optional(pattern) : std::nullopt;
}

std::optional<std::string> surface_of(Evaluator& e, const Record& codebook) {
  const check::Schema& schema = e.program.schema(e.program.types[codebook.type].index);
  const check::Field* declared = schema.find("surface");
  REXP_ASSERT(declared != nullptr, "a codebook has a surface");
  const Span span = field_span(e.program, codebook, "surface");
  const auto kernel = eval::make_kernel(e, field(e.program, codebook, "surface"),
                                        e.program.field_type(codebook.type, *declared),
                                        {Value{eval::None{}}}, "surface", span);
  if (!kernel) return std::nullopt;
  auto pattern = pattern_of(*kernel->function);
  if (!pattern) {
    e.program.sink.add(Kind::condition_fails, span,
                       "`surface` prints its code once between fixed texts: n => \"<|sid_${n}|>\"");
  }
  return pattern;
}

std::optional<std::string> mark(Evaluator& e, const Record& codebook, const char* name) {
  const auto* text = field(e.program, codebook, name).as<std::string>();
  return text == nullptr ? std::nullopt : std::optional(*text);
}

/// Whether the value of an enum field is the enum's first value; `clashes` is extra_level then.
bool is_first(const Value& value) {
  const auto* chosen = value.as<eval::EnumValue>();
  return chosen != nullptr && chosen->index == 0;
}

/// Sizes of the levels that a codebook learns: its learner's, or those of the codebook that it extends. Empty where nobody says.
std::vector<int64_t> learnt_levels(const Evaluator& e, const Record& codebook) {
  std::vector<int64_t> sizes;
  const auto* learner = field(e.program, codebook, "learn").shared<Record>();
  if (learner == nullptr) return sizes;
  if (const Value* before = extended_by(e.program, codebook))
    return learnt_levels(e, *before->shared<Record>());
  const Value* levels = find_field(e.program, *learner, "levels");
  const auto* list = levels == nullptr ? nullptr : levels->shared<eval::List>();
  for (size_t i = 0; list != nullptr && i < list->elements.size(); ++i)
    sizes.push_back(static_cast<int64_t>(number_in(list->elements[i])));
  return sizes;
}

/// Whether `grown` extends `old`, however many books lie between, and its tokens look like those.
bool extends(Evaluator& e, int32_t grown, int32_t old) {
  const Record& book = codebook_at(e, grown);
  for (const Value* at = extended_by(e.program, book); at != nullptr;
       at = extended_by(e.program, *at->shared<Record>())) {
    if (table_id(e, *at) != old) continue;
    const auto a = codebook_facts(e, book), b = codebook_facts(e, *at->shared<Record>());
    return a && b && a->surface == b->surface && a->open == b->open && a->close == b->close;
  }
  return false;
}

}  // namespace

const Value* extended_by(Program& program, const Record& codebook) {
  const auto* learner = field(program, codebook, "learn").shared<Record>();
  const Value* of = learner == nullptr ? nullptr : find_field(program, *learner, "of");
  const auto* book = of == nullptr ? nullptr : of->shared<Record>();
  return book != nullptr && program.is(book->type, Known::Codebook) ? of : nullptr;
}

bool same_tokens(Evaluator& e, int32_t a, int32_t b) {
  return a == b || extends(e, a, b) || extends(e, b, a);
}

std::optional<int64_t> CodebookFacts::levels() const {
  if (level_sizes.empty()) return std::nullopt;
  return static_cast<int64_t>(level_sizes.size()) + (extra_level ? 1 : 0);
}

std::set<std::string> CodebookFacts::tokens() const {
  constexpr int64_t kMost = 1 << 20;  // codes that are written out to be compared
  int64_t codes = level_sizes.empty() && named ? 1 : 0;
  for (const int64_t size : level_sizes)
    codes = std::min(kMost, codes + std::max<int64_t>(size, 0));
  if (extra_level && codes > 0) ++codes;
  const size_t hole = surface.find("{}");
  std::set<std::string> out;
  for (int64_t code = 0; code < codes; ++code)
    out.insert(std::string(surface).replace(hole, 2, std::to_string(code)));
  if (open) out.insert(*open);
  if (close) out.insert(*close);
  return out;
}

std::optional<CodebookFacts> codebook_facts(Evaluator& e, const Record& codebook) {
  CodebookFacts facts;
  facts.level_sizes = learnt_levels(e, codebook);
  facts.extra_level = is_first(field(e.program, codebook, "clashes"));
  facts.open = mark(e, codebook, "open");
  facts.close = mark(e, codebook, "close");
  auto surface = surface_of(e, codebook);
  if (!surface) return std::nullopt;
  facts.surface = *surface;
  facts.named = written(e.program, codebook, "surface");
  return facts;
}

bool learnt_on_vectors(Program& program, const Record& codebook) {
  const auto* learner = field(program, codebook, "learn").shared<Record>();
  if (learner == nullptr) return false;
  if (const Value* before = extended_by(program, codebook))
    return learnt_on_vectors(program, *before->shared<Record>());
  return find_field(program, *learner, "vectors") != nullptr;
}

const Record& codebook_at(Evaluator& e, int32_t table) {
  const auto* codebook = e.tables[table].shared<Record>();
  REXP_ASSERT(codebook != nullptr, "a row function prints ids of something that is no codebook");
  return *codebook;
}

std::vector<const Record*> codebooks_of(Evaluator& e, const row::RowFunction& function) {
  std::vector<const Record*> out;
  for (const int32_t table : function.codebooks) out.push_back(&codebook_at(e, table));
  return out;
}

const Record& codebook_of(const Made& member) {
  const auto* codebook = receiver(member).shared<Record>();
  REXP_ASSERT(codebook != nullptr, "a member of a codebook was made without one");
  return *codebook;
}

}  // namespace rexp::contracts
