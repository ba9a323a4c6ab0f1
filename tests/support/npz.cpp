// SPDX-License-Identifier: Apache-2.0
#include "support/npz.h"

#include <array>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace hvlm::testing {
namespace {

template <class T>
T at(const std::string& bytes, size_t offset) {
  if (offset + sizeof(T) > bytes.size()) throw std::runtime_error("npz: truncated");
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof(T));
  return value;
}

// CRC-32 of zip members: a file changed behind the archive's back is damaged.
uint32_t crc32(const char* data, size_t size) {
  static const std::array<uint32_t, 256> kTable = [] {
    std::array<uint32_t, 256> table{};
    for (uint32_t i = 0; i < 256; ++i) {
      uint32_t value = i;
      for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1u) != 0 ? 0xEDB88320u : 0u);
      table[i] = value;
    }
    return table;
  }();
  uint32_t crc = 0xFFFFFFFFu;
  for (size_t i = 0; i < size; ++i) crc = (crc >> 8) ^ kTable[(crc ^ static_cast<unsigned char>(data[i])) & 0xFFu];
  return ~crc;
}

template <class T>
void widen(const std::string& data, size_t offset, std::vector<double>& out) {
  for (size_t i = 0; i < out.size(); ++i) out[i] = static_cast<double>(at<T>(data, offset + i * sizeof(T)));
}

std::string between(const std::string& text, const std::string& key, char open, char close) {
  const size_t found = text.find(key);
  if (found == std::string::npos) throw std::runtime_error("npy: no " + key);
  const size_t first = text.find(open, found + key.size());
  const size_t last = text.find(close, first + 1);
  if (first == std::string::npos || last == std::string::npos) throw std::runtime_error("npy: bad header");
  return text.substr(first + 1, last - first - 1);
}

NpyArray parseNpy(const std::string& bytes, size_t start) {
  if (bytes.compare(start, 6, "\x93NUMPY", 6) != 0) throw std::runtime_error("npy: bad magic");
  const int major = bytes.at(start + 6);
  const size_t header_size = major == 1 ? at<uint16_t>(bytes, start + 8) : at<uint32_t>(bytes, start + 8);
  const size_t header_at = start + (major == 1 ? 10 : 12);
  const std::string header = bytes.substr(header_at, header_size);
  NpyArray array;
  array.dtype = between(header, "'descr':", '\'', '\'');
  if (header.find("'fortran_order': False") == std::string::npos) throw std::runtime_error("npy: Fortran order");
  int64_t count = 1;
  const std::string shape = between(header, "'shape':", '(', ')');
  for (size_t i = 0; i < shape.size();) {
    size_t used = 0;
    if (shape[i] < '0' || shape[i] > '9') {
      ++i;
      continue;
    }
    array.shape.push_back(std::stoll(shape.substr(i), &used));
    count *= array.shape.back();
    i += used;
  }
  array.values.resize(static_cast<size_t>(count));
  const size_t data = header_at + header_size;
  if (array.dtype == "<f8") {
    widen<double>(bytes, data, array.values);
  } else if (array.dtype == "<f4") {
    widen<float>(bytes, data, array.values);
  } else if (array.dtype == "<i8") {
    widen<int64_t>(bytes, data, array.values);
  } else if (array.dtype == "<i4") {
    widen<int32_t>(bytes, data, array.values);
  } else if (array.dtype == "|u1" || array.dtype == "|b1") {
    widen<uint8_t>(bytes, data, array.values);
  } else {
    throw std::runtime_error("npy: type " + array.dtype);
  }
  return array;
}

}  // namespace

std::map<std::string, NpyArray> readNpz(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot open " + path);
  const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const size_t end = bytes.rfind("PK\x05\x06");
  if (end == std::string::npos) throw std::runtime_error(path + ": no zip directory");
  uint64_t entries = at<uint16_t>(bytes, end + 10);
  uint64_t directory = at<uint32_t>(bytes, end + 16);
  if (const size_t end64 = bytes.rfind("PK\x06\x06"); end64 != std::string::npos) {
    entries = at<uint64_t>(bytes, end64 + 32);
    directory = at<uint64_t>(bytes, end64 + 48);
  }
  std::map<std::string, NpyArray> arrays;
  size_t p = directory;
  for (uint64_t i = 0; i < entries; ++i) {
    if (at<uint32_t>(bytes, p) != 0x02014b50) throw std::runtime_error(path + ": bad zip directory");
    if (at<uint16_t>(bytes, p + 10) != 0) throw std::runtime_error(path + ": compressed member");
    const uint16_t name_size = at<uint16_t>(bytes, p + 28);
    const uint16_t extra_size = at<uint16_t>(bytes, p + 30);
    const uint16_t comment_size = at<uint16_t>(bytes, p + 32);
    uint64_t local = at<uint32_t>(bytes, p + 42);
    uint64_t size = at<uint32_t>(bytes, p + 24);
    std::string name = bytes.substr(p + 46, name_size);
    size_t e = p + 46 + name_size + 4;  // ZIP64 extra: uncompressed, compressed, offset (each only when saturated)
    if (size == 0xFFFFFFFFu) {
      size = at<uint64_t>(bytes, e);
      e += 8;
    }
    if (at<uint32_t>(bytes, p + 20) == 0xFFFFFFFFu) e += 8;
    if (local == 0xFFFFFFFFu) local = at<uint64_t>(bytes, e);
    const size_t data = local + 30 + at<uint16_t>(bytes, local + 26) + at<uint16_t>(bytes, local + 28);
    if (data + size > bytes.size()) throw std::runtime_error(path + ": " + name + " is cut off");
    if (crc32(bytes.data() + data, size) != at<uint32_t>(bytes, p + 16))
      throw std::runtime_error(path + ": " + name + " is damaged");
    if (name.size() > 4 && name.ends_with(".npy")) name.resize(name.size() - 4);
    arrays[name] = parseNpy(bytes, data);
    p += 46u + name_size + extra_size + comment_size;
  }
  return arrays;
}

}  // namespace hvlm::testing
