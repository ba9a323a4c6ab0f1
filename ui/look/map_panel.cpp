// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/look/map_panel.h"

#include <QComboBox>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QProgressBar>
#include <QSplitter>
#include <QTableWidget>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "ui/look/class_figures.h"
#include "ui/shell/background.h"
#include "ui/shell/elided_label.h"
#include "ui/style/class_colours.h"
#include "ui/style/text_size.h"
#include "ui/text.h"
#include "ui/timeline/time_scale.h"
#include "ui/workspace.h"

namespace hvlm::ui {
namespace {

constexpr int kNeighbours = 12;
constexpr int64_t kAtOnce = 1'000'000;  // values that are searched without a worker: a few milliseconds

// The last step of each video, as far as its moments are known.
std::vector<int64_t> lastSteps(const EmbeddingFile& file) {
  std::vector<int64_t> last(static_cast<size_t>(file.videoCount()), 1);
  for (size_t m = 0; m < file.moment_video.size(); ++m) {
    int64_t& of_video = last[static_cast<size_t>(file.moment_video[m])];
    of_video = std::max(of_video, file.moment_step[m]);
  }
  return last;
}

}  // namespace

MapPanel::MapPanel(Workspace& workspace, EmbeddingStore& store, QWidget* parent) : QWidget(parent), workspace_(workspace), store_(store) {
  setObjectName(QStringLiteral("mapPanel"));
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 4, 0, 0);
  column->setSpacing(4);
  const auto combo = [this](const char* name, const QString& accessible, const QStringList& items) {
    auto* made = new QComboBox(this);
    made->setObjectName(QLatin1String(name));
    made->setAccessibleName(accessible);
    made->addItems(items);
    return made;
  };
  what_ = combo("mapWhatCombo", tr("What is mapped"), {tr("videos"), tr("moments")});
  method_ = combo("mapMethodCombo", tr("How it is mapped"), {tr("principal plane"), tr("t-SNE")});
  colour_ = combo("mapColourCombo", tr("What the colour says"), {tr("by class"), tr("right or wrong"), tr("by time"), tr("by video"), tr("by run")});
  progress_ = new QProgressBar(this);
  progress_->setTextVisible(false);
  progress_->setFixedWidth(90);
  QSizePolicy keep = progress_->sizePolicy();
  keep.setRetainSizeWhenHidden(true);
  progress_->setSizePolicy(keep);
  auto* bar = new QHBoxLayout;
  bar->setSpacing(6);
  sample_ = new QLabel(this);
  sample_->setObjectName(QStringLiteral("mapSample"));
  sample_->setProperty("role", "muted");
  sample_->setToolTip(tr("Evenly chosen, so that a map stays quick; neighbours are sought among all."));
  for (QWidget* each : {static_cast<QWidget*>(what_), static_cast<QWidget*>(method_), static_cast<QWidget*>(colour_), static_cast<QWidget*>(sample_), static_cast<QWidget*>(progress_)}) bar->addWidget(each);
  bar->addStretch(1);
  view_ = new ScatterView(this);
  neighbours_title_ = new QLabel(this);
  neighbours_title_->setProperty("role", "muted");
  neighbours_ = new QTableWidget(0, 3, this);
  neighbours_->setObjectName(QStringLiteral("neighbourTable"));
  neighbours_->setAccessibleName(tr("Nearest neighbours"));
  neighbours_->setHorizontalHeaderLabels({tr("Nearest"), tr("Class"), tr("cosine")});
  neighbours_->setEditTriggers(QAbstractItemView::NoEditTriggers);
  neighbours_->setSelectionBehavior(QAbstractItemView::SelectRows);
  neighbours_->setTabKeyNavigation(false);
  neighbours_->setShowGrid(false);
  neighbours_->verticalHeader()->hide();
  neighbours_->verticalHeader()->setDefaultSectionSize(withText(*this, 24));
  neighbours_->horizontalHeader()->setSectionResizeMode(0, QHeaderView::Stretch);
  neighbours_->horizontalHeader()->setHighlightSections(false);
  neighbours_->setColumnWidth(2, 58);
  auto* side = new QWidget(this);
  auto* side_column = new QVBoxLayout(side);
  side_column->setContentsMargins(0, 0, 0, 0);
  side_column->setSpacing(2);
  side_column->addWidget(neighbours_title_);
  side_column->addWidget(neighbours_, 1);
  auto* split = new QSplitter(Qt::Horizontal, this);
  split->setChildrenCollapsible(false);
  split->addWidget(view_);
  split->addWidget(side);
  split->setStretchFactor(0, 3);
  split->setStretchFactor(1, 2);
  split->setSizes({420, 260});
  read_out_ = new ElidedLabel(this);
  read_out_->setProperty("role", "muted");
  column->addLayout(bar);
  column->addWidget(split, 1);
  column->addWidget(read_out_);
  connect(what_, &QComboBox::currentIndexChanged, this, &MapPanel::compute);
  connect(method_, &QComboBox::currentIndexChanged, this, &MapPanel::compute);
  connect(colour_, &QComboBox::currentIndexChanged, this, [this](int) {
    if (run_names_.size() > 1 || colour_->currentIndex() == kRun) compute();  // other runs come and go with this
    else recolour();
  });
  connect(view_, &ScatterView::hovered, read_out_, &ElidedLabel::setText);
  connect(view_, &ScatterView::pointChosen, this, [this](int point) {
    if (point < 0 || point >= static_cast<int>(items_.size())) return;
    const Item item = items_[static_cast<size_t>(point)];  // a copy: another map may come in between
    goTo(item);
    view_->setCurrent(point);
    showNeighbours(point);
  });
  const auto go_to_row = [this](int row, int) {
    if (row < 0 || row >= static_cast<int>(listed_.size())) return;
    const Item item = listed_[static_cast<size_t>(row)];
    goTo(item);
  };
  connect(neighbours_, &QTableWidget::cellActivated, this, go_to_row);
  connect(neighbours_, &QTableWidget::cellClicked, this, go_to_row);
  connect(&store_, &EmbeddingStore::changed, this, &MapPanel::compute);
  cursor_timer_.setSingleShot(true);
  cursor_timer_.setInterval(120);
  connect(&cursor_timer_, &QTimer::timeout, this, &MapPanel::followCursor);
  connect(&workspace_, &Workspace::videoChanged, this, [this] { cursor_timer_.start(); });
  connect(&workspace_, &Workspace::cursorChanged, this, [this] { cursor_timer_.start(); });
  progress_->hide();
}

