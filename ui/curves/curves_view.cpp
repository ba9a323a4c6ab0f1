// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/curves/curves_view.h"

#include <QComboBox>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QScrollArea>
#include <QSlider>
#include <QStackedWidget>
#include <QToolButton>
#include <algorithm>
#include <cmath>
#include <utility>

#include "ui/runs/run_table.h"
#include "ui/shell/empty_state.h"
#include "ui/shell/notice_strip.h"
#include "ui/style/icons.h"
#include "ui/style/theme.h"
#include "ui/text.h"

namespace hvlm::ui {
namespace {

constexpr int kCardWidth = 300;
constexpr auto kRefreshInterval = std::chrono::milliseconds(100);
constexpr auto kRegroupInterval = std::chrono::milliseconds(50);

// Slider positions 0..100 as weights with more room near 1: 0, …, 0.9, …, 0.99, 0.999.
double weightOf(int position) { return position == 0 ? 0.0 : std::min(0.999, 1.0 - std::pow(10.0, -3.0 * position / 100.0)); }
int positionOf(double weight) { return static_cast<int>(std::lround(-std::log10(std::max(1e-3, 1.0 - weight)) / 3.0 * 100.0)); }

QToolButton* toggle(const char* name, const char* icon_name, const QString& text, const QString& tip, bool on, QWidget* parent) {
  auto* button = new QToolButton(parent);
  button->setObjectName(QLatin1String(name));
  button->setText(text);
  if (icon_name) button->setIcon(icon(icon_name));
  button->setToolButtonStyle(icon_name ? Qt::ToolButtonTextBesideIcon : Qt::ToolButtonTextOnly);
  button->setToolTip(tip);
  button->setAccessibleName(text);
  button->setCheckable(true);
  button->setChecked(on);
  button->setMinimumHeight(28);
  return button;
}

}  // namespace

CurvesView::CurvesView(CurveStore& store, QWidget* parent) : QWidget(parent), store_(store) {
  setObjectName(QStringLiteral("curvesView"));
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(8, 6, 8, 4);
  column->setSpacing(6);
  auto* bar = new QHBoxLayout;
  bar->setSpacing(6);
  const auto muted = [this](const QString& text) {
    auto* label = new QLabel(text, this);
    label->setProperty("role", "muted");
    return label;
  };
  axis_ = new QComboBox(this);
  axis_->setObjectName(QStringLiteral("curveAxisCombo"));
  axis_->setAccessibleName(tr("Horizontal axis"));
  for (const CurveAxis axis : {CurveAxis::kStep, CurveAxis::kEpoch, CurveAxis::kHours}) axis_->addItem(axisTitle(axis));
  smoothing_ = new QSlider(Qt::Horizontal, this);
  smoothing_->setObjectName(QStringLiteral("smoothingSlider"));
  smoothing_->setAccessibleName(tr("Smoothing"));
  smoothing_->setToolTip(tr("Weight of the debiased moving average, 0 to 0.999; the raw line stays, pale"));
  smoothing_->setRange(0, 100);
  smoothing_->setFixedWidth(90);
  smoothing_text_ = new QLabel(this);
  smoothing_text_->setFixedWidth(smoothing_text_->fontMetrics().horizontalAdvance(QStringLiteral("0.999")) + 4);
  log_x_ = toggle("logXButton", nullptr, tr("log x"), tr("Logarithmic horizontal axis"), false, this);
  clip_ = toggle("clipButton", nullptr, tr("clip outliers"), tr("Outliers do not set the range; each card says how many points are hidden"),
                 false, this);
  follow_ = toggle("followButton", "follow", tr("Follow"), tr("New points move the view; a zoom of yours turns this off"), true, this);
  auto* save = new QToolButton(this);
  save->setObjectName(QStringLiteral("exportCurvesButton"));
  save->setIcon(icon("export"));
  save->setToolTip(tr("Export all cards…"));
  save->setAccessibleName(tr("Export all cards"));
  save->setFixedSize(28, 28);
  bar->addWidget(muted(tr("over")));
  bar->addWidget(axis_);
  bar->addSpacing(6);
  bar->addWidget(muted(tr("smoothing")));
  bar->addWidget(smoothing_);
  bar->addWidget(smoothing_text_);
  bar->addStretch(1);
  for (QToolButton* button : {log_x_, clip_, follow_, save}) bar->addWidget(button);

  notice_ = new NoticeStrip(this);
  page_ = new QWidget;
  grid_ = new QGridLayout(page_);
  grid_->setContentsMargins(0, 0, 4, 0);
  grid_->setSpacing(8);
  auto* scroll = new QScrollArea;
  scroll->setWidgetResizable(true);
  scroll->setWidget(page_);
  empty_ = new EmptyState(QString());
  empty_->offer(EmptyAsk::kRuns);
  pages_ = new QStackedWidget(this);
  pages_->addWidget(scroll);
  pages_->addWidget(empty_);
  pages_->setCurrentIndex(1);
  setEmptyText(tr("Loss terms, consistency and held-out figures of a run appear here, live while it trains. No run is shown: "
                  "start one in the Training panel or choose one in the list."));
  column->addLayout(bar);
  column->addWidget(notice_);
  column->addWidget(pages_, 1);

  const auto reread = [this] {
    CurveOptions options = options_;
    options.axis = static_cast<CurveAxis>(axis_->currentIndex());
    // The slider has a hundred places; a weight between them is kept until the slider moves.
    if (smoothing_->value() != positionOf(options_.smoothing)) options.smoothing = weightOf(smoothing_->value());
    options.log_x = log_x_->isChecked();
    options.clip = clip_->isChecked();
    options.follow = follow_->isChecked();
    setOptions(options);
  };
  setOptions(options_);
  connect(axis_, &QComboBox::currentIndexChanged, this, reread);
  connect(smoothing_, &QSlider::valueChanged, this, reread);
  for (QToolButton* button : {log_x_, clip_, follow_}) connect(button, &QToolButton::toggled, this, reread);
  connect(save, &QToolButton::clicked, this, [this] { Q_EMIT exportAsked(QString()); });
  // Five hundred runs tell of their points one by one: what they bring is sorted together.
  regroup_timer_.setSingleShot(true);
  regroup_timer_.setInterval(kRegroupInterval);
  connect(&regroup_timer_, &QTimer::timeout, this, [this] {
    regroup();
    markAllDirty();
  });
  connect(&store_, &CurveStore::updated, this, [this] {
    if (!regroup_timer_.isActive()) regroup_timer_.start();
  });
  connect(&Theme::instance(), &Theme::changed, this, [this] {
    for (CurveCard* card : std::as_const(cards_)) card->plot()->restyle(tokens(), 1.5, smallFont(font()));
    markAllDirty();
  });
  refresh_timer_.setInterval(kRefreshInterval);
  connect(&refresh_timer_, &QTimer::timeout, this, &CurvesView::refreshSome);
}

void CurvesView::setEmptyText(const QString& text) { empty_->setText(text); }

void CurvesView::setRuns(const QStringList& folders) {
  store_.setRuns(folders.mid(0, RunTable::kMostRuns));
  tellLeftOut(folders.size() - store_.runs().size());
  colours_.show(store_.runs());
  Q_EMIT runColoursChanged();
  known_tags_ = -1;
  regroup();
  markAllDirty();
}

void CurvesView::tellLeftOut(qsizetype left_out) {
  const bool other = std::exchange(left_out_, left_out) != left_out;
  if (left_out > 0 && (other || notice_->text().isEmpty())) {
    left_out_text_ = tr("%n more run(s) are ticked: at most %1 are laid over each other.", nullptr, static_cast<int>(left_out)).arg(RunTable::kMostRuns);
    notice_->show(NoticeLevel::kInfo, left_out_text_);
  } else if (left_out == 0 && other && notice_->text() == left_out_text_) {
    notice_->clear();
  }
}

void CurvesView::setRunColours(const QHash<QString, QColor>& chosen) {
  if (chosen == colours_.chosen()) return;
  colours_.setChosen(chosen);
  Q_EMIT runColoursChanged();
  markAllDirty();
}

void CurvesView::setAxis(CurveAxis axis) {
  CurveOptions options = options_;
  options.axis = axis;
  setOptions(options);
}

void CurvesView::setOptions(const CurveOptions& options) {
  options_ = options;
  const QSignalBlocker a(axis_), b(smoothing_), c(log_x_), d(clip_), e(follow_);
  axis_->setCurrentIndex(static_cast<int>(options.axis));
  if (std::abs(weightOf(smoothing_->value()) - options.smoothing) > 1e-9) smoothing_->setValue(positionOf(options.smoothing));
  smoothing_text_->setText(uiShortest(options.smoothing, 3));
  log_x_->setChecked(options.log_x);
  clip_->setChecked(options.clip);
  follow_->setChecked(options.follow);
  markAllDirty();
}

void CurvesView::setLogCards(const QSet<CardKind>& cards) {
  log_cards_ = cards;
  for (auto it = cards_.cbegin(); it != cards_.cend(); ++it) it.value()->setLogY(cards.contains(it.key()));
}

// Cards that wait keep their turn, so that the last one is drawn too while points stream in.
void CurvesView::markAllDirty() {
  for (const CardKind kind : kAllCards) {
    if (cards_.contains(kind) && !dirty_.contains(kind)) dirty_.append(kind);
  }
  if (!refresh_timer_.isActive()) refresh_timer_.start();
}

// Sorts the tags onto cards and makes the cards that are missing.
void CurvesView::regroup() {
  ++regroupings_;
  std::map<CardKind, QList<std::pair<QString, std::string>>> tags;
  int64_t count = 0;
  for (const QString& run : store_.runs()) {
    const RunCurves* curves = store_.of(run);
    if (!curves) continue;
    for (const auto& [tag, curve] : curves->curves) {
      tags[cardOf(tag)].append({run, tag});
      ++count;
    }
  }
  for (auto& [kind, list] : tags) {
    std::stable_sort(list.begin(), list.end(), [](const auto& a, const auto& b) { return tagRank(a.second) < tagRank(b.second); });
  }
  const bool other_cards = [&] {
    if (known_tags_ < 0 || tags.size() != tags_.size()) return true;
    return !std::equal(tags.begin(), tags.end(), tags_.begin(), [](const auto& a, const auto& b) { return a.first == b.first; });
  }();
  tags_ = std::move(tags);
  known_tags_ = count;
  pages_->setCurrentIndex(count > 0 ? 0 : 1);
  if (other_cards) arrange();
}

void CurvesView::arrange() {
  for (const CardKind kind : kAllCards) {
    const bool wanted = tags_.contains(kind);
    CurveCard* card = cards_.value(kind);
    if (!wanted) {
      if (card) card->hide();
      continue;
    }
    if (!card) {
      card = new CurveCard(kind, page_);
      cards_.insert(kind, card);
      card->setLogY(log_cards_.contains(kind));
      connect(card, &CurveCard::logYChanged, this, [this, card, kind] {
        if (card->logY()) log_cards_.insert(kind);
        else log_cards_.remove(kind);
      });
      connect(card, &CurveCard::userZoomed, this, [this] { follow_->setChecked(false); });
      connect(card, &CurveCard::resetAsked, this, [this] { follow_->setChecked(true); });
      connect(card, &CurveCard::logYChanged, this, &CurvesView::markAllDirty);
      connect(card, &CurveCard::exportAsked, this, [this](CardKind which) { Q_EMIT exportAsked(cardName(which)); });
    }
    card->show();
  }
  int place = 0;
  for (const CardKind kind : kAllCards) {
    if (!tags_.contains(kind)) continue;
    grid_->addWidget(cards_.value(kind), place / columns_, place % columns_);
    ++place;
  }
  for (int i = 0; i < 4; ++i) grid_->setColumnStretch(i, i < columns_ ? 1 : 0);
}

void CurvesView::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  const int columns = std::clamp((width() - 16) / kCardWidth, 1, 4);
  if (columns == columns_) return;
  columns_ = columns;
  arrange();
}

