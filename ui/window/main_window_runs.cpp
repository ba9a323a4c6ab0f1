// SPDX-License-Identifier: GPL-3.0-or-later
// What is done with runs in the list (notes, tags, trash, baseline, differences), and what can be undone.
#include <QColorDialog>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonObject>
#include <QMenu>
#include <QStandardPaths>
#include <QTabWidget>
#include <chrono>
#include <memory>
#include <thread>

#include "runs/run_comparison.h"
#include "runs/run_lock.h"
#include "runs/run_notes.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "ui/compare/compare_view.h"
#include "ui/curves/curves_view.h"
#include "ui/log/log_panel.h"
#include "ui/runs/run_model.h"
#include "ui/runs/run_table.h"
#include "ui/runs/runs_panel.h"
#include "ui/shell/action_list.h"
#include "ui/shell/background.h"
#include "ui/shell/history.h"
#include "ui/shell/key_map.h"
#include "ui/shell/notice_strip.h"
#include "ui/shell/prompts.h"
#include "ui/shell/text_dialog.h"
#include "ui/style/theme.h"
#include "ui/text.h"
#include "ui/timeline/options_state.h"
#include "ui/timeline/timeline_panel.h"
#include "ui/training/config_form.h"
#include "ui/training/job_controller.h"
#include "ui/training/training_panel.h"
#include "ui/window/change_kinds.h"
#include "ui/window/colour_editor.h"
#include "ui/window/history_dialog.h"
#include "ui/window/key_editor.h"
#include "ui/window/main_window.h"
#include "ui/workspace.h"

