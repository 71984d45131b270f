// Every way to make rows, from files to the text that a template prints of them.
#include <gtest/gtest.h>

#include "tests/cli/program.h"

namespace rexp::cli {
namespace {

const std::string kProgram = R"(edition 2026
import std.toy
import std.core { min }
import std.data { csv, jsonl_rows, csv_rows }
import std.rec { WindowId }
schema Film extends Item { title: Text; year: Int; category: [Text] }
schema Rated extends Interaction { rating: Float }
schema Viewer extends User { age: Int }
dataset films: Interactions<Film, Rated, Viewer> { source = csv("events.csv", "items.csv", users = "users.csv") }
codebook sid { of = films.items; learn = toy.tree { levels = [2, 2] } }
schema Note { id: WindowId; summary: past Text = ""; why: target Text }
dataset notes: Rows<Note> { source = jsonl_rows("notes.jsonl") }
schema Fact { film: Text; director: Text }
dataset facts: Rows<Fact> { source = csv_rows("facts.csv") }
let views = films.train.windows(max = 2)
let shelves = films.items.group(i => i.category)
template seen(h: past History<Film, Rated>, who: Viewer, next: target Film) {
  user "${who.age}: %{for e in h.last(min(3, h.length)) sep ", "}${e.title} ${e.rating} ${e.at}%{end}"
  assistant next.title
}
template reason(h: past History, summary: past Text, next: target Film, why: target Text) {
  user "${h.title sep ","} ${summary}"
  assistant "${next.title} ${why}"
}
template twice(h: past History, next: target Film, later: target Film) {
  user "${h.title sep ","}"
  assistant "${next.title} ${later.title}"
}
template stretch(s: target [Film]) { document "${s.title sep ","}" }
template fact(i: Film, director: Text) { document "${i.title} ${director}" }
template known_of(film: Text, director: Text) { document "${film} ${director}" }
template shelf(name: Text, of: [Film]) { document "${name}: ${of.title sep ","}" }
template two(a: Text, b: Text) { document "${a} ${b}" }
template person(u: Viewer) { document "${u.id} ${u.age}" }
template part(h: past History, next: target Film) { document "${h.title sep ","} > ${next.title}" }
task t_seen = [seen(w.history, w.user, w.next) for w in views where w.user.age > 20 and 2.5 in w.history.rating]
task t_reason = [reason(n.history, n.summary, n.next, n.why) for n in views.join(notes, on = w => w.id).where(n => n.why != "-")]
task t_twice = [twice(w.history, w.next, w.later) for w in views.ahead(2).where(w => w.later.rating > 1)]
task t_stretch = [stretch(s) for s in films.train.sequences(max = 2).where(s => s.length > 1)]
task t_fact = [fact(f, f.director) for f in films.items.join(facts, on = i => i.id).where(f => f.year > 1990)]
task t_known = [known_of(f.film, f.director) for f in facts.where(f => f.director != "Li") + facts.sample(1 rows)]
task t_shelf = [shelf(s.name, s.items) for s in shelves.where(s => s.items.length > 1)]
task t_two = [two(a.name, b.name) for (a, b) in shelves.where(s => s.name != "war").pairs.where(p => p.first.name == "drama")]
task t_person = [person(u) for u in films.users.where(u => u.age < 30)]
task t_part = [part(w.history, w.next) for w in films.train.windows(min = 2, max = 1) + films.valid]
)";

/// Special tokens and the headers of turns; an answer stands behind a bar.
const std::vector<std::pair<std::string, std::string>> kMarks = {{"<|im_start|>user\n", ""},
                                                                 {"<|im_start|>assistant\n", "|"},
                                                                 {"<|im_end|>\n", ""},
                                                                 {"<|endoftext|>", ""}};

class Rows : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!has_qwen_tokenizer()) GTEST_SKIP() << "qwen.tiktoken is not there: ./dev setup fetches it";
    place.write("a.rexp", kProgram);
    place.write("events.csv",
                "user,item,at,rating\n"
                "u1,a,1,2.5\nu1,b,2,1\nu1,c,3,4\nu1,d,4,2.5\nu1,a,5,3\nu1,b,6,3\n"
                "u2,c,1,5\nu2,a,2,5\nu2,d,3,1\nu2,b,4,2\n");
    place.write("items.csv",
                "id,title,year,category\na,Alpha,1980,drama\nb,Beta,1991,war|drama\n"
                "c,Gamma,1992,war\nd,Delta,1993,comedy\n");
    place.write("users.csv", "id,age\nu1,31\nu2,20\n");
    place.write("notes.jsonl",
                "{\"id\": \"u1:2\", \"summary\": \"likes\", \"why\": \"so\"}\n"
                "{\"id\": \"u2:1\", \"why\": \"-\"}\n"
                "{\"id\": \"u1:1\", \"why\": \"then\"}\n");
    place.write("facts.csv", "film,director\na,Li\nd,\"Wu, Y\"\n");
  }

  /// What every row of a template says, without special tokens.
  std::vector<std::string> texts(const std::string& wording) {
    std::vector<std::string> out;
    for (int64_t row = 0, rows = 1; row < rows; ++row) {
      const Outcome outcome =
          place.rexp({"render", "a.rexp", wording, "--row", std::to_string(row), "--json"});
      EXPECT_EQ(outcome.code, 0) << outcome.err;
      if (outcome.code != 0) break;
      rows = outcome.json()["rows"].get<int64_t>();
      std::string text = outcome.json()["text"].get<std::string>();
      for (const auto& [mark, kept] : kMarks) {
        for (size_t at = text.find(mark); at != std::string::npos; at = text.find(mark))
          text.replace(at, mark.size(), kept);
      }
      out.push_back(text);
    }
    return out;
  }
  Workplace place;
};

