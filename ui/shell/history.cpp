// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/history.h"

#include <QElapsedTimer>
#include <utility>

namespace hvlm::ui {
namespace {

constexpr qint64 kMergeWithin = 2000;  // ms

class Step : public QUndoCommand {
 public:
  Step(const QString& text, std::function<void()> undo, std::function<void()> redo, QString merge)
      : QUndoCommand(text), undo_(std::move(undo)), redo_(std::move(redo)), merge_(std::move(merge)) {
    age_.start();
  }
  void undo() override { undo_(); }
  void redo() override {
    if (std::exchange(done_, true)) redo_();  // the first time it has been done already
  }
  int id() const override { return merge_.isEmpty() ? -1 : 1; }
  bool mergeWith(const QUndoCommand* other) override {
    const auto* next = static_cast<const Step*>(other);
    if (next->merge_ != merge_ || age_.elapsed() > kMergeWithin) return false;
    redo_ = next->redo_;
    setText(next->text());
    age_.restart();
    return true;
  }

 private:
  std::function<void()> undo_, redo_;
  QString merge_;
  QElapsedTimer age_;
  bool done_ = false;
};

}  // namespace

History::History(QObject* parent) : QObject(parent) {
  stack_.setUndoLimit(kMostSteps);
  connect(&stack_, &QUndoStack::indexChanged, this, &History::changed);
}

History::~History() { stack_.disconnect(this); }  // its end is no change

void History::did(const QString& text, std::function<void()> undo, std::function<void()> redo, const QString& merge) {
  if (replaying_) return;
  const int before = stack_.count();
  const bool at_end = stack_.index() == before;
  stack_.push(new Step(text, std::move(undo), std::move(redo), merge));
  const bool merged = at_end && stack_.count() == before && before < kMostSteps && !entries_.empty() && entries_.back().undoable;
  if (merged) {
    entries_.back() = {QDateTime::currentDateTime(), text, true};
    Q_EMIT changed();
    return;
  }
  entries_.push_back({QDateTime::currentDateTime(), text, true});
  if (entries_.size() > 2 * kMostSteps) entries_.erase(entries_.begin(), entries_.begin() + kMostSteps);
  Q_EMIT changed();
}

void History::note(const QString& text) {
  entries_.push_back({QDateTime::currentDateTime(), text, false});
  if (entries_.size() > 2 * kMostSteps) entries_.erase(entries_.begin(), entries_.begin() + kMostSteps);
  Q_EMIT changed();
}

void History::undo() {
  if (!stack_.canUndo()) return;
  const QString text = stack_.undoText();
  replaying_ = true;
  stack_.undo();
  replaying_ = false;
  note(tr("undone: %1").arg(text));
}

void History::redo() {
  if (!stack_.canRedo()) return;
  const QString text = stack_.redoText();
  replaying_ = true;
  stack_.redo();
  replaying_ = false;
  note(tr("done again: %1").arg(text));
}

}  // namespace hvlm::ui
