// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QTabWidget>
#include <QWidget>

#include "ui/look/class_figures.h"
#include "ui/look/embedding_store.h"
#include "ui/look/map_panel.h"
#include "ui/look/similarity_view.h"

class QLabel;
class QStackedWidget;

namespace hvlm::ui {

class ElidedLabel;
class EmptyState;
class NoticeStrip;
class Workspace;

// What the model makes of features: self-similarity of the chosen video, the map of all, and how classes are told apart. Map and classes need the
// run's embedding, which a job makes.
class FeaturesPanel : public QWidget {
  Q_OBJECT
 public:
  explicit FeaturesPanel(Workspace& workspace, QWidget* parent = nullptr);
  EmbeddingStore& store() { return store_; }
  MapPanel& map() { return *map_; }
  SimilarityView* similarity() { return similarity_; }
  ConfusionView* confusion() { return confusion_; }
  ReliabilityView* reliabilityView() { return reliability_; }
  ClassBars* bars() { return bars_; }
  QTabWidget* pages() { return tabs_; }
  NoticeStrip* notice() { return notice_; }
  std::vector<FigureCanvas*> currentFigures();  // of the page shown, that have content: what an export takes
  FigureCanvas* currentFigure() { return currentFigures().empty() ? nullptr : currentFigures().front(); }
  std::vector<FigureCanvas*> figures();        // all that have content

 Q_SIGNALS:
  void embedAsked();
  void exportAsked();

 private:
  void showSimilarity();
  void showClasses();
  void showState();
  QWidget* needsEmbedding(QWidget* page, QStackedWidget*& pages, EmptyState*& empty);

  Workspace& workspace_;
  EmbeddingStore store_;
  NoticeStrip* notice_;
  QTabWidget* tabs_;
  SimilarityView* similarity_;
  MapPanel* map_;
  ConfusionView* confusion_;
  ReliabilityView* reliability_;
  ClassBars* bars_;
  ElidedLabel *similarity_read_out_, *classes_read_out_;
  QStackedWidget *map_pages_ = nullptr, *class_pages_ = nullptr;
  EmptyState *map_empty_ = nullptr, *class_empty_ = nullptr;
};

}  // namespace hvlm::ui