using Texts = std::vector<std::string>;

TEST_F(Rows, WindowsHaveTheColumnsOfEventsAndUsers) {
  EXPECT_EQ(texts("seen"), (Texts{"31: Alpha 2.5 1|Beta", "31: Alpha 2.5 1, Beta 1 2|Gamma"}));
}

TEST_F(Rows, JoinedRowsHaveTheColumnsOfBoth) {
  EXPECT_EQ(texts("reason"), (Texts{"Alpha |Beta then", "Alpha,Beta likes|Gamma so"}));
  EXPECT_EQ(texts("fact"), (Texts{"Delta Wu, Y"}));
}

TEST_F(Rows, TablesAreRowsByThemselves) {
  const Texts of = texts("known_of");
  ASSERT_EQ(of.size(), 2u);
  EXPECT_EQ(of[0], "d Wu, Y");
  EXPECT_TRUE(of[1] == "a Li" || of[1] == "d Wu, Y") << of[1];
}

TEST_F(Rows, AheadAddsALaterEvent) {
  EXPECT_EQ(texts("twice"), (Texts{"Alpha|Beta Gamma", "Alpha,Beta|Gamma Delta"}));
}

TEST_F(Rows, SequencesAreStretches) {
  EXPECT_EQ(texts("stretch"), (Texts{"Alpha,Beta", "Gamma,Delta", "Gamma,Alpha"}));
}

TEST_F(Rows, GroupsHaveNamesAndItemsAndArePaired) {
  EXPECT_EQ(texts("shelf"), (Texts{"drama: Alpha,Beta", "war: Beta,Gamma"}));
  EXPECT_EQ(texts("two"), (Texts{"drama comedy"}));
}

TEST_F(Rows, UsersAreRows) { EXPECT_EQ(texts("person"), (Texts{"u2 20"})); }

TEST_F(Rows, RowsAreJoinedWithPlus) {
  EXPECT_EQ(texts("part"), (Texts{"Beta > Gamma", "Gamma > Delta", "Alpha,Beta,Gamma,Delta > Alpha",
                                  "Gamma,Alpha > Delta"}));
}

}  // namespace
}  // namespace rexp::cli
