// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "data/feature_store.h"

// The two kinds of feature store and what they share; only feature_store.cpp and the kinds themselves look in here.
namespace hvlm {

std::unique_ptr<FeatureStore> openHdf5Store(const FeatureSpec& spec);
std::unique_ptr<FeatureStore> openNpyStore(const FeatureSpec& spec);

constexpr uint64_t kLargestMatrixBytes = uint64_t{1} << 30;  // as float32

// Names of a store by the bare ids behind them; finds ids written with or without "v_".
class NameIndex {
 public:
  // `names` are what the store calls its videos, `shown` the same without prefix and suffix.
  NameIndex() = default;
  NameIndex(const std::vector<std::string>& names, const std::vector<std::string>& shown);
  const std::string* find(std::string_view id) const;
  std::vector<std::string> ids() const;
  size_t size() const { return names_.size(); }

 private:
  std::map<std::string, std::string, std::less<>> names_;
};

// A file descriptor for reads at any place from any thread.
class ReadOnlyFile {
 public:
  explicit ReadOnlyFile(const std::filesystem::path& path);  // throws InputError
  ~ReadOnlyFile();
  ReadOnlyFile(const ReadOnlyFile&) = delete;
  ReadOnlyFile& operator=(const ReadOnlyFile&) = delete;
  uint64_t size() const { return size_; }
  void read(void* into, size_t bytes, uint64_t offset, const std::string& where) const;  // all of it, or InputError

 private:
  int descriptor_ = -1;
  uint64_t size_ = 0;
};

enum class Element { kHalf, kFloat, kDouble };
size_t bytesOf(Element element);
const char* nameOf(Element element);

// Rows x columns within the bounds, or InputError naming `where`.
void checkMatrixShape(uint64_t rows, uint64_t columns, const std::string& where);
// `count` >= 1 rows from `first` on within `rows`, or InputError naming `where`.
void checkRowRange(int64_t first, int64_t count, int64_t rows, const std::string& where);
// The same rows and columns, or InputError naming `where`.
void checkSameShape(const FeatureShape& found, const FeatureShape& expected, const std::string& where);
// One value per step, or InputError naming `where`. The length is checked before anything is read.
void checkChannelLength(int64_t found, int64_t expected, const std::string& where);
// The values of a one-column matrix, none of them negative or not finite.
std::vector<float> checkedChannel(FeatureMatrix matrix, const std::string& where);
// Turns stored elements into float32. `read(buffer, bytes)` fills a buffer with all elements.
FeatureMatrix readElements(int64_t rows, int64_t columns, Element element,
                           const std::function<void(void* into, size_t bytes)>& read);
// The same for kHalf and kFloat alone, some rows at a time and straight into place: `read(buffer, bytes, at)` reads what lies from byte `at` of
// the matrix on. Returns the first row with NaN or Inf, behind which nothing is read, or -1.
int64_t readRowsInto(int64_t rows, int64_t columns, Element element, const std::function<void(void* into, size_t bytes, uint64_t at)>& read, float* into);

}  // namespace hvlm
