// SPDX-License-Identifier: Apache-2.0
#include "data/report.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "data/feature_store.h"
#include "support/error.h"
#include "support/text.h"

namespace hvlm {
namespace {

using nlohmann::json;

constexpr double kSecondsPerHour = 3600.0;

// What the store holds for each video of the catalogue; adds the problems of the features to the catalogue's.
class FeatureCheck {
 public:
  FeatureCheck(Catalogue& catalogue, const FeatureSpec& spec, double scan_limit_bytes)
      : catalogue_(catalogue), spec_(spec), store_(FeatureStore::open(spec)), scan_limit_bytes_(scan_limit_bytes) {
    shapes_.resize(catalogue_.videos.size());
    readShapes();
    findUnused();
    chooseWidth();
    checkEach();
  }

  bool usable(size_t video) const { return shapes_[video].has_value(); }
  int64_t steps(size_t video) const { return shapes_[video] ? shapes_[video]->rows : 0; }

  json toJson() const {
    json widths = json::object();
    for (const auto& [width, count] : widths_) widths[std::to_string(width)] = count;
    json types = json::object();
    for (const auto& [type, count] : types_) types[type] = count;
    int64_t used = 0;
    int64_t all_steps = 0;
    for (size_t i = 0; i < shapes_.size(); ++i) {
      used += usable(i) ? 1 : 0;
      all_steps += steps(i);
    }
    return {{"store", spec_.store.string()},
            {"description", store_->describe()},
            {"step_seconds", spec_.stepSeconds()},
            {"width", width_},
            {"widths", widths},
            {"types", types},
            {"steps", all_steps},
            {"declared", catalogue_.videos.size()},
            {"present", present_},
            {"used", used},
            {"missing", missing_},
            {"unused", unused_},
            {"values_checked", values_checked_},
            {"channels", channels_}};
  }

 private:
  void report(const char* kind, const std::string& id, const std::string& detail) {
    catalogue_.problems.push_back({kind, id, detail});
  }

  void readShapes() {
    for (size_t i = 0; i < shapes_.size(); ++i) {
      const Video& video = catalogue_.videos[i];
      try {
        shapes_[i] = store_->shape(video.id);
        if (shapes_[i]) {
          ++widths_[shapes_[i]->columns];
          ++types_[shapes_[i]->type];
          ++present_;
        } else {
          ++missing_;
          report("missing_features", video.id, video.subset + "; cannot be used");
        }
      } catch (const InputError& error) {
        ++present_;
        report("bad_features", video.id, error.what());
      }
    }
  }

  void findUnused() {
    for (const std::string& id : store_->ids()) {
      if (catalogue_.findIndex(id) >= 0) continue;
      ++unused_;
      report("unused_features", id, "not among the annotated videos");
    }
  }

  void chooseWidth() {
    int64_t most = 0;
    for (const auto& [width, count] : widths_) {
      if (count <= most) continue;
      most = count;
      width_ = width;
    }
  }

  void checkEach() {
    const double step = spec_.stepSeconds();
    double scanned = 0.0;
    for (size_t i = 0; i < shapes_.size(); ++i) {
      if (!shapes_[i]) continue;
      const Video& video = catalogue_.videos[i];
      if (shapes_[i]->columns != width_) {
        report("width_mismatch", video.id,
               std::to_string(shapes_[i]->columns) + " columns, most have " + std::to_string(width_));
        shapes_[i].reset();
        continue;
      }
      const double covered = static_cast<double>(shapes_[i]->rows) * step;
      if (std::abs(covered - video.duration_seconds) > std::max({1.0, 2.0 * step, 0.02 * video.duration_seconds})) {
        report("length_mismatch", video.id,
               std::to_string(shapes_[i]->rows) + " steps cover " + fixedNumber(covered, 1) + " s of " +
                   fixedNumber(video.duration_seconds, 1) + " s");
      }
      const double bytes = static_cast<double>(shapes_[i]->rows) * static_cast<double>(width_) * 4.0;
      if (scanned + bytes > scan_limit_bytes_) continue;
      scanned += bytes;
      checkValues(i);
    }
  }

  void checkValues(size_t i) {
    const Video& video = catalogue_.videos[i];
    try {
      const int64_t row = firstNonFinite(store_->read(video.id));
      ++values_checked_;
      if (row < 0) return checkChannels(i);
      report("not_finite", video.id, "NaN or Inf in row " + std::to_string(row));
    } catch (const InputError& error) {
      report("bad_features", video.id, error.what());
    }
    shapes_[i].reset();
  }