QList<CardKind> CurvesView::cards() const {
  QList<CardKind> kinds;
  for (const auto& [kind, list] : tags_) kinds.append(kind);
  return kinds;
}

QList<CurveLine> CurvesView::linesOf(CardKind kind, const Tokens& t) const {
  QList<CurveLine> lines;
  const auto found = tags_.find(kind);
  if (found == tags_.end()) return lines;
  const QStringList& runs = store_.runs();
  QList<std::string> names;
  for (const auto& [run, tag] : found->second) {
    if (!names.contains(tag)) names.append(tag);
  }
  for (const auto& [run, tag] : found->second) {
    const auto tag_index = static_cast<int>(names.indexOf(tag));
    CurveLine line{run, tag, tagName(tag), {}, Qt::SolidLine, isValidation(tag), store_.of(run), store_.share(run)};
    if (runs.size() == 1) {  // colour tells the term
      line.colour = t.series[static_cast<size_t>(tag_index) % t.series.size()];
      line.style = line.markers ? Qt::DashLine : dashOf(tag_index / static_cast<int>(t.series.size()));
    } else {  // colour tells the run, the dashes the term
      line.colour = colours_.colour(run, t);
      line.style = dashOf(tag_index + colours_.dash(run));
      line.name = QStringLiteral("%1 %2").arg(qText(pathOf(run).filename()), line.name);
    }
    lines.append(line);
  }
  return lines;
}

void CurvesView::refreshSome() {
  if (dirty_.isEmpty() || !isVisible()) {
    if (dirty_.isEmpty()) refresh_timer_.stop();
    return;
  }
  const CardKind kind = dirty_.takeFirst();
  if (CurveCard* card = cards_.value(kind); card && tags_.contains(kind)) refresh(card);
}

void CurvesView::refresh(CurveCard* card) {
  card->setLines(linesOf(card->kind(), tokens()), options_);
  card->redraw();
}

}  // namespace hvlm::ui
