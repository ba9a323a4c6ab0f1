// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/history.h"

#include <QElapsedTimer>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <algorithm>
#include <utility>

#include "support/atomic_file.h"
#include "support/error.h"
#include "support/paths.h"
#include "ui/text.h"

namespace hvlm::ui {
namespace {

constexpr qint64 kMergeWithin = 2000;  // ms
constexpr int kVersion = 1;
constexpr size_t kLargestFile = size_t{16} << 20;

InputError unreadable(const QString& found) {
  return InputError({.where = "history.json", .expected = "a saved history", .found = stdText(found), .remedy = ""});
}

}  // namespace

class History::Step : public QUndoCommand {
 public:
  Step(History& history, Change change) : QUndoCommand(change.text), history_(history), change_(std::move(change)) { age_.start(); }
  const Change& change() const { return change_; }
  void undo() override { history_.put(change_.kind, change_.before); }
  void redo() override {
    if (std::exchange(done_, true)) history_.put(change_.kind, change_.after);  // the first time it has been done already
  }
  int id() const override { return change_.merge.isEmpty() ? -1 : 1; }
  bool mergeWith(const QUndoCommand* other) override {
    const Change& next = static_cast<const Step*>(other)->change_;
    if (next.merge != change_.merge || next.kind != change_.kind || age_.elapsed() > kMergeWithin) return false;
    change_.after = next.after;
    setText(next.text);
    age_.restart();
    return true;
  }

 private:
  History& history_;
  Change change_;
  QElapsedTimer age_;
  bool done_ = false;
};

History::History(QObject* parent) : QObject(parent) {
  stack_.setUndoLimit(kMostSteps);
  connect(&stack_, &QUndoStack::indexChanged, this, [this] {
    if (!loading_) Q_EMIT changed();
  });
}

History::~History() { stack_.disconnect(this); }  // its end is no change

void History::know(const QString& kind, std::function<void(const QJsonValue&)> put) { known_[kind] = std::move(put); }

void History::put(const QString& kind, const QJsonValue& state) {
  if (loading_) return;
  if (const auto it = known_.constFind(kind); it != known_.constEnd()) (*it)(state);
}

void History::did(const Change& change) {
  if (replaying_) return;
  const int before = stack_.count();
  const bool at_end = stack_.index() == before;
  stack_.push(new Step(*this, change));
  const bool merged = at_end && stack_.count() == before && before < kMostSteps && !entries_.empty() && entries_.back().undoable;
  if (merged) entries_.pop_back();
  list(change.text, true);
}

void History::note(const QString& text) { list(text, false); }

void History::list(const QString& text, bool undoable) {
  entries_.push_back({QDateTime::currentDateTime(), text, undoable});
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

// ---- over sessions

QByteArray History::json() const {
  QJsonArray steps, entries;
  qsizetype bytes = 0;
  int first = stack_.count();
  for (; first > 0; --first) {
    const auto* step = static_cast<const Step*>(stack_.command(first - 1));
    const Change& c = step->change();
    const QJsonObject object{{"text", step->text()}, {"kind", c.kind}, {"before", c.before}, {"after", c.after}};
    bytes += QJsonDocument(object).toJson(QJsonDocument::Compact).size();
    if (bytes > kMostBytes) break;
    steps.prepend(object);
  }
  for (const Entry& entry : entries_) entries.append(QJsonObject{{"time", entry.time.toUTC().toString(Qt::ISODateWithMs)}, {"text", entry.text}, {"undoable", entry.undoable}});
  const QJsonObject all{{"version", kVersion}, {"steps", steps}, {"done", std::max(0, stack_.index() - first)}, {"entries", entries}};
  return QJsonDocument(all).toJson(QJsonDocument::Compact) + '\n';
}

void History::load(const QByteArray& json) {
  QJsonParseError error;
  const QJsonDocument document = QJsonDocument::fromJson(json, &error);
  if (error.error != QJsonParseError::NoError) throw unreadable(error.errorString());
  const QJsonObject all = document.object();
  if (all.value("version").toInt() != kVersion || !all.value("steps").isArray() || !all.value("entries").isArray()) throw unreadable(tr("another form, or another version of it"));
  const QJsonArray steps = all.value("steps").toArray();
  const int done = all.value("done").toInt();
  loading_ = true;
  stack_.clear();
  int index = 0, place = 0;
  for (const QJsonValue& each : steps) {
    const QJsonObject step = each.toObject();
    const QString kind = step.value("kind").toString();
    const bool was_done = place++ < done;
    if (!known_.contains(kind)) continue;
    stack_.push(new Step(*this, {step.value("text").toString(), kind, step.value("before"), step.value("after"), {}}));
    if (was_done) index = stack_.count();
  }
  stack_.setIndex(index);
  loading_ = false;
  entries_.clear();
  const QJsonArray entries = all.value("entries").toArray();
  for (qsizetype i = std::max<qsizetype>(0, entries.size() - 2 * kMostSteps); i < entries.size(); ++i) {
    const QJsonObject entry = entries.at(i).toObject();
    entries_.push_back({QDateTime::fromString(entry.value("time").toString(), Qt::ISODateWithMs).toLocalTime(), entry.value("text").toString(), entry.value("undoable").toBool()});
  }
  Q_EMIT changed();
}

std::filesystem::path historyFile() { return stateFolder() / "history.json"; }

QByteArray readHistoryFile(const std::filesystem::path& file, QString* problem) {
  std::error_code none;
  if (!std::filesystem::exists(file, none)) return {};
  try {
    const std::string text = readFile(file, kLargestFile);
    return QByteArray(text.data(), static_cast<qsizetype>(text.size()));
  } catch (const std::exception& error) {
    if (problem) *problem = setHistoryAside(file, qText(error.what()));
    return {};
  }
}

QString setHistoryAside(const std::filesystem::path& file, const QString& why) {
  std::error_code none;
  const std::filesystem::path aside = file.string() + ".bad";
  std::filesystem::rename(file, aside, none);
  return uiText("The history of earlier sessions could not be read and was set aside as %1. %2").arg(qText(aside), why);
}

}  // namespace hvlm::ui
