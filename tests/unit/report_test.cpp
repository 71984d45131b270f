// The report's table, page and readers.
#include <cmath>
#include <fstream>
#include <iterator>
#include <map>

#include <gtest/gtest.h>

#include "runtime/report/artifacts.h"
#include "runtime/report/charts.h"
#include "runtime/report/format.h"
#include "runtime/report/page_parts.h"
#include "runtime/report/report.h"
#include "runtime/report/summary.h"

namespace rexp::report {
namespace {

size_t count_of(const std::string& text, const std::string& what) {
  size_t count = 0;
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + what.size()))
    ++count;
  return count;
}

ReportData sample() {
  ReportData data;
  data.experiment = "<script>alert('x')</script> & \"co\"";
  data.facts = {{"seed", "7"}};
  data.metrics = {
      {"baseline/pop", "last_one", "test", "keep", "hit@10", .0498, .0360, .0638, 943},
      {"baseline/pop", "last_one", "test", "keep", "nll", 5.0, 4.9, 5.1, 943},
      {"电影/tune", "last_one", "test", "keep", "hit@10", .1131, .0940, .1340, 943},
      {"电影/tune", "last_one", "test", "keep", "nll", 3.5, 3.4, 3.6, 943},
      {"电影/tune", "last_one", "test", "drop", "hit@10", .1442, .1230, .1654, 943},
  };
  data.logs = {{"电影/tune",
                {"reading", "<next>"},
                {{1, 6, {3, NAN, 7}, {}, 1e-5},
                 {10, 4, {2, 5, 6}, {}, 1e-3},
                 {1000, 2, {1, 3, 4}, {NAN, 2.5}, 1e-4}}}};
  data.codebooks = {
      {"sid", "<|sid_{}|>", {4, 2}, {{3, 1, 0, 2}, {6, 0}}, {{"collision rate", .02}}}};
  data.prompts = {{"电影/tune",
                   "next",
                   9,
                   {{"saw <|sid_0|><|sid_4|>, <b>\n", false}, {"<|sid_3|><|im_end|>", true}}}};
  data.recommendations = {
      {"电影/tune", "7", {"A & B", "C"}, "D", {{"E", -1.5, false}, {"D", -2, true}}}};
  data.tallies = {{"电影/tune <kinds>", "keep", {"cold", "known"}, {{1, 943, {.25, .75}}}}};
  data.notes = {"ties & <order>"};
  return data;
}

TEST(ReportFormat, CountsColumns) {
  EXPECT_EQ(display_width("abc"), 3);
  EXPECT_EQ(display_width("电影"), 4);
  EXPECT_EQ(display_width("e\u0301"), 1);
  EXPECT_EQ(display_width("👩\u200d👧"), 2);
  EXPECT_EQ(display_width("\xFF"), 1);
  EXPECT_EQ(shortened("电影电影", 5), "电影…");
  EXPECT_EQ(shortened("abc", 3), "abc");
  EXPECT_EQ(padded("电", 4), "电  ");
  EXPECT_EQ(padded("x", 3, true), "  x");
}

TEST(ReportFormat, PrintsNumbers) {
  EXPECT_EQ(metric_text(.11314), "0.1131");
  EXPECT_EQ(metric_text(NAN), "–");
  EXPECT_EQ(compact(41250), "41.2k");
  EXPECT_EQ(compact(0.00191), "0.00191");
  EXPECT_EQ(compact(1682), "1682");
  EXPECT_EQ(compact(2.5e6), "2.50M");
}

