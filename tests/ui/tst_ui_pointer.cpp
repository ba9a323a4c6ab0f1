// SPDX-License-Identifier: GPL-3.0-or-later
// Wheel and buttons over figures: Ctrl+wheel zooms at the pointer, the middle button pans; frames while the mouse is dragged.
#include <QSignalSpy>
#include <QWheelEvent>

#include "core/video/clips.h"
#include "ui/curves/curve_plot.h"
#include "ui/look/scatter_view.h"
#include "ui/player/frame_source.h"
#include "ui/player/video_files.h"
#include "ui/player/video_panel.h"
#include "ui/player/video_view.h"
#include "ui/training/job_status.h"
#include "ui_fixtures.h"

using namespace hvlm;
using namespace hvlm::ui;
using namespace hvlm::ui::testing;

namespace {

constexpr int kLong = 30000;  // ms; an upper bound for a state that must come

bool wheel(QWidget& widget, QPointF at, int delta, Qt::KeyboardModifiers keys) {
  QWheelEvent event(at, widget.mapToGlobal(at), {}, QPoint(0, delta), Qt::NoButton, keys, Qt::NoScrollPhase, false);
  QApplication::sendEvent(&widget, &event);
  return event.isAccepted();
}

void drag(QWidget& widget, Qt::MouseButton button, QPointF from, QPointF to) {
  const auto send = [&](QEvent::Type type, QPointF at, Qt::MouseButton of, Qt::MouseButtons held) {
    QMouseEvent event(type, at, widget.mapToGlobal(at), of, held, Qt::NoModifier);
    QApplication::sendEvent(&widget, &event);
  };
  send(QEvent::MouseButtonPress, from, button, button);
  send(QEvent::MouseMove, (from + to) / 2.0, Qt::NoButton, button);
  send(QEvent::MouseMove, to, Qt::NoButton, button);
  send(QEvent::MouseButtonRelease, to, button, Qt::NoButton);
}

}  // namespace

class TestPointer : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase();
  void curvesZoomAtThePointer();
  void theMiddleButtonPansCurves();
  void theMapZoomsWithCtrlAlone();
  void whileDraggingTheNearestFrameComesFirst();
  void theReadOutSaysFrameAndCount();
  void theDeviceIsThatOfTheJob();

 private:
  std::unique_ptr<CurvePlot> plot();
  QTemporaryDir folder_;
};

void TestPointer::initTestCase() {
  WriterOptions options;
  options.gop = 12;
  hvlm::testing::writeClip(folder_.filePath("a.mp4").toStdString(), options, 100);
}

std::unique_ptr<CurvePlot> TestPointer::plot() {
  auto made = std::make_unique<CurvePlot>();
  made->resize(500, 300);
  made->show();
  (void)QTest::qWaitForWindowExposed(made.get());
  made->xAxis->setRange(0, 100);
  made->yAxis->setRange(0, 10);
  made->replot();
  return made;
}

void TestPointer::curvesZoomAtThePointer() {
  const auto view = plot();
  const QPointF at(310, 120);
  const double x = view->xAxis->pixelToCoord(at.x()), y = view->yAxis->pixelToCoord(at.y());
  QSignalSpy zoomed(view.get(), &CurvePlot::userZoomed);
  QVERIFY(wheel(*view, at, 240, Qt::ControlModifier));
  QVERIFY(view->xAxis->range().size() < 99.0);
  QVERIFY2(std::abs(view->xAxis->pixelToCoord(at.x()) - x) < 1e-6, qPrintable(QStringLiteral("%1 %2 %3 %4").arg(view->xAxis->pixelToCoord(at.x())).arg(x).arg(view->xAxis->range().lower).arg(view->xAxis->range().upper)));
  QVERIFY(std::abs(view->yAxis->pixelToCoord(at.y()) - y) < 1e-6);
  QCOMPARE(zoomed.count(), 1);
}

