#include "tests/fuzz/splicer.h"

#include <algorithm>
#include <functional>

#include "compiler/parse/parse.h"
#include "runtime/base/random.h"

namespace rexp::fuzz {

namespace {

using Kind = Piece::Kind;

constexpr const char* kNumbers[] = {
    "0",  "1",   "2",    "3",   "7",     "10",   "0.5",
    "-1", "100", "1e-3", "1e9", "10000", "1000", "9007199254740992"};
constexpr const char* kWraps[][2] = {{"(", ")"},
                                     {"[", "]"},
                                     {"if 1 < 2 then ", " else 0"},
                                     {"[", " for z in [1, 2]]"},
                                     {"(", ").length"},
                                     {"(", ")[0]"},
                                     {"[", "].map(z => z)[0]"},
                                     {"\"${", "}\""},
                                     {"(", ") |> half"},
                                     {"not (", ")"},
                                     {"(", " with { x = 1 })"},
                                     {"(z => ", ")"},
                                     {"-(", ")"},
                                     {"(", " == 1)"},
                                     {"match { else => ", " }"},
                                     {"(", ").where(z => true)"}};

}  // namespace

std::vector<Piece> pieces_of(const std::string& text) {
  source::SourceMap sources;
  diagnostics::Sink sink;
  const source::FileId file = sources.add("program.rexp", text);
  const ast::Module module = parse::parse_module(sources, file, sink);
  std::vector<Piece> out;
  const auto add = [&](Kind kind, size_t form, source::Span span) {
    if (span.end > span.begin) out.push_back({kind, form, span.begin, span.end});
  };
  for (const ast::Decl& d : module.decl_nodes) add(Kind::declaration, d.node.index(), d.span);
  for (const ast::Turn& t : module.turn_nodes) add(Kind::turn, t.node.index(), t.span);
  for (const ast::Type& t : module.type_nodes) add(Kind::type, t.node.index(), t.span);
  std::vector<size_t> fields(module.expr_nodes.size(), 0);
  for (const ast::Body& body : module.body_nodes) {
    for (const ast::Item& i : body.items) {
      add(Kind::item, static_cast<size_t>(i.kind), i.span);
      if (i.value.valid() && !i.path.empty())
        fields[static_cast<size_t>(i.value.index)] = std::hash<std::string>()(i.path.back().text);
    }
  }
  for (size_t i = 0; i < module.expr_nodes.size(); ++i) {
    const ast::Expr& e = module.expr_nodes[i];
    const auto* number = std::get_if<ast::Number>(&e.node);
    const bool name = std::holds_alternative<ast::NameRef>(e.node);
    if (number) add(Kind::number, static_cast<size_t>(number->unit), e.span);
    if (name) add(Kind::name, 0, e.span);
    if (fields[i] != 0 || (!number && !name))
      add(Kind::expression, fields[i] != 0 ? fields[i] : e.node.index(), e.span);
  }
  return out;
}

/// The edits of one round, on one text.
class Edit {
 public:
  Edit(const Splicer& splicer, uint64_t stream) : splicer_(splicer), stream_(stream) {
    text_ = splicer_.sources_[below(splicer_.whole_)].text;
  }

  std::string run() {
    for (uint64_t edits = 1 + below(1 + below(5)); edits > 0; --edits) {
      pieces_ = pieces_of(text_);
      if (pieces_.empty()) break;
      step();
    }
    return text_;
  }

 private:
  void step() {
    const Piece at = pick(pieces_);
    const bool line =
        at.kind == Kind::declaration || at.kind == Kind::item || at.kind == Kind::turn;
    switch (below(12)) {
      case 0:
      case 1:
      case 2:
      case 3: return put(at, like(at, pieces_, text_));
      case 4:
      case 5: return put_foreign(at);
      case 6: return put(at, line ? "" : like(at, pieces_, text_));
      case 7: return line ? put(at, part(at) + "\n" + part(at)) : trade(at);
      case 8: return change_number();
      case 9: return rename();
      case 10: return wrap();
      default: return trade(at);
    }
  }

