// SPDX-License-Identifier: GPL-3.0-or-later
// Text at 200 % of its usual size: nothing is cut, drawings grow with it and are still hit where they are drawn.
#include <QAbstractButton>
#include <QApplication>
#include <QComboBox>
#include <QDialog>
#include <QDockWidget>
#include <QFile>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QTabBar>
#include <QTabWidget>
#include <QTableView>
#include <QToolButton>
#include <QtTest>

#include "ui/jobs/job_dialog.h"
#include "ui/jobs/job_kinds.h"
#include "ui/shell/action_list.h"
#include "ui/shell/elided_label.h"
#include "ui/shell/workers.h"
#include "ui/style/text_size.h"
#include "ui/style/theme.h"
#include "ui/timeline/timeline_panel.h"
#include "ui/timeline/timeline_view.h"
#include "ui/window/main_window.h"
#include "ui/window/versions_dialog.h"
#include "ui/workspace.h"
#include "cut_texts.h"
#include "ui_fixtures.h"

using namespace hvlm;
using namespace hvlm::ui;
using namespace hvlm::ui::testing;

class TestTextSize : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase();
  void cleanupTestCase();
  void nothingIsCut_data();
  void nothingIsCut();
  void nothingIsCutInADialog_data();
  void nothingIsCutInADialog();
  void nothingIsCutInAJobDialog();
  void theTimelineGrowsAndIsHitWhereItIsDrawn();
  void usualTextChangesNothing();

 private:
  QFont usual_;
  std::unique_ptr<Sandbox> box_;
  std::unique_ptr<QueuedPrompts> prompts_;
  std::unique_ptr<MainWindow> window_;
};

void TestTextSize::initTestCase() {
  box_ = std::make_unique<Sandbox>();
  Theme::instance().install(*qApp, ThemeKind::kLight);
  usual_ = QApplication::font();
  QFont large = usual_;
  large.setPointSizeF(20.0);
  QApplication::setFont(large);
  prompts_ = std::make_unique<QueuedPrompts>();
  window_ = std::make_unique<MainWindow>(*prompts_, Session{});
  window_->saveSessionOnClose(false);
  window_->resize(1920, 1200);
  window_->show();
  window_->openData(makeSynth(*box_));
  QTRY_VERIFY(window_->workspace().video());
  QTest::qWait(50);
}

void TestTextSize::cleanupTestCase() {
  window_.reset();
  Workers::instance().waitForDone();
  QApplication::setFont(usual_);
  box_.reset();
}

void TestTextSize::nothingIsCut_data() {
  QTest::addColumn<int>("tab");
  for (int tab = 0; tab < window_->tabs().count(); ++tab) QTest::newRow(qPrintable(window_->tabs().tabText(tab))) << tab;
}
void TestTextSize::nothingIsCut() {
  QFETCH(int, tab);
  window_->tabs().setCurrentIndex(tab);
  QTest::qWait(30);
  if (const QString pictures = qEnvironmentVariable("HVLM_PICTURES"); !pictures.isEmpty()) QVERIFY(window_->grab().save(pictures + QStringLiteral("/text-200-%1.png").arg(tab)));
  const QStringList cut = cutTexts(*window_);
  QVERIFY2(cut.isEmpty(), qPrintable(cut.join(QLatin1Char('\n'))));
}

