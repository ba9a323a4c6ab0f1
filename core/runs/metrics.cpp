// SPDX-License-Identifier: Apache-2.0
#include "runs/metrics.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "runs/tensorboard.h"
#include "support/error.h"
#include "support/text.h"

namespace hvlm {
namespace {

constexpr size_t kLongestLine = 64 * 1024;

std::string jsonNumber(double value) {
  return std::isfinite(value) ? exactNumber(value) : "\"" + exactNumber(value) + "\"";
}

std::string lineOf(const MetricPoint& point) {
  return "{\"segment\":" + std::to_string(point.segment) + ",\"step\":" + std::to_string(point.step) +
         ",\"epoch\":" + jsonNumber(point.epoch) + ",\"wall\":" + jsonNumber(point.wall_seconds) +
         ",\"tag\":" + nlohmann::json(point.tag).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) +
         ",\"value\":" + jsonNumber(point.value) + "}\n";
}

std::optional<double> numberOf(const nlohmann::json& value) {
  if (value.is_number()) return value.get<double>();
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    if (text == "nan" || text == "inf" || text == "-inf") return parseNumber(text);
  }
  return std::nullopt;
}

std::optional<MetricPoint> pointOf(std::string_view line) {
  const nlohmann::json json = nlohmann::json::parse(line.begin(), line.end(), nullptr, false);
  if (!json.is_object()) return std::nullopt;
  const auto at = [&](const char* key) -> const nlohmann::json& {
    static const nlohmann::json kNothing;
    const auto found = json.find(key);
    return found == json.end() ? kNothing : *found;
  };
  const auto epoch = numberOf(at("epoch"));
  const auto wall = numberOf(at("wall"));
  const auto value = numberOf(at("value"));
  if (!at("segment").is_number_integer() || !at("step").is_number_integer() || !at("tag").is_string() || !epoch || !wall || !value) {
    return std::nullopt;
  }
  return MetricPoint{.segment = at("segment").get<int64_t>(), .step = at("step").get<int64_t>(), .epoch = *epoch,
                     .wall_seconds = *wall, .tag = at("tag").get<std::string>(), .value = *value};
}

// A writer that died within a line leaves no newline; the next point must not be glued to that rest.
bool endsWithinALine(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return false;
  const off_t size = ::lseek(descriptor, 0, SEEK_END);
  char last = '\n';
  const bool read = size > 0 && ::pread(descriptor, &last, 1, size - 1) == 1;
  ::close(descriptor);
  return read && last != '\n';
}

}  // namespace

struct MetricWriter::Impl {
  AppendFile lines;
  TensorboardWriter events;
  bool torn = false;  // the file ends within a line: a write failed, or its writer died
};

MetricWriter::MetricWriter(const std::filesystem::path& run_folder, int64_t segment) {
  const std::filesystem::path path = run_folder / "metrics.jsonl";
  const bool torn = endsWithinALine(path);
  impl_ = std::make_unique<Impl>(Impl{AppendFile(path), TensorboardWriter(run_folder, segment), torn});
}
MetricWriter::~MetricWriter() = default;

void MetricWriter::write(const std::vector<MetricPoint>& points) {
  if (points.empty()) return;
  std::string lines = impl_->torn ? "\n" : "";
  for (const MetricPoint& point : points) lines += lineOf(point);
  impl_->torn = true;
  impl_->lines.append(lines);
  impl_->torn = false;
  impl_->events.write(points);
}

MetricReader::MetricReader(const std::filesystem::path& run_folder) : path_(run_folder / "metrics.jsonl") {}

std::vector<MetricPoint> MetricReader::poll() {
  std::vector<MetricPoint> points;
  const int descriptor = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return points;
    throw systemError(path_.string(), "read the file", errno);
  }
  struct stat info = {};
  if (::fstat(descriptor, &info) == 0 && info.st_size < offset_) {  // another file took its place
    offset_ = 0;
    rest_.clear();
  }
  std::string block(size_t{1} << 18, '\0');
  for (;;) {
    const ssize_t n = ::pread(descriptor, block.data(), block.size(), offset_);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    offset_ += n;
    takeLines(std::string_view(block.data(), static_cast<size_t>(n)), points);
  }
  ::close(descriptor);
  return points;
}

void MetricReader::takeLines(std::string_view bytes, std::vector<MetricPoint>& points) {
  size_t start = 0;
  for (size_t end = bytes.find('\n'); end != std::string_view::npos; end = bytes.find('\n', start)) {
    std::string_view line = bytes.substr(start, end - start);
    if (!rest_.empty()) {
      rest_.append(line);
      line = rest_;
    }
    if (line.size() <= kLongestLine && !line.empty()) {
      if (auto point = pointOf(line)) {
        points.push_back(std::move(*point));
      } else {
        ++damaged_;
      }
    } else if (!line.empty()) {
      ++damaged_;
    }
    rest_.clear();
    start = end + 1;
  }
  // An endless line is cut: what is kept is just long enough to be known as damaged.
  rest_.append(bytes.substr(start));
  if (rest_.size() > kLongestLine + 1) rest_.resize(kLongestLine + 1);
}

std::map<std::string, Curve> curvesOf(const std::vector<MetricPoint>& points, const std::vector<int64_t>& resumes) {
  // last_step[s]: the last step of segment s that no later resume took back.
  std::vector<int64_t> last_step(resumes.size() + 1, std::numeric_limits<int64_t>::max());
  for (size_t s = resumes.size(); s-- > 0;) last_step[s] = std::min(last_step[s + 1], resumes[s]);

  std::map<std::string, std::vector<const MetricPoint*>> by_tag;
  for (const MetricPoint& point : points) {
    const bool known = point.segment >= 0 && static_cast<size_t>(point.segment) < last_step.size();
    if (known && point.step > last_step[static_cast<size_t>(point.segment)]) continue;
    by_tag[point.tag].push_back(&point);
  }
  std::map<std::string, Curve> curves;
  for (auto& [tag, list] : by_tag) {
    std::stable_sort(list.begin(), list.end(), [](const MetricPoint* a, const MetricPoint* b) {
      return std::tie(a->step, a->segment) < std::tie(b->step, b->segment);
    });
    Curve& curve = curves[tag];
    for (size_t i = 0; i < list.size(); ++i) {
      if (i + 1 < list.size() && list[i + 1]->step == list[i]->step) continue;  // measured again: the later one counts
      curve.steps.push_back(list[i]->step);
      curve.epochs.push_back(list[i]->epoch);
      curve.hours.push_back(list[i]->wall_seconds / 3600.0);
      curve.values.push_back(list[i]->value);
    }
  }
  return curves;
}

}  // namespace hvlm