MapPanel::~MapPanel() {
  if (stop_) *stop_ = true;
}

void MapPanel::showEvent(QShowEvent*) { cursor_timer_.start(); }

void MapPanel::choose(What what, Method method, Colour colour) {
  const QSignalBlocker a(what_), b(method_), c(colour_);
  what_->setCurrentIndex(what);
  method_->setCurrentIndex(method);
  colour_->setCurrentIndex(colour);
  compute();
}

void MapPanel::setOtherRuns(const QStringList& runs) {
  if (runs == other_runs_) return;
  other_runs_ = runs;
  if (colour_->currentIndex() == kRun) compute();
}

void MapPanel::compute() {
  if (stop_) *stop_ = true;
  stop_ = std::make_shared<std::atomic<bool>>(false);
  items_.clear();
  at_.clear();
  view_->setPoints({}, {});
  ++newest_search_;
  searching_ = false;
  listNeighbours({});
  neighbours_title_->clear();
  sample_->clear();
  busy_ = false;
  progress_->hide();
  const auto own = store_.embedding();
  if (!own) return;
  struct Made {
    Files files;
    QStringList names;
    std::vector<std::vector<int64_t>> last_steps;
    std::vector<Item> items;
    std::vector<float> vectors;
    std::vector<MapPoint> at;
    int64_t total = 0;
  };
  const bool moments = what_->currentIndex() == kMoments, is_tsne = method_->currentIndex() == kTsne;
  const QStringList others = colour_->currentIndex() == kRun ? other_runs_ : QStringList();
  busy_ = true;
  progress_->setRange(0, is_tsne ? 100 : 0);
  progress_->setValue(0);
  progress_->show();
  const auto tell = [alive = QPointer<MapPanel>(this), stop = stop_](int done, int total) {  // on the worker
    if (done % 25 == 0) {
      QMetaObject::invokeMethod(QCoreApplication::instance(), [alive, done, total, stop] {
        if (alive && !*stop) alive->progress_->setValue(100 * done / std::max(1, total));
      }, Qt::QueuedConnection);
    }
    return !*stop;
  };
  const auto work = [own, others, moments, is_tsne, tell, run = store_.run()] {
    Made made;
    made.files.push_back(own);
    made.names.append(QFileInfo(run).fileName());
    for (const QString& other : others) {
      std::error_code none;
      const auto file = pathOf(EmbeddingStore::fileOf(other));
      if (other == run || !std::filesystem::exists(file, none)) continue;
      auto read = std::make_shared<const EmbeddingFile>(readEmbedding(file));
      if (read->width != own->width) continue;  // another space
      made.files.push_back(std::move(read));
      made.names.append(QFileInfo(other).fileName());
    }
    const auto width = static_cast<size_t>(own->width);
    for (size_t f = 0; f < made.files.size(); ++f) {
      const EmbeddingFile& file = *made.files[f];
      made.last_steps.push_back(lastSteps(file));
      const int64_t count = moments ? file.momentCount() : file.videoCount();
      const auto each = std::max<int64_t>(1, kMostMapped / static_cast<int64_t>(made.files.size()));
      const int64_t stride = std::max<int64_t>(1, (count + each - 1) / each);
      made.total += count;
      const std::vector<float>& source = moments ? file.moments : file.vectors;
      for (int64_t i = 0; i < count; i += stride) {
        made.items.push_back({moments ? file.moment_video[static_cast<size_t>(i)] : i, moments ? i : -1, static_cast<int>(f)});
        made.vectors.insert(made.vectors.end(), source.begin() + i * own->width, source.begin() + (i + 1) * own->width);
      }
    }
    const auto count = static_cast<int64_t>(made.items.size());
    TsneOptions options;
    options.progress = tell;
    made.at = is_tsne ? tsne(made.vectors, count, static_cast<int64_t>(width), options) : principalPlane(made.vectors, count, static_cast<int64_t>(width)).at;
    return made;
  };
  inBackground(
      this, work,
      [this, stop = stop_](Made made) {
        if (*stop) return;  // another map was asked for
        files_ = std::move(made.files);
        run_names_ = made.names;
        last_steps_ = std::move(made.last_steps);
        items_ = std::move(made.items);
        at_ = std::move(made.at);
        const auto drawn = static_cast<int64_t>(items_.size());
        sample_->setText(drawn < made.total ? tr("%1 of %2 drawn").arg(uiCount(drawn), uiCount(made.total)) : QString());
        busy_ = false;
        progress_->hide();
        recolour();
        followCursor();
        Q_EMIT mapped();
      },
      [this, stop = stop_](const QString& message) {
        if (*stop) return;
        busy_ = false;
        progress_->hide();
        read_out_->setText(message);
      });
}