void TestTextSize::nothingIsCutInADialog_data() {
  QTest::addColumn<QByteArray>("action");
  for (const char* action : {"keySheet", "editKeys", "editColours", "history", "importReport", "settings", "newJob", "projectVersions"}) QTest::newRow(action) << QByteArray(action);
}
void TestTextSize::nothingIsCutInADialog() {
  QFETCH(QByteArray, action);
  if (action == "projectVersions" && window_->projectFolder().isEmpty()) {
    prompts_->paths.enqueue(box_->path("project"));
    window_->actionList()["newProject"]->trigger();
    QTRY_VERIFY(!window_->projectFolder().isEmpty() && QFile::exists(box_->path("project/project.json")));
  }
  const QWidgetList before = QApplication::topLevelWidgets();
  QVERIFY(window_->actionList()[action.constData()]);
  window_->actionList()[action.constData()]->trigger();
  QWidget* dialog = nullptr;
  const auto opened = [&] {
    for (QWidget* each : QApplication::topLevelWidgets()) {
      if (!before.contains(each) && each->isVisible() && qobject_cast<QDialog*>(each)) dialog = each;
    }
    return dialog != nullptr;
  };
  QTRY_VERIFY(opened());
  QTest::qWait(20);
  const QStringList cut = cutTexts(*dialog);
  if (const QString pictures = qEnvironmentVariable("HVLM_PICTURES"); !pictures.isEmpty()) QVERIFY(dialog->grab().save(pictures + QStringLiteral("/text-200-%1.png").arg(QLatin1String(action))));
  dialog->close();
  QVERIFY2(cut.isEmpty(), qPrintable(cut.join(QLatin1Char('\n'))));
}

void TestTextSize::nothingIsCutInAJobDialog() {
  for (const JobKind& kind : jobKinds()) {
    JobDialog dialog(kind.id, {}, *prompts_, window_.get());
    dialog.show();
    QTest::qWait(10);
    const QStringList cut = cutTexts(dialog);
    QVERIFY2(cut.isEmpty(), qPrintable(kind.id + QLatin1Char('\n') + cut.join(QLatin1Char('\n'))));
  }
}

void TestTextSize::theTimelineGrowsAndIsHitWhereItIsDrawn() {
  TimelineView* view = window_->timeline().view();
  QVERIFY2(view->drawnAt() > 1.5 && view->drawnAt() < 2.2, qPrintable(QString::number(view->drawnAt())));
  const double length = view->content().duration_seconds;
  for (const double share : {0.25, 0.5, 0.75}) {
    const double seconds = share * length;
    const QPointF place = QPointF(view->scale().pixelAt(seconds), view->rows().back().top + 2) * view->drawnAt();
    QVERIFY(view->rect().contains(place.toPoint()));
    QTest::mouseClick(view, Qt::LeftButton, {}, place.toPoint());
    QVERIFY2(std::abs(view->cursorSeconds() - seconds) < 2 * view->scale().seconds_per_pixel, qPrintable(QString("%1 for %2").arg(view->cursorSeconds()).arg(seconds)));
  }
  // The whole video ends inside the view.
  QVERIFY(view->scale().pixelAt(length) * view->drawnAt() <= view->width());
  QVERIFY(view->minimumSizeHint().height() >= (view->rows().front().height) * view->drawnAt());
}

void TestTextSize::usualTextChangesNothing() {
  QWidget plain;
  QFont font = usual_;
  font.setPointSizeF(10.0);
  plain.setFont(font);
  QCOMPARE(textScale(plain), 1.0);
  QCOMPARE(withText(plain, 24), 24);
  font.setPointSizeF(7.0);
  plain.setFont(font);
  QCOMPARE(withText(plain, 24), 24);  // never less
  font.setPointSizeF(21.0);
  plain.setFont(font);
  QCOMPARE(withText(plain, 24), 48);
  QMouseEvent press(QEvent::MouseButtonPress, QPointF(30, 50), QPointF(30, 50), QPointF(130, 150), Qt::LeftButton, Qt::LeftButton, Qt::ShiftModifier);
  const auto scaled = scaledEvent(press, 2.0);
  QVERIFY(scaled);
  QCOMPARE(static_cast<QMouseEvent&>(*scaled).position(), QPointF(15, 25));
  QCOMPARE(static_cast<QMouseEvent&>(*scaled).globalPosition(), QPointF(130, 150));
  QCOMPARE(static_cast<QMouseEvent&>(*scaled).modifiers(), Qt::KeyboardModifiers(Qt::ShiftModifier));
  QVERIFY(!scaledEvent(QEvent(QEvent::Leave), 2.0));
}

QTEST_MAIN(TestTextSize)
#include "tst_ui_text_size.moc"
