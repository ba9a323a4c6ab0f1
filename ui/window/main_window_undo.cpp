// SPDX-License-Identifier: GPL-3.0-or-later
// What else can be undone: the training form, the keys, linked videos, panels shown and hidden.
#include <QDockWidget>
#include <QFileInfo>
#include <QJsonObject>
#include <QSplitter>
#include <utility>

#include "runs/config.h"
#include "support/describe.h"
#include "support/error.h"
#include "ui/log/log_panel.h"
#include "ui/player/video_files.h"
#include "ui/shell/action_list.h"
#include "ui/shell/background.h"
#include "ui/shell/history.h"
#include "ui/shell/key_map.h"
#include "ui/text.h"
#include "ui/training/config_form.h"
#include "ui/training/training_panel.h"
#include "ui/window/change_kinds.h"
#include "ui/window/key_editor.h"
#include "ui/window/main_window.h"

namespace hvlm::ui {
namespace {

QString base64(const QByteArray& bytes) { return QString::fromLatin1(bytes.toBase64()); }
QByteArray fromBase64(const QJsonValue& text) { return QByteArray::fromBase64(text.toString().toLatin1()); }

QJsonObject valuesOf(RunConfig config) {
  QJsonObject values;
  const Fields fields(config);  // outlives the loop over what it holds
  for (const Field& field : fields.all()) values[qText(field.path)] = qText(fieldText(field));
  return values;
}

}  // namespace

void MainWindow::connectMoreHistory() {
  form_seen_ = {training_->presetFile(), valuesOf(training_->form()->config())};
  links_seen_ = video_files_->links();
  connect(training_->form(), &ConfigForm::changed, this, &MainWindow::formChanged);
  connect(video_files_, &VideoFiles::changed, this, &MainWindow::linksChanged);
  for (QDockWidget* each : std::as_const(docks_)) {
    each->installEventFilter(this);  // its close button
    connect(each->toggleViewAction(), &QAction::triggered, this, [this, each](bool on) {
      if (on) tellPanel(each, true);
    });
  }
  history_->know(kForm, [this](const QJsonValue& state) { putForm(state.toObject()); });
  history_->know(kKeys, [this](const QJsonValue& state) {
    try {
      putKeys(parseKeyMap(stdText(state.toString())));
    } catch (const InputError& error) {  // of a file that somebody else wrote
      log_->add(LogLevel::kWarning, qText(error.what()));
    }
  });
  history_->know(kLinks, [this](const QJsonValue& state) {
    QHash<QString, QString> links = video_files_->links();
    const QJsonObject changed = state.toObject();
    for (auto it = changed.begin(); it != changed.end(); ++it) {
      if (it.value().toString().isEmpty()) links.remove(it.key());
      else links[it.key()] = it.value().toString();
    }
    putLinks(links);
  });
  history_->know(kLayout, [this](const QJsonValue& state) { putLayout(state); });
}

// ---- the training form: {"preset": only when another one was loaded, "values": {option: text} of those that changed}

void MainWindow::formChanged() {
  FormSeen now{training_->presetFile(), valuesOf(training_->form()->config())};
  const FormSeen before = std::exchange(form_seen_, now);
  if (before.preset.isEmpty() && !now.preset.isEmpty()) return;  // taken up at the start
  QJsonObject old_values, new_values;
  for (auto it = now.values.begin(); it != now.values.end(); ++it) {
    const QJsonValue was = before.values.value(it.key());
    if (was == it.value()) continue;
    old_values[it.key()] = was;
    new_values[it.key()] = it.value();
  }
  const bool loaded = before.preset != now.preset;
  if (!loaded && new_values.isEmpty()) return;
  QJsonObject old_state{{"values", old_values}}, new_state{{"values", new_values}};
  const bool one = new_values.size() == 1;
  QString text = one ? tr("training form: %1 is %2").arg(new_values.begin().key(), new_values.begin().value().toString())
                     : tr("training form: %n option(s)", nullptr, static_cast<int>(new_values.size()));
  if (loaded) {
    old_state["preset"] = before.preset;
    new_state["preset"] = now.preset;
    text = tr("loaded the config %1").arg(QFileInfo(now.preset).fileName());
  }
  history_->did({text, kForm, old_state, new_state, one && !loaded ? new_values.begin().key() : QString()});
}

void MainWindow::putForm(const QJsonObject& state) {
  RunConfig config = training_->form()->config();
  const Fields fields(config);
  const QJsonObject values = state["values"].toObject();
  for (auto it = values.begin(); it != values.end(); ++it) {
    try {
      fields.set(stdText(it.key()), stdText(it.value().toString()), "history.json");
    } catch (const InputError& error) {  // an option that this version does not have
      log_->add(LogLevel::kWarning, qText(error.what()));
    }
  }
  const QString preset = state["preset"].toString(training_->presetFile());
  form_seen_ = {preset, valuesOf(config)};
  training_->put(preset, config);
}

// ---- keys

void MainWindow::keysChosen(const KeyMap& keys) {
  const KeyMap before = std::exchange(chosen_keys_, keys);
  keepKeys();
  if (before != keys) history_->did({tr("keyboard shortcuts"), kKeys, qText(keyMapJson(before)), qText(keyMapJson(keys)), {}});
}

void MainWindow::putKeys(const KeyMap& keys) {
  const QStringList clashes = applyKeyMap(*actions_, keys);
  if (!clashes.isEmpty()) {
    applyKeyMap(*actions_, chosen_keys_);
    log_->add(LogLevel::kWarning, tr("These keys clash now (%1): they stay as they are.").arg(clashes.join(QStringLiteral("; "))));
    return;
  }
  chosen_keys_ = keys;
  for (KeyEditor* editor : findChildren<KeyEditor*>()) editor->take(keys);
  keepKeys();
}

void MainWindow::keepKeys() {
  inJournal(this, [file = keyMapFile(), keys = chosen_keys_] { saveKeyMap(file, keys); }, [] {}, [this](const QString& message) { log_->add(LogLevel::kError, message); });
}

// ---- linked videos: {id: file, empty for none} of those that changed

void MainWindow::linksChanged() {
  const QHash<QString, QString> before = std::exchange(links_seen_, video_files_->links()), &now = links_seen_;
  QJsonObject old_links, new_links;
  for (auto it = now.cbegin(); it != now.cend(); ++it) {
    if (before.value(it.key()) == it.value()) continue;
    old_links[it.key()] = before.value(it.key());
    new_links[it.key()] = it.value();
  }
  for (auto it = before.cbegin(); it != before.cend(); ++it) {
    if (now.contains(it.key())) continue;
    old_links[it.key()] = it.value();
    new_links[it.key()] = QString();
  }
  if (!new_links.isEmpty()) history_->did({tr("video file of %1").arg(new_links.keys().join(QStringLiteral(", "))), kLinks, old_links, new_links, {}});
}

void MainWindow::putLinks(const QHash<QString, QString>& links) {
  links_seen_ = links;
  video_files_->setLinks(links);
}

// ---- layout: {"dock", "shown"} of one panel; {"docks", "centre"} as Qt saves them; null: the standard one

bool MainWindow::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::Close && isVisible()) {
    if (auto* panel = qobject_cast<QDockWidget*>(watched); panel && !panel->isHidden()) tellPanel(panel, false);
  }
  return QMainWindow::eventFilter(watched, event);
}

void MainWindow::tellPanel(QDockWidget* panel, bool shown) {
  const auto state = [panel](bool on) { return QJsonObject{{"dock", panel->objectName()}, {"shown", on}}; };
  history_->did({(shown ? tr("panel %1 shown") : tr("panel %1 hidden")).arg(panel->windowTitle()), kLayout, state(!shown), state(shown), {}});
}

QJsonObject MainWindow::layoutNow() const { return {{"docks", base64(docksNow())}, {"centre", base64(split_->saveState())}}; }

bool MainWindow::putLayout(const QJsonValue& state) {
  if (!state.isObject()) {
    resetLayout();
    return true;
  }
  if (state["dock"].isString()) {
    QDockWidget* panel = docks_.value(state["dock"].toString());
    if (!panel) return false;
    panel->setVisible(state["shown"].toBool());
    if (state["shown"].toBool()) panel->raise();
    return true;
  }
  const bool docks = restoreState(fromBase64(state["docks"]));
  return split_->restoreState(fromBase64(state["centre"])) && docks;
}

}  // namespace hvlm::ui