QString MapPanel::labelOf(const Item& item) const {
  const EmbeddingFile& file = *files_[static_cast<size_t>(item.run)];
  const auto video = static_cast<size_t>(item.video);
  QString text = qText(file.videos[video]);
  const int64_t label = item.moment >= 0 ? file.moment_label[static_cast<size_t>(item.moment)] : file.labels[video];
  if (item.moment >= 0) text += QStringLiteral(" ") + timeText((static_cast<double>(file.moment_step[static_cast<size_t>(item.moment)]) + 0.5) * file.step_seconds);
  text += QStringLiteral(" · ") + (label >= 0 ? qText(file.classes[static_cast<size_t>(label)]) : tr("background"));
  if (item.moment < 0 && !file.scores.empty()) text += tr(" · taken for %1").arg(qText(file.classes[static_cast<size_t>(predictedClass(file, item.video))]));
  if (run_names_.size() > 1) text += tr(" · run %1").arg(run_names_[item.run]);
  return text;
}

void MapPanel::recolour() {
  if (items_.empty()) return;
  QStringList groups;
  const auto colour = static_cast<Colour>(colour_->currentIndex());
  const EmbeddingFile& own = *files_.front();
  if (colour == kRun) groups = run_names_;
  if (colour == kRight) groups = {tr("right"), tr("wrong")};
  if (colour == kVideo) for (const std::string& id : own.videos) groups.append(qText(id));
  if (colour == kClass) {
    for (const std::string& name : own.classes) groups.append(qText(name));
    groups.append(tr("background"));
  }
  std::vector<ScatterView::Point> points;
  for (size_t i = 0; i < items_.size(); ++i) {
    const Item& item = items_[i];
    const EmbeddingFile& file = *files_[static_cast<size_t>(item.run)];
    ScatterView::Point point{at_[i][0], at_[i][1], -1, -1.0, labelOf(item)};
    const int64_t label = item.moment >= 0 ? file.moment_label[static_cast<size_t>(item.moment)] : file.labels[static_cast<size_t>(item.video)];
    switch (colour) {
      case kClass: point.group = label >= 0 ? static_cast<int>(label) : static_cast<int>(own.classes.size()); break;
      case kRight: {
        const int64_t truth = file.labels[static_cast<size_t>(item.video)], said = predictedClass(file, item.video);
        point.group = truth < 0 || said < 0 ? -1 : truth == said ? 0 : 1;
        break;
      }
      case kVideo: point.group = static_cast<int>(item.video); break;
      case kRun: point.group = item.run; break;
      case kTime: {
        // Share of the video's length.
        if (item.moment < 0) break;
        const int64_t last = last_steps_[static_cast<size_t>(item.run)][static_cast<size_t>(item.video)];
        point.shade = static_cast<double>(file.moment_step[static_cast<size_t>(item.moment)]) / static_cast<double>(last);
        break;
      }
    }
    points.push_back(std::move(point));
  }
  const bool shaded = colour == kTime;
  view_->setPoints(std::move(points), groups, shaded ? std::pair(tr("start"), tr("end of the video")) : std::pair<QString, QString>());
}

