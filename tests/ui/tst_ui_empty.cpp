// SPDX-License-Identifier: GPL-3.0-or-later
// Every empty panel says what will appear and why it does not yet, and has a button that fills it.
#include <QClipboard>
#include <QDockWidget>
#include <QLabel>
#include <QPushButton>
#include <QTabWidget>

#include "ui/jobs/job_dialog.h"
#include "ui/look/pyramid_panel.h"
#include "ui/look/features_panel.h"
#include "ui/shell/action_list.h"
#include "ui/shell/empty_state.h"
#include "ui/shell/workers.h"
#include "ui/window/main_window.h"
#include "ui_fixtures.h"

using namespace hvlm;
using namespace hvlm::ui;
using namespace hvlm::ui::testing;

class TestEmpty : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void everyPanelOffersWhatFillsIt();
  void whatIsLackingFollowsTheWorkspace();
  void aFigureSaysItUntilItHasContent();
  void aLineCanBeCopied();
};

// Shows every page of every tab widget below `root` and every dock; calls `visit` for each empty state in sight.
template <class Visit>
void walk(MainWindow& window, const Visit& visit) {
  const auto seen = [&] {
    QCoreApplication::processEvents();
    for (EmptyState* empty : window.findChildren<EmptyState*>()) {
      if (empty->isVisible()) visit(empty);
    }
  };
  for (QDockWidget* dock : window.findChildren<QDockWidget*>()) {
    dock->show();
    dock->raise();
    seen();
  }
  for (int tab = 0; tab < window.tabs().count(); ++tab) {
    window.tabs().setCurrentIndex(tab);
    seen();
    for (QTabWidget* inner : window.tabs().widget(tab)->findChildren<QTabWidget*>()) {
      if (!inner->isVisible()) continue;
      for (int page = 0; page < inner->count(); ++page) {
        inner->setCurrentIndex(page);
        seen();
      }
    }
  }
}

void TestEmpty::everyPanelOffersWhatFillsIt() {
  const Sandbox box;
  QueuedPrompts prompts;
  MainWindow window(prompts, Session{});
  window.saveSessionOnClose(false);
  window.resize(1280, 900);
  window.show();
  window.actionList()["searchByWords"]->trigger();  // leaves the first screen
  QSet<EmptyState*> visited;
  QStringList texts;
  walk(window, [&](EmptyState* empty) {
    if (visited.contains(empty)) return;
    visited.insert(empty);
    const QString text = empty->text();
    texts.append(text);
    QVERIFY2(text.endsWith(QLatin1Char('.')) && text.size() > 30, qPrintable(text));
    auto* button = empty->findChild<QPushButton*>(QStringLiteral("emptyStateButton"));
    QVERIFY2(button->isVisible() && button->isEnabled() && !button->text().isEmpty(), qPrintable(text));
    const auto before = prompts.asked.size();
    const auto dialogs = window.findChildren<JobDialog*>().size();
    button->click();
    const bool acted = prompts.asked.size() > before || window.findChildren<JobDialog*>().size() > dialogs;
    QVERIFY2(acted, qPrintable(text + button->text()));
  });
  // Curves, results, tables and runs of Compare, video, pyramid, two of attention, three of features, detection, timeline, and the docks.
  QVERIFY2(visited.size() >= 17, qPrintable(texts.join(QLatin1Char('\n'))));
  Workers::instance().waitForDone();
}

void TestEmpty::whatIsLackingFollowsTheWorkspace() {
  const Sandbox box;
  Workspace workspace;
  PyramidPanel panel(workspace);
  panel.resize(400, 300);
  panel.show();
  auto* empty = panel.findChild<EmptyState*>();
  QVERIFY(empty && empty->isVisible());
  QSignalSpy asked(empty, &EmptyState::asked);
  auto* button = empty->findChild<QPushButton*>(QStringLiteral("emptyStateButton"));
  button->click();
  QCOMPARE(asked.last().value(0).value<EmptyAsk>(), EmptyAsk::kRuns);
  QVERIFY2(empty->text().contains("No run is shown"), qPrintable(empty->text()));
  workspace.setRun(box.path("run"));
  button->click();
  QCOMPARE(asked.last().value(0).value<EmptyAsk>(), EmptyAsk::kData);
  workspace.openData(makeSynth(box, 6));
  QVERIFY(!button->isVisible());  // being read
  QTRY_VERIFY(workspace.video());
  QCOMPARE(lacking(workspace, true), EmptyAsk::kNothing);
  QVERIFY(!button->isVisible());
  Workers::instance().waitForDone();
}

void TestEmpty::aFigureSaysItUntilItHasContent() {
  SimilarityView view;
  view.resize(300, 200);
  view.show();
  view.offer(EmptyAsk::kRuns);
  auto* empty = view.findChild<EmptyState*>();
  QVERIFY(empty->isVisible());
  QCOMPARE(empty->geometry(), view.rect());
  view.resize(320, 240);
  QCOMPARE(empty->geometry(), view.rect());
  view.setMatrix(std::vector<float>(9, 0.5f), 3, 1.0);
  QVERIFY(!empty->isVisible());
  view.setReason(QStringLiteral("It was imported."));
  view.setMatrix({}, 0, 1.0);
  QVERIFY(empty->isVisible());
  QCOMPARE(empty->text(), QStringLiteral("It was imported."));
}

void TestEmpty::aLineCanBeCopied() {
  EmptyState state(QStringLiteral("AV9 is not decoded here."));
  state.show();
  QVERIFY(!state.findChild<QPushButton*>(QStringLiteral("emptyStateCopyButton")));
  state.setCopy(QStringLiteral("Copy"), QStringLiteral("ffmpeg -i a out.mp4"));
  auto* copy = state.findChild<QPushButton*>(QStringLiteral("emptyStateCopyButton"));
  QVERIFY(copy && copy->isVisible());
  copy->click();
  QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("ffmpeg -i a out.mp4"));
  QVERIFY(state.findChild<QLabel*>()->textInteractionFlags().testFlag(Qt::TextSelectableByMouse));
  state.setCopy(QString(), QString());
  QVERIFY(!copy->isVisible());
}

HVLM_GUI_TEST_MAIN(TestEmpty)
#include "tst_ui_empty.moc"
