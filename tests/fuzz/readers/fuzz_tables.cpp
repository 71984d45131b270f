// The files of users: RecBole's atomic files, sequences, JSON Lines, CSV, and what the loader makes of them.
#include "runtime/base/json.h"
#include "runtime/data/load.h"
#include "tests/fuzz/readers/reader_fuzz.h"

namespace {

using namespace rexp;

data::LoadOptions options_of(char reader, const std::string& path) {
  data::LoadOptions options;
  options.source = {{"is", "Files"}, {"format", "jsonl"}};
  options.files = {{"events", path}};
  switch (reader) {
    case 'c': options.source = {{"is", "Csv"}}; break;
    case 'r':
      options.source = {{"is", "Files"}, {"format", "recbole"}};
      options.files = {{"inter", path}};
      break;
    case 's':
      options.source = {{"is", "Files"}, {"format", "sequences"}};
      options.files = {{"sequences", path}};
      break;
    default: break;
  }
  return options;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string path = fuzz::as_file("t", {reinterpret_cast<const char*>(data) + 1, size - 1});
  const data::LoadOptions options = options_of(static_cast<char>(data[0]), path);
  const Result<data::Loaded> loaded = data::read_dataset(options);
  if (fuzz::answered(loaded)) {
    fuzz::answered(data::check_leave_one_out(loaded->dataset));
    // what was read is written and read back as it was
    const std::string saved = fuzz::folder() + "/dataset.bin";
    fuzz::answered(data::save(loaded->dataset, saved));
    if (!fuzz::answered(data::load_dataset(saved))) std::abort();
  }
  data::LoadOptions table = options;
  table.files = {{"rows", path}};
  std::vector<std::string> notes;
  if (data[0] != 's') fuzz::answered(data::read_table(table, "id", &notes));
  return 0;
}

namespace rexp::fuzz {

std::vector<std::string> seeds() {
  return {
      "ruser_id:token\titem_id:token\trating:float\ttimestamp:"
      "float\nu\ta\t1\t10\nu\tb\t2\t11\nu\tc\t3\t12.5\n",
      "rid:token\tname:token_seq\tyear:float\tpath:float_seq\n1\ta b\t1999\t1 2\n2\tc\t\t\n",
      "s1 10 9 100\n2 9 10\t9\r\n",
      "j{\"user\": 1, \"item\": \"a\", \"at\": 2, \"tags\": [\"x\", 3]}\n\n{\"user\": 1, \"item\": "
      "\"b\", \"at\": 1.5, "
      "\"id\": \"\\u00e9\"}\n{\"user\": \"2\", \"item\": \"b\", \"at\": null, \"tags\": []}\n",
      "cuser,item,at,id\n1,\"a, b\",3,x\n1,\"say \"\"hi\"\"\",4,y\r\n2,c,5,z\n"};
}

}  // namespace rexp::fuzz
