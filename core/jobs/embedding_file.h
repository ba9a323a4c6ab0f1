// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace hvlm {

// What a run makes of the videos of a subset, as `hvlm embed` keeps it: a safetensors file with the arrays below; names stand in its metadata.
struct EmbeddingFile {
  std::string run_id, subset, encoder;
  int64_t checkpoint_step = 0;
  double step_seconds = 1.0;
  int64_t width = 0;
  std::vector<std::string> classes;
  std::vector<std::string> videos;      // ids, B of them
  std::vector<float> vectors;           // [B, width], row-major: the video vectors
  std::vector<float> scores;            // [B, classes]; empty without the video classifier
  std::vector<int64_t> labels;          // [B], the class with the longest total time; -1 = none
  // Moments: the encoder's output at steps of the videos, thinned evenly when there are too many.
  std::vector<float> moments;           // [M, width]
  std::vector<int64_t> moment_video;    // [M], index into videos
  std::vector<int64_t> moment_step;     // [M]
  std::vector<int64_t> moment_label;    // [M], -1 = background
  int64_t videoCount() const { return static_cast<int64_t>(videos.size()); }
  int64_t momentCount() const { return static_cast<int64_t>(moment_video.size()); }
};

void writeEmbedding(const std::filesystem::path& file, const EmbeddingFile& embedding);  // atomic; throws InputError
EmbeddingFile readEmbedding(const std::filesystem::path& file);  // throws InputError when it is damaged, or of another kind

}  // namespace hvlm
