#include "tests/cli/every_node.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <tuple>

namespace rexp::cli {

namespace fs = std::filesystem;

namespace {

constexpr char kProgram[] = R"(edition 2026
import std.toy
import std.core
import std.data { csv_rows }
import std.codebook { residual_k_means, ppmi_svd }
import std.train { adamw }
import std.eval { evaluate, beam, hit, ndcg, prefix, tally, interactions }
import std.models { RandomModel }
import std.baseline { popularity, markov }

schema Fact { film: Text; director: Text }
dataset facts: Rows<Fact> { source = csv_rows("facts.csv") }
dataset films { source = toy.films(users = 150, items = 60); split = leave_one_out }
codebook sid { of = films.items; learn = residual_k_means { vectors = ppmi_svd(films.train, size = 8); levels = [8, 8]; pca = none }; clashes = extra_level }
template next_film(h: past History, next: target Item) {
  user "Seen: ${h.sid sep " "}. What comes next?"
  assistant "${next.sid}"
}
template known(i: Item, director: Text) { document "${i.sid} by ${director}" }
task next = [next_film(w.history, w.next) for w in films.train.windows(max = 8)]
task fact = [known(f, f.director) for f in films.items.join(facts, on = i => i.id)]
stage warm { adds = sid.tokens; data = fact; length = 100 steps; batch = 8 rows; optimizer = adamw { lr = 1e-3 } }
stage learn { data = next; length = 400 steps; batch = 16 rows; optimizer = adamw { lr = 1e-3 } }
protocol last_one { rows = films.test.windows(max = 8); ask = next_film; decode = beam(10, within = sid.legal); metrics = [hit@1, hit@10, ndcg@10, prefix@1@10] }
enum Reach { unknown, cold, known_well }
fn reach(s: Sid) -> Reach = match { not sid.legal.has(s) => unknown, interactions(s, of = films.train) <= 2 => cold, else => known_well }
let small: Model = RandomModel { hidden = 32; layers = 1; heads = 2; kv_heads = 1; head_dim = 16; ffn = 64 }
experiment every_node(base: Model = small, seed: Seed = 7) {
  let m = base |> warm |> learn
  scores = [evaluate(x, last_one) for x in [m, popularity(films.train), markov(films.train)]]
  reached = tally(scores[0].guesses, by = g => g.rank, into = g => reach(g.sid))
}
)";

}  // namespace

EveryNode::EveryNode(const Workplace& place) : place_(place) {
  place.write("every_node.rexp", kProgram);
  std::string facts = "film,director\n";
  for (int film = 1; film <= 40; ++film)
    facts += std::to_string(film) + ",Director " + std::to_string(film % 5) + "\n";
  place.write("facts.csv", facts);
}

std::vector<std::string> EveryNode::run(const std::string& store) const {
  return {"run", "every_node.rexp",    "--json", "--quiet", "--store", store, "--threads",
          "1",   "--checkpoint-every", "1"};
}

std::vector<StoredFile> EveryNode::files(const std::string& store, bool meta) const {
  std::vector<StoredFile> out;
  for (const std::string& key : names_in(place_.path(store + "/artifacts"))) {
    const std::string folder = place_.path(store + "/artifacts/" + key);
    const auto said = nlohmann::json::parse(contents(folder + "/meta.json"), nullptr, false);
    if (!said.is_object()) continue;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      const std::string file = fs::relative(entry.path(), folder).string();
      if (entry.is_directory() || (!meta && file == "meta.json")) continue;
      out.push_back({said["kind"], said["name"], file, entry.path().string(), key});
    }
  }
  std::sort(out.begin(), out.end(), [](const StoredFile& a, const StoredFile& b) {
    return std::tie(a.kind, a.name, a.file) < std::tie(b.kind, b.name, b.file);
  });
  return out;
}

std::map<std::string, std::string> EveryNode::bytes(const std::string& store) const {
  std::map<std::string, std::string> out;
  for (const StoredFile& file : files(store, false))
    out[file.key + "/" + file.file] = contents(file.path);
  return out;
}

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string difference(const std::map<std::string, std::string>& expected,
                       const std::map<std::string, std::string>& seen) {
  for (const auto& [name, bytes] : expected) {
    const auto at = seen.find(name);
    if (at == seen.end()) return name + " is missing";
    if (at->second != bytes) return name + " has other bytes";
  }
  for (const auto& [name, bytes] : seen) {
    if (!expected.contains(name)) return name + " is too much";
  }
  return "";
}

}  // namespace rexp::cli
