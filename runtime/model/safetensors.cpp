#include "runtime/model/safetensors.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include "runtime/base/fault.h"
#include "runtime/base/json.h"

#include "runtime/store/file.h"

namespace rexp::model {
namespace {

using nlohmann::json;
static_assert(std::endian::native == std::endian::little,
              "safetensors data is read as it lies in memory");

constexpr const char* kSingle = "model.safetensors";
constexpr const char* kIndex = "model.safetensors.index.json";
constexpr uint64_t kLargestHeader = 100'000'000;  // as the format's own reader
constexpr const char* kReload = "copy or download the file again";

/// A read-only mapping of a whole file.
class Mapping {
 public:
  static Result<std::shared_ptr<Mapping>> open(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return file_error(path, 0, std::string("cannot read: ") + std::strerror(errno));
    struct stat info{};
    void* data = nullptr;
    if (::fstat(fd, &info) == 0 && info.st_size > 0) {
      data = ::mmap(nullptr, static_cast<size_t>(info.st_size), PROT_READ, MAP_PRIVATE, fd, 0);
    }
    const int refused = errno;
    ::close(fd);
    if (info.st_size == 0) return file_error(path, 0, "the file is empty", kReload);
    if (data == MAP_FAILED && refused == ENOMEM) return out_of_memory("reading " + path);
    if (data == MAP_FAILED)
      return file_error(path, 0, std::string("cannot be read: ") + std::strerror(refused),
                        way_out(refused, /*writing=*/false));
    return std::shared_ptr<Mapping>(
        new Mapping(static_cast<const char*>(data), static_cast<size_t>(info.st_size)));
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() { ::munmap(const_cast<char*>(data_), size_); }

  const char* data() const { return data_; }
  size_t size() const { return size_; }

 private:
  Mapping(const char* data, size_t size) : data_(data), size_(size) {}
  const char* data_;
  size_t size_;
};

struct Entry {
  std::shared_ptr<Mapping> mapping;
  std::string file;
  std::string dtype;
  std::vector<int64_t> shape;
  const char* data = nullptr;
  uint64_t size = 0;  // bytes
};

/// Bytes an element takes; 0 for a type that the format does not have.
int64_t element_size(std::string_view dtype) {
  constexpr std::pair<std::string_view, int64_t> kSizes[] = {
      {"F32", 4}, {"F16", 2}, {"BF16", 2},    {"F64", 8},     {"I64", 8},
      {"I32", 4}, {"I16", 2}, {"I8", 1},      {"U64", 8},     {"U32", 4},
      {"U16", 2}, {"U8", 1},  {"F8_E5M2", 1}, {"F8_E4M3", 1}, {"BOOL", 1}};
  for (const auto& [name, size] : kSizes) {
    if (name == dtype) return size;
  }
  return 0;
}

bool is_read(std::string_view dtype) { return dtype == "F32" || dtype == "F16" || dtype == "BF16"; }

/// Number of elements, -1 when a size is negative or the product does not fit.
int64_t element_count(const std::vector<int64_t>& shape) {
  int64_t count = 1;
  for (int64_t n : shape) {
    if (n < 0 || __builtin_mul_overflow(count, n, &count)) return -1;
  }
  return count;
}

std::string show(const std::vector<int64_t>& shape) { return json(shape).dump(); }

/// A list of whole numbers that are not negative.
std::optional<std::vector<int64_t>> read_sizes(const json& list) {
  if (!list.is_array()) return std::nullopt;
  std::vector<int64_t> sizes;
  for (const json& element : list) {
    const auto size = whole_number(element, 0, std::numeric_limits<int64_t>::max());
    if (!size) return std::nullopt;
    sizes.push_back(*size);
  }
  return sizes;
}

/// Checks one tensor's header entry against the data part of the file.
Result<Entry> parse_entry(const std::string& path, const std::string& name, const json& value,
                          const std::shared_ptr<Mapping>& mapping, size_t data_begin) {
  const auto bad = [&](const std::string& what) {
    return file_error(path, 0, "tensor '" + name + "' " + what, kReload);
  };
  Entry entry{mapping, path, {}, {}, nullptr, 0};
  if (!value.is_object() || !value.contains("dtype") || !value["dtype"].is_string() ||
      !value.contains("shape") || !value.contains("data_offsets"))
    return bad("has a malformed header entry");
  entry.dtype = value["dtype"].get<std::string>();
  const auto shape = read_sizes(value["shape"]), offsets = read_sizes(value["data_offsets"]);
  if (!shape) return bad("has the impossible shape " + value["shape"].dump());
  if (!offsets || offsets->size() != 2)
    return bad("has the impossible data_offsets " + value["data_offsets"].dump());
  entry.shape = *shape;
  const auto begin = static_cast<uint64_t>((*offsets)[0]);
  const auto end = static_cast<uint64_t>((*offsets)[1]);
  const uint64_t room = mapping->size() - data_begin;
  if (begin > end)
    return bad("begins at byte " + std::to_string(begin) + " of the data and ends " + "at byte " +
               std::to_string(end) + ", before it begins");
  if (end > room) {
    return bad("ends at byte " + std::to_string(end) + " of the data, but the file holds " +
               std::to_string(room) + ": it is truncated");
  }
  const int64_t count = element_count(entry.shape), width = element_size(entry.dtype);
  if (count < 0) return bad("has the impossible shape " + show(entry.shape));
  if (width == 0) return bad("has type " + entry.dtype + ", which the format does not have");
  int64_t bytes = 0;
  if (__builtin_mul_overflow(count, width, &bytes) || static_cast<uint64_t>(bytes) != end - begin) {
    return bad("of shape " + show(entry.shape) + " and type " + entry.dtype + " takes " +
               std::to_string(end - begin) + " bytes, which do not match");
  }
  entry.data = mapping->data() + data_begin + begin;
  entry.size = end - begin;
  return entry;
}

/// No byte belongs to two tensors of a file.
Status check_apart(const std::string& path, const std::map<std::string, Entry>& entries) {
  std::vector<std::pair<const std::string*, const Entry*>> in_order;
  for (const auto& [name, entry] : entries) {
    if (entry.size > 0) in_order.emplace_back(&name, &entry);
  }
  std::sort(in_order.begin(), in_order.end(),
            [](const auto& a, const auto& b) { return a.second->data < b.second->data; });
  for (size_t i = 1; i < in_order.size(); ++i) {
    const auto& [before, first] = in_order[i - 1];
    if (first->data + first->size <= in_order[i].second->data) continue;
    return file_error(path, 0,
                      "tensors '" + *before + "' and '" + *in_order[i].first +
                          "' lie over one another in the file",
                      kReload);
  }
  return {};
}

Status read_header(const std::string& path, std::map<std::string, Entry>* entries) {
  auto opened = Mapping::open(path);
  if (!opened) return opened.error();
  const std::shared_ptr<Mapping>& mapping = *opened;
  uint64_t length = 0;
  if (mapping->size() < sizeof length)
    return file_error(path, 0, "the file ends inside its header: it is truncated", kReload);
  std::memcpy(&length, mapping->data(), sizeof length);
  if (length > kLargestHeader) {
    return file_error(path, 0,
                      "the header claims " + std::to_string(length) + " bytes, more than the " +
                          std::to_string(kLargestHeader) +
                          " that are possible: it is damaged or no safetensors file",
                      kReload);
  }
  if (length > mapping->size() - sizeof length) {
    return file_error(path, 0,
                      "the header claims " + std::to_string(length) + " bytes, but the file has " +
                          std::to_string(mapping->size()) +
                          ": it is truncated or no safetensors file",
                      kReload);
  }
  const char* header = mapping->data() + sizeof length;
  const auto parsed = parse_json({header, length}, path);
  if (!parsed) return parsed.error();
  const json& object = *parsed;
  if (!object.is_object())
    return file_error(path, 0, "the header is not a JSON object: this is no safetensors file",
                      kReload);
  std::map<std::string, Entry> own;
  for (const auto& [name, value] : object.items()) {
    if (name == "__metadata__") continue;
    auto entry = parse_entry(path, name, value, mapping, sizeof length + length);
    if (!entry) return entry.error();
    own.emplace(name, std::move(*entry));
  }
  REXP_TRY(check_apart(path, own));
  for (auto& [name, entry] : own) {
    const std::string other = entries->contains(name) ? entries->at(name).file : "";
    if (!entries->emplace(name, std::move(entry)).second)
      return file_error(path, 0, "tensor '" + name + "' lies in " + other + " as well", kReload);
  }
  return {};
}

}  // namespace

struct TensorFile::Impl {
  std::string path;  // of the file, or of the index of the shards
  std::map<std::string, Entry> entries;
};

TensorFile::TensorFile() : impl_(std::make_unique<Impl>()) {}
TensorFile::TensorFile(TensorFile&&) noexcept = default;
TensorFile& TensorFile::operator=(TensorFile&&) noexcept = default;
TensorFile::~TensorFile() = default;

Result<TensorFile> TensorFile::open(const std::string& path) {
  TensorFile out;
  out.impl_->path = path;
  REXP_TRY(read_header(path, &out.impl_->entries));
  return out;
}

Result<TensorFile> TensorFile::open_folder(const std::string& folder) {
  const std::string single = folder + "/" + kSingle, index = folder + "/" + kIndex;
  if (std::filesystem::exists(single)) return open(single);
  if (!std::filesystem::exists(index)) {
    return file_error(folder, 0,
                      std::string("the folder has neither ") + kSingle + " nor " + kIndex,
                      "name a folder that holds a model");
  }
  auto text = store::read_file(index);
  if (!text) return text.error();
  const auto parsed = parse_json(*text, index);
  if (!parsed) return parsed.error();
  const json& object = *parsed;
  if (!object.is_object() || !object.contains("weight_map") || !object["weight_map"].is_object()) {
    return file_error(index, 0, "the index has no object 'weight_map'", kReload);
  }
  std::set<std::string> shards;
  for (const auto& [name, shard] : object["weight_map"].items()) {
    const std::string file = shard.is_string() ? shard.get<std::string>() : "";
    if (file.empty() || std::filesystem::path(file).filename() != file) {
      return file_error(
          index, 0,
          "tensor '" + name + "' lies in " + shard.dump() + ", which is not a file of this folder",
          kReload);
    }
    shards.insert(file);
  }
  TensorFile out;
  out.impl_->path = index;
  for (const std::string& shard : shards)
    REXP_TRY(read_header(folder + "/" + shard, &out.impl_->entries));
  return out;
}

bool TensorFile::has(const std::string& name) const { return impl_->entries.contains(name); }

std::string TensorFile::file_of(const std::string& name) const {
  const auto found = impl_->entries.find(name);
  return found == impl_->entries.end() ? impl_->path : found->second.file;
}

std::vector<std::string> TensorFile::names() const {
  std::vector<std::string> out;
  for (const auto& [name, entry] : impl_->entries) out.push_back(name);
  return out;
}

Result<at::Tensor> TensorFile::read(const std::string& name,
                                    const std::vector<int64_t>& shape) const {
  const auto found = impl_->entries.find(name);
  if (found == impl_->entries.end())
    return file_error(impl_->path, 0,
                      "tensor '" + name + "' of shape " + show(shape) + " is missing", kReload);
  const Entry& entry = found->second;
  if (entry.shape != shape) {
    return file_error(entry.file, 0,
                      "tensor '" + name + "' has shape " + show(entry.shape) +
                          ", but config.json asks for " + show(shape),
                      "copy config.json and the weights of one model");
  }
  if (!is_read(entry.dtype)) {
    return file_error(
        entry.file, 0,
        "tensor '" + name + "' has type " + entry.dtype + ", but only F32, F16 and BF16 are read",
        "convert the weights to one of these types");
  }
  // the format does not align data, so bytes are copied into a tensor of the stored type first
  at::Tensor stored = at::empty(shape, entry.dtype == "F32"   ? at::kFloat
                                       : entry.dtype == "F16" ? at::kHalf
                                                              : at::kBFloat16);
  std::memcpy(stored.data_ptr(), entry.data, static_cast<size_t>(stored.nbytes()));
  return stored.to(at::kFloat);
}

namespace {

/// Appends to a file under a temporary name; finish() gives it its own. An unfinished file is
/// removed.
class AtomicWriter {
 public:
  explicit AtomicWriter(const std::string& path)
      : path_(path), partial_(path + ".partial." + std::to_string(::getpid())) {
    out_ = std::fopen(partial_.c_str(), "wb");
    if (!out_) fault_ = errno;
  }
  AtomicWriter(const AtomicWriter&) = delete;
  AtomicWriter& operator=(const AtomicWriter&) = delete;
  ~AtomicWriter() {
    if (out_) std::fclose(out_);
    if (!finished_) std::remove(partial_.c_str());
  }

