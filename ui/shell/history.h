// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QDateTime>
#include <QHash>
#include <QJsonValue>
#include <QObject>
#include <QString>
#include <QStringList>
#include <QUndoStack>
#include <filesystem>
#include <functional>
#include <vector>

namespace hvlm::ui {

// A change that has been made: what stood before it and what stands after it. States are data, so that they outlive the window.
struct Change {
  QString text;  // "score threshold 0.40"
  QString kind;  // whose state it is: see History::know
  QJsonValue before, after;
  QString merge;  // changes of one key within two seconds become one step (a slider that is dragged)
};

// Everything that was done in the window, in order. What changes something (tags, colours, thresholds, rows, ticks) can be undone and done again; what
// cannot (opening, exporting, training) is listed beside it. Kept over sessions: json() and load(). GUI thread.
class History : public QObject {
  Q_OBJECT
 public:
  static constexpr int kMostSteps = 500;
  static constexpr qsizetype kMostBytes = qsizetype{2} << 20;  // of all states that are kept; the oldest go first
  explicit History(QObject* parent = nullptr);
  ~History() override;

  // What puts a state of this kind in place. Before the first change of it, and before load().
  void know(const QString& kind, std::function<void(const QJsonValue& state)> put);
  void did(const Change& change);
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

  QByteArray json() const;
  // Takes up a saved one in place of what is there; nothing is put in place. Steps of a kind that nobody knows are left out. Throws InputError.
  void load(const QByteArray& json);

 Q_SIGNALS:
  void changed();

 private:
  class Step;
  void put(const QString& kind, const QJsonValue& state);
  void list(const QString& text, bool undoable);

  QUndoStack stack_;
  QHash<QString, std::function<void(const QJsonValue&)>> known_;
  std::vector<Entry> entries_;
  bool replaying_ = false;
  bool loading_ = false;
};

std::filesystem::path historyFile();  // in the XDG state folder
// Empty when there is none. One that is too large is set aside as history.json.bad and `problem` says so.
QByteArray readHistoryFile(const std::filesystem::path& file, QString* problem);
// It could not be taken up: history.json.bad from now on; returns what to say.
QString setHistoryAside(const std::filesystem::path& file, const QString& why);

}  // namespace hvlm::ui