void TestPointer::theMiddleButtonPansCurves() {
  const auto view = plot();
  const double x = view->xAxis->pixelToCoord(300.0), y = view->yAxis->pixelToCoord(150.0);
  QSignalSpy zoomed(view.get(), &CurvePlot::userZoomed);
  drag(*view, Qt::MiddleButton, {300, 150}, {240, 190});
  QVERIFY(std::abs(view->xAxis->pixelToCoord(240.0) - x) < 0.5);  // what was below the pointer is there still
  QVERIFY(std::abs(view->yAxis->pixelToCoord(190.0) - y) < 0.05);
  QVERIFY(view->xAxis->range().lower > 5.0);
  QVERIFY(zoomed.count() > 0);
}

void TestPointer::theMapZoomsWithCtrlAlone() {
  ScatterView view;
  view.resize(400, 300);
  std::vector<ScatterView::Point> points(20);
  for (size_t i = 0; i < points.size(); ++i) points[i].x = static_cast<double>(i), points[i].y = static_cast<double>(i % 7);
  view.setPoints(std::move(points), {});
  view.show();
  QVERIFY(QTest::qWaitForWindowExposed(&view));
  QVERIFY(!wheel(view, {200, 150}, 240, Qt::NoModifier));  // whatever is around it scrolls
  QCOMPARE(view.zoomFactor(), 1.0);
  const QPointF point = view.placeOf(9);
  QVERIFY(wheel(view, point, 480, Qt::ControlModifier));
  QVERIFY(view.zoomFactor() > 1.5);
  QVERIFY((view.placeOf(9) - point).manhattanLength() < 0.5);  // it stays below the pointer
  const double zoom = view.zoomFactor();
  QVERIFY(wheel(view, point, 120, Qt::NoModifier));
  QCOMPARE(view.zoomFactor(), zoom);
  QVERIFY((view.placeOf(9) - point).manhattanLength() > 1.0);  // scrolled
}

void TestPointer::whileDraggingTheNearestFrameComesFirst() {
  FrameSource source;
  QSignalSpy shown(&source, &FrameSource::shown);
  source.open(folder_.filePath("a.mp4"));
  source.request(50 * 0.04 + 0.01);
  const auto last = [&] { return shown.isEmpty() ? ShownFrame() : qvariant_cast<ShownFrame>(shown.last().at(0)); };
  QTRY_VERIFY_WITH_TIMEOUT(last().exact && last().index == 50, kLong);
  shown.clear();
  source.request(90 * 0.04 + 0.01);  // far away: nothing but what was decoded is at hand
  QTRY_VERIFY_WITH_TIMEOUT(last().exact && last().index == 90, kLong);
  QCOMPARE(shown.size(), 2);
  const auto near = qvariant_cast<ShownFrame>(shown.first().at(0));
  QVERIFY(!near.exact);
  QCOMPARE(near.index, int64_t{90});
  QVERIFY(near.frame && near.frame->index < 60);
  QCOMPARE(hvlm::testing::codeOf(*last().frame), int64_t{90});
}

void TestPointer::theReadOutSaysFrameAndCount() {
  Workspace workspace;
  VideoFiles files(workspace);
  VideoPanel panel(workspace, files);
  panel.resize(900, 300);
  panel.show();
  panel.openFile(folder_.filePath("a.mp4"));
  QTRY_VERIFY_WITH_TIMEOUT(panel.hasVideo(), kLong);
  workspace.setCursor(37 * 0.04 + 0.01);
  auto* text = panel.findChild<QLabel*>("videoReadOut");
  QVERIFY(text);
  QTRY_VERIFY2_WITH_TIMEOUT(text->text().contains("frame 37 / 100"), qPrintable(text->text()), kLong);
}

void TestPointer::theDeviceIsThatOfTheJob() {
  JobStatus status;
  QCOMPARE(deviceText(status, 8), QString("cpu 8 cores"));
  StartedEvent started;
  started.device = "cuda:0";
  applyEvent(status, started, 0.0);
  QCOMPARE(deviceText(status, 8), QString("cuda:0"));
  enter(status, JobState::kDone, 1.0);
  QCOMPARE(deviceText(status, 8), QString("cpu 8 cores"));  // it has ended
  JobStatus other;
  started.device = "cpu";
  applyEvent(other, started, 0.0);
  QCOMPARE(deviceText(other, 8), QString("cpu 8 cores"));
}

HVLM_GUI_TEST_MAIN(TestPointer)
#include "tst_ui_pointer.moc"