  void append(const void* bytes, size_t size) {
    if (fault_ == 0 && size > 0 && std::fwrite(bytes, 1, size, out_) != size) fault_ = errno;
  }

  Status finish() {
    if (out_ && std::fclose(std::exchange(out_, nullptr)) != 0 && fault_ == 0) fault_ = errno;
    if (fault_ != 0) return store::system_error("write", path_, fault_);
    REXP_TRY(store::sync_path(partial_));
    if (std::rename(partial_.c_str(), path_.c_str()) != 0)
      return store::system_error("rename to", path_, errno);
    finished_ = true;
    return {};
  }

 private:
  std::string path_, partial_;
  std::FILE* out_ = nullptr;
  int fault_ = 0;
  bool finished_ = false;
};

}  // namespace

Status write_safetensors(const std::string& path,
                         const std::vector<std::pair<std::string, at::Tensor>>& tensors) {
  json header = {{"__metadata__", {{"format", "pt"}}}};
  std::vector<at::Tensor> data;
  size_t offset = 0;
  for (const auto& [name, tensor] : tensors) {
    data.push_back(tensor.detach().to(at::kCPU, at::kFloat).contiguous());
    const size_t bytes = data.back().nbytes();
    header[name] = {{"dtype", "F32"},
                    {"shape", tensor.sizes().vec()},
                    {"data_offsets", {offset, offset + bytes}}};
    offset += bytes;
  }
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');  // readers that map the file want aligned data
  const uint64_t length = text.size();
  AtomicWriter writer(path);
  writer.append(&length, sizeof length);
  writer.append(text.data(), text.size());
  for (const at::Tensor& t : data) writer.append(t.data_ptr(), t.nbytes());
  return writer.finish();
}

}  // namespace rexp::model
