// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/detections/detection_data.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>
#include <unordered_map>
#include <unordered_set>

#include "runs/export.h"
#include "runs/run_record.h"
#include "support/error.h"
#include "support/text.h"
#include "ui/text.h"

namespace hvlm::ui {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr const char* kOfLanguage[] = {"_answers", "_captions", "_events"};  // other files of predictions/

double meanOf(const std::vector<double>& values) {
  return values.empty() ? 0.0 : std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// The videos that count: those of the subset. The program's own report leaves videos without features out, unless they have predictions.
std::vector<int64_t> videosOf(const LoadedData& loaded, const Predictions& predictions, bool without_features_left_out, DetectionData& data) {
  std::vector<int64_t> videos = loaded.catalogue.subset(stdText(data.subset));
  if (videos.empty()) {
    std::string known;
    for (const std::string& name : loaded.catalogue.subsetNames()) known += (known.empty() ? "" : ", ") + name;
    throw InputError({.where = stdText(data.run) + "/predictions/" + stdText(data.subset) + ".json", .expected = "a subset of " + stdText(loaded.file) + " (" + known + ")",
                      .found = stdText(data.subset), .remedy = "Open the data set that was predicted, or name the file after its subset."});
  }
  if (!without_features_left_out) return videos;
  const std::unordered_set<std::string> without(loaded.without_features.begin(), loaded.without_features.end());
  const auto left_out = std::erase_if(videos, [&](int64_t v) {
    const std::string& id = loaded.catalogue.videos[static_cast<size_t>(v)].id;
    return without.contains(id) && !predictions.contains(id);
  });
  if (left_out > 0) data.notes.append(uiText("%1 videos without features are left out, as in the report").arg(left_out));
  return videos;
}

void addTruth(const Catalogue& catalogue, const std::vector<int64_t>& videos, DetectionData& data) {
  for (size_t i = 0; i < videos.size(); ++i) {
    const Video& video = catalogue.videos[static_cast<size_t>(videos[i])];
    data.videos.append(qText(video.id));
    data.durations.push_back(video.duration_seconds);
    for (const Segment& s : video.segments) data.truth.push_back({static_cast<int64_t>(i), s.label, s.start_seconds, s.end_seconds, 1.0});
  }
}

void addPredictions(const Catalogue& catalogue, const std::vector<int64_t>& videos, const Predictions& predictions, DetectionData& data) {
  std::unordered_map<int64_t, int64_t> place;
  for (size_t i = 0; i < videos.size(); ++i) place.emplace(videos[i], static_cast<int64_t>(i));
  std::unordered_map<std::string, int64_t> labels;
  for (size_t c = 0; c < catalogue.classes.size(); ++c) labels.emplace(catalogue.classes[c], static_cast<int64_t>(c));
  int64_t outside = 0;
  for (const auto& [id, list] : predictions) {
    const auto found = place.find(catalogue.findIndex(id));
    const int64_t video = found == place.end() ? -1 : found->second;
    if (video < 0) outside += static_cast<int64_t>(list.size());
    for (const Prediction& p : list) {
      const auto [label, is_new] = labels.emplace(p.label, static_cast<int64_t>(labels.size()));
      if (is_new) data.classes.append(qText(p.label));
      data.predictions.push_back({video, label->second, p.start_seconds, p.end_seconds, p.score});
    }
  }
  if (outside > 0) data.notes.append(uiText("%1 predictions are of videos outside the subset: false positives of no video").arg(outside));
}

std::optional<double> numberAt(const Json& object, const std::string& key) {
  const auto it = object.is_object() ? object.find(key) : object.end();
  return it != object.end() && it->is_number() ? std::optional(it->get<double>()) : std::nullopt;
}

void addControls(const Json& report, DetectionData& data) {
  const auto controls = report.find("controls");
  if (controls == report.end() || !controls->is_object()) return;
  for (const auto& [name, values] : controls->items()) {
    const auto found = values.is_object() ? values.find("localization") : values.end();
    if (found == values.end()) continue;
    const auto average = numberAt(*found, "average_map");
    if (!average) continue;
    ControlMap control{.name = qText(name), .average = *average};
    const auto map = found->find("map");
    if (map != found->end() && map->is_object()) {
      for (const double threshold : data.thresholds) {
        control.map.push_back(numberAt(*map, fixedNumber(threshold, 2)).value_or(std::numeric_limits<double>::quiet_NaN()));
      }
    }
    data.controls.push_back(std::move(control));
  }
  std::stable_sort(data.controls.begin(), data.controls.end(), [](const ControlMap& a, const ControlMap& b) { return a.average > b.average; });
}

// The report of another subset, or one that cannot be read, has nothing to say here.
Json reportOf(DetectionData& data) {
  try {
    const auto report = readReport(pathOf(data.run));
    if (!report || !report->is_object()) return Json::object();
    const auto subset = report->find("subset");
    if (subset != report->end() && subset->is_string() && subset->get<std::string>() != stdText(data.subset)) return Json::object();
    return *report;
  } catch (const std::exception& error) {
    data.notes.append(uiText("The report cannot be read, so there are no control rows: %1").arg(qText(error.what())));
    return Json::object();
  }
}

}  // namespace

QStringList detectionSubsets(const QString& run) {
  QStringList subsets;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(pathOf(run) / "predictions", none)) {
    const std::string stem = entry.path().stem().string();
    const bool other = std::any_of(std::begin(kOfLanguage), std::end(kOfLanguage), [&](const char* end) { return stem.ends_with(end); });
    if (entry.path().extension() == ".json" && !other && entry.is_regular_file(none)) subsets.append(qText(stem));
  }
  subsets.sort();
  if (const qsizetype at = subsets.indexOf(QLatin1String("validation")); at > 0) subsets.move(at, 0);
  return subsets;
}

