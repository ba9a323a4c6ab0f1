// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/action_list.h"

#include <QAbstractButton>
#include <QWidget>
#include <algorithm>

#include "ui/style/icons.h"

namespace hvlm::ui {

ActionList::ActionList(QWidget* window) : QObject(window), window_(window) {}

QAction* ActionList::make(const char* id, const QString& group, const QString& text, const QList<QKeySequence>& keys,
                          const char* icon_name, const KeyPlaces& where) {
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
  if (!where.widgets.isEmpty()) {
    action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    for (QWidget* each : where.widgets) each->addAction(action);
    where_.insert(action, where.widgets);
  } else {
    action->setShortcutContext(Qt::WindowShortcut);
    window_->addAction(action);
  }
  actions_.append(action);
  by_id_.insert(name, action);
  return action;
}

QAction* ActionList::add(const char* id, const QString& group, const QString& text, const QList<QKeySequence>& keys,
                         std::function<void()> act, const char* icon_name, const KeyPlaces& where) {
  QAction* action = make(id, group, text, keys, icon_name, where);
  connect(action, &QAction::triggered, this, [act = std::move(act)] { act(); });
  return action;
}

QAction* ActionList::addToggle(const char* id, const QString& group, const QString& text, const QList<QKeySequence>& keys, bool on,
                               std::function<void(bool)> act, const char* icon_name, const KeyPlaces& where) {
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

QString ActionList::plainText(const QAction* action) {
  QString text = action->text();
  return text.remove(QLatin1Char('&'));
}

void ActionList::tip(QWidget* button, const QStringList& ids) const {
  const auto retip = [this, button, ids, words = button->toolTip()] {
    QStringList keys;
    for (const QString& id : ids) {
      const QAction* action = by_id_.value(id);
      if (action && !action->shortcut().isEmpty()) keys.append(action->shortcut().toString(QKeySequence::NativeText));
    }
    button->setToolTip(keys.isEmpty() ? words : QStringLiteral("%1 (%2)").arg(words, keys.join(QStringLiteral(", "))));
  };
  for (const QString& id : ids) {
    if (const QAction* action = by_id_.value(id)) connect(action, &QAction::changed, button, retip);
  }
  retip();
}

void ActionList::tie(QAbstractButton* button, const char* id) const {
  QAction* action = (*this)[id];
  Q_ASSERT(action && action->isCheckable() && button->isCheckable());
  button->setChecked(action->isChecked());
  connect(action, &QAction::toggled, button, &QAbstractButton::setChecked);
  connect(button, &QAbstractButton::toggled, action, &QAction::setChecked);
}

void ActionList::retip(QAction* action) {
  const QString plain = plainText(action);
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
  const QList<QWidget*> of_first = where_.value(first), of_second = where_.value(second);
  if (of_first.isEmpty() || of_second.isEmpty()) return false;
  return std::none_of(of_first.begin(), of_first.end(), [&](QWidget* a) {
    return std::any_of(of_second.begin(), of_second.end(), [a](QWidget* b) { return a == b || a->isAncestorOf(b) || b->isAncestorOf(a); });
  });
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