  uint64_t below(uint64_t n) { return rexp::below(stream_, draws_++, n); }
  const Splicer::Source& any_source() { return splicer_.sources_[below(splicer_.sources_.size())]; }
  Piece pick(const std::vector<Piece>& pieces) { return pieces[below(pieces.size())]; }
  std::string part(const Piece& p) const { return text_.substr(p.begin, p.end - p.begin); }
  void put(const Piece& at, const std::string& words) {
    text_.replace(at.begin, at.end - at.begin, words);
  }

  std::vector<Piece> of_kind(Kind kind, const std::vector<Piece>& pieces) const {
    std::vector<Piece> out;
    std::copy_if(pieces.begin(), pieces.end(), std::back_inserter(out),
                 [&](const Piece& p) { return p.kind == kind; });
    return out;
  }

  /// A piece that may stand where `at` stands, more often than not of the same form.
  std::string like(const Piece& at, const std::vector<Piece>& pieces, const std::string& text) {
    std::vector<Piece> fitting = of_kind(at.kind, pieces);
    if (below(3) > 0) {
      std::vector<Piece> same;
      std::copy_if(fitting.begin(), fitting.end(), std::back_inserter(same),
                   [&](const Piece& p) { return p.form == at.form; });
      if (!same.empty()) fitting = same;
    }
    if (fitting.empty()) return part(at);
    const Piece chosen = pick(fitting);
    return text.substr(chosen.begin, chosen.end - chosen.begin);
  }

  void put_foreign(const Piece& at) {
    const Splicer::Source& other =
        below(2) == 0 ? any_source() : splicer_.sources_[below(splicer_.whole_)];
    const std::string words = like(at, other.pieces, other.text);
    const bool beside = at.kind == Kind::declaration && below(2) == 0;
    put(at, beside ? part(at) + "\n" + words : words);
  }

  void change_number() {
    const std::vector<Piece> numbers = of_kind(Kind::number, pieces_);
    if (numbers.empty()) return;
    const Piece at = pick(numbers);
    const std::string old = part(at);
    const size_t digits = std::min(old.find_first_not_of("0123456789._"), old.size());
    put(at, kNumbers[below(std::size(kNumbers))] + old.substr(digits));
  }

  void rename() {
    const std::vector<Piece> names = of_kind(Kind::name, pieces_);
    if (names.empty()) return;
    const Piece from = pick(names), to = pick(names);
    put(from, part(to));
  }

  void wrap() {
    std::vector<Piece> values = of_kind(Kind::expression, pieces_);
    for (const Piece& p : of_kind(Kind::name, pieces_)) values.push_back(p);
    if (values.empty()) return;
    const Piece at = pick(values);
    const auto& around = kWraps[below(std::size(kWraps))];
    put(at, around[0] + part(at) + around[1]);
  }

  /// Two pieces of one kind change places.
  void trade(const Piece& at) {
    const std::vector<Piece> fitting = of_kind(at.kind, pieces_);
    Piece a = at, b = pick(fitting);
    if (a.begin > b.begin) std::swap(a, b);
    if (a.end > b.begin) return;
    const std::string first = part(a), second = part(b);
    put(b, first);
    put(a, second);
  }

  const Splicer& splicer_;
  uint64_t stream_;
  uint64_t draws_ = 0;
  std::string text_;
  std::vector<Piece> pieces_;
};

Splicer::Splicer(const std::vector<std::string>& whole, const std::vector<std::string>& broken) {
  const auto add = [&](const std::vector<std::string>& programs) {
    for (const std::string& text : programs) {
      std::vector<Piece> pieces = pieces_of(text);
      if (!pieces.empty()) sources_.push_back({text, std::move(pieces)});
    }
  };
  add(whole);
  whole_ = sources_.size();
  add(broken);
}

std::string Splicer::program(uint64_t seed, uint64_t round) const {
  return Edit(*this, stream(seed, round)).run();
}

}  // namespace rexp::fuzz
