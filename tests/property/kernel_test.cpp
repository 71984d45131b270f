// Whole kernels, from rexp's words to machine code: what a metric, a condition on a trie, a tally, a `where` and a grouping call. The
// interpreter and compiled code give the same bytes, and a function of constants gives what its kernel gives for them.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <filesystem>
#include <fstream>

#include "compiler/eval/eval.h"
#include "compiler/interp/interp.h"
#include "compiler/jit/jit.h"
#include "compiler/lower/lower.h"
#include "compiler/row/verify.h"
#include "runtime/base/random.h"
#include "tests/property/row_fixture.h"
#include "tests/property/source_generator.h"

namespace rexp::testing {
namespace {

using Atoms = std::vector<std::pair<std::string, SourceType>>;
using Type = SourceType;

constexpr const char* kFilms = R"(edition 2026
import std.core { min, max, floor, cos, exp, log, log2, pow }
import std.toy
import std.baseline { popularity }
import std.eval { evaluate, beam, hit, tally, interactions, Metric }
schema Film extends Item { title: Text; year: Int; category: [Text]; score: Float }
schema Seen extends Interaction { at: Int = 0 }
dataset films: Interactions<Film, Seen> { source = toy.films(users = 20, items = 30) }
codebook sid { of = films.items; learn = toy.tree { levels = [8, 8] } }
template ask(h: past History, next: target Film) { user "${h.sid sep " "}"; assistant "${next.sid}" }
protocol p { rows = films.test; ask = ask; decode = beam(5); metrics = [hit@5] }
)";

/// A program of kernels, and the names of what holds them.
struct Written {
  std::string text;
  std::vector<std::string> names;
};

const Atoms kOfRank = {{"r", Type::integer}};
const Atoms kOfItem = {{"i.year", Type::integer},
                       {"i.title", Type::text},
                       {"i.category", Type::texts},
                       {"i.score", Type::real},
                       {"i.id == i.id", Type::boolean}};
const Atoms kOfGuess = {{"g.rank", Type::integer},
                        {"interactions(g.sid, of = films.train)", Type::integer},
                        {"sid.legal.has(g.sid)", Type::boolean},
                        {"old.has(g.sid)", Type::boolean}};
const Atoms kOfWindow = {{"w.history.length", Type::integer},
                         {"w.next.year", Type::integer},
                         {"w.next.at", Type::integer},
                         {"w.next.score", Type::real},
                         {"w.next.title", Type::text},
                         {"w.history.title", Type::texts},
                         {"w.history.last(2).flat_map(e => e.category)", Type::texts},
                         {"w.next in w.history", Type::boolean}};

Written written(uint64_t seed) {
  Written out{std::string(kFilms) + kSourcePrelude, {}};
  uint64_t part = 0;
  const auto source = [&](const Atoms& atoms, Type type, int depth) {
    return Source(stream(seed, part++), atoms).text(type, depth);
  };
  const auto add = [&](const std::string& name, const std::string& value) {
    out.text += "let " + name + " = " + value + "\n";
    out.names.push_back(name);
  };
  out.text += "let old = sid.legal and (i => " + source(kOfItem, Type::boolean, 2) + ")\n";
  add("within", "old and (i => " + source(kOfItem, Type::boolean, 4) + ")");
  add("counts", "tally(evaluate(popularity(films.train), p).guesses, by = g => " +
                    source(kOfGuess, Type::integer, 4) + ", into = g => " +
                    source(kOfGuess, Type::mood, 4) + ")");
  add("kept",
      "films.train.windows(max = 6).where(w => " + source(kOfWindow, Type::boolean, 4) + ")");
  add("named", "films.items.group(i => " + source(kOfItem, Type::text, 4) + ")");
  add("shelves", "films.items.group(i => " + source(kOfItem, Type::texts, 4) + ")");
  return out;
}

class Program {
 public:
  explicit Program(const std::string& text)
      : program_(sources_, sink_, std::string(REXP_SOURCE_DIR) + "/stdlib") {
    const auto path = std::filesystem::temp_directory_path() /
                      ("rexp_kernels_" + std::to_string(::getpid()) + ".rexp");
    std::ofstream(path, std::ios::binary) << text;
    const bool loaded = program_.load(path.string());
    std::filesystem::remove(path);
    if (!loaded) return;
    typed_ = check::check_program(program_);
    if (!sink_.has_errors()) evaluator_.emplace(program_, typed_, eval::Settings{});
  }
  bool fine() const { return evaluator_.has_value(); }
  eval::Evaluator& evaluator() { return *evaluator_; }
  eval::Maybe value(const std::string& name) {
    return eval::evaluate_declaration(*evaluator_, *program_.lookup(program_.main(), name));
  }
  /// The kernels that an operation of the run holds.
  std::vector<row::RowFunction> kernels(const std::string& name) {
    std::vector<row::RowFunction> out;
    const eval::Maybe held = value(name);
    for (const auto& [parameter, argument] :
         held ? held->shared<eval::Made>()->arguments : decltype(eval::Made::arguments)()) {
      if (const auto* kernel = argument.as<eval::Kernel>()) out.push_back(*kernel->function);
    }
    return out;
  }
  /// The kernel of a metric's function.
  std::optional<eval::Kernel> metric(const std::string& name) {
    check::TypeTable& types = program_.types;
    const auto function = value(name);
    if (!function) return std::nullopt;
    const auto type = types.function(
        {types.scalar(check::TypeKind::integer), types.scalar(check::TypeKind::real)});
    return eval::make_kernel(*evaluator_, *function, type, {}, "metric", {});
  }
  struct Problem {
    std::string message;
    bool of_constants = false;  // a division by zero or an overflow, which no row has to do with
  };
  Problem first() {
    for (const auto& d : sink_.take(100)) {
      if (diagnostics::level_of(d.kind) == diagnostics::Level::error)
        return {d.message, d.kind == diagnostics::Kind::condition_fails};
    }
    return {};
  }

