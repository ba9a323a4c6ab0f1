// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/detections/detection_tables.h"

#include <limits>
#include <numeric>

#include "support/text.h"
#include "ui/text.h"
#include "ui/timeline/time_scale.h"

namespace hvlm::ui {
namespace {

double meanOf(const std::vector<double>& values) {
  return values.empty() ? 0.0 : std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

const ClassMatches& classAt(const DetectionData& data, int place) { return data.matches.classes[static_cast<size_t>(place)]; }

}  // namespace

std::vector<SortedColumn> classColumns(const SharedDetections& data, size_t threshold) {
  std::vector<SortedColumn> columns;
  const auto name = [data](int c) { return data->classes.value(classAt(*data, c).label); };
  columns.push_back({.title = uiText("Class"), .text = name, .colour_of = name});
  columns.push_back({.title = uiText("Instances"), .number = [data](int c) { return static_cast<double>(classAt(*data, c).instances.size()); }});
  columns.push_back({.title = uiText("Predictions"), .number = [data](int c) { return static_cast<double>(classAt(*data, c).ranked.size()); }});
  columns.push_back({.title = uiText("Average"), .tip = uiText("AP, averaged over the thresholds"), .decimals = 3,
                     .number = [data](int c) { return meanOf(data->class_ap[static_cast<size_t>(c)]); }});
  for (size_t t = 0; t < data->thresholds.size(); ++t) {
    columns.push_back({.title = uiNumber(data->thresholds[t], 2), .tip = uiText("AP at this tIoU"), .decimals = 3,
                       .number = [data, t](int c) { return data->class_ap[static_cast<size_t>(c)][t]; }, .is_strong = t == threshold});
  }
  return columns;
}

std::vector<SortedColumn> videoColumns(const SharedDetections& data, const SharedLook& look) {
  const auto video = [look](int v) -> const VideoDetections& { return look->videos[static_cast<size_t>(v)]; };
  const auto count = [video](int64_t VideoDetections::* member) { return [video, member](int v) { return static_cast<double>(video(v).*member); }; };
  const auto seconds = [data, video](int v) { return data->durations[static_cast<size_t>(video(v).video)]; };
  std::vector<SortedColumn> columns;
  columns.push_back({.title = uiText("Video"), .text = [data, video](int v) { return data->videos.value(video(v).video); }});
  columns.push_back({.title = uiText("Missed"), .tip = uiText("Instances that no prediction of at least the score finds"), .number = count(&VideoDetections::missed), .is_strong = true});
  columns.push_back({.title = uiText("False positives"), .tip = uiText("Predictions of at least the score that find nothing"), .number = count(&VideoDetections::false_positives)});
  columns.push_back({.title = uiText("Best tIoU"), .tip = uiText("The highest overlap of a prediction of at least the score with an instance of its class"), .decimals = 3,
                     .number = [video](int v) { return video(v).best_tiou; }});
  columns.push_back({.title = uiText("Instances"), .number = count(&VideoDetections::instances)});
  columns.push_back({.title = uiText("Predictions"), .tip = uiText("Of at least the score"), .number = count(&VideoDetections::predictions)});
  columns.push_back({.title = uiText("Length"), .number = seconds, .text = [seconds](int v) { return timeText(seconds(v)); }});
  return columns;
}

std::vector<SortedColumn> faultColumns(const SharedDetections& data, const SharedLook& look) {
  const auto fault = [look](int f) -> const DetectionFault& { return look->faults[static_cast<size_t>(f)]; };
  const auto segment = [data, fault](int f) -> const ScoredSegment& {
    const DetectionFault& at = fault(f);
    return at.isMissed() ? data->truth[static_cast<size_t>(at.instance)] : data->predictions[static_cast<size_t>(at.prediction)];
  };
  const auto class_of = [data, segment](int f) { return data->classes.value(segment(f).label); };
  const auto video_of = [data, segment](int f) { return segment(f).video < 0 ? uiText("another video") : data->videos.value(segment(f).video); };
  const auto span = [segment](int f) { return QStringLiteral("%1 – %2").arg(timeText(segment(f).start_seconds), timeText(segment(f).end_seconds)); };
  std::vector<SortedColumn> columns;
  columns.push_back({.title = uiText("Fault"), .text = [fault](int f) { return faultText(fault(f)); }, .is_strong = true});
  columns.push_back({.title = uiText("Video"), .text = video_of});
  columns.push_back({.title = uiText("Class"), .text = class_of, .colour_of = class_of});
  columns.push_back({.title = uiText("Nearest truth"), .text = [data, fault](int f) {
    const int64_t instance = fault(f).instance;
    return instance < 0 ? QStringLiteral("–") : data->classes.value(data->truth[static_cast<size_t>(instance)].label);
  }});
  columns.push_back({.title = uiText("Segment"), .number = [segment](int f) { return segment(f).start_seconds; }, .text = span});
  columns.push_back({.title = uiText("Score"), .decimals = 3,
                     .number = [fault, segment](int f) { return fault(f).isMissed() ? std::numeric_limits<double>::quiet_NaN() : segment(f).score; }});
  columns.push_back({.title = uiText("tIoU"), .tip = uiText("With the nearest instance; of a missed one with the best prediction of its class"), .decimals = 3,
                     .number = [fault](int f) { return fault(f).tiou; }});
  return columns;
}

ResultTable classTable(const DetectionData& data) {
  ResultTable table{.title = "AP by class and tIoU"};
  table.columns.push_back({.title = "class", .is_text = true});
  for (const double t : data.thresholds) table.columns.push_back({.title = fixedNumber(t, 2), .is_ranked = false});
  table.columns.push_back({.title = "average", .is_ranked = false});
  for (const char* title : {"instances", "predictions"}) table.columns.push_back({.title = title, .decimals = 0, .is_ranked = false});
  const auto row = [&](const std::string& name, const std::vector<double>& ap, double average, double instances, double predictions) {
    TableRow& made = table.rows.emplace_back();
    made.cells.push_back({.text = name});
    for (const double value : ap) made.cells.push_back({.value = value});
    for (const double value : {average, instances, predictions}) made.cells.push_back({.value = value});
  };
  row("mean (mAP)", data.map, data.average_map, static_cast<double>(data.truth.size()), static_cast<double>(data.predictions.size()));
  for (size_t c = 0; c < data.matches.classes.size(); ++c) {
    const ClassMatches& m = data.matches.classes[c];
    row(stdText(data.classes.value(m.label)), data.class_ap[c], meanOf(data.class_ap[c]), static_cast<double>(m.instances.size()), static_cast<double>(m.ranked.size()));
  }
  return table;
}

ResultTable videoTable(const DetectionData& data, const DetectionLook& look) {
  ResultTable table{.title = "Videos, the worst first"};
  table.columns.push_back({.title = "video", .is_text = true});
  for (const char* title : {"instances", "missed", "predictions", "false positives"}) table.columns.push_back({.title = title, .decimals = 0, .is_ranked = false});
  table.columns.push_back({.title = "best tIoU", .is_ranked = false});
  for (const VideoDetections& v : look.videos) {
    TableRow& made = table.rows.emplace_back();
    made.cells.push_back({.text = stdText(data.videos.value(v.video))});
    for (const int64_t count : {v.instances, v.missed, v.predictions, v.false_positives}) made.cells.push_back({.value = static_cast<double>(count)});
    made.cells.push_back({.value = v.best_tiou});
  }
  table.notes.push_back("at tIoU " + fixedNumber(look.point.tiou, 2) + ", of predictions with a score of at least " + fixedNumber(look.point.score, 2));
  return table;
}

ResultTable faultTable(const DetectionData& data, const DetectionLook& look, const std::vector<int>* items) {
  ResultTable table{.title = "Faults"};
  for (const char* title : {"fault", "video", "class", "nearest truth"}) table.columns.push_back({.title = title, .is_text = true});
  for (const char* title : {"start", "end", "score", "tIoU"}) table.columns.push_back({.title = title, .is_ranked = false});
  const auto add = [&](const DetectionFault& fault) {
    const ScoredSegment& segment = fault.isMissed() ? data.truth[static_cast<size_t>(fault.instance)] : data.predictions[static_cast<size_t>(fault.prediction)];
    TableRow& made = table.rows.emplace_back();
    made.cells.push_back({.text = stdText(faultText(fault))});
    made.cells.push_back({.text = segment.video < 0 ? "another video" : stdText(data.videos.value(segment.video))});
    made.cells.push_back({.text = stdText(data.classes.value(segment.label))});
    made.cells.push_back({.text = fault.instance < 0 ? "" : stdText(data.classes.value(data.truth[static_cast<size_t>(fault.instance)].label))});
    made.cells.push_back({.value = segment.start_seconds});
    made.cells.push_back({.value = segment.end_seconds});
    made.cells.push_back(fault.isMissed() ? TableCell{} : TableCell{.value = segment.score});
    made.cells.push_back({.value = fault.tiou});
  };
  if (items) {
    for (const int item : *items) add(look.faults[static_cast<size_t>(item)]);
  } else {
    for (const DetectionFault& fault : look.faults) add(fault);
  }
  table.notes.push_back("at tIoU " + fixedNumber(look.point.tiou, 2) + ", of predictions with a score of at least " + fixedNumber(look.point.score, 2));
  return table;
}

}  // namespace hvlm::ui
