// Vectors that another tool wrote.
#include "runtime/base/json.h"
#include "runtime/codebook/learn.h"
#include "runtime/codebook/vector_lines.h"
#include "tests/unit/codebook_data.h"

namespace rexp::codebook {
namespace {

class VectorsFile : public testing::Test {
 protected:
  ~VectorsFile() override { std::filesystem::remove(path_); }

  Result<VectorLines> read(const std::string& text) const {
    EXPECT_TRUE(store::write_file(path_, text).ok());
    return read_vector_lines(path_);
  }
  /// "line: message" of the error that the text has, "" for none.
  std::string error(const std::string& text) const {
    const Result<VectorLines> lines = read(text);
    if (lines.ok()) return "";
    EXPECT_EQ(lines.error().kind, ErrorKind::user);
    EXPECT_EQ(lines.error().file, path_);
    return std::to_string(lines.error().line) + ": " + lines.error().message;
  }
  /// For a catalogue 10 20 30.
  Result<Vectors> learn(const std::string& text) {
    EXPECT_TRUE(store::write_file(path_, text).ok());
    LearnInput in;
    in.dataset = std::make_shared<const data::Dataset>(from_text("1 10 20 30\n2 30 20 10\n"));
    in.files = {{"path", path_}};
    in.row_count = [this](int64_t) { return Result<int64_t>(rows_); };
    in.note = [this](const std::string& note) { notes_.push_back(note); };
    return learn_vectors({{"is", "vectors_file"}, {"items", {{"input", 1}}}, {"path", "hash"}}, in);
  }

  const std::string path_ = temporary("vectors.jsonl");
  int64_t rows_ = 3;
  std::vector<std::string> notes_;
};

TEST_F(VectorsFile, ItemsAreKnownByTheirIds) {
  const Result<Vectors> vectors = learn(
      "\xEF\xBB\xBF{\"id\": \"30\", \"vector\": [5, 6.5]}\r\n\n{\"id\": \"10\", \"vector\": [1, "
      "-2e-1], "
      "\"title\": \"Heat\"}\n{\"vector\": [3, 4], \"id\": 20}");
  ASSERT_TRUE(vectors.ok()) << to_string(vectors.error());
  EXPECT_EQ(vectors->rows, 3);
  EXPECT_EQ(vectors->size, 2);
  EXPECT_EQ(vectors->values, (std::vector<float>{1, -0.2f, 3, 4, 5, 6.5f}));
  EXPECT_TRUE(notes_.empty());
}

TEST_F(VectorsFile, IdsThatAreNoItemsAreCounted) {
  std::string text;
  for (const char* id : {"30", "10", "a", "20", "b"})
    text += R"({"id": ")" + std::string(id) + "\", \"vector\": [1]}\n";
  ASSERT_TRUE(learn(text).ok());
  EXPECT_EQ(
      notes_,
      (std::vector<std::string>{"2 of 5 vectors of the file belong to no item of the dataset"}));
}

TEST_F(VectorsFile, EveryItemHasOne) {
  const Result<Vectors> vectors =
      learn("{\"id\": \"10\", \"vector\": [1]}\n{\"id\": \"2\", \"vector\": [1]}\n");
  ASSERT_FALSE(vectors.ok());
  EXPECT_EQ(vectors.error().message, "2 of 3 items have no vector, the first of them is item `20`");
  EXPECT_EQ(vectors.error().file, path_);
  rows_ = 2;
  EXPECT_EQ(learn("").error().message, "vectors_file was given 2 of 3 items");
}

TEST_F(VectorsFile, SaysWhereTheFileIsWrong) {
  const std::string first = "{\"id\": \"a\", \"vector\": [1, 2]}\n";
  EXPECT_EQ(error(first), "");
  EXPECT_EQ(error("\n"), "0: the file has no vector");
  EXPECT_EQ(error(first + "{\"id\": \"b\", \"vector\": [1, NaN]}\n"),
            "2: the text is not valid JSON (byte 27 of 31)");
  EXPECT_EQ(error(first + "[1, 2]\n"), "2: the line is no object with `id` and `vector`");
  EXPECT_EQ(error(first + "{\"id\": \"b\"}"), "2: the line is no object with `id` and `vector`");
  EXPECT_EQ(error(first + "{\"id\": 1.5, \"vector\": [1, 2]}"),
            "2: `id` is neither a text nor a whole number");
  EXPECT_EQ(error(first + "\n{\"id\": \"a\", \"vector\": [1, 2]}"),
            "3: item `a` has a vector in line 1 already");
  EXPECT_EQ(error(first + "{\"id\": \"b\", \"vector\": []}"),
            "2: the vector of item `b` is no list of numbers");
  EXPECT_EQ(error(first + "{\"id\": \"b\", \"vector\": [1, 2, 3]}"),
            "2: the vector of item `b` has 3 numbers, that of line 1 has 2");
  EXPECT_EQ(error(first + "{\"id\": \"b\", \"vector\": [1, null]}"),
            "2: the vector of item `b` holds null, which is no number of 32 bits");
  EXPECT_EQ(error(first + "{\"id\": \"b\", \"vector\": [1, -1e39]}"),
            "2: the vector of item `b` holds -1e+39, which is no number of 32 bits");
  EXPECT_EQ(error(first + "{\"id\": \"\xFF\", \"vector\": [1, 2]}"),
            "2: byte 0xFF in column 9 is not UTF-8");
}

TEST_F(VectorsFile, AFileThatIsNotThere) {
  EXPECT_EQ(read_vector_lines(path_ + ".no").error().kind, ErrorKind::user);
}

}  // namespace
}  // namespace rexp::codebook
