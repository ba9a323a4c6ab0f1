// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/look/features_panel.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QScrollArea>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

#include "score/embedding_map.h"
#include "ui/detections/stored_detections.h"
#include "ui/shell/background.h"
#include "ui/shell/elided_label.h"
#include "ui/shell/empty_state.h"
#include "ui/shell/notice_strip.h"
#include "ui/style/icons.h"
#include "ui/text.h"
#include "ui/workspace.h"

namespace hvlm::ui {
namespace {

constexpr int64_t kMostSteps = 4000;  // of a self-similarity matrix: 64 MB

}  // namespace

FeaturesPanel::FeaturesPanel(Workspace& workspace, QWidget* parent) : QWidget(parent), workspace_(workspace) {
  setObjectName(QStringLiteral("featuresPanel"));
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(8, 4, 8, 4);
  column->setSpacing(4);
  notice_ = new NoticeStrip(this);
  tabs_ = new QTabWidget(this);
  tabs_->setObjectName(QStringLiteral("featureTabs"));
  tabs_->setDocumentMode(true);
  auto* save = new QToolButton(this);
  save->setIcon(icon("export"));
  save->setToolTip(tr("Export this figure…"));
  save->setAccessibleName(tr("Export this figure…"));
  save->setAutoRaise(true);
  tabs_->setCornerWidget(save);

  similarity_ = new SimilarityView(this);
  similarity_read_out_ = new ElidedLabel(this);
  similarity_read_out_->setProperty("role", "muted");
  auto* similarity_page = new QWidget(this);
  auto* similarity_column = new QVBoxLayout(similarity_page);
  similarity_column->setContentsMargins(0, 4, 0, 0);
  similarity_column->addWidget(similarity_, 1);
  similarity_column->addWidget(similarity_read_out_);

  map_ = new MapPanel(workspace_, store_, this);
  confusion_ = new ConfusionView(this);
  reliability_ = new ReliabilityView(this);
  bars_ = new ClassBars(this);
  classes_read_out_ = new ElidedLabel(this);
  classes_read_out_->setProperty("role", "muted");
  auto* scroll = new QScrollArea(this);
  scroll->setWidget(bars_);
  scroll->setWidgetResizable(true);
  scroll->setMinimumHeight(44);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  auto* classes_page = new QWidget(this);
  auto* grid = new QGridLayout(classes_page);
  grid->setContentsMargins(0, 4, 0, 0);
  grid->addWidget(confusion_, 0, 0, 2, 1);
  grid->addWidget(reliability_, 0, 1);
  grid->addWidget(scroll, 1, 1);
  grid->addWidget(classes_read_out_, 2, 0, 1, 2);
  grid->setColumnStretch(0, 3);
  grid->setColumnStretch(1, 2);
  tabs_->addTab(similarity_page, tr("Similarity"));
  tabs_->addTab(needsEmbedding(map_, map_pages_, map_empty_), tr("Map"));
  tabs_->addTab(needsEmbedding(classes_page, class_pages_, class_empty_), tr("Classes"));
  column->addWidget(notice_);
  column->addWidget(tabs_, 1);

  connect(save, &QToolButton::clicked, this, &FeaturesPanel::exportAsked);
  connect(similarity_, &SimilarityView::hovered, similarity_read_out_, &ElidedLabel::setText);
  connect(similarity_, &SimilarityView::timeChosen, &workspace_, &Workspace::setCursor);
  for (FigureCanvas* figure : {static_cast<FigureCanvas*>(confusion_), static_cast<FigureCanvas*>(reliability_), static_cast<FigureCanvas*>(bars_)}) {
    connect(figure, &FigureCanvas::hovered, classes_read_out_, &ElidedLabel::setText);
  }
  // A confusion leads to the first video that was confused so.
  connect(confusion_, &ConfusionView::cellChosen, this, [this](int truth, int predicted) {
    const auto file = store_.embedding();
    if (!file || file->scores.empty()) return;
    for (int64_t v = 0; v < file->videoCount(); ++v) {
      if (file->labels[static_cast<size_t>(v)] != truth || predictedClass(*file, v) != predicted) continue;
      workspace_.selectVideo(qText(file->videos[static_cast<size_t>(v)]));
      return;
    }
  });
  connect(&store_, &EmbeddingStore::changed, this, [this] {
    showClasses();
    showState();
  });
  connect(&workspace_, &Workspace::runChanged, this, [this] { store_.setRun(workspace_.run()); });
  connect(&workspace_, &Workspace::inspectionChanged, this, &FeaturesPanel::showSimilarity);
  connect(&workspace_, &Workspace::inspectionChanged, this, &FeaturesPanel::showState);
  connect(&workspace_, &Workspace::videoChanged, this, &FeaturesPanel::showSimilarity);
  connect(&workspace_, &Workspace::cursorChanged, similarity_, &SimilarityView::setCursor);
  for (const auto signal : {&Workspace::runChanged, &Workspace::loadingChanged}) connect(&workspace_, signal, this, &FeaturesPanel::showSimilarity);
  showSimilarity();
  showState();
}

QWidget* FeaturesPanel::needsEmbedding(QWidget* page, QStackedWidget*& pages, EmptyState*& empty) {
  pages = new QStackedWidget(this);
  empty = new EmptyState(QString(), QString(), this);
  pages->addWidget(empty);
  pages->addWidget(page);
  connect(empty, &EmptyState::pressed, this, &FeaturesPanel::embedAsked);
  return pages;
}

void FeaturesPanel::showState() {
  const bool there = store_.embedding() != nullptr, run = !store_.run().isEmpty();
  const auto stored = workspace_.stored();
  for (QStackedWidget* pages : {map_pages_, class_pages_}) pages->setCurrentIndex(there ? 1 : 0);
  const QString why = stored ? stored->whyNoModel() : !store_.problem().isEmpty() ? store_.problem() : run ? tr("The vectors of this run's validation videos have not been computed yet.") : tr("No run is shown.");
  map_empty_->setText(tr("The map of what the model takes for alike, and the nearest neighbours of a moment, appear here. %1").arg(why));
  class_empty_->setText(tr("Confusions, reliability and accuracy by class appear here. %1").arg(why));
  for (EmptyState* empty : {map_empty_, class_empty_}) {
    if (run && !stored) empty->setButton(tr("Embed the validation videos"));
    else empty->offer(EmptyAsk::kRuns);
  }
}

void FeaturesPanel::showSimilarity() {
  const auto seen = workspace_.inspection();
  const auto stored = workspace_.stored();
  similarity_->setReason(stored ? stored->whyNoModel() : QString());
  similarity_->offer(stored ? EmptyAsk::kRuns : lacking(workspace_, true));
  const Video* video = workspace_.video();
  similarity_->setDimmed(video && !seen && workspace_.awaiting());
  if (similarity_->dimmed() && similarity_->hasContent()) return;
  if (!seen || !video || seen->width == 0) {
    similarity_->setMatrix({}, 0, 1.0);
    return;
  }
  const auto steps = seen->width > 0 ? static_cast<int64_t>(seen->step_vectors.size()) / seen->width : 0;
  if (steps == 0 || steps > kMostSteps) {
    similarity_->setEmptyText(tr("This video has too many steps for a matrix of all pairs (more than %1).").arg(kMostSteps));
    similarity_->setMatrix({}, 0, 1.0);
    return;
  }
  QStringList classes;
  for (const std::string& name : workspace_.data()->catalogue.classes) classes.append(qText(name));
  similarity_->setTruth(video->segments, classes);
  inBackground(this, [seen, steps] { return selfSimilarity(seen->step_vectors, steps, seen->width); }, [this, seen, steps](std::vector<float> matrix) {
    if (seen != workspace_.inspection()) return;
    similarity_->setMatrix(std::move(matrix), steps, seen->step_seconds);
    similarity_->setCursor(workspace_.cursorSeconds());
  });
}

void FeaturesPanel::showClasses() {
  const auto file = store_.embedding();
  notice_->clear();
  if (!file || file->scores.empty()) {
    confusion_->setCounts({}, {});
    reliability_->setBins({});
    bars_->setBars({});
    if (file) notice_->show(NoticeLevel::kInfo, tr("This run has no video classifier: there are no confusions to show."));
    return;
  }
  ClassFigures figures = classFigures(*file);
  confusion_->setCounts(figures.classes, std::move(figures.counts));
  reliability_->setBins(std::move(figures.bins));
  bars_->setBars(std::move(figures.bars));
}

std::vector<FigureCanvas*> FeaturesPanel::figures() {
  std::vector<FigureCanvas*> all = {similarity_, map_->view(), confusion_, reliability_, bars_};
  std::erase_if(all, [](const FigureCanvas* figure) { return !figure->hasContent(); });
  return all;
}

std::vector<FigureCanvas*> FeaturesPanel::currentFigures() {
  std::vector<FigureCanvas*> shown = {confusion_, reliability_, bars_};
  if (tabs_->currentIndex() == 0) shown = {similarity_};
  else if (tabs_->currentIndex() == 1) shown = {map_->view()};
  std::erase_if(shown, [](const FigureCanvas* figure) { return !figure->hasContent(); });
  return shown;
}

}  // namespace hvlm::ui
