// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/atomic_file.h"

namespace hvlm {

// One measured value of a run.
struct MetricPoint {
  int64_t segment = 0;  // grows by one at each resume
  int64_t step = 0;     // optimiser steps since the run began
  double epoch = 0.0;
  double wall_seconds = 0.0;  // training time since the run began, over all segments
  std::string tag;      // "loss/total", "train/tc", "holdout/average_map", "grad/temporal" …
  double value = 0.0;   // may be NaN or Inf
};

// Appends points to metrics.jsonl and to a TensorBoard event file. One write per batch of points; visible to readers at once.
// NaN and Inf are written as the JSON strings "nan", "inf", "-inf".
class MetricWriter {
 public:
  MetricWriter(const std::filesystem::path& run_folder, int64_t segment);
  ~MetricWriter();
  void write(const std::vector<MetricPoint>& points);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Reads metrics.jsonl as it grows: each poll gives the new whole lines. A torn tail waits for its rest, a damaged line costs
// that line only (counted). Throws InputError when the file is there but cannot be opened.
class MetricReader {
 public:
  explicit MetricReader(const std::filesystem::path& run_folder);
  std::vector<MetricPoint> poll();
  int64_t damagedLines() const { return damaged_; }

 private:
  void takeLines(std::string_view bytes, std::vector<MetricPoint>& points);
  std::filesystem::path path_;
  int64_t offset_ = 0;
  std::string rest_;
  int64_t damaged_ = 0;
};

// One curve per tag with points in step order. Points of a segment older than a resume and past its from_step are dropped
// (`resumes`: from_step of segment 1, 2, …).
struct Curve {
  std::vector<int64_t> steps;
  std::vector<double> epochs;
  std::vector<double> hours;
  std::vector<double> values;
};
std::map<std::string, Curve> curvesOf(const std::vector<MetricPoint>& points, const std::vector<int64_t>& resumes);

}  // namespace hvlm
