// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "data/catalogue.h"
#include "jobs/inspection.h"
#include "runs/export.h"

namespace hvlm::ui {

// What predictions/SUBSET.json of a run says of one video, for a run that has no model to look at it: an imported one, or one whose
// checkpoints are gone. Unchanging.
struct StoredDetections {
  QString run;                   // folder
  QString video;                 // id in the catalogue
  QString source;                // the file that was imported; empty: the run's own
  bool searched = false;         // the run has a file of the video's subset: no detection there means none was found
  std::vector<std::string> classes;          // by label
  std::vector<DetectedSegment> detections;   // falling score
  bool imported() const { return !source.isEmpty(); }
  QString whyNoModel() const;    // one sentence, for what needs a model
};

// A run's files, read once for all of its videos: one subset at a time. One thread at a time.
class StoredRun {
 public:
  explicit StoredRun(QString folder) : folder_(std::move(folder)) {}
  const QString& folder() const { return folder_; }
  // Null when the run has neither an import nor predictions. Throws InputError for a damaged file.
  std::shared_ptr<const StoredDetections> of(const Video& video);

 private:
  void read(const QString& subset);
  QString folder_, subset_, stamp_;
  Predictions predictions_;
};

}  // namespace hvlm::ui
