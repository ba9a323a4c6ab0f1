// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QTimer>
#include <QWidget>
#include <optional>

#include "runs/table.h"
#include "ui/detections/detection_data.h"

class QComboBox;
class QLabel;
class QSlider;
class QStackedWidget;
class QTableView;
class QTabWidget;

namespace hvlm::ui {

class ElidedLabel;
class EmptyState;
class ErrorView;
class FigureCanvas;
class NoticeStrip;
class PrecisionRecallView;
class SortedTable;
class TiouView;

// What the run shown detects in the data set that is open: curves, errors, classes and videos at a tIoU and a score. Predictions are read
// and matched on a worker once the panel is seen; this widget paints and asks for moments to be opened. GUI thread.
class DetectionPanel : public QWidget {
  Q_OBJECT
 public:
  enum Page { kCurves, kErrors, kClasses, kVideos };
  explicit DetectionPanel(Workspace& workspace, QWidget* parent = nullptr);
  void refresh();  // reads the run's files again
  void setCanEvaluate(bool can);
  void choose(size_t threshold, double score);
  DetectionPoint point() const;
  bool busy() const { return stale_ || reading_ > 0 || looking_ || timer_.isActive(); }  // while seen
  std::shared_ptr<const DetectionData> content() const { return data_; }
  std::shared_ptr<const DetectionLook> look() const { return look_; }
  std::vector<FigureCanvas*> currentFigures();      // of the page shown, that have content; none on pages of a table
  FigureCanvas* currentFigure() { return currentFigures().empty() ? nullptr : currentFigures().front(); }
  std::optional<ResultTable> currentTable() const;  // of the pages of errors (the faults listed), classes and videos
  int faultsLeftOut() const;                        // by the kind that is chosen, and beyond those listed
  std::vector<FigureCanvas*> figures();       // all that have content
  QTabWidget* pages() { return tabs_; }
  NoticeStrip* notice() { return notice_; }

 Q_SIGNALS:
  void evaluateAsked();
  void openDataAsked();
  void exportAsked();
  void momentAsked(const QString& video, double from_seconds, double to_seconds);
  void shown();  // figures and tables are those of point()

 protected:
  void showEvent(QShowEvent* event) override;

 private:
  QWidget* makeBar();       // detection_panel_parts.cpp
  QWidget* makeCurves();
  QWidget* makeErrors();
  QWidget* makeTable(SortedTable*& model, QTableView*& view, const char* name, const QString& accessible, const QString& hint);
  void connectParts();
  void forget();
  void read();
  void arrive(std::shared_ptr<const DetectionData> found, std::shared_ptr<const DetectionLook> look);
  void lookAgain();
  void showLook();
  void showEmpty();
  void fillChoices();
  void fillFaults();
  void filterFaults();
  void tell(const QString& text);
  void chooseClass(int64_t label);
  void open(const VideoMoment& moment);

  Workspace& workspace_;
  std::shared_ptr<const DetectionData> data_;
  std::shared_ptr<const DetectionLook> look_;
  QString problem_, wanted_subset_;
  bool can_evaluate_ = false, stale_ = true, looking_ = false, no_predictions_ = false;
  int reading_ = 0;
  int64_t newest_read_ = 0, newest_look_ = 0;
  QTimer timer_;
  NoticeStrip* notice_;
  QStackedWidget* stack_;
  EmptyState* empty_;
  QComboBox *subset_, *tiou_, *class_, *kind_;
  QSlider* score_;
  QLabel *score_text_, *faults_text_;
  ElidedLabel *summary_, *read_out_;
  QTabWidget* tabs_;
  PrecisionRecallView* curves_;
  TiouView* by_tiou_;
  ErrorView* errors_;
  SortedTable *fault_model_, *class_model_, *video_model_;
  QTableView *fault_view_, *class_view_, *video_view_;
};

}  // namespace hvlm::ui
