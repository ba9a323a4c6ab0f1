// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace hvlm {

// Writes features in the layout of the official C3D release: /v_ID/c3d_features, [T, D] float16, contiguous. One matrix
// at a time, so memory does not grow with the number of videos. The same calls give the same bytes: no clock data is
// stored. Make it in a folder that is moved into place afterwards (atomic_file.h); it does not replace files itself.
class FeatureWriter {
 public:
  explicit FeatureWriter(const std::filesystem::path& path,
                         const std::string& key = "c3d_features");  // throws InputError
  ~FeatureWriter();                                                 // closes; errors then go unseen, so call close()
  FeatureWriter(const FeatureWriter&) = delete;
  FeatureWriter& operator=(const FeatureWriter&) = delete;

  // `halves` are binary16 bits, row-major (half.h).
  void write(const std::string& id, int64_t rows, int64_t columns, std::span<const uint16_t> halves);
  void write(const std::string& id, int64_t rows, int64_t columns, std::span<const float> values);  // as float32
  // A side channel beside the features (/v_ID/motion), [T, 1] float16; one value per row.
  void writeChannel(const std::string& id, const std::string& channel, std::span<const uint16_t> halves);
  // Gives video `id` all that `existing` has, without writing it again (hard links).
  void link(const std::string& id, const std::string& existing);
  void close();  // flushes and closes; throws InputError when the disk is full

 private:
  void writeMatrix(const std::string& name, int64_t rows, int64_t columns, const void* values, bool half);
  struct File;
  std::unique_ptr<File> file_;
  std::filesystem::path path_;
  std::string key_;
};

}  // namespace hvlm
