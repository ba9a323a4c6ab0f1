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
  QString plain = text;
  plain.remove(QLatin1Char('&'));
  action->setToolTip(keys.isEmpty() ? plain : QStringLiteral("%1 (%2)").arg(plain, keys.first().toString(QKeySequence::NativeText)));
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

QStringList ActionList::clashes() const {
  QStringList found;
  for (qsizetype i = 0; i < actions_.size(); ++i) {
    for (qsizetype j = i + 1; j < actions_.size(); ++j) {
      QWidget* a = where_.value(actions_[i]);
      QWidget* b = where_.value(actions_[j]);
      const bool apart = a && b && a != b && !a->isAncestorOf(b) && !b->isAncestorOf(a);
      if (apart) continue;
      for (const QKeySequence& key : actions_[i]->shortcuts()) {
        if (!actions_[j]->shortcuts().contains(key)) continue;
        found.append(QStringLiteral("%1: %2, %3").arg(key.toString(), actions_[i]->objectName(), actions_[j]->objectName()));
      }
    }
  }
  return found;
}

}  // namespace hvlm::ui
