// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/videos/videos_panel.h"

#include <QComboBox>
#include <QGridLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>
#include <algorithm>
#include <iterator>

#include "ui/shell/empty_state.h"
#include "ui/shell/notice_strip.h"
#include "ui/style/class_colours.h"
#include "ui/style/icons.h"
#include "ui/text.h"
#include "ui/player/video_files.h"
#include "ui/style/text_size.h"
#include "ui/videos/thumbnails.h"
#include "ui/videos/video_model.h"
#include "ui/workspace.h"

namespace hvlm::ui {

VideosPanel::VideosPanel(Workspace& workspace, VideoFiles& files, QWidget* parent) : QWidget(parent), workspace_(workspace), files_(files) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(8, 2, 4, 4);
  column->setSpacing(6);
  search_ = new QLineEdit(this);
  search_->setObjectName(QStringLiteral("videoSearchEdit"));
  search_->setPlaceholderText(tr("Search id or class"));
  search_->setAccessibleName(tr("Search videos"));
  search_->setClearButtonEnabled(true);
  search_->addAction(icon("search", IconTone::kMuted), QLineEdit::LeadingPosition);
  subset_ = new QComboBox(this);
  subset_->setObjectName(QStringLiteral("subsetCombo"));
  subset_->setAccessibleName(tr("Subset"));
  class_ = new QComboBox(this);
  class_->setObjectName(QStringLiteral("classCombo"));
  class_->setAccessibleName(tr("Class"));
  length_ = new QComboBox(this);
  length_->setObjectName(QStringLiteral("lengthCombo"));
  length_->setAccessibleName(tr("Length"));
  state_ = new QComboBox(this);
  state_->setObjectName(QStringLiteral("stateCombo"));
  state_->setAccessibleName(tr("State"));
  for (QComboBox* box : {subset_, class_, length_, state_}) {
    box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    box->setMinimumContentsLength(6);
  }
  auto* filters = new QGridLayout;
  filters->setSpacing(6);
  filters->addWidget(subset_, 0, 0);
  filters->addWidget(class_, 0, 1);
  filters->addWidget(length_, 1, 0);
  filters->addWidget(state_, 1, 1);
  for (const int side : {0, 1}) filters->setColumnStretch(side, 1);
  model_ = new VideoModel(this);
  model_->setThumbnails(new Thumbnails(files_, this));
  table_ = new QTableView(this);
  table_->setObjectName(QStringLiteral("videoTable"));
  table_->setAccessibleName(tr("Videos"));
  table_->setModel(model_);
  table_->setSelectionBehavior(QAbstractItemView::SelectRows);
  table_->setSelectionMode(QAbstractItemView::SingleSelection);
  table_->setShowGrid(false);
  table_->setWordWrap(false);
  table_->setTextElideMode(Qt::ElideMiddle);
  table_->setTabKeyNavigation(false);
  table_->verticalHeader()->hide();
  table_->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
  table_->verticalHeader()->setDefaultSectionSize(withText(*this, 24));
  table_->horizontalHeader()->setHighlightSections(false);
  table_->horizontalHeader()->setMinimumSectionSize(30);
  table_->horizontalHeader()->setSectionResizeMode(VideoModel::kId, QHeaderView::Stretch);
  for (const int fixed : {VideoModel::kLength, VideoModel::kSegments}) {
    table_->horizontalHeader()->setSectionResizeMode(fixed, QHeaderView::Fixed);
  }
  table_->setColumnWidth(VideoModel::kLength, withText(*this, 56));
  table_->setColumnWidth(VideoModel::kSegments, withText(*this, 46));
  table_->setColumnHidden(VideoModel::kSubset, true);
  table_->horizontalHeader()->setSortIndicator(VideoModel::kId, Qt::AscendingOrder);
  table_->setSortingEnabled(true);
  count_ = new QLabel(this);
  count_->setObjectName(QStringLiteral("videoCount"));
  count_->setProperty("role", "muted");
  count_->setMinimumWidth(40);
  notice_ = new NoticeStrip(this);
  auto* list = new QWidget;
  auto* list_column = new QVBoxLayout(list);
  list_column->setContentsMargins(0, 0, 0, 0);
  list_column->setSpacing(4);
  list_column->addWidget(search_);
  list_column->addLayout(filters);
  list_column->addWidget(table_, 1);
  list_column->addWidget(count_);
  empty_ = new EmptyState(tr("The videos of a data set appear here, with their lengths and classes. No data set is open."),
                          tr("Open data set…"));
  pages_ = new QStackedWidget(this);
  pages_->addWidget(empty_);
  pages_->addWidget(list);
  column->addWidget(notice_);
  column->addWidget(pages_, 1);

  search_timer_.setSingleShot(true);
  search_timer_.setInterval(80);
  connect(&search_timer_, &QTimer::timeout, this, &VideosPanel::applyFilter);
  connect(search_, &QLineEdit::textChanged, this, [this] { search_timer_.start(); });
  connect(subset_, &QComboBox::currentIndexChanged, this, &VideosPanel::applyFilter);
  connect(class_, &QComboBox::currentIndexChanged, this, &VideosPanel::applyFilter);
  connect(length_, &QComboBox::currentIndexChanged, this, &VideosPanel::applyFilter);
  connect(state_, &QComboBox::currentIndexChanged, this, &VideosPanel::applyFilter);
  connect(empty_, &EmptyState::pressed, this, &VideosPanel::openDataAsked);
  connect(table_->selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this](const QModelIndex& current) {
    if (const Video* video = model_->videoAt(current.row())) workspace_.selectVideo(qText(video->id));
  });
  connect(&files_, &VideoFiles::changed, this, [this] {
    sizeRows();
    model_->filesChanged();
    recount();
    showSelection();
  });
  sizeRows();
  connect(&workspace_, &Workspace::dataChanged, this, &VideosPanel::reload);
  connect(&workspace_, &Workspace::videoChanged, this, &VideosPanel::showSelection);
  connect(&workspace_, &Workspace::loadingChanged, this, [this] {
    if (workspace_.data()) return;
    empty_->setText(workspace_.loading() ? tr("Reading the data set …")
                                         : tr("The videos of a data set appear here, with their lengths and classes. No data set is open."));
    empty_->setButton(workspace_.loading() ? QString() : tr("Open data set…"));
  });
}