QString detectionStamp(const QString& run, const QString& subset) {
  QString stamp;
  for (const fs::path& file : {pathOf(run) / "predictions" / (stdText(subset) + ".json"), pathOf(run) / "report.json"}) {
    std::error_code none;
    const auto size = fs::file_size(file, none);
    if (!none) stamp += QStringLiteral("%1 %2 ").arg(size).arg(fs::last_write_time(file, none).time_since_epoch().count());
    else stamp += QStringLiteral("none ");
  }
  return stamp;
}

std::shared_ptr<const DetectionData> readDetections(const QString& run, const LoadedData& loaded, const QString& subset) {
  const QStringList subsets = detectionSubsets(run);
  if (subsets.isEmpty()) return nullptr;
  auto data = std::make_shared<DetectionData>();
  data->run = run;
  data->subsets = subsets;
  data->subset = subsets.contains(subset) ? subset : subsets.front();
  for (const std::string& name : loaded.catalogue.classes) data->classes.append(qText(name));
  data->thresholds = defaultThresholds();
  data->stamp = detectionStamp(run, data->subset);
  const Predictions predictions = readPredictions(pathOf(run) / "predictions" / (stdText(data->subset) + ".json"));
  const Json report = reportOf(*data);
  if (const auto imported = report.find("imported"); imported != report.end() && imported->is_object()) data->notes.append(uiText("imported run: detections of %1").arg(qText(imported->value("file", ""))));
  const std::vector<int64_t> videos = videosOf(loaded, predictions, numberAt(report, "videos_without_features").value_or(0.0) > 0.0, *data);
  addTruth(loaded.catalogue, videos, *data);
  addPredictions(loaded.catalogue, videos, predictions, *data);
  addControls(report, *data);
  if (const auto measured = numberAt(report, "videos"); measured && std::llround(*measured) != static_cast<long long>(videos.size())) {
    data->notes.append(uiText("the report and its control rows are of %1 videos, the open data set has %2").arg(std::llround(*measured)).arg(videos.size()));
  }
  data->matches = matchDetections(data->truth, data->predictions, data->thresholds);
  data->class_ap.resize(data->matches.classes.size());
  for (size_t t = 0; t < data->thresholds.size(); ++t) {
    const auto curves = precisionRecall(data->matches, data->predictions, t);
    for (size_t c = 0; c < curves.size(); ++c) data->class_ap[c].push_back(curves[c].ap);
    data->map.push_back(meanPrecisionRecall(curves).ap);
  }
  data->average_map = meanOf(data->map);
  return data;
}

DetectionLook lookAt(const DetectionData& data, const DetectionPoint& point, const DetectionLook* before) {
  DetectionLook look;
  if (before && before->point.threshold == point.threshold) {
    look.curves = before->curves;
    look.mean = before->mean;
    look.profile = before->profile;
  } else {
    look.curves = precisionRecall(data.matches, data.predictions, point.threshold);
    look.mean = meanPrecisionRecall(look.curves);
    look.profile = profileErrors(data.truth, data.predictions, data.durations, point.tiou);
  }
  look.point = point;
  look.videos = summarizeVideos(data.truth, data.predictions, data.matches, point, static_cast<int64_t>(data.videos.size()));
  std::stable_sort(look.videos.begin(), look.videos.end(), [](const VideoDetections& a, const VideoDetections& b) {
    if (a.missed != b.missed) return a.missed > b.missed;
    if (a.false_positives != b.false_positives) return a.false_positives > b.false_positives;
    return a.best_tiou < b.best_tiou;
  });
  look.faults = detectionFaults(data.truth, data.predictions, data.matches, point);
  look.faults_in_all = static_cast<int64_t>(look.faults.size());
  if (look.faults.size() > DetectionLook::kMostFaults) look.faults.resize(DetectionLook::kMostFaults);
  return look;
}

VideoMoment momentOf(const DetectionData& data, const DetectionFault& fault) {
  const ScoredSegment& s = fault.isMissed() ? data.truth[static_cast<size_t>(fault.instance)] : data.predictions[static_cast<size_t>(fault.prediction)];
  if (s.video < 0) return {};
  return {data.videos[s.video], s.start_seconds, s.end_seconds};
}

VideoMoment momentOf(const DetectionData& data, const DetectionLook& look, int64_t video) {
  if (video < 0 || video >= data.videos.size()) return {};
  // The list stands in this order already: missed instances, then false positives by falling score.
  for (const DetectionFault& fault : look.faults) {
    const VideoMoment moment = momentOf(data, fault);
    if (moment.video == data.videos[video]) return moment;
  }
  for (const ScoredSegment& t : data.truth) {
    if (t.video == video) return {data.videos[video], t.start_seconds, t.end_seconds};
  }
  return {data.videos[video], 0.0, data.durations[static_cast<size_t>(video)]};
}

QString errorText(DetectionError error) {
  switch (error) {
    case DetectionError::kDouble: return uiText("double");
    case DetectionError::kWrongLabel: return uiText("wrong label");
    case DetectionError::kLocalization: return uiText("localization");
    case DetectionError::kConfusion: return uiText("confusion");
    case DetectionError::kBackground: break;
  }
  return uiText("background");
}

QString faultText(const DetectionFault& fault) { return fault.isMissed() ? uiText("missed") : errorText(fault.error); }

}  // namespace hvlm::ui
