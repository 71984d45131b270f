// What headers of safetensors files can claim, and what is said of it.
#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "runtime/model/safetensors.h"

namespace rexp::model {
namespace {

namespace fs = std::filesystem;

/// A file of one header and `bytes` of data.
class Safetensors : public testing::Test {
 protected:
  void SetUp() override {
    path_ = testing::TempDir() + "rexp_safetensors_" + std::to_string(::getpid());
    fs::create_directories(path_);
  }
  void TearDown() override { fs::remove_all(path_); }
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  std::string open_error(const std::string& header, size_t bytes = 16) {
    const uint64_t length = header.size();
    std::ofstream out(file("x.safetensors"), std::ios::binary);
    out.write(reinterpret_cast<const char*>(&length), sizeof length);
    out << header << std::string(bytes, '\0');
    out.close();
    auto opened = TensorFile::open(file("x.safetensors"));
    return opened.ok() ? "" : to_string(opened.error());
  }
  static std::string entry(const std::string& shape, const std::string& offsets,
                           const std::string& dtype = "F32") {
    return "{\"dtype\":\"" + dtype + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}";
  }
  std::string path_;
};

TEST_F(Safetensors, HeadersThatCannotBeAreUserErrors) {
  const auto says = [&](const std::string& tensor, const std::string& words) {
    const std::string message = open_error("{\"a\":" + tensor + "}");
    return message.find("x.safetensors:") != std::string::npos &&
                   message.find(words) != std::string::npos
               ? testing::AssertionSuccess()
               : testing::AssertionFailure() << tensor.substr(0, 80) << ": " << message;
  };
  EXPECT_EQ(open_error("{\"a\":" + entry("[2,2]", "[0,16]") + "}"), "");
  EXPECT_TRUE(says(entry("[-2,-2]", "[0,16]"), "impossible shape [-2,-2]"));
  EXPECT_TRUE(says(entry("[4294967296,4294967296,4294967296]", "[0,16]"), "impossible shape"));
  EXPECT_TRUE(says(entry("[4611686018427387904,4]", "[0,0]"), "impossible shape"));
  EXPECT_TRUE(says(entry("[18446744073709551615]", "[0,16]"), "impossible shape"));
  EXPECT_TRUE(says(entry("[2.5]", "[0,16]"), "impossible shape"));
  EXPECT_TRUE(says(entry("[4611686018427387904]", "[0,0]"), "do not match"))
      << "times four bytes it is 0";
  EXPECT_TRUE(says(entry("[4]", "[0,17]"), "truncated"));
  EXPECT_TRUE(says(entry("[4]", "[0,15]"), "do not match"));
  EXPECT_TRUE(says(entry("[4]", "[16,0]"), "before it begins"));
  EXPECT_TRUE(says(entry("[4]", "[18446744073709551600,18446744073709551615]"), "data_offsets"));
  EXPECT_TRUE(says(entry("[4]", "[-16,0]"), "data_offsets"));
  EXPECT_TRUE(says(entry("[4]", "[0,16,32]"), "data_offsets"));
  EXPECT_TRUE(says(entry("[4]", "[0,16]", "F31"), "type F31, which the format does not have"));
  EXPECT_TRUE(says("[]", "malformed header entry"));
  EXPECT_TRUE(says(std::string(100'000, '['), "more than 200 levels deep"));
  EXPECT_NE(
      open_error("{\"a\":" + entry("[3]", "[0,12]") + ",\"b\":" + entry("[2]", "[8,16]") + "}")
          .find("tensors 'a' and 'b' lie over one another"),
      std::string::npos);
  EXPECT_EQ(
      open_error("{\"a\":" + entry("[0]", "[8,8]") + ",\"b\":" + entry("[4]", "[0,16]") + "}"), "")
      << "an empty tensor lies nowhere";
}

TEST_F(Safetensors, AHeaderOfFourGigabytesIsRefusedUnread) {
  open_error("{}");
  std::fstream out(file("x.safetensors"), std::ios::binary | std::ios::in | std::ios::out);
  const uint64_t length = uint64_t{4} << 30;
  out.write(reinterpret_cast<const char*>(&length), sizeof length);
  out.close();
  fs::resize_file(file("x.safetensors"), length + 64);  // sparse: takes no room
  auto opened = TensorFile::open(file("x.safetensors"));
  ASSERT_FALSE(opened.ok());
  EXPECT_NE(to_string(opened.error()).find("more than the 100000000 that are possible"),
            std::string::npos);
}

TEST_F(Safetensors, ATensorInTwoShardsIsRefused) {
  for (const char* shard : {"a.safetensors", "b.safetensors"})
    ASSERT_TRUE(write_safetensors(file(shard), {{"w", at::ones({2})}}).ok());
  std::ofstream(file("model.safetensors.index.json"))
      << R"({"weight_map": {"w": "a.safetensors", "v": "b.safetensors"}})";
  auto opened = TensorFile::open_folder(path_);
  ASSERT_FALSE(opened.ok());
  EXPECT_NE(to_string(opened.error()).find("tensor 'w' lies in"), std::string::npos);
  std::ofstream(file("model.safetensors.index.json")) << std::string(100'000, '[');
  EXPECT_FALSE(TensorFile::open_folder(path_).ok());
}

}  // namespace
}  // namespace rexp::model
