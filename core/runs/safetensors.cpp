// SPDX-License-Identifier: Apache-2.0
#include "runs/safetensors.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "support/error.h"
#include "support/text.h"

static_assert(std::endian::native == std::endian::little, "tensors are kept little-endian, as the file has them");

namespace hvlm {
namespace {

constexpr uint64_t kLargestHeader = 100'000'000;
constexpr size_t kLengthBytes = 8;
constexpr size_t kMostDimensions = 32;
constexpr int kDeepestHeader = 3;

// Where one tensor lies in the data part.
struct Entry {
  std::string name;
  std::string dtype;
  std::vector<int64_t> shape;
  uint64_t begin = 0;
  uint64_t end = 0;
};

[[noreturn]] void refuse(const std::string& where, const std::string& expected, const std::string& found) {
  throw InputError({.where = where, .expected = expected, .found = found,
                    .remedy = "The file is damaged or of another kind: take another copy."});
}

// Parses the header; a name that occurs twice or a structure deeper than the format's is refused while reading.
nlohmann::json parseHeader(std::string_view text, const std::string& where) {
  if (text.empty() || text.front() != '{') refuse(where, "a JSON header that begins with {", "something else");
  std::vector<std::set<std::string>> names;
  size_t values = 0;  // of the innermost array
  const auto watch = [&](int depth, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
    using Event = nlohmann::json::parse_event_t;
    if (event == Event::object_start || event == Event::array_start) {
      if (depth >= kDeepestHeader) refuse(where, "a header at most 3 levels deep", "a deeper one");
      names.emplace_back();
      values = 0;
    } else if (event == Event::object_end || event == Event::array_end) {
      names.pop_back();
    } else if (event == Event::value && depth == kDeepestHeader && ++values > kMostDimensions) {
      refuse(where, "at most 32 dimensions", "more");
    } else if (event == Event::key) {
      const std::string& key = parsed.get_ref<const std::string&>();
      if (!names.back().insert(key).second) refuse(where, "each name once", "\"" + shortened(key) + "\" twice");
    }
    return true;
  };
  try {
    return nlohmann::json::parse(text.begin(), text.end(), watch);
  } catch (const nlohmann::json::exception& error) {
    refuse(where, "a valid JSON header", shortened(error.what(), 100));
  }
}

uint64_t wholeNumber(const nlohmann::json& value, const std::string& where, const std::string& what) {
  if (!value.is_number_unsigned()) refuse(where, what + " as a whole number from 0", shortened(value.dump()));
  const auto number = value.get<uint64_t>();
  if (number > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) refuse(where, what + " below 2^63", value.dump());
  return number;
}

const nlohmann::json& member(const nlohmann::json& info, const char* key, nlohmann::json::value_t type, const std::string& where) {
  const auto found = info.find(key);
  if (found == info.end() || found->type() != type) {
    refuse(where, std::string("dtype, shape and data_offsets"), std::string("no usable ") + key);
  }
  return *found;
}

uint64_t byteCount(const std::vector<int64_t>& shape, uint64_t element, const std::string& where) {
  uint64_t bytes = element;
  for (const int64_t extent : shape) {
    if (__builtin_mul_overflow(bytes, static_cast<uint64_t>(extent), &bytes)) {
      refuse(where, "a shape whose size fits in 64 bits", "a larger one");
    }
  }
  return bytes;
}

Entry readEntry(const std::string& name, const nlohmann::json& info, const std::string& where) {
  if (!info.is_object() || info.size() != 3) refuse(where, "dtype, shape and data_offsets", shortened(info.dump()));
  Entry entry;
  entry.name = name;
  entry.dtype = member(info, "dtype", nlohmann::json::value_t::string, where).get<std::string>();
  const uint64_t element = dtypeSize(entry.dtype);
  if (element == 0) refuse(where, "a known dtype (F32, F64, F16, BF16, I64 …)", "\"" + shortened(entry.dtype) + "\"");
  const auto& shape = member(info, "shape", nlohmann::json::value_t::array, where);
  for (const auto& extent : shape) entry.shape.push_back(static_cast<int64_t>(wholeNumber(extent, where, "shape")));
  const auto& offsets = member(info, "data_offsets", nlohmann::json::value_t::array, where);
  if (offsets.size() != 2) refuse(where, "two data_offsets", std::to_string(offsets.size()));
  entry.begin = wholeNumber(offsets[0], where, "data_offsets");
  entry.end = wholeNumber(offsets[1], where, "data_offsets");
  const uint64_t bytes = byteCount(entry.shape, element, where);
  if (entry.end < entry.begin || entry.end - entry.begin != bytes) {
    refuse(where, std::to_string(bytes) + " bytes for this shape and dtype",
           "offsets " + std::to_string(entry.begin) + " to " + std::to_string(entry.end));
  }
  return entry;
}

// The tensors must fill the data part exactly: no overlap, no hole, nothing before or behind.
void checkLayout(std::vector<Entry>& entries, uint64_t data_bytes, const std::string& where) {
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.begin, a.end, a.name) < std::tie(b.begin, b.end, b.name);
  });
  uint64_t filled = 0;
  for (const Entry& entry : entries) {
    const std::string at = where + ": " + shortened(entry.name);
    if (entry.begin < filled) refuse(at, "data from byte " + std::to_string(filled), "an overlap at byte " + std::to_string(entry.begin));
    if (entry.begin > filled) refuse(at, "data from byte " + std::to_string(filled), "a hole up to byte " + std::to_string(entry.begin));
    filled = entry.end;
  }
  if (filled != data_bytes) refuse(where, std::to_string(filled) + " bytes of data", std::to_string(data_bytes));
}

