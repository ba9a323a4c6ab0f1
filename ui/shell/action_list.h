// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QAction>
#include <QHash>
#include <QKeySequence>
#include <QList>
#include <QObject>
#include <functional>

class QWidget;

namespace hvlm::ui {

// Every action of the window, by id. The menu bar, the command palette and the key sheet are made from this list, so that each
// action is in all of them.
class ActionList : public QObject {
  Q_OBJECT
 public:
  explicit ActionList(QWidget* window);

  // `where`: the widget in which the keys act; null = the whole window. The tool tip is the text with its keys.
  QAction* add(const char* id, const QString& group, const QString& text, const QList<QKeySequence>& keys,
               std::function<void()> act, const char* icon_name = nullptr, QWidget* where = nullptr);
  QAction* addToggle(const char* id, const QString& group, const QString& text, const QList<QKeySequence>& keys, bool on,
                     std::function<void(bool)> act, const char* icon_name = nullptr, QWidget* where = nullptr);
  QAction* operator[](const char* id) const;  // null when there is none
  const QList<QAction*>& all() const { return actions_; }
  static QString groupOf(const QAction* action);
  QList<QAction*> group(const QString& name) const;

  static QString idOf(const QAction* action);
  // Keys chosen by the user take the place of the standard ones; the tool tip follows. Unknown ids are left alone.
  void setKeys(const QString& id, const QList<QKeySequence>& keys);
  QList<QKeySequence> standardKeys(const QString& id) const;
  void resetKeys();
  const QAction* clashing(const QString& id) const;  // an action that answers to a key of this one, or null

  // Pairs of actions whose keys could both answer; empty when all is well.
  QStringList clashes() const;

 private:
  QAction* make(const char* id, const QString& group, const QString& text, const QList<QKeySequence>& keys, const char* icon_name,
                QWidget* where);
  QWidget* window_;
  QList<QAction*> actions_;
  QHash<QString, QAction*> by_id_;
  bool apart(const QAction* a, const QAction* b) const;
  static void retip(QAction* action);
  QHash<const QAction*, QWidget*> where_;
  QHash<QString, QList<QKeySequence>> standard_;
};

}  // namespace hvlm::ui
