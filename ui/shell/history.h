// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QDateTime>
#include <QObject>
#include <QString>
#include <QStringList>
#include <QUndoStack>
#include <functional>
#include <vector>

namespace hvlm::ui {

// Everything that was done in the window, in order. What changes something (tags, colours, thresholds, rows, ticks) can be undone and done again; what
// cannot (opening, exporting, training) is listed beside it. GUI thread.
class History : public QObject {
  Q_OBJECT
 public:
  static constexpr int kMostSteps = 500;
  explicit History(QObject* parent = nullptr);
  ~History() override;

  // Tells of a change that has been made already. Changes of one `merge` key within two seconds become one step (a slider that is dragged).
  void did(const QString& text, std::function<void()> undo, std::function<void()> redo, const QString& merge = {});
  void note(const QString& text);  // not undoable

  bool canUndo() const { return stack_.canUndo(); }
  bool canRedo() const { return stack_.canRedo(); }
  QString undoText() const { return stack_.undoText(); }
  QString redoText() const { return stack_.redoText(); }
  void undo();
  void redo();
  bool replaying() const { return replaying_; }  // an undo or redo is at work: whoever watches for changes must not record them

  struct Entry {
    QDateTime time;
    QString text;
    bool undoable = false;
  };
  const std::vector<Entry>& entries() const { return entries_; }

 Q_SIGNALS:
  void changed();

 private:
  QUndoStack stack_;
  std::vector<Entry> entries_;
  bool replaying_ = false;
};

}  // namespace hvlm::ui
