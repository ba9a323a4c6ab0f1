// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/language/found_lists.h"

#include <QKeyEvent>
#include <QLabel>
#include <QListView>
#include <QSplitter>
#include <QVBoxLayout>

#include "ui/language/hit_model.h"
#include "ui/style/theme.h"
#include "ui/text.h"
#include "ui/videos/thumbnails.h"

namespace hvlm::ui {
namespace {

QWidget* titled(QLabel* title, QWidget* list) {
  auto* both = new QWidget;
  auto* column = new QVBoxLayout(both);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(4);
  title->setProperty("role", "muted");
  column->addWidget(title);
  column->addWidget(list, 1);
  return both;
}

}  // namespace

FoundLists::FoundLists(VideoFiles& files, QWidget* parent) : QWidget(parent) {
  auto* thumbnails = new Thumbnails(files, this);
  videos_ = new HitModel(*thumbnails, this);
  moments_ = new HitModel(*thumbnails, this);
  delegate_ = new HitDelegate(this);
  videos_title_ = new QLabel(this);
  moments_title_ = new QLabel(this);
  video_list_ = list("foundVideos", tr("Videos found"), videos_);
  moment_list_ = list("foundMoments", tr("Moments found"), moments_);
  auto* split = new QSplitter(Qt::Vertical, this);
  split->setChildrenCollapsible(false);
  split->addWidget(titled(videos_title_, video_list_));
  split->addWidget(titled(moments_title_, moment_list_));
  split->setStretchFactor(0, 2);
  split->setStretchFactor(1, 3);
  count_ = new QLabel(this);
  count_->setObjectName(QStringLiteral("searchCount"));
  count_->setProperty("role", "muted");
  count_->setTextFormat(Qt::PlainText);
  count_->setWordWrap(true);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(4);
  column->addWidget(split, 1);
  column->addWidget(count_);
  connect(&Theme::instance(), &Theme::changed, this, &FoundLists::repaintLists);
}

QListView* FoundLists::list(const char* name, const QString& accessible, HitModel* model) {
  auto* made = new QListView(this);
  made->setObjectName(QLatin1String(name));
  made->setAccessibleName(accessible);
  made->setModel(model);
  made->setItemDelegate(delegate_);
  made->setUniformItemSizes(true);
  made->setMouseTracking(true);
  made->setMinimumHeight(60);
  made->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  made->installEventFilter(this);
  connect(made, &QListView::clicked, this, [this, model](const QModelIndex& index) { choose(*model, index.row()); });
  return made;
}

// Enter opens the row that is chosen.
bool FoundLists::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() != QEvent::KeyPress) return QWidget::eventFilter(watched, event);
  const int key = static_cast<QKeyEvent*>(event)->key();
  if (key != Qt::Key_Return && key != Qt::Key_Enter) return QWidget::eventFilter(watched, event);
  const bool first = watched == video_list_;
  choose(first ? *videos_ : *moments_, (first ? video_list_ : moment_list_)->currentIndex().row());
  return true;
}

void FoundLists::choose(const HitModel& model, int row) {
  if (const RetrievalHit* hit = model.hitAt(row)) Q_EMIT chosen(qText(hit->video), hit->start_seconds, hit->end_seconds);
}

void FoundLists::show(const RetrievalAnswer& answer, double waited_seconds) {
  videos_->setHits(answer.videos);
  moments_->setHits(answer.moments);
  videos_title_->setText(tr("Videos · %1").arg(answer.videos.size()));
  moments_title_->setText(tr("Moments · %1").arg(answer.moments.size()));
  const double milliseconds = (answer.text_seconds + answer.search_seconds) * 1000.0;
  const QString spent = uiNumber(milliseconds, milliseconds < 10.0 ? 1 : 0);
  const QString text = tr("searched %1 videos, %2 moments in %3 ms, text: %4")
                           .arg(answer.videos_searched)
                           .arg(answer.moments_searched)
                           .arg(spent, qText(answer.text_tower));
  const auto number = [](double value, int decimals) { return uiNumber(value, decimals); };
  count_->setText(text);
  count_->setToolTip(tr("%1\nindex %2 s, words %3 ms, search %4 ms; with waiting for the engine %5 s")
                         .arg(text, number(answer.index_seconds, 2), number(answer.text_seconds * 1000.0, 1),
                              number(answer.search_seconds * 1000.0, 1), number(waited_seconds, 2)));
}

void FoundLists::clear() {
  videos_->setHits({});
  moments_->setHits({});
}

void FoundLists::setDimmed(bool dimmed) {
  delegate_->setDimmed(dimmed);
  repaintLists();
}

void FoundLists::repaintLists() {
  video_list_->viewport()->update();
  moment_list_->viewport()->update();
}

}  // namespace hvlm::ui
