// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
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

// Names of the side channels: one value >= 0 a step, kept beside a video's features.
inline constexpr std::array<std::string_view, 2> kChannelNames = {"motion", "saliency"};

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
  // Rows first .. first + count - 1 of it, the same numbers as read() has there. Both kinds of store read these rows alone (HDF5: the
  // chunks that hold them; a stored chunk is unpacked as a whole). Throws InputError as read(), and for rows that the video has not.
  virtual FeatureMatrix readRows(std::string_view id, int64_t first, int64_t count) const;
  // All rows of it into `into`, which holds `expected.rows` x `expected.columns` values; they are looked at while they are in the cache. Returns
  // the row of the first NaN or Inf (`into` is unset from there on), or -1. Throws InputError as read(), and when the shape is another one.
  virtual int64_t readInto(std::string_view id, const FeatureShape& expected, float* into) const;
  // A side channel of a video, one value a row, float16 to float64 of shape [T] or [T, 1]: the dataset `name` beside the
  // features (/v_ID/motion; a flat store has none) or the file ID.motion.npy beside ID.npy. nullopt when the store has
  // none. Throws InputError when it is there but of another length than `rows` (those of the features), unreadable,
  // negative or not finite.
  virtual std::optional<std::vector<float>> channel(std::string_view id, const std::string& name, int64_t rows) const;
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
int64_t firstNonFinite(const float* matrix, int64_t rows, int64_t columns);

}  // namespace hvlm
