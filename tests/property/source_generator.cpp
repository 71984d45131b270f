#include "tests/property/source_generator.h"

#include "runtime/base/random.h"

namespace rexp::testing {
using Type = SourceType;

const char* const kSourcePrelude = R"(
let three = 3
let shares = [0.25, 0.5, 3]
enum Mood { dull, fine, great }
schema Part { n: Int; word: Text; mood: Mood = Mood.fine; rest: Int? = none }
fn half(n: Int) -> Int? = if n > 2 then n - 2 else none
fn absent(n: Int?) -> Bool = n == none
fn or_else(n: Int?, other: Int) -> Int = if n == none then other else n
fn matched(n: Int?, other: Int) -> Int = match (n) { none => other, 1 => 7, else => n }
fn twice(n: Int) -> Int = n * n + n
fn mood(n: Int) -> Mood = match { n < 1 => Mood.dull, n < three => Mood.fine, else => Mood.great }
fn word(m: Mood) -> Text = match (m) { dull => "dull", fine => "ok", great => "great" }
fn weight(m: Mood) -> Float = if m is great then 1.5 else if m == Mood.fine then shares[1] else 0.0
fn part(n: Int, w: Text) -> Part = if n > 1 then Part { n = n; word = w; rest = half(n) } else Part { n = 0 - n; word = "none"; mood = Mood.dull }
fn most(xs: [Text], n: Int) -> [Text] = xs.most_common(n)
)";

uint64_t Source::pick(uint64_t n) { return below(seed_, use_++, n); }

std::string Source::one_of(std::vector<std::string> choices) {
  return choices[pick(choices.size())];
}

std::string Source::leaf(Type type) {
  if (pick(100) < 75) {
    std::vector<std::string> fitting;
    for (const auto& [name, of] : atoms_) {
      if (of == type) fitting.push_back(name);
    }
    if (!fitting.empty()) return one_of(fitting);
  }
  switch (type) {
    case Type::boolean: return one_of({"true", "false"});
    case Type::integer: return one_of({"0", "1", "2", "5", "three"});
    case Type::real: return one_of({"0.5", "3.25", "1e-3", "shares[0]", "three / 2"});
    case Type::text: return one_of({"\"\"", "\"喜剧\"", "\"a\"", "\"Sci-Fi\""});
    case Type::texts: return one_of({"[\"a\", \"喜剧\", \"a\"]", "[\"动作\"]"});
    case Type::mood: return one_of({"Mood.dull", "Mood.fine", "Mood.great"});
    case Type::maybe: return "half(" + leaf(Type::integer) + ")";
    case Type::record: return "part(" + leaf(Type::integer) + ", " + leaf(Type::text) + ")";
  }
  return "";
}

std::string Source::text(Type type, int depth) {
  if (depth == 0) return leaf(type);
  if (pick(8) == 0)
    return "(if " + boolean(depth - 1) + " then " + text(type, depth - 1) + " else " +
           text(type, depth - 1) + ")";
  if (pick(10) == 0)
    return "(match { " + boolean(depth - 1) + " => " + text(type, depth - 1) + ", " +
           boolean(depth - 1) + " => " + text(type, depth - 1) + ", else => " +
           text(type, depth - 1) + " })";
  switch (type) {
    case Type::boolean: return boolean(depth);
    case Type::integer: return integer(depth);
    case Type::real: return real(depth);
    case Type::text: return words(depth);
    case Type::texts: return texts(depth);
    case Type::mood: return mood(depth);
    case Type::maybe: return maybe(depth);
    case Type::record: return record(depth);
  }
  return "";
}

std::string Source::boolean(int depth) {
  if (depth == 0) return leaf(Type::integer) + " > " + one_of({"0", "1", "three"});
  const int d = depth - 1;
  const std::string order = one_of({" < ", " <= ", " > ", " >= ", " == ", " != "});
  switch (pick(9)) {
    case 0: return "(" + text(Type::boolean, d) + " and " + text(Type::boolean, d) + ")";
    case 1: return "(" + text(Type::boolean, d) + " or " + text(Type::boolean, d) + ")";
    case 2: return "(not (" + text(Type::boolean, d) + "))";
    case 3: return "(" + text(Type::integer, d) + order + text(Type::integer, d) + ")";
    case 4: return "(" + text(Type::real, d) + order + text(Type::integer, d) + ")";
    case 5: return "(" + text(Type::text, d) + order + text(Type::text, d) + ")";
    case 6: return "(" + text(Type::text, d) + " in " + text(Type::texts, d) + ")";
    case 7: return "(" + text(Type::integer, d) + " in 0 .. 4)";
    default:
      return one_of({"(" + text(Type::mood, d) + " == " + text(Type::mood, d) + ")",
                     one_of({"(absent(", "(not absent("}) + text(Type::maybe, d) + "))",
                     "(" + text(Type::maybe, d) + " == " + text(Type::maybe, d) + ")"});
  }
}

