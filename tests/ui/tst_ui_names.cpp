// SPDX-License-Identifier: GPL-3.0-or-later
// Every control of the window, of its tabs and docks and of its dialogs has a name for the screen reader, and the Tab key reaches it.
#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAbstractSpinBox>
#include <QAccessible>
#include <QComboBox>
#include <QDialog>
#include <QDockWidget>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QSlider>
#include <QTabBar>
#include <QTabWidget>

#include "ui/jobs/job_dialog.h"
#include "ui/jobs/job_kinds.h"
#include "ui/shell/action_list.h"
#include "ui/shell/workers.h"
#include "ui/timeline/timeline_panel.h"
#include "ui/window/main_window.h"
#include "ui_fixtures.h"

using namespace hvlm;
using namespace hvlm::ui;
using namespace hvlm::ui::testing;

namespace {

bool isControl(const QWidget* widget) {
  const bool kind = qobject_cast<const QAbstractButton*>(widget) || qobject_cast<const QLineEdit*>(widget) || qobject_cast<const QAbstractItemView*>(widget) ||
                    qobject_cast<const QComboBox*>(widget) || qobject_cast<const QSlider*>(widget) || qobject_cast<const QAbstractSpinBox*>(widget) ||
                    qobject_cast<const QPlainTextEdit*>(widget);
  // Parts that Qt puts into its own controls carry the name of these.
  const bool part = widget->objectName().startsWith(QLatin1String("qt_")) || widget->inherits("QLineEditIconButton") || widget->inherits("QHeaderView") ||
                    widget->inherits("QTableCornerButton") || widget->inherits("QComboBoxListView") || widget->inherits("QComboBoxPrivateContainer") ||
                    widget->inherits("QDockWidgetTitleButton") || widget->inherits("QMenuBarExtension") || widget->inherits("QTabBar") ||
                    qobject_cast<const QAbstractSpinBox*>(widget->parentWidget()) || qobject_cast<const QComboBox*>(widget->parentWidget()) ||
                    qobject_cast<const QTabBar*>(widget->parentWidget());
  return kind && !part;
}

QString described(const QWidget* widget) {
  QStringList path;
  for (const QWidget* each = widget; each; each = each->parentWidget()) path.prepend(QStringLiteral("%1#%2").arg(QLatin1String(each->metaObject()->className()), each->objectName()));
  return path.join(QStringLiteral(" / "));
}

QStringList nameless(const QWidget& root) {
  QStringList found;
  for (QWidget* widget : root.findChildren<QWidget*>()) {
    if (!isControl(widget)) continue;
    const auto* button = qobject_cast<const QAbstractButton*>(widget);
    if (button && button->isHidden() && button->text().isEmpty() && button->icon().isNull()) continue;  // it has nothing to offer yet, and is shown with its text
    QAccessibleInterface* face = QAccessible::queryAccessibleInterface(widget);
    if (!face || face->text(QAccessible::Name).isEmpty()) found.append(described(widget));
  }
  return found;
}

// What Tab comes by, from the first widget until it is there again.
QSet<const QWidget*> reached(QWidget& window) {
  QSet<const QWidget*> seen;
  const QWidget* before = nullptr;
  for (int i = 0; i < 4000; ++i) {
    QWidget* now = QApplication::focusWidget();
    if (now && now != before && seen.contains(now)) break;  // a browser goes from link to link first
    if (now) seen.insert(now);
    before = now;
    QTest::keyClick(now ? now : &window, Qt::Key_Tab);
  }
  return seen;
}

QStringList unreached(QWidget& root, const QSet<const QWidget*>& seen) {
  QStringList missing;
  for (QWidget* widget : root.findChildren<QWidget*>()) {
    if (!isControl(widget) || !widget->isVisible() || !widget->isEnabled() || widget->visibleRegion().isEmpty()) continue;
    if (!(widget->focusPolicy() & Qt::TabFocus)) continue;  // said below which may not have it
    if (const auto* button = qobject_cast<QAbstractButton*>(widget); button && button->autoExclusive() && !button->isChecked()) continue;  // by arrows
    const QWidget* proxy = widget->focusProxy();
    if (!seen.contains(widget) && !(proxy && seen.contains(proxy))) missing.append(described(widget));
  }
  return missing;
}

}  // namespace

class TestNames : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void init();
  void cleanup();
  void everyTabAndDock();
  void everyDialog_data();
  void everyDialog();
  void everyJobDialog();
  void tabReachesEveryControl();
  void everyControlTakesTheFocus();

 private:
  void openSynth();
  std::unique_ptr<Sandbox> box_;
  std::unique_ptr<QueuedPrompts> prompts_;
  std::unique_ptr<MainWindow> window_;
};

