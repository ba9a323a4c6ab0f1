// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QList>
#include <QWidget>
#include <memory>

#include "runs/config.h"
#include "support/describe.h"

class QGridLayout;
class QLabel;
class QLineEdit;
class QScrollArea;
class QToolButton;

namespace hvlm::ui {

// A form made from the config's own description: one row per option, grouped, searchable. What is typed goes through the same
// checks as a config file; a value that is refused stays marked with the reason until it is mended.
class ConfigForm : public QWidget {
  Q_OBJECT
 public:
  explicit ConfigForm(QWidget* parent = nullptr);
  RunConfig config() const { return *config_; }
  void setConfig(const RunConfig& config);
  QString problem() const;  // of the first refused value; empty when all is well
  void setSearch(const QString& text);
  void setLocked(bool locked);  // while a run uses it
  QWidget* editorOf(const QString& path) const;
  int rowCount() const { return static_cast<int>(rows_.size()); }
  int shownRows() const;

 Q_SIGNALS:
  void changed();

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  struct Row {
    const Field* field = nullptr;
    QString standard;  // the value without any config
    QLabel* label = nullptr;
    QWidget* editor = nullptr;
    QToolButton* reset = nullptr;
    QString problem;
  };
  struct Group {
    QString path;
    QLabel* title = nullptr;
    QList<int> rows;
  };
  void makeRow(const Field& field, QGridLayout* grid, int at);
  void take(int row, const QString& text);
  void show(int row);  // the value in its editor
  void mark(int row);

  std::unique_ptr<RunConfig> config_;
  std::unique_ptr<Fields> fields_;
  std::vector<Row> rows_;
  QList<Group> groups_;
  QLabel* nothing_;
  bool filling_ = false;
  bool locked_ = false;
};

}  // namespace hvlm::ui
