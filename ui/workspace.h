// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <QString>
#include <memory>

#include "data/catalogue.h"
#include "jobs/inspection.h"

namespace hvlm::ui {

struct StoredDetections;

// A data set as the window holds it: read on a worker, unchanging afterwards.
struct LoadedData {
  QString file;  // dataset.yaml
  DatasetSpec spec;
  Catalogue catalogue;
  int64_t columns = 0;    // of the features; 0 when they cannot be read
  QString store_text;     // "HDF5 features.h5, 450 videos, …"
  QString store_problem;  // why features cannot be read; the rest works
  std::vector<std::string> without_features;  // ids of annotated videos that the store lacks
  int64_t unannotated = 0;                    // ids in the store that the annotations lack
};
LoadedData loadData(const QString& dataset_yaml);  // any thread; throws InputError

// What the panels share: the data set, the run, the selected video, its inspection and the time cursor. GUI thread.
//
// A panel that can be pinned has one of its own, which follows the shared one: it shows the same and passes on what is chosen. Pinned,
// it keeps what it shows, moves a cursor of its own, and still passes on which video or run is asked for.
class Workspace : public QObject {
  Q_OBJECT
 public:
  using QObject::QObject;
  Workspace(Workspace& leader, QObject* parent);  // follows; `leader` outlives it
  bool pinned() const { return pinned_; }
  void setPinned(bool pinned);  // of one that follows

  void openData(const QString& dataset_yaml);  // reads on a worker; ends with dataChanged or dataFailed
  std::shared_ptr<const LoadedData> data() const { return data_; }
  bool loading() const { return loading_ > 0; }

  const QString& run() const { return run_; }
  void setRun(const QString& folder);

  const QString& videoId() const { return video_; }
  const Video* video() const;
  void selectVideo(const QString& id);

  // A video file that is looked at alone, without a data set around it. Choosing a video of the data set ends that.
  struct FreeVideo {
    QString file;
    double seconds = 0.0;
  };
  const FreeVideo& freeVideo() const { return free_; }
  void setFreeVideo(const QString& file, double seconds);

  std::shared_ptr<const VideoInspection> inspection() const { return inspection_; }  // of the selected video, or null
  void setInspection(std::shared_ptr<const VideoInspection> inspection);
  // Of the selected video, when the run has no model to look at it; else null. There is an inspection, or this, or neither.
  std::shared_ptr<const StoredDetections> stored() const { return stored_; }
  void setStored(std::shared_ptr<const StoredDetections> stored);

  // Another video or run was chosen and neither is there yet: panels show what they had, dimmed. Ends with inspectionChanged, also when nothing comes.
  bool awaiting() const { return awaiting_ && !video_.isEmpty() && !run_.isEmpty(); }

  double cursorSeconds() const { return cursor_; }
  void setCursor(double seconds);

 Q_SIGNALS:
  void loadingChanged();
  void dataChanged();
  void dataFailed(const QString& message);
  void runChanged();
  void videoChanged();
  void inspectionChanged();  // or stored() did
  void cursorChanged(double seconds);
  void pinnedChanged(bool pinned);

 private:
  void forgetSeen();
  void copyFrom(const Workspace& leader);
  void catchUp();
  Workspace* leader_ = nullptr;
  bool pinned_ = false;
  std::shared_ptr<const LoadedData> data_;
  QString run_, video_;
  FreeVideo free_;
  std::shared_ptr<const VideoInspection> inspection_;
  std::shared_ptr<const StoredDetections> stored_;
  bool awaiting_ = false;
  double cursor_ = 0.0;
  int loading_ = 0;
  int64_t newest_load_ = 0;
};

}  // namespace hvlm::ui