double MapPanel::secondsOf(const Item& item) const {
  const EmbeddingFile& file = *files_[static_cast<size_t>(item.run)];
  return item.moment >= 0 ? (static_cast<double>(file.moment_step[static_cast<size_t>(item.moment)]) + 0.5) * file.step_seconds : 0.0;
}

std::pair<int64_t, double> MapPanel::placeOf(int point) const {
  if (point < 0 || point >= static_cast<int>(items_.size())) return {-1, 0.0};
  const Item& item = items_[static_cast<size_t>(point)];
  if (item.run != 0) return {-1, 0.0};
  return {item.video, secondsOf(item)};
}

void MapPanel::goTo(const Item& item) {
  const QString id = qText(files_[static_cast<size_t>(item.run)]->videos[static_cast<size_t>(item.video)]);
  if (!workspace_.data() || !workspace_.data()->catalogue.find(stdText(id))) {
    read_out_->setText(tr("%1 is not in the data set that is open.").arg(id));
    return;
  }
  const double seconds = secondsOf(item);
  workspace_.selectVideo(id);
  if (item.moment >= 0) workspace_.setCursor(seconds);
  if (item.run == 0) view_->setCurrent(pointNear(item.video, seconds));
}

int MapPanel::pointNear(int64_t video, double seconds) const {
  int best = -1;
  double nearest_gap = INFINITY;
  for (size_t i = 0; i < items_.size(); ++i) {
    const Item& item = items_[i];
    if (item.run != 0 || item.video != video) continue;
    const double gap = item.moment < 0 ? 0.0 : std::abs(secondsOf(item) - seconds);
    if (gap < nearest_gap) nearest_gap = gap, best = static_cast<int>(i);
  }
  return best;
}