  void checkChannels(size_t i) {
    const Video& video = catalogue_.videos[i];
    for (const std::string_view name : kChannelNames) {
      try {
        if (store_->channel(video.id, std::string(name), shapes_[i]->rows)) ++channels_[std::string(name)];
      } catch (const InputError& error) {
        report("bad_channel", video.id, error.what());
      }
    }
  }

  Catalogue& catalogue_;
  const FeatureSpec& spec_;
  std::unique_ptr<FeatureStore> store_;
  double scan_limit_bytes_;
  std::vector<std::optional<FeatureShape>> shapes_;  // of the videos that can be used
  std::map<int64_t, int64_t> widths_;
  std::map<std::string, int64_t> types_;
  std::map<std::string, int64_t> channels_;  // videos that have each, among those whose values were checked
  int64_t width_ = 0;
  int64_t present_ = 0;
  int64_t missing_ = 0;
  int64_t unused_ = 0;
  int64_t values_checked_ = 0;
};

struct Totals {
  int64_t videos = 0;
  int64_t segments = 0;
  int64_t steps = 0;
  int64_t captions = 0;
  int64_t questions = 0;
  int64_t used = 0;
  double seconds = 0.0;
  double segment_seconds = 0.0;

  void add(const Video& video, int64_t video_steps, bool usable) {
    ++videos;
    segments += static_cast<int64_t>(video.segments.size());
    steps += video_steps;
    captions += static_cast<int64_t>(video.captions.size());
    questions += static_cast<int64_t>(video.questions.size());
    used += usable ? 1 : 0;
    seconds += video.duration_seconds;
    for (const Segment& segment : video.segments) segment_seconds += segment.end_seconds - segment.start_seconds;
  }
  json toJson() const {
    return {{"videos", videos},
            {"used", used},
            {"segments", segments},
            {"steps", steps},
            {"captions", captions},
            {"questions", questions},
            {"hours", seconds / kSecondsPerHour},
            {"segment_hours", segment_seconds / kSecondsPerHour}};
  }
};

json classTable(const Catalogue& catalogue) {
  struct Row {
    int64_t segments = 0;
    double seconds = 0.0;
    std::map<std::string, int64_t> videos;  // by subset
  };
  std::vector<Row> rows(catalogue.classes.size());
  for (const Video& video : catalogue.videos) {
    std::set<int64_t> labels;
    for (const Segment& segment : video.segments) {
      Row& row = rows[static_cast<size_t>(segment.label)];
      ++row.segments;
      row.seconds += segment.end_seconds - segment.start_seconds;
      if (labels.insert(segment.label).second) ++row.videos[video.subset];
    }
  }
  json table = json::array();
  for (size_t i = 0; i < rows.size(); ++i) {
    int64_t videos = 0;
    for (const auto& [subset, count] : rows[i].videos) videos += count;
    table.push_back({{"name", catalogue.classes[i]},
                     {"videos", videos},
                     {"segments", rows[i].segments},
                     {"seconds", rows[i].seconds},
                     {"videos_by_subset", rows[i].videos}});
  }
  return table;
}

json problemTable(const std::vector<Problem>& problems) {
  json by_kind = json::object();
  json list = json::array();
  for (const Problem& problem : problems) {
    by_kind[problem.kind] = by_kind.value(problem.kind, int64_t{0}) + 1;
    list.push_back({{"kind", problem.kind}, {"item", problem.item}, {"detail", problem.detail}});
  }
  return {{"count", problems.size()}, {"by_kind", by_kind}, {"list", list}};
}

json durationTable(const Catalogue& catalogue) {
  std::vector<double> durations;
  double sum = 0.0;
  for (const Video& video : catalogue.videos) {
    durations.push_back(video.duration_seconds);
    sum += video.duration_seconds;
  }
  std::sort(durations.begin(), durations.end());
  const size_t n = durations.size();
  return {{"shortest", durations.front()},
          {"median", 0.5 * (durations[(n - 1) / 2] + durations[n / 2])},
          {"mean", sum / static_cast<double>(n)},
          {"longest", durations.back()}};
}

std::string padded(std::string text, size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}
std::string right(const std::string& text, size_t width) {
  return text.size() < width ? std::string(width - text.size(), ' ') + text : text;
}
std::string count(const json& object, const char* key) { return std::to_string(object.at(key).get<int64_t>()); }
std::string hours(const json& object, const char* key) { return fixedNumber(object.at(key).get<double>(), 1); }

std::string problemText(const json& problems) {
  constexpr int64_t kShown = 3;
  if (problems.at("count").get<int64_t>() == 0) return "No problems found.\n";
  std::string text = "Problems: " + count(problems, "count") + "\n";
  for (const ProblemKind& kind : problemKinds()) {
    if (!problems.at("by_kind").contains(kind.kind)) continue;
    const int64_t total = problems.at("by_kind").at(kind.kind).get<int64_t>();
    text += right(std::to_string(total), 7) + "  " + kind.kind + ": " + kind.meaning + "\n";
    int64_t shown = 0;
    for (const json& problem : problems.at("list")) {
      if (problem.at("kind") != kind.kind) continue;
      if (shown++ == kShown) break;
      text +=
          "           " + problem.at("item").get<std::string>() + ": " + problem.at("detail").get<std::string>() + "\n";
    }
    if (total > kShown) text += "           … and " + std::to_string(total - kShown) + " more (--json lists all)\n";
  }
  return text;
}

}  // namespace

json inspectDataset(const DatasetSpec& spec, double scan_limit_bytes) {
  Catalogue catalogue = readCatalogue(spec);
  const FeatureCheck features(catalogue, spec.features, scan_limit_bytes);
  Totals all;
  std::map<std::string, Totals> by_subset;
  for (size_t i = 0; i < catalogue.videos.size(); ++i) {
    const Video& video = catalogue.videos[i];
    all.add(video, features.steps(i), features.usable(i));
    by_subset[video.subset].add(video, features.steps(i), features.usable(i));
  }
  json report = all.toJson();
  report["name"] = catalogue.name;
  report["file"] = spec.file.string();
  report["classes"] = catalogue.classes.size();
  report["class_table"] = classTable(catalogue);
  report["subsets"] = json::object();
  for (const auto& [subset, totals] : by_subset) report["subsets"][subset] = totals.toJson();
  report["duration_seconds"] = durationTable(catalogue);
  report["features"] = features.toJson();
  report["problems"] = problemTable(catalogue.problems);
  return report;
}

std::string inspectText(const json& report) {
  const json& features = report.at("features");
  const json& duration = report.at("duration_seconds");
  std::string text = report.at("name").get<std::string>() + "  (" + report.at("file").get<std::string>() + ")\n";
  text += "Videos " + count(report, "videos") + ", segments " + count(report, "segments") + ", classes " +
          count(report, "classes") + ", " + hours(report, "hours") + " h of video, " + hours(report, "segment_hours") +
          " h of action\n";
  text += "Duration " + fixedNumber(duration.at("shortest").get<double>(), 1) + " to " +
          fixedNumber(duration.at("longest").get<double>(), 1) + " s, mean " +
          fixedNumber(duration.at("mean").get<double>(), 1) + " s, median " +
          fixedNumber(duration.at("median").get<double>(), 1) + " s\n";
  text += "Features: " + features.at("description").get<std::string>() + "; " + count(features, "steps") +
          " steps of " + exactNumber(features.at("step_seconds").get<double>()) + " s\n";
  text += "          declared " + count(features, "declared") + ", present " + count(features, "present") + ", used " +
          count(features, "used") + ", missing " + count(features, "missing") + "; values checked in " +
          count(features, "values_checked") + "\n";
  for (const auto& [name, videos] : features.at("channels").items())
    text += "          channel " + name + " in " + std::to_string(videos.get<int64_t>()) + " of them\n";
  text += "\n" + padded("subset", 14) + "  videos  segments    steps    hours  captions  questions\n";
  for (const auto& [subset, totals] : report.at("subsets").items()) {
    text += padded(subset, 14) + right(count(totals, "videos"), 8) + right(count(totals, "segments"), 10) +
            right(count(totals, "steps"), 9) + right(hours(totals, "hours"), 9) + right(count(totals, "captions"), 10) +
            right(count(totals, "questions"), 11) + "\n";
  }
  constexpr size_t kShownClasses = 30;
  size_t widest = 5;
  for (const json& row : report.at("class_table"))
    widest = std::max(widest, row.at("name").get_ref<const std::string&>().size());
  text += "\n" + padded("class", widest) + "  videos  segments    hours\n";
  size_t shown = 0;
  for (const json& row : report.at("class_table")) {
    if (shown++ == kShownClasses) {
      text += "… and " + std::to_string(report.at("class_table").size() - kShownClasses) + " more classes\n";
      break;
    }
    text += padded(row.at("name").get<std::string>(), widest) + right(count(row, "videos"), 8) +
            right(count(row, "segments"), 10) +
            right(fixedNumber(row.at("seconds").get<double>() / kSecondsPerHour, 2), 9) + "\n";
  }
  return text + "\n" + problemText(report.at("problems"));
}

}  // namespace hvlm
