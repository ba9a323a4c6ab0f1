// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace hvlm {

// Where a model looked in a video after an epoch of its training: attention.jsonl of the run folder, a line per video and epoch.
struct AttentionSnapshot {
  int64_t epoch = 0;  // finished epochs; 0 = before the first
  int64_t step = 0;   // optimiser steps
  std::string video;
  double duration_seconds = 0.0;
  std::vector<float> attention;  // share of each part of the video in its vector, sums to 1; at most kMostAttentionParts equal parts
};
constexpr int64_t kMostAttentionParts = 512;

// Shares of many steps added up to at most kMostAttentionParts parts of (nearly) equal length.
std::vector<float> attentionParts(const std::vector<float>& steps);

void appendAttention(const std::filesystem::path& run, const std::vector<AttentionSnapshot>& snapshots);  // throws InputError
// In order of epoch; of two lines of one video and epoch (a resumed run) the later one. A damaged line costs itself. Empty without the file.
std::vector<AttentionSnapshot> readAttention(const std::filesystem::path& run);

}  // namespace hvlm
