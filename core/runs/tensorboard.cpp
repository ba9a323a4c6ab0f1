// SPDX-License-Identifier: Apache-2.0
#include "runs/tensorboard.h"

#include <unistd.h>

#include <chrono>
#include <cstring>

#include "runs/run_record.h"
#include "support/hash.h"

namespace hvlm {
namespace {

// Protobuf's wire format, as far as scalar summaries need it.
constexpr uint32_t kVarint = 0;
constexpr uint32_t kFixed64 = 1;
constexpr uint32_t kBytes = 2;
constexpr uint32_t kFixed32 = 5;

void putVarint(std::string& out, uint64_t value) {
  while (value >= 0x80) {
    out += static_cast<char>(value | 0x80);
    value >>= 7;
  }
  out += static_cast<char>(value);
}

template <class T>
void putFixed(std::string& out, T value) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  out.append(bytes, sizeof value);
}

void putKey(std::string& out, uint32_t field, uint32_t kind) { putVarint(out, (field << 3) | kind); }

void putBytes(std::string& out, uint32_t field, const std::string& bytes) {
  putKey(out, field, kBytes);
  putVarint(out, bytes.size());
  out += bytes;
}

uint32_t maskedCrc(std::string_view bytes) {
  const uint32_t crc = crc32c(bytes);
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
}

double secondsNow() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// Event { double wall_time = 1; int64 step = 2; string file_version = 3; Summary summary = 5; }
std::string eventStart(double wall_time) {
  std::string event;
  putKey(event, 1, kFixed64);
  putFixed(event, wall_time);
  return event;
}

// Summary.Value { string tag = 1; float simple_value = 2; }
std::string summaryValue(const MetricPoint& point) {
  std::string value;
  putBytes(value, 1, point.tag);
  putKey(value, 2, kFixed32);
  putFixed(value, static_cast<float>(point.value));
  return value;
}

std::filesystem::path fileName(const std::filesystem::path& run_folder, int64_t segment) {
  std::string time = std::to_string(static_cast<int64_t>(secondsNow()));
  time.insert(0, time.size() < 10 ? 10 - time.size() : 0, '0');
  return run_folder / ("events.out.tfevents." + time + "." + hostName() + "." + std::to_string(getpid()) + "." + std::to_string(segment));
}

}  // namespace

std::string tensorboardRecord(const std::string& data) {
  std::string out;
  putFixed(out, static_cast<uint64_t>(data.size()));
  putFixed(out, maskedCrc(std::string_view(out.data(), 8)));
  out += data;
  putFixed(out, maskedCrc(data));
  return out;
}

std::string tensorboardVersionEvent(double wall_time) {
  std::string event = eventStart(wall_time);
  putBytes(event, 3, "brain.Event:2");
  return event;
}

std::string tensorboardEvent(double wall_time, int64_t step, std::span<const MetricPoint> points) {
  std::string event = eventStart(wall_time);
  putKey(event, 2, kVarint);
  putVarint(event, static_cast<uint64_t>(step));
  std::string summary;  // Summary { repeated Value value = 1; }
  for (const MetricPoint& point : points) putBytes(summary, 1, summaryValue(point));
  putBytes(event, 5, summary);
  return event;
}

TensorboardWriter::TensorboardWriter(const std::filesystem::path& run_folder, int64_t segment) {
  const std::filesystem::path path = fileName(run_folder, segment);
  std::error_code none;
  const bool begun = std::filesystem::file_size(path, none) > 0 && !none;
  file_ = AppendFile(path);
  if (!begun) file_.append(tensorboardRecord(tensorboardVersionEvent(secondsNow())));
}

void TensorboardWriter::write(std::span<const MetricPoint> points) {
  const double now = secondsNow();
  std::string out;
  for (size_t first = 0; first < points.size();) {
    size_t end = first + 1;
    while (end < points.size() && points[end].step == points[first].step) ++end;
    out += tensorboardRecord(tensorboardEvent(now, points[first].step, points.subspan(first, end - first)));
    first = end;
  }
  if (!out.empty()) file_.append(out);
}

}  // namespace hvlm
