// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <QStringList>
#include <memory>
#include <vector>

#include "score/detection_curves.h"
#include "ui/workspace.h"

namespace hvlm::ui {

// A control row of report.json.
struct ControlMap {
  QString name;
  std::vector<double> map;  // [thresholds], NaN where the report has none; empty: the average alone
  double average = 0.0;
};

// What a run found in one subset of a data set, matched with the truth. Read on a worker, unchanging.
struct DetectionData {
  QString run, subset;
  QStringList subsets;           // that the run has predictions of
  QStringList classes;           // by label: those of the catalogue, then those that only the predictions name
  QStringList videos;            // ids, by `video` of the segments
  std::vector<double> durations; // seconds, by video
  std::vector<ScoredSegment> truth, predictions;
  std::vector<double> thresholds;
  DetectionMatches matches;
  std::vector<std::vector<double>> class_ap;  // [classes of the matches][thresholds], as scoreDetections()
  std::vector<double> map;                    // [thresholds]
  double average_map = 0.0;
  std::vector<ControlMap> controls;  // falling average; of the report, measured there
  QString stamp;                     // of the files it was read from
  QStringList notes;                 // where the figures differ from what one may expect: videos left out, other videos than the report's
};

// Subsets that a run has detections of: predictions/SUBSET.json, "validation" first. Empty for a run without any.
QStringList detectionSubsets(const QString& run);

// Sizes and times of the files that readDetections() reads: the same as long as nobody has written them.
QString detectionStamp(const QString& run, const QString& subset);

// `subset` empty: the first. Null when the run has no predictions. Any thread; throws InputError for damaged files, a subset that the
// data set lacks and one without annotations. A report that cannot be read costs the control rows only and is a note.
std::shared_ptr<const DetectionData> readDetections(const QString& run, const LoadedData& loaded, const QString& subset = {});

// The figures and tables at one threshold and score.
struct DetectionLook {
  static constexpr size_t kMostFaults = 20000;  // listed; the tables stay quick
  DetectionPoint point;
  std::vector<PrecisionRecall> curves;  // by class of the matches
  PrecisionRecall mean;
  ErrorProfile profile;                 // at the threshold, of every score
  std::vector<VideoDetections> videos;  // the worst first: missed, false positives, best tIoU, id
  std::vector<DetectionFault> faults;   // those of the highest score
  int64_t faults_in_all = 0;
};
// What does not depend on the score is taken from `before`, which may be null, when it is of the same data and threshold.
DetectionLook lookAt(const DetectionData& data, const DetectionPoint& point, const DetectionLook* before = nullptr);

// Where a video fails first: an instance that is missed, else the false positive of the highest score, else its first instance.
struct VideoMoment {
  QString video;  // empty: nowhere
  double from_seconds = 0.0, to_seconds = 0.0;
};
VideoMoment momentOf(const DetectionData& data, const DetectionFault& fault);
VideoMoment momentOf(const DetectionData& data, const DetectionLook& look, int64_t video);

QString faultText(const DetectionFault& fault);  // "missed", "double", "wrong label", …
QString errorText(DetectionError error);

}  // namespace hvlm::ui
