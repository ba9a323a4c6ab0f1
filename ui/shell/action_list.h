// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QAction>
#include <QHash>
#include <QKeySequence>
#include <QList>
#include <QObject>
#include <QStringList>
#include <functional>
#include <initializer_list>

class QWidget;

namespace hvlm::ui {

// The widgets in which the keys of an action act; none = the whole window.
struct KeyPlaces {
  QList<QWidget*> widgets;
  KeyPlaces() = default;
  KeyPlaces(QWidget* one) {  // implicit: a place is most often one widget
    if (one) widgets.append(one);
  }
  KeyPlaces(std::initializer_list<QWidget*> all) : widgets(all) {}
  KeyPlaces(const QList<QWidget*>& all) : widgets(all) {}
};

// Every action of the window, by id. The menu bar, the command palette and the key sheet are made from this list, so that each
// action is in all of them.
class ActionList : public QObject {
  Q_OBJECT
 public:
  explicit ActionList(QWidget* window);

  // `where`: the widgets in which the keys act. The tool tip is the text with its keys.
  QAction* add(const char* id, const QString& group, const QString& text, const QList<QKeySequence>& keys,
               std::function<void()> act, const char* icon_name = nullptr, const KeyPlaces& where = {});
  QAction* addToggle(const char* id, const QString& group, const QString& text, const QList<QKeySequence>& keys, bool on,
                     std::function<void(bool)> act, const char* icon_name = nullptr, const KeyPlaces& where = {});
  QAction* operator[](const char* id) const;  // null when there is none
  const QList<QAction*>& all() const { return actions_; }
  static QString groupOf(const QAction* action);
  QList<QAction*> group(const QString& name) const;

  static QString idOf(const QAction* action);
  static QString plainText(const QAction* action);  // without the mark of its letter
  // The tip of a button that does what the actions do: its own words (as they are now) with their keys, also after these have changed.
  void tip(QWidget* button, const QStringList& ids) const;
  // A check button and a toggle that are one thing: whichever is pressed, both show it.
  void tie(class QAbstractButton* button, const char* id) const;
  // Keys chosen by the user take the place of the standard ones; the tool tip follows. Unknown ids are left alone.
  void setKeys(const QString& id, const QList<QKeySequence>& keys);
  QList<QKeySequence> standardKeys(const QString& id) const;
  void resetKeys();
  const QAction* clashing(const QString& id) const;  // an action that answers to a key of this one, or null

  // Pairs of actions whose keys could both answer; empty when all is well.
  QStringList clashes() const;

 private:
  QAction* make(const char* id, const QString& group, const QString& text, const QList<QKeySequence>& keys, const char* icon_name,
                const KeyPlaces& where);
  QWidget* window_;
  QList<QAction*> actions_;
  QHash<QString, QAction*> by_id_;
  bool apart(const QAction* a, const QAction* b) const;
  static void retip(QAction* action);
  QHash<const QAction*, QList<QWidget*>> where_;
  QHash<QString, QList<QKeySequence>> standard_;
};

}  // namespace hvlm::ui