namespace hvlm::ui {
namespace {

constexpr int kWaits = 500;  // ten seconds in all
constexpr auto kWait = std::chrono::milliseconds(20);

QJsonObject notesState(const QString& folder, const RunNotes& notes) {
  QJsonArray tags;
  for (const std::string& tag : notes.tags) tags.append(qText(tag));
  return {{"run", folder}, {"text", qText(notes.text)}, {"tags", tags}};
}

}  // namespace


void MainWindow::makeEditActions() {
  const QString edit = tr("Edit");
  QAction* undo = actions_->add("undo", edit, tr("&Undo"), {QKeySequence(QStringLiteral("Ctrl+Z"))}, [this] { history_->undo(); }, "reset");
  QAction* redo = actions_->add("redo", edit, tr("&Redo"), {QKeySequence(QStringLiteral("Ctrl+Shift+Z")), QKeySequence(QStringLiteral("Ctrl+Y"))}, [this] { history_->redo(); }, "resume");
  actions_->add("history", edit, tr("&History…"), {}, [this] {
    auto* dialog = new HistoryDialog(*history_, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->show();
  }, "log");
  actions_->add("editKeys", edit, tr("&Keyboard shortcuts…"), {}, [this] {
    auto* editor = new KeyEditor(*actions_, chosen_keys_, this);
    editor->setAttribute(Qt::WA_DeleteOnClose);
    connect(editor, &KeyEditor::keysChanged, this, &MainWindow::keysChosen);
    editor->show();
  }, "command");
  actions_->add("editColours", edit, tr("&Class colours…"), {}, [this] {
    QStringList classes;
    if (const auto loaded = workspace_->data()) {
      for (const std::string& name : loaded->catalogue.classes) classes.append(qText(name));
    }
    auto* editor = new ColourEditor(classes, this);
    editor->setAttribute(Qt::WA_DeleteOnClose);
    connect(editor, &ColourEditor::coloursChanged, this, [this](const ClassColours& before, const ClassColours& after) {
      useColours(after);
      history_->did({tr("class colours"), kColours, qText(classColoursJson(before)), qText(classColoursJson(after)), {}});
    });
    editor->show();
  }, "classes");
  const auto follow = [this, undo, redo] {
    undo->setEnabled(history_->canUndo());
    redo->setEnabled(history_->canRedo());
    undo->setText(history_->canUndo() ? tr("&Undo: %1").arg(history_->undoText()) : tr("&Undo"));
    redo->setText(history_->canRedo() ? tr("&Redo: %1").arg(history_->redoText()) : tr("&Redo"));
  };
  connect(history_, &History::changed, this, follow);
  follow();
}

void MainWindow::useKeys(const KeyMap& keys) {
  const QStringList clashes = applyKeyMap(*actions_, keys);
  if (clashes.isEmpty()) {
    chosen_keys_ = keys;
    return;
  }
  log_->add(LogLevel::kWarning, tr("The chosen keys clash (%1): the standard keys are in place.").arg(clashes.join(QStringLiteral("; "))));
  inJournal(this, [] { return moveAside(keyMapFile()); }, [this](const QString& aside) {  // before the next change of a key is written over them
    if (!aside.isEmpty()) log_->add(LogLevel::kWarning, tr("The chosen keys are kept as %1.").arg(aside));
  });
}

void MainWindow::useColours(const ClassColours& colours) {
  setClassColours(colours);
  Q_EMIT Theme::instance().changed();  // whatever paints itself paints anew
  inBackground(this, [file = classColoursFile(), text = classColoursJson(colours)] {
    std::filesystem::create_directories(file.parent_path());
    writeFileAtomic(file, text);
  }, [] {}, [this](const QString& message) { log_->add(LogLevel::kError, message); });
}

// What puts a state of each kind in place: on Undo and Redo, of this session's changes and of earlier ones.
void MainWindow::knowChanges() {
  history_->know(kColours, [this](const QJsonValue& state) {
    try {
      useColours(parseClassColours(stdText(state.toString())));
    } catch (const InputError& error) {  // of a file that somebody else wrote
      log_->add(LogLevel::kWarning, qText(error.what()));
    }
  });
  history_->know(kTimeline, [this](const QJsonValue& state) { timeline_->restore(timelineOptions(state.toObject())); });
  history_->know(kRunColours, [this](const QJsonValue& state) {
    QHash<QString, QColor> chosen;
    const QJsonObject all = state.toObject();
    for (auto it = all.begin(); it != all.end(); ++it) chosen.insert(it.key(), QColor(it->toString()));
    curves_->setRunColours(chosen);
  });
  connect(curves_, &CurvesView::runColoursChanged, this, &MainWindow::showRunColours);
  connect(&Theme::instance(), &Theme::changed, this, &MainWindow::showRunColours);
  history_->know(kTicked, [this](const QJsonValue& state) { runs_->model()->setTicked(state.toVariant().toStringList()); });
  history_->know(kBaseline, [this](const QJsonValue& state) {
    last_baseline_ = state.toString();
    table_->setBaseline(last_baseline_);
  });
  history_->know(kNotes, [this](const QJsonValue& state) {
    RunNotes wanted{.text = stdText(state["text"].toString()), .tags = {}};
    for (const QJsonValue& tag : state["tags"].toArray()) wanted.tags.push_back(stdText(tag.toString()));
    const auto failed = [this](const QString& message) { runs_->notice()->show(NoticeLevel::kBad, message); };
    inBackground(this, [folder = state["run"].toString(), wanted] { writeRunNotes(pathOf(folder), wanted); }, [this] { runsChanged(); }, failed);
  });
  history_->know(kTrash, [this](const QJsonValue& state) {
    const QString folder = state["run"].toString();
    state["trashed"].toBool() ? moveToTrash(folder, false, {}) : takeFromTrash(folder);
  });
  history_->know(kScheme, [this](const QJsonValue& state) {
    theme_chosen_ = state["chosen"].toBool();
    Theme::instance().setKind(themeNamed(state["kind"].toString()));
  });
}

// The actions say which rows the timeline shows.
void MainWindow::followRows(const TimelineOptions& shown) {
  const std::pair<const char*, bool> rows[] = {{"showTruth", shown.truth}, {"showPredictions", shown.predictions}, {"showAttention", shown.attention}};
  for (const auto& [id, on] : rows) {
    const QSignalBlocker blocker((*actions_)[id]);
    (*actions_)[id]->setChecked(on);
  }
}

void MainWindow::connectHistory() {
  knowChanges();
  connectMoreHistory();
  connect(history_, &History::changed, this, [this] { history_changed_ = true; });
  connect(training_->form(), &ConfigForm::changed, this, [this] { form_changed_ = true; });
  connect(timeline_, &TimelinePanel::optionsChanged, this, [this](const TimelineOptions& before, const TimelineOptions& after) {
    followRows(after);
    QString text = tr("timeline rows");
    if (before.threshold != after.threshold) text = tr("score threshold %1").arg(uiNumber(after.threshold, 2));
    else if (before.tiou != after.tiou) text = tr("tIoU threshold %1").arg(uiNumber(after.tiou, 2));
    else if (before.value != after.value) text = tr("colour of the cells");
    else if (before.only_level != after.only_level) text = after.only_level < 0 ? tr("all levels") : tr("only level %1").arg(after.only_level);
    else if (before.collapsed != after.collapsed) text = tr("levels collapsed: %1").arg(after.collapsed.size());
    const QString merge = text.section(QLatin1Char(' '), 0, 0);
    history_->did({text, kTimeline, timelineState(before), timelineState(after), merge});
  });
  connect(runs_->model(), &RunModel::tickedChanged, this, [this] {
    const QStringList before = std::exchange(last_ticked_, runs_->model()->wanted()), after = last_ticked_;
    if (before != after) history_->did({tr("runs laid over each other: %1").arg(after.size()), kTicked, QJsonArray::fromStringList(before), QJsonArray::fromStringList(after), {}});
  });
  connect(table_, &RunTable::baselineChanged, this, [this](const QString& folder) {
    const QString before = std::exchange(last_baseline_, folder);
    if (before == folder) return;
    history_->did({folder.isEmpty() ? tr("no baseline") : tr("baseline %1").arg(QFileInfo(folder).fileName()), kBaseline, before, folder, {}});
  });
}

void MainWindow::makeRunListActions() {
  const QString run = tr("Run");
  QList<QAction*> own;
  const auto add = [&](const char* id, const QString& text, void (MainWindow::*act)(const QString&), const char* icon_name) {
    own.append(actions_->add(id, run, text, {}, [this, act] {
      const QString folder = runs_->selected();
      if (folder.isEmpty()) runs_->notice()->show(NoticeLevel::kInfo, tr("Choose a run in the list first."));
      else (this->*act)(folder);
    }, icon_name));
  };
  add("tagRun", tr("&Tags…"), &MainWindow::tagRun, "classes");
  add("noteRun", tr("N&ote…"), &MainWindow::noteRun, "log");
  add("pinBaseline", tr("Pin as &baseline"), &MainWindow::pinBaseline, "attach");
  add("runDifferences", tr("&Differences to the baseline…"), &MainWindow::showDifferences, "table");
  add("colourRun", tr("Colour of its &curves…"), &MainWindow::colourRun, "theme");
  add("standardColourRun", tr("Standard c&olour of its curves"), &MainWindow::standardColourRun, "reset");
  add("trashRun", tr("Move to the tras&h…"), &MainWindow::trashRun, "close");
  runs_->setContextActions(own);
}

void MainWindow::colourRun(const QString& folder) {
  auto* dialog = new QColorDialog(curves_->runColours().colour(folder, tokens()), this);
  dialog->setObjectName(QStringLiteral("runColourDialog"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  connect(dialog, &QColorDialog::colorSelected, this, [this, folder](const QColor& colour) { chooseRunColour(folder, colour); });
  dialog->open();
}

void MainWindow::standardColourRun(const QString& folder) { chooseRunColour(folder, QColor()); }

void MainWindow::chooseRunColour(const QString& folder, const QColor& colour) {
  const auto state = [this] {
    QJsonObject all;
    const auto& chosen = curves_->runColours().chosen();
    for (auto it = chosen.cbegin(); it != chosen.cend(); ++it) all.insert(it.key(), it->name());
    return all;
  };
  const QJsonObject before = state();
  QHash<QString, QColor> chosen = curves_->runColours().chosen();
  if (colour.isValid()) chosen.insert(folder, colour);
  else chosen.remove(folder);
  curves_->setRunColours(chosen);
  if (before != state()) history_->did({tr("colour of %1").arg(QFileInfo(folder).fileName()), kRunColours, before, state(), {}});
}

// The list shows the colour of a run where several lie over each other: of one alone colour tells the term.
void MainWindow::showRunColours() {
  QHash<QString, QIcon> swatches;
  const QStringList& shown = store_->runs();
  if (shown.size() > 1) {
    for (const QString& folder : shown) swatches.insert(folder, curves_->runColours().swatch(folder, tokens()));
  }
  runs_->model()->setSwatches(swatches);
}

// Writes notes on a worker and takes them into the history.
void MainWindow::changeNotes(const QString& folder, const std::function<void(RunNotes&)>& change, const QString& what) {
  inBackground(
      this,
      [folder, change] {
        const RunNotes before = readRunNotes(pathOf(folder));
        RunNotes after = before;
        change(after);
        if (!(after == before)) writeRunNotes(pathOf(folder), after);
        return std::pair(before, after);
      },
      [this, folder, what](const std::pair<RunNotes, RunNotes>& notes) {
        if (notes.first == notes.second) return;
        history_->did({what, kNotes, notesState(folder, notes.first), notesState(folder, notes.second), {}});
        runsChanged();
      },
      [this](const QString& message) { runs_->notice()->show(NoticeLevel::kBad, message); });
}

void MainWindow::runsChanged() {
  runs_->refresh();
  table_->refresh();
}

void MainWindow::tagRun(const QString& folder) {
  inBackground(this, [folder] { return readRunNotes(pathOf(folder)); }, [this, folder](const RunNotes& notes) {
    QStringList now;
    for (const std::string& tag : notes.tags) now.append(qText(tag));
    const QString name = QFileInfo(folder).fileName();
    const QString text = prompts_.line(this, tr("Tags of %1").arg(name), tr("Tags, with commas between them; \"-\" takes all away"), now.join(QStringLiteral(", ")));
    if (text.isEmpty()) return;
    const std::vector<std::string> tags = text.trimmed() == QLatin1String("-") ? std::vector<std::string>() : tagsFrom(stdText(text));
    changeNotes(folder, [tags](RunNotes& n) { n.tags = tags; }, tr("tags of %1").arg(name));
  }, [this](const QString& message) { runs_->notice()->show(NoticeLevel::kBad, message); });
}

void MainWindow::noteRun(const QString& folder) {
  inBackground(this, [folder] { return readRunNotes(pathOf(folder)); }, [this, folder](const RunNotes& notes) {
    const QString name = QFileInfo(folder).fileName();
    auto* dialog = new TextDialog(tr("Note on %1").arg(name), qText(notes.text), this, true);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, this, [this, dialog, folder, name] {
      const std::string text = stdText(dialog->text());
      changeNotes(folder, [text](RunNotes& n) { n.text = text; }, tr("note on %1").arg(name));
    });
    dialog->show();
  }, [this](const QString& message) { runs_->notice()->show(NoticeLevel::kBad, message); });
}

void MainWindow::pinBaseline(const QString& folder) {
  table_->setBaseline(folder);
  showRunTable();
}

void MainWindow::showRunTable() {
  showWelcome(false);
  tabs_->setCurrentWidget(compare_);
  compare_->showRuns();
}

void MainWindow::showDifferences(const QString& folder) {
  const QString baseline = table_->baseline().isEmpty() ? workspace_->run() : table_->baseline();
  if (baseline.isEmpty() || baseline == folder) {
    runs_->notice()->show(NoticeLevel::kInfo, tr("Pin another run as the baseline first: differences are to that one."));
    return;
  }
  inBackground(
      this, [baseline, folder] { return configDifferences(readRunConfig(pathOf(baseline) / "config.yaml"), readRunConfig(pathOf(folder) / "config.yaml")); },
      [this, baseline, folder](const std::vector<std::string>& differences) {
        QString text = tr("%1 / %2\n\n").arg(QFileInfo(baseline).fileName(), QFileInfo(folder).fileName());
        if (differences.empty()) text += tr("The configs are the same.");
        for (const std::string& difference : differences) text += qText(difference) + QLatin1Char('\n');
        auto* dialog = new TextDialog(tr("Differences of the configs"), text, this);
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        dialog->show();
      },
      [this](const QString& message) { runs_->notice()->show(NoticeLevel::kWarning, message); });
}

// The folder goes to the trash of the desktop, from where it comes back by undo (or by hand). A run that is being written stays.
void MainWindow::trashRun(const QString& folder) {
  const QString name = QFileInfo(folder).fileName();
  const int answer = prompts_.choose(this, tr("Move the run %1 to the trash?").arg(name), tr("Its checkpoints, curves and reports go with it. Undo brings it back."), {tr("Keep it"), tr("Move to the trash")});
  if (answer == 1) toTrash(folder, false);
}

void MainWindow::toTrash(const QString& folder, bool just_stopped) {
  moveToTrash(folder, just_stopped, [this, folder, name = QFileInfo(folder).fileName()](const QString& place) {
    history_->did({tr("%1 moved to the trash").arg(name), kTrash, QJsonObject{{"run", folder}, {"trashed", false}}, QJsonObject{{"run", folder}, {"trashed", true}}, {}});
    log_->add(LogLevel::kInfo, tr("run %1 moved to %2; Undo brings it back").arg(folder, place));
  });
}

// On a worker; `then` gets the place in the trash, where Undo finds it. `just_stopped`: whoever wrote it may hold it for a moment more, and it may
// have stopped before there was anything.
void MainWindow::moveToTrash(const QString& folder, bool just_stopped, const std::function<void(const QString& place)>& then) {
  inBackground(
      this,
      [folder, just_stopped] {
        for (int waits = 0; just_stopped && waits < kWaits && isLocked(pathOf(folder)); ++waits) std::this_thread::sleep_for(kWait);
        std::error_code none;
        if (just_stopped && !std::filesystem::exists(pathOf(folder) / "run.json", none)) return QString();
        if (aliveNow(pathOf(folder))) {
          throw InputError({.where = stdText(folder), .expected = "a run that nobody writes", .found = "one that is being trained", .remedy = "Stop it first."});
        }
        // The trash lies in the user's data folder; where that has not been made yet, Qt would take the folder the program was started in.
        QDir().mkpath(QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation));
        QString place;
        if (!QFile::moveToTrash(folder, &place) || QFileInfo(place).isRelative()) {
          throw InputError({.where = stdText(folder), .expected = "a folder that can go to the trash", .found = "the system refused", .remedy = "Remove the folder by hand, or check who owns it."});
        }
        return place;
      },
      [this, folder, then](const QString& place) {
        if (place.isEmpty()) return;
        trashed_[folder] = place;
        if (then) then(place);
        runsChanged();
      },
      [this](const QString& message) { runs_->notice()->show(NoticeLevel::kBad, message); });
}

void MainWindow::takeFromTrash(const QString& folder) {
  inBackground(
      this,
      [folder, place = trashed_.value(folder)] {
        std::error_code none;
        const std::filesystem::path lies = pathOf(place);
        if (place.isEmpty() || !std::filesystem::exists(lies, none)) {
          throw InputError({.where = stdText(folder), .expected = "the run in the trash", .found = "nothing there", .remedy = "The trash was emptied, or the run taken out by hand."});
        }
        if (std::filesystem::exists(pathOf(folder), none)) {
          throw InputError({.where = stdText(folder), .expected = "a free place", .found = "another run", .remedy = "Move that one away, then undo again."});
        }
        std::filesystem::rename(lies, pathOf(folder));
        std::filesystem::remove(lies.parent_path().parent_path() / "info" / (lies.filename().string() + ".trashinfo"), none);
      },
      [this, folder] {
        trashed_.remove(folder);
        runsChanged();
      },
      [this](const QString& message) { runs_->notice()->show(NoticeLevel::kBad, message); });
}

void MainWindow::remember(const QString& path) {
  recent_.removeAll(path);
  recent_.prepend(path);
  constexpr qsizetype kMost = 12;
  recent_ = recent_.mid(0, kMost);
  fillRecentMenu();
}

void MainWindow::fillRecentMenu() {
  recent_menu_->clear();
  recent_menu_->setEnabled(!recent_.isEmpty());
  for (const QString& path : std::as_const(recent_)) {
    QString shown = QFileInfo(path).fileName() == QLatin1String("dataset.yaml") ? QFileInfo(QFileInfo(path).path()).fileName() : QFileInfo(path).fileName();
    shown.replace(QLatin1Char('&'), QStringLiteral("&&"));
    QAction* action = recent_menu_->addAction(shown, this, [this, path] { openPath(path); });
    action->setToolTip(path);
  }
}

}  // namespace hvlm::ui
