// The store's own files: damaged in a way that their checksums do not show, for the frame is put around the mutated payload.
#include "runtime/base/json.h"
#include "runtime/baseline/recommender.h"
#include "runtime/codebook/codebook.h"
#include "runtime/codebook/index_file.h"
#include "runtime/codebook/vector_lines.h"
#include "runtime/codebook/vectors.h"
#include "runtime/data/load.h"
#include "runtime/eval/binary_file.h"
#include "runtime/eval/evaluate.h"
#include "runtime/report/artifacts.h"
#include "runtime/store/binary.h"
#include "runtime/store/file.h"
#include "runtime/store/store.h"
#include "tests/fuzz/readers/reader_fuzz.h"

namespace {

using namespace rexp;

constexpr const char* kCounted[] = {"popularity", "markov", "item_knn", "transition_graph"};
constexpr size_t kFrame = 8 + 4 + 8 + 32, kArrays = 8 + 8;  // bytes before the payload

std::string framed(std::string_view magic, uint32_t version, std::string_view payload) {
  const std::string path = fuzz::folder() + "/framed.bin";
  fuzz::answered(store::write_framed(path, magic, version, payload));
  return path;
}
std::string arrays(std::string_view magic, std::string_view body) {
  const std::string path = fuzz::folder() + "/arrays.bin";
  fuzz::answered(eval::write_checked(path, magic, body));
  return path;
}

void walk(const data::Dataset& dataset) {
  data::train_counts(dataset);
  data::derived_column(dataset, "events", "window_id");
  fuzz::answered(data::check_leave_one_out(dataset));
  data::keep_users(dataset, [](int64_t begin, int64_t end) { return end - begin > 2; });
}

void read_guesses(std::string_view body) {
  const auto lists = eval::load_guesses(arrays("REXPGUE1", body));
  if (!fuzz::answered(lists)) return;
  for (const eval::Guesses& list : *lists) eval::shares_by_rank(list, {});
}

void read_counted(const std::string& is, std::string_view body) {
  const std::string folder = fuzz::folder() + "/counted";
  fuzz::answered(store::make_folder(folder));
  fuzz::answered(store::write_file(folder + "/recommender.json", R"({"is": ")" + is + "\"}"));
  fuzz::answered(store::write_framed(folder + "/baseline.bin", "REXPBASE", 3, body));
  const auto scorer = baseline::open(folder, "cpu");
  if (fuzz::answered(scorer)) (*scorer)->scores(std::vector<baseline::History>{{0}, {}});
}

void read_report_texts(std::string_view text) {
  fuzz::answered(report::evaluated({}, text));
  fuzz::answered(report::tallies("t", text));
  fuzz::answered(report::training_log({}, text));
  fuzz::answered(report::quantiser_log({}, text));
  fuzz::answered(report::valid_curve({}, text));
  fuzz::answered(report::prompt_samples({"s", {"task"}}, text));
  fuzz::answered(report::recommendations("s", text));
  report::CodebookSummary summary;
  fuzz::answered(report::add_codebook_metrics(text, &summary));
}

void read_binary(char reader, std::string_view body) {
  switch (reader) {
    case 'd':
      if (const auto read = data::load_dataset(framed("REXPDATA", 1, body)); fuzz::answered(read))
        walk(*read);
      break;
    case 't': fuzz::answered(data::load_table(framed("REXPTABL", 1, body))); break;
    case 'r': fuzz::answered(data::load_rows(framed("REXPROWS", 2, body))); break;
    case 'v': fuzz::answered(codebook::load_vectors(framed("REXPVECS", 1, body))); break;
    case 'b':
      for (const char* is : kCounted) read_counted(is, body);
      break;
    case 'g': read_guesses(body); break;
    case 'u': fuzz::answered(eval::load_per_user(arrays("REXPUSR1", body))); break;
    case 'f': fuzz::answered(data::load_rows(fuzz::as_file("whole.bin", body))); break;
    default: break;
  }
}