 private:
  source::SourceMap sources_;
  diagnostics::Sink sink_;
  check::Program program_;
  check::Typed typed_;
  std::optional<eval::Evaluator> evaluator_;
};

class Kernels : public ::testing::Test {
 protected:
  using Fn = std::remove_pointer_t<RexpRowFn>;
  struct Output {
    int64_t value = 0;
    std::string text;
    bool operator==(const Output&) const = default;
  };

  void SetUp() override {
    auto jit = jit::Jit::create();
    ASSERT_TRUE(jit.ok()) << jit.error().message;
    jit_ = std::move(*jit);
  }

  /// Slots as the runtime fills them: items and events that exist or not, ranks from 0.
  std::vector<int64_t> row(const row::RowFunction& f, uint64_t i) const {
    const std::vector<int64_t> some = world_.row(i);
    std::vector<int64_t> out;
    for (const row::Slot& slot : f.slots) {
      if (slot.name == "history_begin")
        out.push_back(some[kHistory]);
      else if (slot.name == "history_end")
        out.push_back(some[kHistoryEnd]);
      else if (slot.type == kEvent)
        out.push_back(some[kNext]);
      else if (slot.type == kItem)
        out.push_back(static_cast<int64_t>(below(21, i, 9)) - 1);
      else
        out.push_back(static_cast<int64_t>(below(22, i, 12)));
    }
    return out;
  }

  template <class Run>
  Output output(Run run) {
    sink_.clear();
    EXPECT_EQ(run(sink_.get()), REXP_OK);
    return {sink_.value(), std::string(sink_.text())};
  }
  Output interpreted(const row::RowFunction& f, const RexpRowContext& context, uint64_t i) {
    return output([&](RexpSink* s) { return interp::run(f, context, row(f, i).data(), i, s); });
  }

