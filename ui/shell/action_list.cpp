// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/action_list.h"

#include <QWidget>

#include "ui/style/icons.h"

namespace hvlm::ui {

ActionList::ActionList(QWidget* window) : QObject(window), window_(window) {}

QAction* ActionList::make(const char* id, const QString& group, const QString& text, const QList<QKeySequence>& keys,
                          const char* icon_name, QWidget* where) {
  const QString name = QLatin1String(id);
  Q_ASSERT(!by_id_.contains(name));
  auto* action = new QAction(text, this);
  action->setObjectName(name + QStringLiteral("Action"));
  action->setProperty("group", group);
  action->setShortcuts(keys);
  if (icon_name) action->setIcon(icon(icon_name));
  retip(action);
  standard_.insert(name, keys);
  action->setStatusTip(QString());
  if (where) {
    action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    where->addAction(action);
    where_.insert(action, where);
  } else {
    action->setShortcutContext(Qt::WindowShortcut);
    window_->addAction(action);
  }
  actions_.append(action);
  by_id_.insert(name, action);
  return action;
}

QAction* ActionList::add(const char* id, const QString& group, const QString& text, const QList<QKeySequence>& keys,
                         std::function<void()> act, const char* icon_name, QWidget* where) {
  QAction* action = make(id, group, text, keys, icon_name, where);
  connect(action, &QAction::triggered, this, [act = std::move(act)] { act(); });
  return action;
}

QAction* ActionList::addToggle(const char* id, const QString& group, const QString& text, const QList<QKeySequence>& keys, bool on,
                               std::function<void(bool)> act, const char* icon_name, QWidget* where) {
  QAction* action = make(id, group, text, keys, icon_name, where);
  action->setCheckable(true);
  action->setChecked(on);
  connect(action, &QAction::toggled, this, [act = std::move(act)](bool checked) { act(checked); });
  return action;
}

QAction* ActionList::operator[](const char* id) const { return by_id_.value(QLatin1String(id)); }

QString ActionList::groupOf(const QAction* action) { return action->property("group").toString(); }

QList<QAction*> ActionList::group(const QString& name) const {
  QList<QAction*> found;
  for (QAction* action : actions_) {
    if (groupOf(action) == name) found.append(action);
  }
  return found;
}

QString ActionList::idOf(const QAction* action) {
  QString name = action->objectName();
  name.chop(6);  // "Action"
  return name;
}

void ActionList::retip(QAction* action) {
  QString plain = action->text();
  plain.remove(QLatin1Char('&'));
  const QKeySequence key = action->shortcut();
  action->setToolTip(key.isEmpty() ? plain : QStringLiteral("%1 (%2)").arg(plain, key.toString(QKeySequence::NativeText)));
}

void ActionList::setKeys(const QString& id, const QList<QKeySequence>& keys) {
  QAction* action = by_id_.value(id);
  if (!action) return;
  action->setShortcuts(keys);
  retip(action);
}

QList<QKeySequence> ActionList::standardKeys(const QString& id) const { return standard_.value(id); }

void ActionList::resetKeys() {
  for (auto it = standard_.cbegin(); it != standard_.cend(); ++it) setKeys(it.key(), it.value());
}

// Keys of two widgets neither of which lies in the other never meet.
bool ActionList::apart(const QAction* first, const QAction* second) const {
  QWidget* a = where_.value(first);
  QWidget* b = where_.value(second);
  return a && b && a != b && !a->isAncestorOf(b) && !b->isAncestorOf(a);
}

const QAction* ActionList::clashing(const QString& id) const {
  const QAction* action = by_id_.value(id);
  if (!action) return nullptr;
  for (const QAction* other : actions_) {
    if (other == action || apart(action, other)) continue;
    for (const QKeySequence& key : action->shortcuts()) {
      if (other->shortcuts().contains(key)) return other;
    }
  }
  return nullptr;
}

QStringList ActionList::clashes() const {
  QStringList found;
  for (qsizetype i = 0; i < actions_.size(); ++i) {
    for (qsizetype j = i + 1; j < actions_.size(); ++j) {
      if (apart(actions_[i], actions_[j])) continue;
      for (const QKeySequence& key : actions_[i]->shortcuts()) {
        if (!actions_[j]->shortcuts().contains(key)) continue;
        found.append(QStringLiteral("%1: %2, %3").arg(key.toString(), actions_[i]->objectName(), actions_[j]->objectName()));
      }
    }
  }
  return found;
}

}  // namespace hvlm::ui