void read_json_file(char reader, std::string_view body) {
  switch (reader) {
    case 'c':
      if (const auto read = codebook::load_codebook(fuzz::as_file("codebook.json", body));
          fuzz::answered(read))
        static_cast<void>(read->tokens());
      break;
    case 'l':
      fuzz::answered(codebook::read_vector_lines(fuzz::as_file("vectors.jsonl", body)));
      break;
    case 'i': fuzz::answered(codebook::read_index_file(fuzz::as_file("index.json", body))); break;
    case 'm': {
      static const auto store = store::Store::open(fuzz::folder() + "/store");
      if (!fuzz::answered(store)) return;
      fuzz::answered(store::make_folder(store->path("k")));
      fuzz::answered(store::write_file(store->path("k") + "/meta.json", fuzz::sealed(body)));
      fuzz::answered(store->meta("k"));
      break;
    }
    case 'x': read_report_texts(body); break;
    default: break;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  read_binary(static_cast<char>(data[0]), body);
  read_json_file(static_cast<char>(data[0]), body);
  return 0;
}

namespace rexp::fuzz {
namespace {

/// A dataset of three users, through the reader that users' files take.
data::Dataset small_dataset() {
  data::LoadOptions options;
  options.source = {{"is", "Files"}, {"format", "sequences"}};
  options.files = {{"sequences", as_file("s.txt", "1 10 9 100 9\n2 9 10 100\n3 10 100 9\n")}};
  return data::read_dataset(options)->dataset;
}

std::string payload(char reader, const std::string& path, size_t frame) {
  return reader + contents_of(path).substr(frame);
}

void add_binary(std::vector<std::string>* out) {
  const std::string path = folder() + "/seed.bin";
  const data::Dataset dataset = small_dataset();
  answered(data::save(dataset, path));
  out->push_back(payload('d', path, kFrame));
  answered(data::save(dataset.items, path));
  out->push_back(payload('t', path, kFrame));
  answered(data::save(data::Rows{{"user", "next"}, 2, {0, 3, 1, 6}, dataset.items.columns}, path));
  out->push_back(payload('r', path, kFrame));
  out->push_back(seed('f', path));
  answered(codebook::save(codebook::Vectors{2, 3, {1, 2, 3, 4, 5, 6}}, path));
  out->push_back(payload('v', path, kFrame));
  for (const bool graph : {false, true}) {
    store::BinaryWriter counted;
    counted.value<int64_t>(20);
    counted.array(std::vector<int64_t>{3, 2});
    counted.array(std::vector<int64_t>{0, 1, 2});
    counted.array(std::vector<int32_t>{1, 0});
    counted.array(std::vector<double>{1, 0.5});
    counted.array(graph ? std::vector<double>{0.5, 0.3} : std::vector<double>{});
    counted.array(graph ? std::vector<float>{1, 0, 0, 1} : std::vector<float>{});
    out->push_back('b' + std::string(counted.bytes()));
  }
  eval::Guesses guesses = eval::Guesses::empty(2);
  guesses.add(1, 0, -1, std::vector<int32_t>{3, 4});
  guesses.add(-1, 1, -2, std::vector<int32_t>{3, 9});
  guesses.end_user();
  guesses.target_ranks = {7};
  answered(eval::save(std::vector{guesses}, path));
  out->push_back(payload('g', path, kArrays));
  answered(
      eval::save(std::vector{eval::PerUser{eval::Seen::drop, {"hit@1"}, {1, 0}, {1, 0}}}, path));
  out->push_back(payload('u', path, kArrays));
}

}  // namespace

std::vector<std::string> seeds() {
  std::vector<std::string> out;
  add_binary(&out);
  const std::string path = folder() + "/seed.json";
  codebook::Codebook book;
  book.name = "sid", book.level_sizes = {4, 4}, book.codes = {{0, 1}, {3, 2}};
  answered(codebook::save(book, path));
  out.push_back(seed('c', path));
  out.push_back(R"(i{"0": ["<a_1>", "<s_b_20>"], "1": [3, 4], "2": ["<a_0>", "7"]})");
  out.push_back(
      "l{\"id\": \"a\", \"vector\": [0.5, -1e-3]}\n\n{\"id\": 7, \"vector\": [1, 2], \"text\": "
      "\"b\"}\n");
  out.push_back(
      R"(m{"kind": "load", "name": "a", "version": 2, "files": {"a": "x"}, "seconds": 0.5, "notes": ["n"], "made": {"device": "cpu"}})");
  out.push_back(
      R"(x{"rows": [{"metric": "hit@1", "value": 0.5, "low": null, "high": 1, "n": 3}], "notes": ["n"],
"classes": ["a"], "tallies": [{"seen": "keep", "rows": [{"key": 1, "n": 2, "counts": [2], "shares": [1.0]}]}],
"usage": [[1, 2]], "samples": [{"user": 3, "history": ["a"], "truth": "b", "guesses": [{"title": "c", "score": 1, "hit": true}]}]})");
  out.push_back(
      "x{\"step\": 1, \"loss\": 2.5, \"levels\": {\"0\": 1.0, \"7\": null}, \"tasks\": {\"0\": 1}, "
      "\"lr\": 0.1}\n"
      "{\"task\": 0, \"text\": \"ab\", \"trained\": [\"b\"], \"tokens\": 3}\n");
  return out;
}

}  // namespace rexp::fuzz
