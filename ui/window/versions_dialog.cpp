// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window/versions_dialog.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QMouseEvent>
#include <QPainter>
#include <QPushButton>
#include <QTreeWidget>
#include <QVBoxLayout>
#include <cmath>

#include "ui/shell/empty_state.h"
#include "ui/style/theme.h"

namespace hvlm::ui {
namespace {

constexpr double kMargin = 12.0, kNear = 8.0, kYoungest = 60.0;  // px, px, seconds

QString ageText(qint64 seconds) {
  if (seconds < 60) return VersionsDialog::tr("just now");
  if (seconds < 3600) return VersionsDialog::tr("%n minute(s) ago", nullptr, static_cast<int>(seconds / 60));
  if (seconds < 48 * 3600) return VersionsDialog::tr("%n hour(s) ago", nullptr, static_cast<int>(seconds / 3600));
  return VersionsDialog::tr("%n day(s) ago", nullptr, static_cast<int>(seconds / 86400));
}

}  // namespace

VersionStrip::VersionStrip(std::vector<QDateTime> times, QWidget* parent) : QWidget(parent), times_(std::move(times)), now_(QDateTime::currentDateTime()) {
  setObjectName(QStringLiteral("versionStrip"));
  setAccessibleName(tr("When versions were saved"));
  setMouseTracking(true);
  if (!times_.empty()) oldest_ = std::max(oldest_, static_cast<double>(times_.back().secsTo(now_)));
  connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

QSize VersionStrip::sizeHint() const { return {360, 3 * fontMetrics().height() + 12}; }

double VersionStrip::placeOfAge(double seconds) const {
  const double share = std::log(std::max(seconds, kYoungest) / kYoungest) / std::log(std::max(2.0, oldest_ / kYoungest));
  return width() - kMargin - share * (width() - 2 * kMargin);
}
double VersionStrip::placeOf(const QDateTime& time) const { return placeOfAge(static_cast<double>(time.secsTo(now_))); }

void VersionStrip::setChosen(int version) {
  chosen_ = version;
  update();
}

int VersionStrip::versionAt(QPointF place) const {
  int best = -1;
  double nearest = kNear;
  for (size_t i = 0; i < times_.size(); ++i) {
    const double away = std::abs(placeOf(times_[i]) - place.x());
    if (away > nearest) continue;
    nearest = away;
    best = static_cast<int>(i);
  }
  return best;
}

void VersionStrip::mousePressEvent(QMouseEvent* event) {
  if (const int version = versionAt(event->position()); version >= 0) Q_EMIT pressed(version);
}

void VersionStrip::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const Tokens& t = Theme::instance().tokens();
  const double y = height() - fontMetrics().height() - 12.0;
  painter.setPen(QPen(t.border, 1));
  painter.drawLine(QPointF(kMargin, y), QPointF(width() - kMargin, y));
  const std::pair<double, QString> marks[] = {{kYoungest, tr("now")}, {3600, tr("hour")}, {86400, tr("day")}, {7 * 86400, tr("week")}, {30 * 86400, tr("month")}};
  double free_from = 2.0 * width();  // labels never overlap
  for (const auto& [age, name] : marks) {
    if (age > oldest_ * 1.01) break;
    const double x = placeOfAge(age), wide = fontMetrics().horizontalAdvance(name);
    painter.setPen(t.border);
    painter.drawLine(QPointF(x, y - 3), QPointF(x, y + 3));
    const double left = std::clamp(x - wide / 2, 0.0, width() - wide);
    if (left + wide + 6 > free_from) continue;
    free_from = left;
    painter.setPen(t.muted);
    painter.drawText(QPointF(left, y + fontMetrics().height() + 3), name);
  }
  for (size_t i = 0; i < times_.size(); ++i) {
    const bool chosen = static_cast<int>(i) == chosen_;
    const QPointF at(placeOf(times_[i]), y);
    painter.setPen(QPen(t.base, 1));
    painter.setBrush(chosen ? t.accent : t.muted);
    painter.drawEllipse(at, chosen ? 6 : 4, chosen ? 6 : 4);
  }
}

VersionsDialog::VersionsDialog(const QString& project, std::vector<ProjectVersion> versions, QWidget* parent) : QDialog(parent), versions_(std::move(versions)) {
  setObjectName(QStringLiteral("versionsDialog"));
  setWindowTitle(tr("Versions of %1").arg(project));
  resize(440, 400);
  auto* column = new QVBoxLayout(this);
  std::vector<QDateTime> times;
  for (const ProjectVersion& each : versions_) times.push_back(each.time);
  strip_ = new VersionStrip(times, this);
  list_ = new QTreeWidget(this);
  list_->setObjectName(QStringLiteral("versionList"));
  list_->setAccessibleName(tr("Versions, the newest first"));
  list_->setColumnCount(2);
  list_->setHeaderLabels({tr("Saved"), tr("Age")});
  list_->setRootIsDecorated(false);
  list_->header()->setSectionResizeMode(0, QHeaderView::Stretch);
  list_->header()->setSectionResizeMode(1, QHeaderView::ResizeToContents);
  list_->header()->setStretchLastSection(false);
  const QDateTime now = QDateTime::currentDateTime();
  for (const ProjectVersion& each : versions_) {
    list_->addTopLevelItem(new QTreeWidgetItem({QLocale().toString(each.time, QLocale::LongFormat), ageText(std::max<qint64>(0, each.time.secsTo(now)))}));
  }
  auto* hint = new QLabel(versions_.empty() ? tr("There is no earlier version yet: each time the project is saved, what was there before becomes one.")
                                            : tr("Opening one changes nothing that is saved: save the project to keep it."), this);
  hint->setWordWrap(true);
  hint->setProperty("role", "muted");
  auto* open = new QPushButton(tr("Open this version"), this);
  open->setObjectName(QStringLiteral("openVersionButton"));
  open->setEnabled(false);
  auto* close = new QPushButton(tr("Close"), this);
  auto* buttons = new QHBoxLayout;
  buttons->addStretch(1);
  buttons->addWidget(open);
  buttons->addWidget(close);
  column->addWidget(strip_);
  column->addWidget(list_, 1);
  column->addWidget(hint);
  column->addLayout(buttons);
  strip_->setVisible(!versions_.empty());
  connect(strip_, &VersionStrip::pressed, this, [this](int version) { list_->setCurrentItem(list_->topLevelItem(version)); });
  connect(list_, &QTreeWidget::currentItemChanged, this, [this, open](QTreeWidgetItem* item) {
    open->setEnabled(item);
    strip_->setChosen(item ? list_->indexOfTopLevelItem(item) : -1);
  });
  const auto choose = [this] {
    const int row = list_->indexOfTopLevelItem(list_->currentItem());
    if (row < 0) return;
    Q_EMIT versionChosen(versions_[static_cast<size_t>(row)]);
    accept();
  };
  connect(open, &QPushButton::clicked, this, choose);
  connect(list_, &QTreeWidget::itemActivated, this, choose);
  connect(close, &QPushButton::clicked, this, &QDialog::reject);
}

}  // namespace hvlm::ui