  void expect_equal(const std::vector<row::RowFunction>& functions, uint64_t rows) {
    lower::Unit unit("kernels");
    const std::string prefix = "k" + std::to_string(units_++) + "_";
    for (size_t f = 0; f < functions.size(); ++f)
      lower::lower_function(unit, functions[f], prefix + std::to_string(f));
    ASSERT_TRUE(jit_->add(std::move(unit)).ok());
    for (size_t f = 0; f < functions.size(); ++f) {
      auto code = jit_->function<Fn>(prefix + std::to_string(f));
      ASSERT_TRUE(code.ok()) << code.error().message;
      const std::vector<RexpColumn> columns = world_.columns(functions[f]);
      RexpRowContext context = world_.context(nullptr);
      context.columns = columns.data();
      for (uint64_t i = 0; i < rows; ++i) {
        const std::vector<int64_t> slots = row(functions[f], i);
        ASSERT_EQ(interpreted(functions[f], context, i),
                  output([&](RexpSink* s) { return (*code)(&context, slots.data(), i, s); }))
            << "row " << i << " of " << row::canonical(functions[f]);
      }
    }
  }

  World world_;
  std::unique_ptr<jit::Jit> jit_;
  abi::SinkBuffer sink_;
  int units_ = 0;
};

TEST_F(Kernels, OfOperationsAreCompiledAsInterpreted) {
  size_t compared = 0;
  for (uint64_t seed = 0; seed < 40; ++seed) {
    const Written program = written(stream(31, seed));
    Program compiled(program.text);
    ASSERT_TRUE(compiled.fine()) << compiled.first().message << "\n" << program.text;
    std::vector<row::RowFunction> functions;
    for (const std::string& name : program.names) {
      for (row::RowFunction& f : compiled.kernels(name)) {
        ASSERT_EQ(row::verify(f), "");
        functions.push_back(std::move(f));
      }
    }
    if (functions.size() != 6) {
      const Program::Problem problem = compiled.first();
      ASSERT_TRUE(problem.of_constants) << problem.message << "\n" << program.text;
    }
    compared += functions.size();
    expect_equal(functions, 30);
    ASSERT_FALSE(HasFailure()) << program.text;
  }
  EXPECT_GT(compared, 220u);
}

/// `m` is a metric's function, `c0`, `c1`, .. what it gives for these ranks while compiling.
TEST_F(Kernels, OfMetricsGiveWhatConstantsGive) {
  constexpr int64_t kRanks = 6;
  int compared = 0;
  for (uint64_t seed = 0; seed < 120; ++seed) {
    const std::string body = Source(stream(32, seed), kOfRank, false).text(Type::real, 4);
    std::string text =
        std::string(kFilms) + kSourcePrelude + "fn m(r: Int) -> Float = " + body + "\n";
    for (int64_t r = 0; r < kRanks; ++r)
      text += "let c" + std::to_string(r) + " = m(" + std::to_string(r) + ")\n";
    Program compiled(text);
    ASSERT_TRUE(compiled.fine()) << compiled.first().message << "\n" << text;
    const auto kernel = compiled.metric("m");
    if (!kernel) continue;  // it divides by a constant that is zero
    expect_equal({*kernel->function}, kRanks);
    const RexpRowContext context = world_.context(nullptr);
    for (int64_t r = 0; r < kRanks; ++r) {
      const auto constant = compiled.value("c" + std::to_string(r));
      const auto number = constant ? eval::number_of(*constant) : std::nullopt;
      if (!number) continue;  // divides by zero
      const int64_t given = output([&](RexpSink* s) {
                              return interp::run(*kernel->function, context, &r, 0, s);
                            }).value;
      const auto row_number = std::bit_cast<double>(given);
      ASSERT_TRUE(*number == row_number || (*number != *number && row_number != row_number))
          << "m(" << r << ") is " << *number << " while compiling, " << row_number << " per row\n"
          << body;
      ++compared;
    }
  }
  EXPECT_GT(compared, 300);
}

}  // namespace
}  // namespace rexp::testing
