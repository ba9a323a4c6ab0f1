// SPDX-License-Identifier: GPL-3.0-or-later
// The buttons above the curves, pressed as a user presses them, and what the training panel says about a run's health.
#include <QComboBox>
#include <QLabel>
#include <QSlider>
#include <QToolButton>
#include <chrono>
#include <thread>

#include "curve_page.h"
#include "fake_engine.h"
#include "ui/training/job_controller.h"
#include "ui/training/training_panel.h"

using namespace hvlm;
using namespace hvlm::ui;
using namespace hvlm::ui::testing;

namespace {

constexpr int kPatience = 20000;  // ms

QList<double> keysOf(const QCPGraph* graph) {
  QList<double> keys;
  for (const auto& point : *graph->data()) keys.append(point.key);
  return keys;
}

QString textsOf(const QWidget* widget) {
  QStringList all;
  for (const QLabel* label : widget->findChildren<QLabel*>()) all.append(label->text());
  return all.join(QLatin1Char('\n'));
}

void press(QWidget* button) { QTest::mouseClick(button, Qt::LeftButton, {}, button->rect().center()); }

}  // namespace

class TestCurveButtons : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void logXIsAButton();
  void theAxisIsChosen_data();
  void theAxisIsChosen();
  void outliersAreClipped();
  void eachCardHasItsOwnLogButton();
  void theSliderSmoothes();
  void buttonsShowWhatIsSet();
  void everyCardComesRoundWhilePointsStreamIn();
  void theHealthLabelTells_data();
  void theHealthLabelTells();
};

void TestCurveButtons::logXIsAButton() {
  CurvePage page({5, 4, 3, 2});
  QTRY_VERIFY_WITH_TIMEOUT(page.drawn(4), kPatience);
  auto* log_x = page.view.findChild<QToolButton*>("logXButton");
  QVERIFY(log_x && !log_x->isChecked());
  press(log_x);
  QVERIFY(page.view.options().log_x);
  QTRY_COMPARE_WITH_TIMEOUT(page.plot()->xAxis->scaleType(), QCPAxis::stLogarithmic, kPatience);
  QVERIFY(page.plot()->xAxis->range().lower > 0.0);
  QVERIFY2(textsOf(page.view.card(CardKind::kLoss)).contains("1 points hidden"), qPrintable(textsOf(page.view.card(CardKind::kLoss))));  // step 0
  press(log_x);
  QTRY_COMPARE_WITH_TIMEOUT(page.plot()->xAxis->scaleType(), QCPAxis::stLinear, kPatience);
  QCOMPARE(page.plot()->xAxis->range(), QCPRange(0.0, 3.0));
  QVERIFY(!textsOf(page.view.card(CardKind::kLoss)).contains("hidden"));
}

void TestCurveButtons::theAxisIsChosen_data() {
  QTest::addColumn<int>("downs");
  QTest::addColumn<double>("last");
  QTest::newRow("steps, as at first") << 0 << 33.0;
  QTest::newRow("epochs") << 1 << 3.3;
  QTest::newRow("hours of training") << 2 << 3.3;
}
void TestCurveButtons::theAxisIsChosen() {
  QFETCH(int, downs);
  QFETCH(double, last);
  CurvePage page({5, 4, 3, 2}, 30);
  QTRY_VERIFY_WITH_TIMEOUT(page.drawn(4), kPatience);
  auto* axis = page.view.findChild<QComboBox*>("curveAxisCombo");
  axis->setFocus();
  for (int i = 0; i < downs; ++i) QTest::keyClick(axis, Qt::Key_Down);
  QCOMPARE(static_cast<int>(page.view.options().axis), downs);
  QTRY_COMPARE_WITH_TIMEOUT(keysOf(page.plot()->graph(0)).last(), last, kPatience);
  QCOMPARE(page.plot()->xAxis->range().upper, last);  // the view went along
}

void TestCurveButtons::outliersAreClipped() {
  std::vector<double> values;
  for (int i = 0; i < 100; ++i) values.push_back(i % 7);
  values[50] = 1e6;
  CurvePage page(values);
  QTRY_VERIFY_WITH_TIMEOUT(page.drawn(100), kPatience);
  QVERIFY(page.plot()->yAxis->range().upper > 1e5);
  auto* clip = page.view.findChild<QToolButton*>("clipButton");
  press(clip);
  QVERIFY(clip->isChecked() && page.view.options().clip);
  QTRY_VERIFY_WITH_TIMEOUT(page.plot()->yAxis->range().upper < 100.0, kPatience);
  QVERIFY(textsOf(page.view.card(CardKind::kLoss)).contains("1 points hidden"));
  press(clip);
  QTRY_VERIFY_WITH_TIMEOUT(page.plot()->yAxis->range().upper > 1e5, kPatience);
}

void TestCurveButtons::eachCardHasItsOwnLogButton() {
  CurvePage page({100, 10, 1});
  writePoints(page.run, 0, pointsOf("train/lr", 0, 0, {0.1, 0.01, 0.001}));
  QTRY_VERIFY_WITH_TIMEOUT(page.drawn(3) && page.drawn(3, CardKind::kRate), kPatience);
  auto* loss = page.view.findChild<QToolButton*>("lossLogButton");
  auto* rate = page.view.findChild<QToolButton*>("rateLogButton");
  QVERIFY(loss && rate);
  press(rate);
  QTRY_COMPARE_WITH_TIMEOUT(page.plot(CardKind::kRate)->yAxis->scaleType(), QCPAxis::stLogarithmic, kPatience);
  QTest::qWait(300);  // a turn of all cards
  QCOMPARE(page.plot()->yAxis->scaleType(), QCPAxis::stLinear);
  press(loss);
  QTRY_COMPARE_WITH_TIMEOUT(page.plot()->yAxis->scaleType(), QCPAxis::stLogarithmic, kPatience);
  press(rate);
  QTRY_COMPARE_WITH_TIMEOUT(page.plot(CardKind::kRate)->yAxis->scaleType(), QCPAxis::stLinear, kPatience);
  QCOMPARE(page.plot()->yAxis->scaleType(), QCPAxis::stLogarithmic);
}

