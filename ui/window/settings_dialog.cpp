// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window/settings_dialog.h"

#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/shell/action_list.h"
#include "ui/style/icons.h"

namespace hvlm::ui {
namespace {

// "Colours: light" is "light" beside a label that says colours.
QString shortText(const QAction* action) {
  const QString text = ActionList::plainText(action);
  return text.contains(QLatin1String(": ")) ? text.section(QLatin1String(": "), 1) : text;
}

}  // namespace

SettingsDialog::SettingsDialog(const ActionList& actions, const SettingsNow& now, QWidget* parent) : QDialog(parent), actions_(actions) {
  setObjectName(QStringLiteral("settingsDialog"));
  setWindowTitle(tr("Settings"));
  auto* form = new QFormLayout;
  const qsizetype theme = now.theme_chosen ? 1 + static_cast<qsizetype>(now.theme) : 0;
  form->addRow(tr("Colours"), choice("themeCombo", tr("Colours"), {QStringLiteral("themeSystem"), QStringLiteral("themeLight"), QStringLiteral("themeDark"), QStringLiteral("themeContrast")}, theme));
  const qsizetype language = now.language.isEmpty() ? 0 : now.language == QLatin1String("en") ? 1 : 2;
  form->addRow(tr("Language"), choice("languageCombo", tr("Language"), {QStringLiteral("languageSystem"), QStringLiteral("languageEnglish"), QStringLiteral("languageGerman")}, language));
  auto* later = new QLabel(tr("The language changes with the next start. The size of text is the desktop's."), this);
  later->setProperty("role", "muted");
  later->setWordWrap(true);
  form->addRow(QString(), later);
  auto* hardware = new QCheckBox(ActionList::plainText(actions["hardwareVideo"]), this);
  hardware->setObjectName(QStringLiteral("hardwareBox"));
  actions.tie(hardware, "hardwareVideo");
  form->addRow(tr("Video"), hardware);
  auto* threads = new QPushButton(tr("Threads and device, in the training form"), this);
  threads->setObjectName(QStringLiteral("threadsButton"));
  form->addRow(tr("Training"), threads);
  connect(threads, &QPushButton::clicked, this, [this] { Q_EMIT trainingOptionsAsked(QStringLiteral("threads")); });
  auto* buttons = new QHBoxLayout;
  for (const char* id : {"editKeys", "editColours", "exportOptions"}) {
    QAction* action = actions[id];
    auto* button = new QPushButton(action->icon(), ActionList::plainText(action), this);
    button->setObjectName(QLatin1String(id) + QStringLiteral("Button"));
    button->setAutoDefault(false);
    connect(button, &QPushButton::clicked, action, &QAction::trigger);
    buttons->addWidget(button);
  }
  buttons->addStretch(1);
  auto* close = new QPushButton(tr("Close"), this);
  close->setDefault(true);
  threads->setAutoDefault(false);
  buttons->addWidget(close);
  connect(close, &QPushButton::clicked, this, &QDialog::accept);
  auto* column = new QVBoxLayout(this);
  column->addLayout(form);
  column->addStretch(1);
  column->addLayout(buttons);
}

QComboBox* SettingsDialog::choice(const char* name, const QString& accessible, const QStringList& ids, qsizetype current) {
  auto* combo = new QComboBox(this);
  combo->setObjectName(QLatin1String(name));
  combo->setAccessibleName(accessible);
  for (const QString& id : ids) combo->addItem(shortText(actions_[qPrintable(id)]), id);
  combo->setCurrentIndex(static_cast<int>(current));
  connect(combo, &QComboBox::activated, this, [this, combo] { actions_[qPrintable(combo->currentData().toString())]->trigger(); });
  return combo;
}

}  // namespace hvlm::ui