TEST(ReportFormat, Escapes) {
  EXPECT_EQ(escape("<a href=\"x\">'&'</a>"),
            "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
  EXPECT_EQ(escape("a\x01\xFF\n"), "a\uFFFD\uFFFD\n");
}

TEST(ReportSummary, GroupsAndMarksTheBest) {
  const ReportData data = sample();
  const std::vector<SummaryTable> tables = summary_tables(data.metrics);
  ASSERT_EQ(tables.size(), 2u);
  EXPECT_EQ(tables[0].title(), "last one · test · seen items kept · 943 users");
  EXPECT_EQ(tables[0].metrics, (std::vector<std::string>{"hit@10", "nll"}));
  EXPECT_FALSE(tables[0].cells[0][0].best);
  EXPECT_TRUE(tables[0].cells[1][0].best);
  EXPECT_TRUE(tables[0].cells[1][1].best);   // a smaller loss is the better one
  EXPECT_FALSE(tables[1].cells[0][0].best);  // alone, nobody is best
}

TEST(ReportTable, LinesUp) {
  EXPECT_EQ(terminal_table(sample()),
            "last one · test · seen items kept · 943 users\n"
            "system                hit@10               nll\n"
            "────────────────────────────────────────────────\n"
            "baseline/pop  0.0498 ±0.0139    5.0000 ±0.1000\n"
            "电影/tune     0.1131 ±0.0200 *  3.5000 ±0.1000 *\n"
            "\n"
            "last one · test · seen items dropped · 943 users\n"
            "system             hit@10\n"
            "───────────────────────────\n"
            "电影/tune  0.1442 ±0.0212\n"
            "\n"
            "* best of its column   ± half of the 95 % interval\n"
            "\n"
            "电影/tune <kinds> · seen items kept\n"
            "key  guesses    cold   known\n"
            "  1      943  25.0 %  75.0 %\n"
            "note: ties & <order>\n");
}

TEST(ReportTable, WrapsToTheTerminal) {
  const std::string table = terminal_table(sample(), {.width = 40});
  EXPECT_EQ(count_of(table, "system"), 3u);
  for (size_t at = 0; at < table.size();) {
    const size_t end = table.find('\n', at);
    const std::string line = table.substr(at, end - at);
    if (line.starts_with("baseline") || line.starts_with("system")) {
      EXPECT_LE(display_width(line), 40) << line;
    }
    at = end + 1;
  }
  EXPECT_NE(terminal_table(sample(), {.colour = true}).find("\033[1m0.1131\033[0m"),
            std::string::npos);
  EXPECT_EQ(terminal_table({}), "");
}

/// Every element that is opened is closed, in order.
void expect_balanced(const std::string& html) {
  std::vector<std::string> open;
  for (size_t at = html.find('<'); at != std::string::npos; at = html.find('<', at + 1)) {
    const size_t end = html.find('>', at);
    ASSERT_NE(end, std::string::npos);
    const std::string tag = html.substr(at + 1, end - at - 1);
    if (tag.starts_with("!") || tag.ends_with("/") || tag.starts_with("meta")) continue;
    if (tag.starts_with("/")) {
      ASSERT_FALSE(open.empty()) << tag;
      EXPECT_EQ("/" + open.back(), tag) << html.substr(at > 80 ? at - 80 : 0, 120);
      open.pop_back();
    } else {
      open.push_back(tag.substr(0, tag.find_first_of(" \n")));
    }
  }
  EXPECT_TRUE(open.empty());
}

TEST(ReportPage, StandsAloneAndIsBalanced) {
  const std::string html = html_page(sample());
  expect_balanced(html);
  EXPECT_EQ(html.find("<script"), std::string::npos);
  EXPECT_EQ(html.find("http"), std::string::npos);
  EXPECT_EQ(html.find("url("), std::string::npos);
  EXPECT_EQ(html.find("src="), std::string::npos);
  EXPECT_NE(html.find("prefers-color-scheme: dark"), std::string::npos);
  EXPECT_EQ(html.find("nan"), std::string::npos);
  for (const char* id :
       {"results", "guesses", "training", "codes", "prompts", "recommendations", "notes"}) {
    EXPECT_EQ(count_of(html, std::string("<section id=\"") + id + "\""), 1u) << id;
    EXPECT_EQ(count_of(html, std::string("href=\"#") + id + "\""), 1u) << id;
  }
}

TEST(ReportPage, EscapesWhatComesFromData) {
  const std::string html = html_page(sample());
  EXPECT_NE(html.find("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;co&quot;"),
            std::string::npos);
  EXPECT_NE(html.find("A &amp; B"), std::string::npos);
  EXPECT_NE(html.find("ties &amp; &lt;order&gt;"), std::string::npos);
  EXPECT_NE(html.find("&lt;b&gt;"), std::string::npos);
}

TEST(ReportPage, ShowsWhatIsThere) {
  const std::string html = html_page(sample());
  EXPECT_EQ(count_of(html, "<figure class=\"panel\">"),
            3u);  // two metrics with seen items kept, one dropped
  EXPECT_EQ(count_of(html, "class=\"curve main\""), 2u);  // the curve and its key
  EXPECT_EQ(count_of(html, "items per code of level"), 2u);
  EXPECT_NE(html.find("3 of 4 codes in use"), std::string::npos);
  EXPECT_NE(html.find("last loss by task: &lt;next&gt; 2.500<"), std::string::npos);
  EXPECT_NE(html.find("<mark><span class=\"tok t1\">&lt;|sid_3|&gt;</span><span "
                      "class=\"tok\">&lt;|im_end|&gt;</span></mark>"),
            std::string::npos);
  EXPECT_NE(html.find("✓ hit at 2"), std::string::npos);
}

TEST(ReportPage, LeavesOutWhatIsEmpty) {
  ReportData bare;
  bare.experiment = "bare";
  const std::string html = html_page(bare);
  expect_balanced(html);
  EXPECT_EQ(html.find("<section"), std::string::npos);
  ReportData odd;
  odd.metrics = {{"s", "", "", "", "m", NAN, NAN, NAN, 0},
                 {"t", "", "", "", "m", -1, -2, INFINITY, 0}};
  odd.logs = {{"empty", {}, {}},
              {"one", {"a", "b"}, {{1, NAN, {}, {}, 0}}},
              {"two", {}, {{1, 0, {}, {}, 0}}}};
  odd.codebooks = {{"c", "no hole", {}, {{}, {0, 0}}, {}}};
  odd.recommendations = {{"", "", {}, "", {}}, {"", "", {}, "", {{"x", NAN, false}}}};
  const std::string page = html_page(odd);
  expect_balanced(page);
  EXPECT_EQ(count_of(page, "\"nan") + count_of(page, "inf"), 0u);
}

TEST(ReportPage, TokensByLevel) {
  const std::vector<CodebookSummary> codebooks = {{"sid", "<|sid_{}|>", {4, 2}, {}, {}}};
  EXPECT_EQ(with_tokens("a<|sid_4|>b", codebooks),
            "a<span class=\"tok t2\">&lt;|sid_4|&gt;</span>b");
  EXPECT_EQ(with_tokens("<|sid_6|>", codebooks),
            "<span class=\"tok\">&lt;|sid_6|&gt;</span>");  // beyond the last level
  EXPECT_EQ(with_tokens("<|not a token|> <|", codebooks), "&lt;|not a token|&gt; &lt;|");
}

TEST(ReportArtifacts, ReadsWhatNodesWrite) {
  const auto log = training_log(
      {"s", {"next"}},
      R"({"step": 1, "loss": 2.5, "levels": {"0": 0.5, "2": 4.0}, "tasks": {"0": 2.5}, "lr": 0.001}
{"step": 2, "loss": null, "levels": {}, "lr": 0.001}
)");
  ASSERT_TRUE(log.ok()) << to_string(log.error());
  ASSERT_EQ(log->points.size(), 2u);
  ASSERT_EQ(log->points[0].level_loss.size(), 3u);
  EXPECT_TRUE(std::isnan(log->points[0].level_loss[1]));
  EXPECT_EQ(log->points[0].level_loss[2], 4.0);
  EXPECT_EQ(log->points[0].task_loss, (std::vector<double>{2.5}));
  EXPECT_TRUE(std::isnan(log->points[1].loss));

  const auto samples =
      prompt_samples({"s", {"reading", "next"}},
                     R"({"task": 1, "text": "A B A C", "trained": ["B", "C"], "tokens": 4})");
  ASSERT_TRUE(samples.ok()) << to_string(samples.error());
  EXPECT_EQ(samples->at(0).task, "next");
  std::string marked;
  for (const auto& span : samples->at(0).spans)
    marked += span.trained ? "[" + span.text + "]" : span.text;
  EXPECT_EQ(marked, "A [B] A [C]");

  const auto rows = evaluated(
      {"a", "p", "test"},
      R"({"rows": [{"seen": "keep", "metric": "mrr", "value": 0.5, "low": 0.4, "high": 0.6, "n": 10}], "notes": ["x"]})");
  ASSERT_TRUE(rows.ok()) << to_string(rows.error());
  EXPECT_EQ(rows->rows[0].n, 10);
  EXPECT_EQ(rows->rows[0].system, "a");
  EXPECT_EQ(rows->notes[0], "x");

  const auto guesses =
      recommendations("a", R"({"samples": [{"user": 5, "history": ["x"], "truth": "y",
    "guesses": [{"title": "y", "score": -1.5, "hit": true}]}]})");
  ASSERT_TRUE(guesses.ok()) << to_string(guesses.error());
  EXPECT_EQ(guesses->at(0).user, "5");
  EXPECT_TRUE(guesses->at(0).guesses[0].hit);

  const auto kinds = tallies(
      "k",
      R"({"classes": ["cold"], "tallies": [{"seen": "drop", "rows": [{"key": 1, "n": 9, "counts": [9], "shares": [1.0]}]}]})");
  ASSERT_TRUE(kinds.ok()) << to_string(kinds.error());
  EXPECT_EQ(kinds->at(0).rows[0].n, 9);

  const auto quantiser = quantiser_log(
      "sid",
      R"({"step": 5, "loss": 1.5, "levels": {"1": 1.0}, "quantities": {"reconstruction": 2, "usage 1": 0.5, "usage 2": 1}}
{"step": 10, "loss": 0.5, "levels": {}, "quantities": {"usage 1": 0.75}}
)");
  ASSERT_TRUE(quantiser.ok()) << to_string(quantiser.error());
  EXPECT_EQ(quantiser->losses.points.size(), 2u);
  ASSERT_EQ(quantiser->quantities.series.size(), 2u);
  EXPECT_EQ(quantiser->quantities.series[0].points,
            (std::vector<std::pair<double, double>>{{5, 0.5}, {10, 0.75}}));
  const auto valid = valid_curve("sasrec", R"({"ndcg@10": [0.1, 0.25]})");
  ASSERT_TRUE(valid.ok()) << to_string(valid.error());
  EXPECT_EQ(valid->series[0].points, (std::vector<std::pair<double, double>>{{1, 0.1}, {2, 0.25}}));
  const std::string chart = learning_chart(*valid);
  EXPECT_NE(chart.find("epoch (logarithmic)"), std::string::npos);
  EXPECT_NE(chart.find("NDCG@10 <b>0.250</b>"), std::string::npos);
  EXPECT_EQ(learning_chart(*valid_curve("s", R"({"ndcg@10": []})")), "");

  CodebookSummary codebook;
  ASSERT_TRUE(
      add_codebook_metrics(R"({"collision_rate": 0.02, "usage": [[1, 2], [3]]})", &codebook).ok());
  EXPECT_EQ(codebook.numbers[0].first, "collision rate");
  EXPECT_EQ(codebook.usage[1][0], 3);
}

TEST(ReportArtifacts, BrokenFilesAreErrors) {
  const auto log = training_log({"s", {}}, "{\"step\": 1, \"loss\": 1}\n{\"step\": ");
  ASSERT_FALSE(log.ok());
  EXPECT_EQ(log.error().line, 2);
  EXPECT_FALSE(evaluated({}, "{}").ok());
  EXPECT_FALSE(evaluated({}, "[1").ok());
  EXPECT_FALSE(recommendations("s", R"([{"guesses": [{}]}])").ok());
  EXPECT_FALSE(valid_curve("s", "{}").ok());
  EXPECT_EQ(quantiser_log("s", "{\"step\": 1, \"loss\": 1}\n[").error().line, 2);
}

TEST(Report, WritesBothFiles) {
  const std::string folder = ::testing::TempDir() + "rexp_report";
  const Status written = write_report(sample(), folder);
  ASSERT_TRUE(written.ok()) << to_string(written.error());
  std::ifstream file(folder + "/report.html", std::ios::binary);
  const std::string html{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(html, html_page(sample()));
  EXPECT_FALSE(write_report(sample(), "/proc/no/such/folder").ok());
}

}  // namespace
}  // namespace rexp::report