std::vector<Entry> readHeader(std::string_view text, uint64_t data_bytes, const std::string& where,
                              std::map<std::string, std::string>* metadata) {
  const nlohmann::json header = parseHeader(text, where);
  if (metadata) metadata->clear();
  std::vector<Entry> entries;
  for (const auto& [name, info] : header.items()) {
    if (name != "__metadata__") {
      entries.push_back(readEntry(name, info, where + ": " + shortened(name)));
      continue;
    }
    if (!info.is_object()) refuse(where + ": __metadata__", "texts by name", shortened(info.dump()));
    for (const auto& [key, value] : info.items()) {
      if (!value.is_string()) refuse(where + ": __metadata__", "texts by name", shortened(value.dump()));
      if (metadata) (*metadata)[key] = value.get<std::string>();
    }
  }
  checkLayout(entries, data_bytes, where);
  return entries;
}

uint64_t headerLength(std::string_view first_bytes, uint64_t file_bytes, const std::string& where) {
  if (file_bytes < kLengthBytes + 2) refuse(where, "a safetensors file of at least 10 bytes", std::to_string(file_bytes));
  uint64_t length = 0;
  std::memcpy(&length, first_bytes.data(), kLengthBytes);
  if (length > kLargestHeader) refuse(where, "a header of at most 100 MB", std::to_string(length) + " bytes");
  if (length > file_bytes - kLengthBytes) {
    refuse(where, "a header of " + std::to_string(length) + " bytes", "the end of the file");
  }
  return length;
}

// Wide elements first, then by name: every tensor starts at a multiple of its element's size.
std::vector<const TensorMap::value_type*> writingOrder(const TensorMap& tensors) {
  std::vector<const TensorMap::value_type*> order;
  for (const auto& item : tensors) order.push_back(&item);
  std::stable_sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
    return dtypeSize(a->second.dtype) > dtypeSize(b->second.dtype);
  });
  return order;
}

std::string encodeHeader(const std::vector<const TensorMap::value_type*>& order, const std::map<std::string, std::string>& metadata) {
  nlohmann::json header = nlohmann::json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  uint64_t at = 0;
  for (const auto* item : order) {
    const PlainTensor& tensor = item->second;
    assert(item->first != "__metadata__");
    assert(byteCount(tensor.shape, dtypeSize(tensor.dtype), item->first) == tensor.bytes.size());
    header[item->first] = {{"dtype", tensor.dtype}, {"shape", tensor.shape}, {"data_offsets", {at, at + tensor.bytes.size()}}};
    at += tensor.bytes.size();
  }
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');
  const uint64_t length = text.size();
  std::string out(kLengthBytes, '\0');
  std::memcpy(out.data(), &length, kLengthBytes);
  return out + text;
}

struct OpenFile {
  int descriptor = -1;
  ~OpenFile() {
    if (descriptor >= 0) ::close(descriptor);
  }
};

void writeAll(int descriptor, const void* data, size_t size, const std::string& where) {
  const char* at = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t n = ::write(descriptor, at, std::min(size, size_t{1} << 30));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) throw systemError(where, "write", n < 0 ? errno : ENOSPC);
    at += n;
    size -= static_cast<size_t>(n);
  }
}

