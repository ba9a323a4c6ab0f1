// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/log/log_panel.h"

#include <QClipboard>
#include <QComboBox>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QScrollBar>
#include <QToolButton>
#include <QVBoxLayout>

#include "ui/style/icons.h"
#include "ui/style/theme.h"
#include "ui/text.h"

namespace hvlm::ui {
namespace {

QString lineOf(const LogEntry& entry) {
  return entry.time.toString(QStringLiteral("HH:mm:ss  ")) + entry.text + (entry.count > 1 ? QStringLiteral("  ×%1").arg(entry.count) : QString());
}

bool isSame(const LogEntry& a, const LogEntry& b) { return a.level == b.level && a.text == b.text; }

// The last of equal lines stands for all of them, with their number and the newest time.
bool merge(std::deque<LogEntry>& list, const LogEntry& entry) {
  if (list.empty() || !isSame(list.back(), entry)) return false;
  list.back().count += entry.count;
  list.back().time = entry.time;
  return true;
}

}  // namespace

bool LogModel::passes(const LogEntry& entry) const {
  return entry.level >= lowest_ && (filter_.isEmpty() || entry.text.contains(filter_, Qt::CaseInsensitive));
}

void LogModel::append(const std::vector<LogEntry>& entries) {
  std::deque<LogEntry> passing;
  bool merged = false;
  for (const LogEntry& entry : entries) {
    if (!merge(all_, entry)) all_.push_back(entry);
    if (!passes(entry) || merge(passing, entry)) continue;
    if (passing.empty() && merge(shown_, entry)) merged = true;
    else passing.push_back(entry);
  }
  if (merged) Q_EMIT dataChanged(index(rowCount() - 1), index(rowCount() - 1));
  while (all_.size() > kMost) all_.pop_front();
  const auto surplus = static_cast<int>(shown_.size() + passing.size()) - kMost;
  if (surplus > 0 && !shown_.empty()) {
    const int gone = std::min(surplus, static_cast<int>(shown_.size()));
    beginRemoveRows({}, 0, gone - 1);
    shown_.erase(shown_.begin(), shown_.begin() + gone);
    endRemoveRows();
  }
  if (passing.empty()) return;
  const size_t from = passing.size() > kMost ? passing.size() - kMost : 0;
  beginInsertRows({}, rowCount(), rowCount() + static_cast<int>(passing.size() - from) - 1);
  shown_.insert(shown_.end(), passing.begin() + static_cast<std::ptrdiff_t>(from), passing.end());
  endInsertRows();
}

void LogModel::setFilter(const QString& text, LogLevel lowest) {
  beginResetModel();
  filter_ = text;
  lowest_ = lowest;
  shown_.clear();
  for (const LogEntry& entry : all_) {
    if (passes(entry) && !merge(shown_, entry)) shown_.push_back(entry);
  }
  endResetModel();
}

int LogModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(shown_.size()); }

QVariant LogModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || index.row() >= rowCount()) return {};
  const LogEntry& entry = shown_[static_cast<size_t>(index.row())];
  switch (role) {
    case Qt::DisplayRole: return lineOf(entry);
    case Qt::ToolTipRole: return entry.text;
    case Qt::ForegroundRole:
      if (entry.level == LogLevel::kError) return tokens().bad;
      if (entry.level == LogLevel::kWarning) return tokens().warning;
      return {};
    case Qt::DecorationRole:
      if (entry.level == LogLevel::kError) return icon("bad", IconTone::kBad);
      if (entry.level == LogLevel::kWarning) return icon("warning", IconTone::kWarning);
      return icon("info", IconTone::kMuted);
    default: return {};
  }
}

QString LogModel::allText() const {
  QString text;
  for (const LogEntry& entry : shown_) text += lineOf(entry) + QLatin1Char('\n');
  return text;
}

LogPanel::LogPanel(QWidget* parent) : QWidget(parent) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(8, 0, 8, 4);
  column->setSpacing(4);
  bar_ = new QWidget(this);
  auto* bar = new QHBoxLayout(bar_);
  bar->setContentsMargins(8, 2, 8, 2);
  bar->setSpacing(6);
  auto* title = new QLabel(tr("Log"), bar_);
  title->setProperty("role", "title");
  filter_ = new QLineEdit(this);
  filter_->setObjectName(QStringLiteral("logFilterEdit"));
  filter_->setPlaceholderText(tr("Filter"));
  filter_->setAccessibleName(tr("Filter the log"));
  filter_->setClearButtonEnabled(true);
  filter_->setMaximumWidth(240);
  level_ = new QComboBox(this);
  level_->setObjectName(QStringLiteral("logLevelCombo"));
  level_->setAccessibleName(tr("Lowest level shown"));
  level_->addItem(tr("everything"), static_cast<int>(LogLevel::kDebug));
  level_->addItem(tr("warnings"), static_cast<int>(LogLevel::kWarning));
  level_->addItem(tr("errors"), static_cast<int>(LogLevel::kError));
  auto* copy = new QToolButton(this);
  copy->setObjectName(QStringLiteral("copyLogButton"));
  copy->setIcon(icon("copy"));
  copy->setToolTip(tr("Copy the lines shown"));
  copy->setAccessibleName(tr("Copy log"));
  bar->addWidget(title);
  bar->addStretch(1);
  bar->addWidget(filter_, 1);
  bar->addWidget(level_);
  bar->addWidget(copy);
  model_ = new LogModel(this);
  list_ = new QListView(this);
  list_->setObjectName(QStringLiteral("logList"));
  list_->setAccessibleName(tr("Log"));
  list_->setModel(model_);
  list_->setUniformItemSizes(true);
  list_->setIconSize(QSize(12, 12));
  list_->setSelectionMode(QAbstractItemView::ExtendedSelection);
  list_->setMinimumHeight(40);
  column->addWidget(list_, 1);
  const auto refilter = [this] {
    model_->setFilter(filter_->text(), static_cast<LogLevel>(level_->currentData().toInt()));
    list_->scrollToBottom();
  };
  connect(filter_, &QLineEdit::textChanged, this, refilter);
  connect(level_, &QComboBox::currentIndexChanged, this, refilter);
  connect(copy, &QToolButton::clicked, this, &LogPanel::copyShown);
  timer_.setInterval(100);
  timer_.setSingleShot(true);  // started by a line: nothing ticks while nothing is said
  connect(&timer_, &QTimer::timeout, this, &LogPanel::drain);
  setLogListener([this](LogLevel level, const std::string& text) { add(level, qText(text)); });
}

LogPanel::~LogPanel() { setLogListener({}); }

void LogPanel::add(LogLevel level, const QString& text) {
  const std::lock_guard lock(mutex_);
  pending_.push_back({QDateTime::currentDateTime(), level, text});
  if (pending_.size() > 1) return;
  QMetaObject::invokeMethod(this, [this] { timer_.start(); }, Qt::QueuedConnection);
}

void LogPanel::copyShown() { QGuiApplication::clipboard()->setText(model_->allText()); }

void LogPanel::focusSearch() { filter_->setFocus(Qt::ShortcutFocusReason); }

void LogPanel::drain() {
  std::vector<LogEntry> entries;
  {
    const std::lock_guard lock(mutex_);
    entries.swap(pending_);
  }
  if (entries.empty()) return;
  const QScrollBar* bar = list_->verticalScrollBar();
  const bool at_end = bar->value() >= bar->maximum() - 1;
  model_->append(entries);
  if (at_end) list_->scrollToBottom();
}

}  // namespace hvlm::ui