void TestNames::init() {
  box_ = std::make_unique<Sandbox>();
  prompts_ = std::make_unique<QueuedPrompts>();
  window_ = std::make_unique<MainWindow>(*prompts_, Session{});
  window_->saveSessionOnClose(false);
  window_->resize(1280, 800);
  window_->show();
  QVERIFY(QTest::qWaitForWindowActive(window_.get()));
}

void TestNames::cleanup() {
  window_.reset();
  Workers::instance().waitForDone();
  prompts_.reset();
  box_.reset();
}

void TestNames::openSynth() {
  prompts_->paths.enqueue(makeSynth(*box_));
  window_->actionList()["openData"]->trigger();
  QTRY_VERIFY(window_->workspace().video());
}

// Hidden pages and closed docks count: every control there is.
void TestNames::everyTabAndDock() {
  QStringList found = nameless(*window_);
  QVERIFY2(found.isEmpty(), qPrintable(found.join('\n')));
  openSynth();
  for (int i = 0; i < window_->tabs().count(); ++i) {
    window_->tabs().setCurrentIndex(i);
    for (QTabWidget* pages : window_->tabs().currentWidget()->findChildren<QTabWidget*>()) {
      for (int page = 0; page < pages->count(); ++page) {
        pages->setCurrentIndex(page);
        found += nameless(*pages->currentWidget());
      }
    }
  }
  for (QDockWidget* dock : window_->findChildren<QDockWidget*>()) {
    dock->show();
    dock->raise();
    found += nameless(*dock);
  }
  found += nameless(*window_);
  found.removeDuplicates();
  QVERIFY2(found.isEmpty(), qPrintable(found.join('\n')));
}

void TestNames::everyDialog_data() {
  QTest::addColumn<QByteArray>("action");
  for (const char* action : {"editKeys", "editColours", "history", "importReport", "exportPage", "keySheet", "settings", "manual", "configDifferences", "newJob"}) {
    QTest::newRow(action) << QByteArray(action);
  }
}

void TestNames::everyDialog() {
  QFETCH(QByteArray, action);
  openSynth();
  QAction* found = window_->actionList()[action.constData()];
  QVERIFY2(found, "the window has no such action");
  const auto before = QApplication::topLevelWidgets();
  found->trigger();
  QList<QWidget*> fresh;
  const auto opened = [&] {
    fresh.clear();
    for (QWidget* each : QApplication::topLevelWidgets()) {
      if (each->isVisible() && qobject_cast<QDialog*>(each)) fresh.append(each);
    }
    return !fresh.isEmpty();
  };
  if (!QTest::qWaitFor(opened, 3000)) QSKIP("it has nothing to show here");
  for (QWidget* dialog : fresh) {
    const QStringList without = nameless(*dialog);
    QVERIFY2(without.isEmpty(), qPrintable(without.join('\n')));
    QVERIFY(!dialog->windowTitle().isEmpty());
    dialog->raise();
    dialog->activateWindow();
    QTRY_COMPARE(QApplication::activeWindow(), dialog);  // qWaitForWindowActive() is content with its parent
    for (QWidget* each = dialog->nextInFocusChain(); each != dialog && !dialog->isAncestorOf(QApplication::focusWidget()); each = each->nextInFocusChain()) {
      if ((each->focusPolicy() & Qt::TabFocus) && each->isVisible() && each->isEnabled()) each->setFocus();
    }
    const QSet<const QWidget*> seen = reached(*dialog);
    QVERIFY(!seen.isEmpty());
    const QStringList missing = unreached(*dialog, seen);
    QVERIFY2(missing.isEmpty(), qPrintable(missing.join('\n')));
    dialog->close();
  }
}

void TestNames::everyJobDialog() {
  QStringList found;
  for (const JobKind& kind : jobKinds()) {
    JobDialog dialog(kind.id, {}, *prompts_, window_.get());
    dialog.show();
    found += nameless(dialog);
  }
  QVERIFY2(found.isEmpty(), qPrintable(found.join('\n')));
}

void TestNames::tabReachesEveryControl() {
  openSynth();
  for (int i = 0; i < window_->tabs().count(); ++i) {
    window_->tabs().setCurrentIndex(i);
    QCoreApplication::processEvents();
    window_->tabs().tabBar()->setFocus();
    const QStringList missing = unreached(*window_, reached(*window_));
    QVERIFY2(missing.isEmpty(), qPrintable(window_->tabs().tabText(i) + ":\n" + missing.join('\n')));
  }
}

void TestNames::everyControlTakesTheFocus() {
  openSynth();
  QStringList without;
  for (QWidget* widget : window_->findChildren<QWidget*>()) {
    if (isControl(widget) && widget->focusPolicy() == Qt::NoFocus) without.append(described(widget));
  }
  QVERIFY2(without.isEmpty(), qPrintable(without.join('\n')));
}

HVLM_GUI_TEST_MAIN(TestNames)
#include "tst_ui_names.moc"
