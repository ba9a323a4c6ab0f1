// SPDX-License-Identifier: Apache-2.0
#include "data/feature_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cmath>

#include "data/half.h"
#include "data/store_kinds.h"
#include "support/error.h"
#include "support/text.h"

namespace hvlm {
namespace fs = std::filesystem;

static_assert(std::endian::native == std::endian::little, "feature files are read as little-endian without swapping");

std::unique_ptr<FeatureStore> FeatureStore::open(const FeatureSpec& spec) {
  std::error_code error;
  const fs::file_status status = fs::status(spec.store, error);
  if (!fs::exists(status)) {
    throw InputError({.where = spec.store.string(),
                      .expected = "an HDF5 file or a folder of .npy files",
                      .found = "nothing there",
                      .remedy = "Point features.store in dataset.yaml at the features."});
  }
  return fs::is_directory(status) ? openNpyStore(spec) : openHdf5Store(spec);
}

FeatureMatrix FeatureStore::readRows(std::string_view id, int64_t first, int64_t count) const {
  const FeatureMatrix all = read(id);
  checkRowRange(first, count, all.rows, "features of the video " + shortened(id));
  const auto begin = all.values.begin() + first * all.columns;
  return {count, all.columns, std::vector<float>(begin, begin + count * all.columns)};
}

int64_t FeatureStore::readInto(std::string_view id, const FeatureShape& expected, float* into) const {
  const FeatureMatrix matrix = read(id);
  checkSameShape({matrix.rows, matrix.columns, {}}, expected, "features of the video " + shortened(id));
  std::copy(matrix.values.begin(), matrix.values.end(), into);
  return firstNonFinite(matrix);
}

std::optional<std::vector<float>> FeatureStore::channel(std::string_view, const std::string&, int64_t) const {
  return std::nullopt;
}

int64_t firstNonFinite(const FeatureMatrix& matrix) { return firstNonFinite(matrix.values.data(), matrix.rows, matrix.columns); }

int64_t firstNonFinite(const float* matrix, int64_t rows, int64_t columns) {
  for (int64_t row = 0; row < rows; ++row) {
    const float* values = matrix + row * columns;
    uint32_t found = 0;
    for (int64_t c = 0; c < columns; ++c) {
      found |= (std::bit_cast<uint32_t>(values[c]) & 0x7F800000u) == 0x7F800000u ? 1u : 0u;
    }
    if (found) return row;
  }
  return -1;
}

NameIndex::NameIndex(const std::vector<std::string>& names, const std::vector<std::string>& shown) {
  const std::vector<std::string> ids = bareIds(shown);
  for (size_t i = 0; i < names.size(); ++i) {
    const auto [it, is_new] = names_.try_emplace(ids[i], names[i]);
    if (!is_new && shown[i] != ids[i]) it->second = names[i];  // both /ID and /v_ID: the official form wins
  }
}

const std::string* NameIndex::find(std::string_view id) const {
  for (const std::string& name : {std::string(id), bareId(id), "v_" + std::string(id)}) {
    const auto it = names_.find(name);
    if (it != names_.end()) return &it->second;
  }
  return nullptr;
}

std::vector<std::string> NameIndex::ids() const {
  std::vector<std::string> ids;
  ids.reserve(names_.size());
  for (const auto& [id, name] : names_) ids.push_back(id);
  return ids;
}

ReadOnlyFile::ReadOnlyFile(const fs::path& path) : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
  struct stat info = {};
  if (descriptor_ < 0 || ::fstat(descriptor_, &info) != 0) {
    const int reason = errno;
    if (descriptor_ >= 0) ::close(descriptor_);
    throw systemError(path.string(), "read the features", reason);
  }
  if (!S_ISREG(info.st_mode)) {
    ::close(descriptor_);
    throw InputError({.where = path.string(),
                      .expected = "a plain file",
                      .found = "something else",
                      .remedy = "Point features.store at an HDF5 file or a folder of .npy files."});
  }
  size_ = static_cast<uint64_t>(info.st_size);
}
ReadOnlyFile::~ReadOnlyFile() { ::close(descriptor_); }