// The ring goes to the moment (or video) that is looked at.
void MapPanel::followCursor() {
  if (items_.empty() || !isVisible()) return;
  const std::vector<std::string>& ids = files_.front()->videos;
  const auto found = std::find(ids.begin(), ids.end(), stdText(workspace_.videoId()));
  const int best = found == ids.end() ? -1 : pointNear(found - ids.begin(), workspace_.cursorSeconds());
  if (best == view_->current() && (searching_ || neighbours_->rowCount() > 0)) return;
  view_->setCurrent(best);
  showNeighbours(best);
}

std::vector<MapPanel::Near> MapPanel::nearest(const Files& files, const Item& item) {
  const bool moments = item.moment >= 0;
  const auto values = [moments](const EmbeddingFile& file) -> const std::vector<float>& { return moments ? file.moments : file.vectors; };
  const EmbeddingFile& own = *files[static_cast<size_t>(item.run)];
  const int64_t place = moments ? item.moment : item.video;
  const std::span<const float> query(values(own).data() + place * own.width, static_cast<size_t>(own.width));
  std::vector<Near> all;
  for (size_t f = 0; f < files.size(); ++f) {
    const EmbeddingFile& file = *files[f];
    const int64_t count = moments ? file.momentCount() : file.videoCount();
    const int64_t leave_out = static_cast<int>(f) == item.run ? place : -1;
    for (const Neighbour& each : nearestByCosine(values(file), count, file.width, query, kNeighbours, leave_out)) {
      const int64_t video = moments ? file.moment_video[static_cast<size_t>(each.index)] : each.index;
      all.push_back({{video, moments ? each.index : -1, static_cast<int>(f)}, each.similarity});
    }
  }
  std::stable_sort(all.begin(), all.end(), [](const Near& a, const Near& b) { return a.similarity > b.similarity; });
  all.resize(std::min(all.size(), static_cast<size_t>(kNeighbours)));
  return all;
}

void MapPanel::showNeighbours(int point) {
  const int64_t number = ++newest_search_;
  searching_ = false;
  listNeighbours({});
  if (point < 0 || point >= static_cast<int>(items_.size())) {
    neighbours_title_->setText(tr("This video is not in the map."));
    return;
  }
  const Item item = items_[static_cast<size_t>(point)];
  neighbours_title_->setText(tr("Nearest to %1").arg(labelOf(item).section(QStringLiteral(" · "), 0, 0)));
  int64_t searched = 0;
  for (const auto& file : files_) searched += static_cast<int64_t>(item.moment >= 0 ? file->moments.size() : file->vectors.size());
  if (searched <= kAtOnce) {
    listNeighbours(nearest(files_, item));
    return;
  }
  searching_ = true;
  const auto failed = [this, number](const QString& message) {
    if (number != newest_search_) return;
    searching_ = false;
    read_out_->setText(message);
  };
  inBackground(
      this, [files = files_, item] { return nearest(files, item); },
      [this, number](const std::vector<Near>& found) {
        if (number != newest_search_) return;  // another one was asked for
        searching_ = false;
        listNeighbours(found);
      },
      failed);
}

void MapPanel::listNeighbours(const std::vector<Near>& found) {
  listed_.clear();
  neighbours_->setRowCount(static_cast<int>(found.size()));
  for (int row = 0; row < static_cast<int>(found.size()); ++row) {
    const Near& near = found[static_cast<size_t>(row)];
    listed_.push_back(near.item);
    const QStringList parts = labelOf(near.item).split(QStringLiteral(" · "));
    auto* name = new QTableWidgetItem(parts.value(0));
    name->setToolTip(parts.join(QStringLiteral(" · ")));
    auto* label = new QTableWidgetItem(parts.value(1));
    label->setData(Qt::DecorationRole, classColour(parts.value(1)));
    auto* cosine = new QTableWidgetItem(uiNumber(static_cast<double>(near.similarity), 3));
    cosine->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
    neighbours_->setItem(row, 0, name);
    neighbours_->setItem(row, 1, label);
    neighbours_->setItem(row, 2, cosine);
  }
}

}  // namespace hvlm::ui