std::string Source::integer(int depth) {
  const int d = depth - 1;
  const auto two = [&] { return text(Type::integer, d) + ", " + text(Type::integer, d); };
  switch (pick(11)) {
    case 0:
      return "(" + text(Type::integer, d) + one_of({" + ", " - ", " * "}) + text(Type::integer, d) +
             ")";
    case 1: return "min(" + two() + ")";
    case 2: return "max(" + two() + ")";
    case 3: return "floor(" + text(Type::real, d) + ")";
    case 4: return "(" + text(Type::texts, d) + ").length";
    case 5: return "(" + text(Type::text, d) + ").length";
    case 6: return "twice(" + text(Type::integer, d) + ")";
    case 7: return "or_else(" + text(Type::maybe, d) + ", " + text(Type::integer, d) + ")";
    case 8: return "matched(" + text(Type::maybe, d) + ", " + text(Type::integer, d) + ")";
    case 9: return "(" + text(Type::record, d) + ").n";
    default: return "(-" + text(Type::integer, d) + ")";
  }
}

std::string Source::real(int depth) {
  const int d = depth - 1;
  switch (pick(6)) {
    case 0:
      return "(" + text(Type::real, d) + one_of({" + ", " - ", " * ", " / "}) +
             text(Type::integer, d) + ")";
    case 1:
      return "(" + text(Type::real, d) + one_of({" + ", " - ", " * ", " / "}) +
             text(Type::real, d) + ")";
    case 2: return one_of({"cos(", "exp(", "log(", "log2("}) + text(Type::real, d) + ")";
    case 3: return "pow(" + text(Type::real, d) + ", " + text(Type::integer, d) + ")";
    case 4: return "weight(" + text(Type::mood, d) + ")";
    default: return "max(" + text(Type::real, d) + ", " + text(Type::integer, d) + ")";
  }
}

std::string Source::words(int depth) {
  const int d = depth - 1;
  switch (pick(5)) {
    case 0: return "\"${" + text(Type::text, d) + "}-${" + text(Type::integer, d) + "}\"";
    case 1: return "\"${" + text(Type::texts, d) + " sep \", \"}\"";
    case 2: return "word(" + text(Type::mood, d) + ")";
    case 3: return "(" + text(Type::record, d) + ").word";
    default: return "\"%{if " + boolean(d) + "}${" + text(Type::real, d) + "}%{else}x%{end}\"";
  }
}

std::string Source::each(Type body, int depth) {
  const std::string name = "c" + std::to_string(lambdas_++);
  atoms_.emplace_back(name, Type::text);
  std::string out = "(" + name + " => " + text(body, depth) + ")";
  atoms_.pop_back();
  return out;
}

std::string Source::texts(int depth) {
  const int d = depth - 1;
  const std::string of = "(" + text(Type::texts, d) + ")";
  switch (pick(8)) {
    case 0: return of + ".where" + each(Type::boolean, d);
    case 1: return of + ".map" + each(Type::text, d);
    case 2: return of + ".flat_map" + each(Type::texts, d);
    case 3: return of + ".first(" + text(Type::integer, d) + ")";
    case 4: return of + ".last(" + text(Type::integer, d) + ")";
    case 5: return "most(" + of + ", " + text(Type::integer, d) + ")";
    case 6: return of + (draws_ ? ".sample(" : ".first(") + text(Type::integer, d) + ")";
    default: return "[" + text(Type::text, d) + ", " + text(Type::text, d) + "]";
  }
}

std::string Source::mood(int depth) {
  const int d = depth - 1;
  return one_of({"mood(" + text(Type::integer, d) + ")", "(" + text(Type::record, d) + ").mood"});
}

std::string Source::maybe(int depth) {
  const int d = depth - 1;
  return one_of({"half(" + text(Type::integer, d) + ")", "(" + text(Type::record, d) + ").rest",
                 "(if " + boolean(d) + " then " + text(Type::integer, d) + " else none)"});
}

std::string Source::record(int depth) {
  const int d = depth - 1;
  const std::string made = "Part { n = " + text(Type::integer, d) +
                           "; word = " + text(Type::text, d) + "; rest = " + text(Type::maybe, d) +
                           " }";
  return one_of({"(" + made + ")",
                 "part(" + text(Type::integer, d) + ", " + text(Type::text, d) + ")",
                 "(" + text(Type::record, d) + " with { mood = " + text(Type::mood, d) + " })"});
}

}  // namespace rexp::testing
