// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <cstring>
#include <set>

#include "data/npy.h"
#include "data/store_kinds.h"
#include "support/error.h"
#include "support/text.h"

namespace hvlm {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kSuffix = ".npy";

struct NpyMatrix {
  int64_t rows = 0;
  int64_t columns = 0;
  Element element = Element::kFloat;
  bool big_endian = false;
  bool fortran_order = false;
  uint64_t offset = 0;
};

// `channel`: one column, which may also be stored as [T].
NpyMatrix describeMatrix(const ReadOnlyFile& file, const std::string& where, bool channel = false) {
  std::string first(std::min<uint64_t>(file.size(), kLargestNpyHeader), '\0');
  file.read(first.data(), first.size(), 0, where);
  NpyHeader header = parseNpyHeader(first, where);
  if (channel && header.shape.size() == 1) header.shape.push_back(1);
  if (channel && (header.shape.size() != 2 || header.shape[1] != 1)) {
    throw InputError({.where = where,
                      .expected = "one value per step ([T] or [T, 1])",
                      .found = header.shape.size() == 2 ? std::to_string(header.shape[1]) + " columns"
                                                        : "rank " + std::to_string(header.shape.size()),
                      .remedy = "Extract this channel again, or remove it."});
  }
  if (header.shape.size() != 2) {
    throw InputError({.where = where,
                      .expected = "a matrix of steps x channels (rank 2)",
                      .found = "rank " + std::to_string(header.shape.size()),
                      .remedy = "Save one row per step."});
  }
  NpyMatrix matrix;
  const std::string kind = header.type.empty() ? "" : header.type.substr(1);
  const char order = header.type.empty() ? '?' : header.type[0];
  if ((kind != "f2" && kind != "f4" && kind != "f8") || (order != '<' && order != '>' && order != '=')) {
    throw InputError({.where = where,
                      .expected = "float16, float32 or float64 (f2, f4, f8)",
                      .found = "\"" + shortened(header.type) + "\"",
                      .remedy = "Save the features as floats."});
  }
  checkMatrixShape(header.shape[0], header.shape[1], where);
  matrix.rows = static_cast<int64_t>(header.shape[0]);
  matrix.columns = static_cast<int64_t>(header.shape[1]);
  matrix.element = kind == "f2" ? Element::kHalf : kind == "f4" ? Element::kFloat : Element::kDouble;
  matrix.big_endian = order == '>';
  matrix.fortran_order = header.fortran_order;
  matrix.offset = header.data_offset;
  const uint64_t needed = header.shape[0] * header.shape[1] * bytesOf(matrix.element);
  if (needed > file.size() - matrix.offset) {
    throw InputError({.where = where,
                      .expected = humanBytes(static_cast<double>(needed)) + " after the header",
                      .found = humanBytes(static_cast<double>(file.size() - matrix.offset)),
                      .remedy = "The file is truncated: copy or extract it again."});
  }
  return matrix;
}

void swapBytes(void* data, size_t bytes, size_t element) {
  auto* at = static_cast<unsigned char*>(data);
  for (size_t i = 0; i + element <= bytes; i += element) std::reverse(at + i, at + i + element);
}

FeatureMatrix transposed(const FeatureMatrix& by_columns) {
  FeatureMatrix out{by_columns.rows, by_columns.columns, std::vector<float>(by_columns.values.size())};
  for (int64_t c = 0; c < out.columns; ++c) {
    for (int64_t r = 0; r < out.rows; ++r) {
      out.values[static_cast<size_t>(r * out.columns + c)] = by_columns.values[static_cast<size_t>(c * out.rows + r)];
    }
  }
  return out;
}

// The elements as they lie in the file: all of them, or a stretch of rows; of a file by columns, one stretch of each column.
void readStored(const ReadOnlyFile& file, const NpyMatrix& matrix, int64_t first, int64_t count, char* into, const std::string& where) {
  const size_t element = bytesOf(matrix.element);
  const bool by_columns = matrix.fortran_order && count < matrix.rows;
  const int64_t pieces = by_columns ? matrix.columns : 1;
  const size_t piece = static_cast<size_t>(by_columns ? count : count * matrix.columns) * element;
  for (int64_t p = 0; p < pieces; ++p) {
    const int64_t at = by_columns ? p * matrix.rows + first : first * matrix.columns;
    file.read(into + static_cast<size_t>(p) * piece, piece, matrix.offset + static_cast<uint64_t>(at) * element, where);
  }
}

// Row-major rows, whatever the order in the file.
FeatureMatrix readFile(const ReadOnlyFile& file, const NpyMatrix& matrix, int64_t first, int64_t count, const std::string& where) {
  FeatureMatrix out = readElements(count, matrix.columns, matrix.element, [&](void* into, size_t bytes) {
    readStored(file, matrix, first, count, static_cast<char*>(into), where);
    if (matrix.big_endian) swapBytes(into, bytes, bytesOf(matrix.element));
  });
  return matrix.fortran_order ? transposed(out) : out;
}

// "a.npy", "motion" -> "a.motion.npy".
std::string channelFile(const std::string& features, std::string_view channel) {
  return features.substr(0, features.size() - kSuffix.size()) + "." + std::string(channel) + std::string(kSuffix);
}

// Whether the file is a side channel of features that are there too.
bool isChannelOfAnother(const std::string& name, const std::set<std::string>& files) {
  return std::any_of(kChannelNames.begin(), kChannelNames.end(), [&](std::string_view channel) {
    const std::string end = channelFile(std::string(kSuffix), channel);
    return name.size() > end.size() && name.ends_with(end) &&
           files.contains(name.substr(0, name.size() - end.size()) + std::string(kSuffix));
  });
}

class NpyStore : public FeatureStore {
 public:
  explicit NpyStore(const FeatureSpec& spec) : folder_(spec.store) {
    std::vector<std::string> names;
    std::vector<std::string> shown;
    std::error_code error;
    std::set<std::string> files;
    for (fs::directory_iterator it(folder_, error), end; !error && it != end; it.increment(error)) {
      const std::string name = it->path().filename().string();
      if (name.size() > kSuffix.size() && name.ends_with(kSuffix)) files.insert(name);
    }
    for (const std::string& name : files) {
      if (isChannelOfAnother(name, files)) continue;
      std::string id = name.substr(0, name.size() - kSuffix.size());
      // "v_" is left for the rule that all stores share.
      if (spec.prefix != "v_" && !spec.prefix.empty() && id.starts_with(spec.prefix)) id.erase(0, spec.prefix.size());
      names.push_back(name);
      shown.push_back(id);
    }
    if (error) throw systemError(folder_.string(), "list the folder", error.value());
    if (names.empty()) {
      throw InputError({.where = folder_.string(),
                        .expected = "files named " + spec.prefix + "ID.npy",
                        .found = "no .npy file",
                        .remedy = "Point features.store at the folder that holds them."});
    }
    index_ = NameIndex(names, shown);
  }