void ReadOnlyFile::read(void* into, size_t bytes, uint64_t offset, const std::string& where) const {
  auto* out = static_cast<char*>(into);
  size_t done = 0;
  while (done < bytes) {
    const ssize_t n = ::pread(descriptor_, out + done, bytes - done, static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw systemError(where, "read", errno);
    if (n == 0) {
      throw InputError({.where = where,
                        .expected = humanBytes(static_cast<double>(bytes)) + " of features",
                        .found = "the end of the file after " + humanBytes(static_cast<double>(done)),
                        .remedy = "The file is truncated: copy or extract it again."});
    }
    done += static_cast<size_t>(n);
  }
}

size_t bytesOf(Element element) { return element == Element::kHalf ? 2 : element == Element::kFloat ? 4 : 8; }
const char* nameOf(Element element) {
  return element == Element::kHalf ? "float16" : element == Element::kFloat ? "float32" : "float64";
}

void checkMatrixShape(uint64_t rows, uint64_t columns, const std::string& where) {
  const std::string found = std::to_string(rows) + " x " + std::to_string(columns);
  if (rows == 0 || columns == 0) {
    throw InputError({.where = where,
                      .expected = "at least one row and one column",
                      .found = found,
                      .remedy = "Extract the features of this video again, or leave it out with lists.blocked."});
  }
  if (columns > kLargestMatrixBytes / 4 || rows > kLargestMatrixBytes / 4 / columns) {
    throw InputError({.where = where,
                      .expected = "at most 1 GiB of features per video",
                      .found = found,
                      .remedy = "The file is damaged, or its rows are not steps."});
  }
}

void checkRowRange(int64_t first, int64_t count, int64_t rows, const std::string& where) {
  if (first >= 0 && count >= 1 && first < rows && count <= rows - first) return;
  throw InputError({.where = where,
                    .expected = "rows within the " + std::to_string(rows) + " of the video",
                    .found = std::to_string(count) + " rows from row " + std::to_string(first) + " on",
                    .remedy = "The features changed while they were read: start again."});
}

void checkSameShape(const FeatureShape& found, const FeatureShape& expected, const std::string& where) {
  if (found.rows == expected.rows && found.columns == expected.columns) return;
  throw InputError({.where = where,
                    .expected = std::to_string(expected.rows) + " x " + std::to_string(expected.columns),
                    .found = std::to_string(found.rows) + " x " + std::to_string(found.columns),
                    .remedy = "The features changed while they were read: start again."});
}

void checkChannelLength(int64_t found, int64_t expected, const std::string& where) {
  if (found == expected) return;
  throw InputError({.where = where,
                    .expected = std::to_string(expected) + " values, one per step of the features",
                    .found = std::to_string(found),
                    .remedy = "Extract this channel again from the same steps, or remove it."});
}

std::vector<float> checkedChannel(FeatureMatrix matrix, const std::string& where) {
  for (size_t i = 0; i < matrix.values.size(); ++i) {
    const float value = matrix.values[i];
    if (std::isfinite(value) && value >= 0.0f) continue;
    throw InputError({.where = where + ", row " + std::to_string(i),
                      .expected = "a finite number, 0 or more",
                      .found = std::isfinite(value) ? exactNumber(static_cast<double>(value)) : "NaN or Inf",
                      .remedy = "Extract this channel again, or remove it."});
  }
  return std::move(matrix.values);
}

FeatureMatrix readElements(int64_t rows, int64_t columns, Element element,
                           const std::function<void(void* into, size_t bytes)>& read) {
  const auto count = static_cast<size_t>(rows * columns);
  FeatureMatrix matrix{rows, columns, std::vector<float>(count)};
  if (element == Element::kFloat) {
    read(matrix.values.data(), count * 4);
  } else if (element == Element::kHalf) {
    std::vector<uint16_t> halves(count);
    read(halves.data(), count * 2);
    widenHalf(halves.data(), matrix.values.data(), count);
  } else {
    std::vector<double> doubles(count);
    read(doubles.data(), count * 8);
    for (size_t i = 0; i < count; ++i) matrix.values[i] = static_cast<float>(doubles[i]);
  }
  return matrix;
}

int64_t readRowsInto(int64_t rows, int64_t columns, Element element, const std::function<void(void* into, size_t bytes, uint64_t at)>& read, float* into) {
  constexpr int64_t kBlock = 32 * 1024;  // values: 128 KiB of floats stay in the cache
  const int64_t block = std::max<int64_t>(1, kBlock / columns);
  std::vector<uint16_t> halves(element == Element::kHalf ? static_cast<size_t>(std::min(block, rows) * columns) : 0);
  for (int64_t row = 0; row < rows; row += block) {
    const int64_t count = std::min(block, rows - row);
    const auto values = static_cast<size_t>(count * columns), before = static_cast<size_t>(row * columns);
    if (element == Element::kHalf) {
      read(halves.data(), values * 2, before * 2);
      widenHalf(halves.data(), into + before, values);
    } else {
      read(into + before, values * 4, before * 4);
    }
    const int64_t bad = firstNonFinite(into + before, count, columns);
    if (bad >= 0) return row + bad;
  }
  return -1;
}

}  // namespace hvlm