void TestCurveButtons::theSliderSmoothes() {
  CurvePage page({2, 4, 8});
  QTRY_VERIFY_WITH_TIMEOUT(page.drawn(3), kPatience);
  auto* slider = page.view.findChild<QSlider*>("smoothingSlider");
  QTest::keyClick(slider, Qt::Key_Home);
  QCOMPARE(page.view.options().smoothing, 0.0);
  QTRY_COMPARE_WITH_TIMEOUT(page.plot()->graph(0)->pen().color().alpha(), 255, kPatience);  // nothing lies over it
  QTest::keyClick(slider, Qt::Key_End);
  QCOMPARE(page.view.options().smoothing, 0.999);
  QTRY_VERIFY_WITH_TIMEOUT(page.plot()->graph(0)->pen().color().alpha() < 255, kPatience);
  QVERIFY(textsOf(page.view.card(CardKind::kLoss)).contains("smoothed 0.999"));
}

void TestCurveButtons::buttonsShowWhatIsSet() {
  CurvePage page({2, 4, 8});
  CurveOptions options;
  options.axis = CurveAxis::kHours;
  options.log_x = true;
  options.clip = true;
  options.follow = false;
  page.view.setOptions(options);
  QCOMPARE(page.view.findChild<QComboBox*>("curveAxisCombo")->currentIndex(), 2);
  for (const char* name : {"logXButton", "clipButton"}) QVERIFY2(page.view.findChild<QToolButton*>(name)->isChecked(), name);
  QVERIFY(!page.view.followButton()->isChecked());
  QCOMPARE(page.view.options(), options);  // showing them changed none
}

// New points every few milliseconds: each card is drawn again, the last one too.
void TestCurveButtons::everyCardComesRoundWhilePointsStreamIn() {
  CurvePage page({5, 4});
  const char* const tags[] = {"loss/total", "holdout/top1", "train/tc", "train/effective_rank", "train/mean_std", "grad/all", "train/lr", "train/thing"};
  MetricWriter file(pathOf(page.run), 0);
  const auto write = [&](int64_t step) {
    std::vector<MetricPoint> points;
    for (const char* tag : tags) points.push_back(pointsOf(tag, 0, step, {1.0}).front());
    file.write(points);
  };
  int64_t step = 10;
  write(step);
  QTRY_VERIFY_WITH_TIMEOUT(page.view.cards().size() == 8, kPatience);
  QTimer writer;
  writer.setInterval(20);
  connect(&writer, &QTimer::timeout, this, [&] { write(++step); });
  writer.start();
  for (const CardKind kind : {CardKind::kLoss, CardKind::kOther}) {
    const int64_t before = page.plot(kind)->pointCount();
    QTRY_VERIFY_WITH_TIMEOUT(page.plot(kind)->pointCount() > before + 5, kPatience);
  }
}

void TestCurveButtons::theHealthLabelTells_data() {
  QTest::addColumn<double>("rank");
  QTest::addColumn<double>("r_x");
  QTest::addColumn<QString>("verdict");
  QTest::newRow("a rank that carries something") << 40.0 << 0.1 << "healthy";
  QTest::newRow("a rank below two") << 1.5 << 0.1 << "collapsed";
  QTest::newRow("all videos alike") << 40.0 << 0.9999 << "collapsed";
}
void TestCurveButtons::theHealthLabelTells() {
  QFETCH(double, rank);
  QFETCH(double, r_x);
  QFETCH(QString, verdict);
  const Sandbox box;
  FakeEngine engine;
  engine.on_run = [&](JobControl& control, JobObserver& observer) {
    observer.onEvent(StepEvent{.step = 1, .values = {{"loss/total", 2.0}, {"train/mean_std", 0.5}, {"train/effective_rank", rank}, {"train/r_x", r_x}}});
    while (!control.stopRequested()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    observer.onEvent(FinishedEvent{.stopped = true});
  };
  Workspace workspace;
  QueuedPrompts prompts;
  JobController controller(nullptr, engine.factory());
  TrainingPanel panel(workspace, controller, prompts);
  panel.resize(320, 700);
  panel.show();
  auto* health = panel.findChild<QLabel*>("healthLabel");
  QVERIFY(health && !health->isVisible());
  controller.start(TrainSpec{.config = {}, .data = {}, .run_folder = stdText(box.path("run"))});
  QTRY_VERIFY_WITH_TIMEOUT(health->isVisible(), kPatience);
  const QString text = health->text();
  QVERIFY2(text.contains(verdict), qPrintable(text));
  QVERIFY2(text.contains(QString("rank %1").arg(rank, 0, 'f', 1)) && text.contains("std 0.50"), qPrintable(text));
  QVERIFY2(text.contains(QString("R_x %1").arg(r_x, 0, 'f', 3)), qPrintable(text));
  controller.stop();
  QTRY_COMPARE_WITH_TIMEOUT(controller.status().state, JobState::kStopped, kPatience);
}

HVLM_GUI_TEST_MAIN(TestCurveButtons)
#include "tst_ui_curve_buttons.moc"