  std::vector<std::string> ids() const override { return index_.ids(); }

  std::optional<FeatureShape> shape(std::string_view id) const override {
    const std::string* name = index_.find(id);
    if (!name) return std::nullopt;
    const fs::path path = folder_ / *name;
    const NpyMatrix matrix = describeMatrix(ReadOnlyFile(path), path.string());
    return FeatureShape{matrix.rows, matrix.columns, nameOf(matrix.element)};
  }

  FeatureMatrix read(std::string_view id) const override {
    const fs::path path = pathOf(id);
    const ReadOnlyFile file(path);
    const NpyMatrix matrix = describeMatrix(file, path.string());
    return readFile(file, matrix, 0, matrix.rows, path.string());
  }

  FeatureMatrix readRows(std::string_view id, int64_t first, int64_t count) const override {
    const fs::path path = pathOf(id);
    const ReadOnlyFile file(path);
    const NpyMatrix matrix = describeMatrix(file, path.string());
    checkRowRange(first, count, matrix.rows, path.string());
    return readFile(file, matrix, first, count, path.string());
  }

  std::optional<std::vector<float>> channel(std::string_view id, const std::string& name, int64_t rows) const override {
    const std::string* features = index_.find(id);
    if (!features) return std::nullopt;
    const fs::path path = folder_ / channelFile(*features, name);
    std::error_code error;
    if (!fs::exists(path, error)) return std::nullopt;
    const ReadOnlyFile file(path);
    const NpyMatrix matrix = describeMatrix(file, path.string(), true);
    checkChannelLength(matrix.rows, rows, path.string());
    return checkedChannel(readFile(file, matrix, 0, matrix.rows, path.string()), path.string());
  }

  std::string describe() const override {
    std::string text =
        "folder " + folder_.filename().string() + " of .npy, " + std::to_string(index_.size()) + " videos";
    for (const std::string& id : index_.ids()) {
      try {
        if (const auto found = shape(id))
          return text + ", " + std::to_string(found->columns) + " columns, " + found->type;
      } catch (const InputError&) {
        continue;  // the first readable one tells
      }
    }
    return text;
  }

 private:
  fs::path pathOf(std::string_view id) const {
    if (const std::string* name = index_.find(id)) return folder_ / *name;
    throw InputError({.where = folder_.string(),
                      .expected = "features of the video " + shortened(id),
                      .found = "no such file",
                      .remedy = "Extract them, or leave the video out with lists.blocked."});
  }

  fs::path folder_;
  NameIndex index_;
};

}  // namespace

std::unique_ptr<FeatureStore> openNpyStore(const FeatureSpec& spec) { return std::make_unique<NpyStore>(spec); }

}  // namespace hvlm
