// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QAbstractListModel>
#include <QDateTime>
#include <QTimer>
#include <QWidget>
#include <deque>
#include <mutex>
#include <vector>

#include "support/log.h"

class QComboBox;
class QLineEdit;
class QListView;

namespace hvlm::ui {

struct LogEntry {
  QDateTime time;
  LogLevel level = LogLevel::kInfo;
  QString text;
  int count = 1;  // of equal ones in a row
};

// The last lines, oldest first, filtered by level and words.
class LogModel : public QAbstractListModel {
  Q_OBJECT
 public:
  using QAbstractListModel::QAbstractListModel;
  static constexpr int kMost = 5000;
  void append(const std::vector<LogEntry>& entries);
  void setFilter(const QString& text, LogLevel lowest);
  int rowCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QString allText() const;

 private:
  bool passes(const LogEntry& entry) const;
  std::deque<LogEntry> all_;
  std::deque<LogEntry> shown_;
  QString filter_;
  LogLevel lowest_ = LogLevel::kInfo;
};

// One line per event of the program and its jobs. Takes the program's log lines from any thread while it lives.
class LogPanel : public QWidget {
  Q_OBJECT
 public:
  explicit LogPanel(QWidget* parent = nullptr);
  ~LogPanel() override;
  void add(LogLevel level, const QString& text);  // any thread
  LogModel* model() { return model_; }
  QWidget* titleBar() { return bar_; }  // title, filter and buttons in one row; the dock takes it
  void focusSearch();
  void copyShown();  // the lines that pass the filter, to the clipboard

 private:
  void drain();
  LogModel* model_;
  QWidget* bar_;
  QListView* list_;
  QLineEdit* filter_;
  QComboBox* level_;
  QTimer timer_;
  std::mutex mutex_;
  std::vector<LogEntry> pending_;
};

}  // namespace hvlm::ui
