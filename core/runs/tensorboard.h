// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <span>
#include <string>

#include "runs/metrics.h"
#include "support/atomic_file.h"

namespace hvlm {

// One framed record of an event file: length, its checksum, data, its checksum (CRC-32C, masked as TensorBoard does).
std::string tensorboardRecord(const std::string& data);
// An Event message with the points of one step as scalar summaries; `wall_time` in seconds since 1970.
std::string tensorboardEvent(double wall_time, int64_t step, std::span<const MetricPoint> points);
std::string tensorboardVersionEvent(double wall_time);  // the first record: "brain.Event:2"

// Appends scalars to events.out.tfevents.<time>.<host>.<pid>.<segment>. Each batch is visible to readers at once.
class TensorboardWriter {
 public:
  TensorboardWriter(const std::filesystem::path& run_folder, int64_t segment);
  void write(std::span<const MetricPoint> points);

 private:
  AppendFile file_;
};

}  // namespace hvlm
