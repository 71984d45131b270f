#include "tests/fuzz/large_programs.h"

#include <iterator>
#include <ostream>

namespace rexp::fuzz {

namespace {

std::string times(int n, const std::string& words) {
  std::string out;
  out.reserve(words.size() * static_cast<size_t>(n));
  for (int i = 0; i < n; ++i) out += words;
  return out;
}

/// `#` in the words is the number.
std::string numbered(int n, const std::string& words, const std::string& between = "\n") {
  std::string out;
  for (int i = 0; i < n; ++i) {
    if (i > 0) out += between;
    for (char c : words) {
      if (c == '#') {
        out += std::to_string(i);
      } else {
        out += c;
      }
    }
  }
  return out + "\n";
}

std::string nested(int depth, const std::string& before, const std::string& after,
                   const std::string& core = "1") {
  return "let a = " + times(depth, before) + core + times(depth, after) + "\n";
}

void add_deep(int depth, std::vector<LargeProgram>& out) {
  const bool deep = depth > 1000;
  const std::string at = "_" + std::to_string(depth);
  out.push_back({"parentheses" + at, nested(depth, "(", ")"), deep});
  out.push_back({"lists" + at, nested(depth, "[", "]"), deep});
  out.push_back({"records" + at, nested(depth, "{ a: ", " }"), deep});
  out.push_back({"calls" + at, nested(depth, "f(", ")"), deep});
  out.push_back({"ifs" + at, nested(depth, "if true then ", " else 2"), deep});
  out.push_back({"else_ifs" + at, nested(depth, "if true then 1 else ", ""), deep});
  out.push_back({"matches" + at, nested(depth, "match { true => ", " }"), deep});
  out.push_back({"functions" + at, nested(depth, "x => ", ""), deep});
  out.push_back({"nots" + at, nested(depth, "not ", "", "true"), deep});
  out.push_back({"signs" + at, nested(depth, "-", ""), deep});
  out.push_back({"texts" + at, nested(depth, "\"${", "}\""), deep});
  out.push_back({"text_ifs" + at,
                 "let a = \"" + times(depth, "%{if true}") + "x" + times(depth, "%{end}") + "\"\n",
                 deep});
  out.push_back(
      {"types" + at, "let a: " + times(depth, "[") + "Int" + times(depth, "]") + " = []\n", deep});
  out.push_back(
      {"blocks" + at, "stage s { " + times(depth, "a { ") + times(depth, "}") + " }\n", deep});
  out.push_back({"turns" + at,
                 "template t(i: Item) { " + times(depth, "if (true) { ") + "document \"a\" " +
                     times(depth, "}") + " }\n",
                 deep});
  out.push_back({"open_parentheses" + at, "let a = " + times(depth, "(") + "\n", true});
  out.push_back({"open_braces" + at, "let a = " + times(depth, "{") + "\n", true});
}

}  // namespace

void PrintTo(const LargeProgram& program, std::ostream* out) { *out << program.name; }

std::vector<LargeProgram> large_programs() {
  const std::string kilobyte = times(100, "ten bytes ");
  std::vector<LargeProgram> out = {
      {"ten_megabytes", numbered(10'000, "let a#: Text = \"" + kilobyte + "\"")},
      {"ten_megabytes_of_comment", times(100'000, "// " + times(97, "x") + "\n")},
      {"ten_megabytes_of_text", "let a = \"\"\"\n" + times(10'000, kilobyte + "\n") + "\"\"\"\n"},
      {"ten_megabytes_of_chinese", "let a = \"" + times(800'000, "你好世界") + "\"\n"},
      {"ten_thousand_declarations", numbered(10'000, "let a# = # + 1")},
      {"ten_thousand_documented", numbered(10'000, "/// Number #.\nlet a# = # + 1")},
      {"ten_thousand_errors", numbered(10'000, "let a# = = #"), true},
      {"ten_thousand_variants", "template t(i: Item) { document one of { " +
                                    numbered(10'000, "v#: \"x ${i.id}\"", "; ") + "} }\n"},
      {"ten_thousand_cases", "let a = match {\n" + numbered(10'000, "  # == 3 => #") + "}\n"},
      {"record_of_ten_thousand", "let a = { " + numbered(10'000, "f#: #", ", ") + "}\n"},
      {"schema_of_ten_thousand",
       "schema S { " + numbered(10'000, "f#: Int = #", "; ") + "}\nlet s = S {}\n"},
      {"list_of_hundred_thousand", "let a = [" + numbered(100'000, "#", ", ") + "]\n"},
      {"sum_of_hundred_thousand", "let a = " + numbered(100'000, "1", " + "), true},
      {"text_of_hundred_thousand_holes", "let a = \"" + times(100'000, "${1} ") + "\"\n"},
      {"thousand_templates",
       numbered(1000,
                "template t#(i: Item) { user \"Which is ${i.id}?\"; assistant \"${i.id}\" }")},
      {"commas", "let a = [" + times(20'000, "1,,") + "]\n", true},
      {"ten_megabytes_of_junk", times(700'000, "$$$ junk here\n"), true},
      {"ten_megabytes_of_words", times(1'200'000, "abc def\n"), true},
      {"ten_megabytes_of_one_name", times(10'000'000, "a"), true},
      {"ten_megabytes_of_one_chinese_name", times(3'333'333, "影"), true},
      {"ten_megabytes_of_quotes", times(5'000'000, "\"\n"), true},
      {"ten_megabytes_of_open_braces", times(10'000'000, "{"), true},
      {"ten_megabytes_of_closed_braces", times(10'000'000, "}"), true},
      {"ten_megabytes_of_semicolons", times(10'000'000, ";"), true},
      {"ten_megabytes_of_declarations", times(1'000'000, "let x = 1\n"), true},
      {"ten_megabytes_of_zeros", times(10'000'000, std::string(1, '\0')), true},
  };
  const char* const broken[] = {"let a = [1, 2", "{ a: [ ( {", "let a = \"${",
                                "schema S { a:", "let a： Int ＝ 3，"};
  for (size_t i = 0; i < std::size(broken); ++i) {
    out.push_back({"broken_lines_" + std::to_string(i), numbered(20'000, broken[i]), true});
  }
  for (const int depth : {100, 10'000}) add_deep(depth, out);
  return out;
}

std::string nested_calls(int depth, bool per_row) {
  const std::string head = per_row ? "(i: Item) -> Int = " : "(x: Int) -> Int = ";
  const std::string argument = per_row ? "(i)" : "(x)";
  std::string out = "fn f0" + head + (per_row ? "i.id.length" : "x + 1") + "\n";
  for (int i = 1; i <= depth; ++i) {
    const std::string call = "f" + std::to_string(i - 1) + argument;
    out += "fn f" + std::to_string(i) + head + call + " + " + call + "\n";
  }
  const std::string last = "f" + std::to_string(depth);
  return out + (per_row ? "template t(i: Item) { document \"${" + last + "(i)}\" }\n"
                        : "let a = " + last + "(1)\n");
}

std::vector<LargeProgram> doubled() {
  auto forty = [](std::string first, const std::string& next) {
    for (int i = 1; i <= 40; ++i) {
      for (char c : next)
        first += c == '#'   ? std::to_string(i)
                 : c == '^' ? std::to_string(i - 1)
                            : std::string(1, c);
    }
    return first;
  };
  return {
      {"doubled_lists", forty("let a0 = [1]\n", "let a# = a^ + a^\n")},
      {"doubled_lists_of_lists", forty("let a0 = [1]\n", "let a# = [a^, a^]\n")},
      {"doubled_texts", forty("let a0 = \"x\"\n", "let a# = \"${a^}${a^}\"\n")},
      {"doubled_results",
       forty("fn f0(x: Int) -> [Int] = [x]\n", "fn f#(x: Int) -> [Int] = f^(x + 1) + f^(x + 2)\n") +
           "let a = f40(1)\n"},
      {"doubled_records",
       forty("schema S0 { a: Int = 1 }\n", "schema S# { a: S^ = S^ {}; b: S^ = S^ {} }\n") +
           "let a = S40 {}\n"},
  };
}

}  // namespace rexp::fuzz
