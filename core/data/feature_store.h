// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/catalogue.h"

namespace hvlm {

// Rows of one video, row-major: values[row * columns + column], float32.
struct FeatureMatrix {
  int64_t rows = 0;
  int64_t columns = 0;
  std::vector<float> values;
};
struct FeatureShape {
  int64_t rows = 0;
  int64_t columns = 0;
  std::string type;  // "float16", "float32", "float64"
};

// Features of many videos behind one door: an HDF5 file (/v_ID/key, /ID/key, "c3d-features", flat /ID) or a folder of
// .npy. Opened read-only, never written, no lock left behind. All methods may be called from any thread; HDF5 itself
// runs on its one owner thread (of the process, not of the store).
class FeatureStore {
 public:
  static std::unique_ptr<FeatureStore> open(const FeatureSpec& spec);  // throws InputError
  virtual ~FeatureStore() = default;
  virtual std::vector<std::string> ids() const = 0;  // without "v_", sorted
  // nullopt: not there. Throws InputError when it is there but of another rank or type. Ids with or without "v_".
  virtual std::optional<FeatureShape> shape(std::string_view id) const = 0;
  // Throws InputError (where = file and dataset) when missing, truncated, of another rank or type, without rows, larger
  // than 1 GiB. Does not look for NaN: see firstNonFinite.
  virtual FeatureMatrix read(std::string_view id) const = 0;
  virtual std::string describe() const = 0;  // "HDF5 features.h5, 450 videos, 512 columns, float16"
};

// While one of these lives, reads of its thread go before those of other threads: the window's requests do not wait
// behind a training run's. (Reads that need no HDF5 call never wait.)
class UrgentReads {
 public:
  UrgentReads();
  ~UrgentReads();
  UrgentReads(const UrgentReads&) = delete;
  UrgentReads& operator=(const UrgentReads&) = delete;

 private:
  bool before_;
};

// Row of the first NaN or Inf, or -1.
int64_t firstNonFinite(const FeatureMatrix& matrix);

}  // namespace hvlm