void readAt(int descriptor, void* data, size_t size, uint64_t offset, const std::string& where) {
  char* at = static_cast<char*>(data);
  while (size > 0) {
    const ssize_t n = ::pread(descriptor, at, std::min(size, size_t{1} << 30), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw systemError(where, "read the file", errno);
    if (n == 0) refuse(where, std::to_string(size) + " more bytes", "the end of the file");
    at += n;
    offset += static_cast<uint64_t>(n);
    size -= static_cast<size_t>(n);
  }
}

}  // namespace

size_t dtypeSize(const std::string& dtype) {
  static const std::map<std::string, size_t> kSizes = {
      {"BOOL", 1}, {"U8", 1},   {"I8", 1},   {"F8_E4M3", 1}, {"F8_E5M2", 1}, {"U16", 2}, {"I16", 2}, {"F16", 2},
      {"BF16", 2}, {"U32", 4},  {"I32", 4},  {"F32", 4},     {"U64", 8},     {"I64", 8}, {"F64", 8}};
  const auto found = kSizes.find(dtype);
  return found == kSizes.end() ? 0 : found->second;
}

std::string encodeSafetensors(const TensorMap& tensors, const std::map<std::string, std::string>& metadata) {
  const auto order = writingOrder(tensors);
  std::string out = encodeHeader(order, metadata);
  for (const auto* item : order) {
    const auto& bytes = item->second.bytes;
    if (!bytes.empty()) out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  return out;
}

TensorMap decodeSafetensors(std::string_view bytes, const std::string& where, std::map<std::string, std::string>* metadata) {
  const uint64_t length = headerLength(bytes, bytes.size(), where);
  const std::string_view data = bytes.substr(kLengthBytes + length);
  TensorMap tensors;
  for (Entry& entry : readHeader(bytes.substr(kLengthBytes, length), data.size(), where, metadata)) {
    PlainTensor tensor{.dtype = entry.dtype, .shape = std::move(entry.shape), .bytes = {}};
    const auto* first = reinterpret_cast<const std::byte*>(data.data());
    tensor.bytes.assign(first + entry.begin, first + entry.end);
    tensors.emplace(entry.name, std::move(tensor));
  }
  return tensors;
}

void writeSafetensors(const std::filesystem::path& path, const TensorMap& tensors, const std::map<std::string, std::string>& metadata) {
  const std::string where = path.string();
  OpenFile file{::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)};
  if (file.descriptor < 0) throw systemError(where, "create", errno);
  const auto order = writingOrder(tensors);
  const std::string header = encodeHeader(order, metadata);
  writeAll(file.descriptor, header.data(), header.size(), where);
  for (const auto* item : order) writeAll(file.descriptor, item->second.bytes.data(), item->second.bytes.size(), where);
  if (::close(std::exchange(file.descriptor, -1)) != 0) throw systemError(where, "close", errno);
}

TensorMap readSafetensors(const std::filesystem::path& path, std::map<std::string, std::string>* metadata) {
  const std::string where = path.string();
  const OpenFile file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.descriptor < 0) throw systemError(where, "read the file", errno);
  struct stat info = {};
  if (::fstat(file.descriptor, &info) != 0) throw systemError(where, "read the file", errno);
  if (!S_ISREG(info.st_mode)) refuse(where, "a plain file", "something else");
  const auto file_bytes = static_cast<uint64_t>(info.st_size);
  std::string first(kLengthBytes, '\0');
  if (file_bytes >= kLengthBytes) readAt(file.descriptor, first.data(), first.size(), 0, where);
  std::string header(headerLength(first, file_bytes, where), '\0');
  readAt(file.descriptor, header.data(), header.size(), kLengthBytes, where);
  const uint64_t data_start = kLengthBytes + header.size();
  TensorMap tensors;
  for (Entry& entry : readHeader(header, file_bytes - data_start, where, metadata)) {
    PlainTensor tensor{.dtype = entry.dtype, .shape = std::move(entry.shape), .bytes = {}};
    tensor.bytes.resize(entry.end - entry.begin);
    readAt(file.descriptor, tensor.bytes.data(), tensor.bytes.size(), data_start + entry.begin, where);
    tensors.emplace(entry.name, std::move(tensor));
  }
  return tensors;
}

}  // namespace hvlm