// Rows are as high as a picture where the videos have files.
void VideosPanel::sizeRows() {
  const bool pictures = files_.any();
  table_->verticalHeader()->setDefaultSectionSize(std::max(pictures ? Thumbnails::kHeight + 4 : 24, withText(*this, 24)));
  table_->setIconSize(pictures ? QSize(44, Thumbnails::kHeight) : QSize(10, 10));
  table_->viewport()->update();
}

// Lengths are offered in ranges that some video falls into, with how many do.
void VideosPanel::fillFilters() {
  const auto& videos = workspace_.data()->catalogue.videos;
  constexpr double kEdges[] = {0, 30, 60, 120, 300, 1800, 7200};
  const QString names[] = {tr("under 30 s"), tr("30 s to 1 min"), tr("1 to 2 min"), tr("2 to 5 min"), tr("5 to 30 min"), tr("30 min to 2 h"), tr("2 h and more")};
  length_->clear();
  length_->addItem(tr("any length"));
  for (size_t i = 0; i < std::size(kEdges); ++i) {
    const double from = kEdges[i], to = i + 1 < std::size(kEdges) ? kEdges[i + 1] : std::numeric_limits<double>::infinity();
    const auto inside = std::count_if(videos.begin(), videos.end(), [&](const Video& v) { return v.duration_seconds >= from && v.duration_seconds < to; });
    if (inside > 0) length_->addItem(tr("%1 (%2)").arg(names[i]).arg(inside), QVariantList{from, to});
  }
  state_->clear();
  const std::pair<VideoState, QString> states[] = {{VideoState::kAny, tr("any state")}, {VideoState::kAnnotated, tr("with segments")}, {VideoState::kUnannotated, tr("without segments")},
                                                   {VideoState::kWithFile, tr("with a video file")}, {VideoState::kWithoutFile, tr("without a video file")},
                                                   {VideoState::kMarked, tr("with a defect")}, {VideoState::kHeldOut, tr("held out to select by")}};
  for (const auto& [state, name] : states) state_->addItem(name, static_cast<int>(state));
}

void VideosPanel::reload() {
  const auto loaded = workspace_.data();
  {
    const QSignalBlocker a(subset_), b(class_), c(search_), d(length_), e(state_);
    search_->clear();
    fillFilters();
    subset_->clear();
    subset_->addItem(tr("all subsets"));
    for (const std::string& name : loaded->catalogue.subsetNames()) subset_->addItem(qText(name), qText(name));
    class_->clear();
    class_->addItem(tr("all classes"));
    for (const std::string& name : loaded->catalogue.classes) {
      QPixmap swatch(10, 10);
      swatch.fill(classColour(qText(name)));
      class_->addItem(QIcon(swatch), qText(name));
    }
  }
  model_->setFilter({});
  model_->setData(loaded);
  pages_->setCurrentIndex(1);
  recount();
  showSelection();
}

void VideosPanel::applyFilter() {
  search_timer_.stop();
  VideoFilter filter{.text = search_->text(), .subset = subset_->currentData().toString(), .label = class_->currentIndex() - 1};
  if (const QVariantList range = length_->currentData().toList(); range.size() == 2) {
    filter.from_seconds = range[0].toDouble();
    filter.to_seconds = range[1].toDouble();
  }
  filter.state = static_cast<VideoState>(state_->currentData().toInt());
  model_->setFilter(filter);
  recount();
  showSelection();
}

void VideosPanel::recount() {
  const int problems = workspace_.data() ? static_cast<int>(workspace_.data()->catalogue.problems.size()) : 0;
  QString text = tr("%1 of %2").arg(model_->rowCount()).arg(model_->total());
  if (problems > 0) text += tr(" · %n defect(s) found", nullptr, problems);
  count_->setText(text);
}

void VideosPanel::showSelection() {
  const int row = model_->rowOf(workspace_.videoId());
  const QSignalBlocker blocker(table_->selectionModel());
  if (row < 0) {
    table_->selectionModel()->clear();
  } else {
    table_->selectionModel()->setCurrentIndex(model_->index(row, 0),
                                              QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
    table_->scrollTo(model_->index(row, 0));
  }
  table_->viewport()->update();
}

void VideosPanel::selectNext(int direction) {
  if (model_->rowCount() == 0) return;
  const int row = model_->rowOf(workspace_.videoId());
  const int next = row < 0 ? 0 : std::clamp(row + direction, 0, model_->rowCount() - 1);
  workspace_.selectVideo(qText(model_->videoAt(next)->id));
}

void VideosPanel::focusSearch() {
  search_->setFocus(Qt::ShortcutFocusReason);
  search_->selectAll();
}

}  // namespace hvlm::ui
