// SPDX-License-Identifier: GPL-3.0-or-later
// The window's budgets, measured: painting, lists, curves, start, idle. Prints each figure beside its target; asserts nothing.
#include <sys/resource.h>

#include <QApplication>
#include <QElapsedTimer>
#include <QPainter>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "runs/run_list.h"
#include "support/temporary_folder.h"
#include "ui/curves/curve_plot.h"
#include "ui/curves/qcp.h"
#include "ui/curves/smoothing.h"
#include "ui/look/pyramid_view.h"
#include "ui/player/video_panel.h"
#include "ui/player/video_view.h"
#include "ui/runs/run_model.h"
#include "ui/style/icons.h"
#include "ui/style/theme.h"
#include "ui/text.h"
#include "ui/timeline/timeline_view.h"
#include "ui/videos/video_model.h"
#include "ui/window/main_window.h"
#include "video/video_writer.h"
#include "ui_fixtures.h"

using namespace hvlm;
using namespace hvlm::ui;
using namespace hvlm::ui::testing;

namespace {

struct Spread {
  double p50 = 0.0, p95 = 0.0;
};

template <class Act>
double millisecondsOf(Act act) {
  QElapsedTimer clock;
  clock.start();
  act();
  return static_cast<double>(clock.nsecsElapsed()) * 1e-6;
}

template <class Act>
Spread spreadOf(int times, Act act) {
  std::vector<double> all;
  for (int i = 0; i < times; ++i) all.push_back(millisecondsOf([&] { act(i); }));
  std::sort(all.begin(), all.end());
  return {all[all.size() / 2], all[all.size() * 95 / 100]};
}

void tell(const char* what, double value, const char* unit, const char* target) { std::printf("%-62s %10.2f %-4s target %s\n", what, value, unit, target); }

void timeline() {
  constexpr int64_t kSteps = 36000;  // ten hours at one a second
  auto seen = std::make_shared<VideoInspection>(makeInspection(kSteps));
  seen->detections.clear();
  std::mt19937 random(1);
  std::uniform_real_distribution<double> place(0.0, kSteps - 30.0), unit(0.0, 1.0);
  Video video = makeVideo(static_cast<double>(kSteps));
  for (int i = 0; i < 5000; ++i) {
    const double at = place(random);
    video.segments.push_back({at, at + 20.0, i % 2});
    const double other = place(random);
    seen->detections.push_back({other, other + 20.0, i % 2, unit(random)});
  }
  TimelineView view;
  view.resize(1920, 1080);
  view.setContent(makeContent(video, {"Archery", "Biking"}, seen), false);
  QImage image(1920, 1080, QImage::Format_RGB32);
  const auto paint = [&](int i) {
    view.setCursor(i * 7.0);
    view.render(&image);
  };
  const Spread whole = spreadOf(60, paint);
  view.zoom(200.0);
  const Spread near = spreadOf(60, [&](int i) {
    view.setCursor(i * 500.0);
    view.render(&image);
  });
  tell("ten hours, 10,000 segments, 16 levels, 1920 x 1080: paint p95, whole", whole.p95, "ms", "16");
  tell("the same zoomed in 200 times and panned: paint p95", near.p95, "ms", "16");
  PyramidView icicle;
  icicle.resize(1920, 600);
  icicle.setContent(makeContent(video, {"Archery", "Biking"}, seen));
  const Spread pyramid = spreadOf(30, [&](int i) {
    icicle.setCursor(i * 7.0);
    icicle.render(&image);
  });
  tell("ten hours as an icicle, 1920 x 600: paint p95", pyramid.p95, "ms", "16");
}

void lists() {
  auto data = std::make_shared<LoadedData>();
  for (int c = 0; c < 200; ++c) data->catalogue.classes.push_back("class " + std::to_string(c));
  for (int i = 0; i < 20000; ++i) {
    Video video = makeVideo(100.0);
    video.id = "video" + std::to_string(100000 + i);
    video.segments = {{10.0, 20.0, i % 200}};
    data->catalogue.videos.push_back(video);
  }
  VideoModel videos;
  const auto first_rows = [](const QAbstractItemModel& model) {
    for (int row = 0; row < std::min(40, model.rowCount()); ++row) {
      for (int column = 0; column < model.columnCount(); ++column) model.data(model.index(row, column), Qt::DisplayRole);
    }
  };
  tell("20,000 videos: first rows", millisecondsOf([&] { videos.setData(data), first_rows(videos); }), "ms", "1000");
  tell("20,000 videos: filter", spreadOf(20, [&](int i) { videos.setFilter({QStringLiteral("video1%1 class").arg(i), {}, -1}), first_rows(videos); }).p95, "ms", "100");

  const TemporaryFolder folder;
  const RunConfig config;
  for (int i = 0; i < 10000; ++i) {
    const auto run = folder.path() / ("run" + std::to_string(10000 + i));
    std::filesystem::create_directories(run);
    RunRecord record = freshRecord(config);
    record.state = "done";
    writeRunRecord(run, record);
    writeReport(run, {{"classification", {{"top1", (i % 100) / 100.0}}}, {"verdict", "healthy"}});
  }
  LivenessTracker tracker;
  RunCache cache;
  std::vector<RunSummary> runs;
  tell("10,000 runs: read from the disk for the first time", millisecondsOf([&] { runs = listRuns({folder.path()}, &tracker, &cache); }), "ms", "1000 (on a worker)");
  tell("10,000 runs: looked at again", millisecondsOf([&] { runs = listRuns({folder.path()}, &tracker, &cache); }), "ms", "-  (on a worker)");
  RunModel model;
  tell("10,000 runs: first rows once read", millisecondsOf([&] { model.setRuns(runs), first_rows(model); }), "ms", "1000");
  tell("10,000 runs: the same list again", millisecondsOf([&] { model.setRuns(runs); }), "ms", "16");
  tell("10,000 runs: filter", spreadOf(20, [&](int i) { model.setFilter(QStringLiteral("run1%1").arg(i)), first_rows(model); }).p95, "ms", "100");
}

// What CurvePlot did before it kept extremes: the plot library looks at every point of the view, at each redraw.
struct PlainPlot {
  QCustomPlot plot;
  explicit PlainPlot(const Curve& curve) {
    plot.resize(900, 400);
    plot.setNoAntialiasingOnDrag(true);
    plot.setPlottingHint(QCP::phFastPolylines, true);
    const std::vector<double> smooth = smoothed(curve.values, CurveOptions().smoothing);
    for (const std::vector<double>* values : {&curve.values, &smooth}) {
      QVector<QCPGraphData> points;
      points.reserve(static_cast<qsizetype>(values->size()));
      for (size_t i = 0; i < values->size(); ++i) points.append(QCPGraphData(static_cast<double>(curve.steps[i]), (*values)[i]));
      plot.addGraph()->data()->set(points, true);
      plot.graph()->setPen(QPen(Qt::blue, values == &smooth ? 1.5 : 1.0));
    }
  }
};

void curves() {
  constexpr int64_t kPoints = 10'000'000;
  RunCurves content;
  Curve& curve = content.curves["loss/total"];
  for (int64_t i = 0; i < kPoints; ++i) {
    curve.steps.push_back(i);
    curve.epochs.push_back(static_cast<double>(i) / 1000.0);
    curve.hours.push_back(static_cast<double>(i) / 1e6);
    curve.values.push_back(1.0 + std::sin(static_cast<double>(i) * 1e-5) + 0.1 * std::sin(static_cast<double>(i)));
  }
  auto plain = std::make_unique<PlainPlot>(curve);
  CurvePlot plot;
  plot.resize(900, 400);
  CurveLine line;
  line.run = QStringLiteral("r");
  line.tag = "loss/total";
  line.source = &content;
  tell("10,000,000 points: taken into a plot", millisecondsOf([&] { plot.setLines({line}, {}); }), "ms", "-");
  plot.fitView();
  // One after the other in the same run: the machine is the same for both.
  plain->plot.xAxis->setRange(plot.xAxis->range());
  plain->plot.yAxis->setRange(plot.yAxis->range());
  std::vector<double> whole, whole_plain, pan, pan_plain;
  for (int i = 0; i < 30; ++i) {
    whole.push_back(millisecondsOf([&] { plot.replot(QCustomPlot::rpImmediateRefresh); }));
    whole_plain.push_back(millisecondsOf([&] { plain->plot.replot(QCustomPlot::rpImmediateRefresh); }));
  }
  for (int i = 0; i < 60; ++i) {
    for (QCustomPlot* each : {static_cast<QCustomPlot*>(&plot), &plain->plot}) {
      each->xAxis->setRange(i * 1e4, i * 1e4 + 1e6);
      (each == &plot ? pan : pan_plain).push_back(millisecondsOf([&] { each->replot(QCustomPlot::rpImmediateRefresh); }));
    }
  }
  const auto middle = [](std::vector<double> all) {
    std::sort(all.begin(), all.end());
    return all[all.size() / 2];
  };
  tell("10,000,000 points: redraw of everything", middle(whole), "ms", "33");
  tell("the same by looking at every point", middle(whole_plain), "ms", "-");
  tell("times faster", middle(whole_plain) / middle(whole), "x", "-");
  tell("10,000,000 points: pan over a tenth", middle(pan), "ms", "33");
  tell("the same by looking at every point", middle(pan_plain), "ms", "-");
  tell("times faster", middle(pan_plain) / middle(pan), "x", "-");
}

double cpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

void window() {
  const Sandbox box;
  QueuedPrompts prompts;
  std::unique_ptr<MainWindow> made;
  tell("window: from nothing to its first picture", millisecondsOf([&] {
         made = std::make_unique<MainWindow>(prompts, Session{});
         made->saveSessionOnClose(false);
         made->show();
         QApplication::processEvents();
         made->grab();
       }), "ms", "1500");
  QElapsedTimer clock;
  clock.start();
  made->openDemo();
  while (clock.elapsed() < 30000 && !made->workspace().inspection()) QApplication::processEvents(QEventLoop::AllEvents, 20);
  tell("window: from \"Open the demo\" to its pyramid", static_cast<double>(clock.elapsed()), "ms", "-");
  for (clock.start(); clock.elapsed() < 4000;) QApplication::processEvents(QEventLoop::WaitForMoreEvents, 50);
  const double before = cpuSeconds();
  clock.start();
  QEventLoop loop;
  QTimer::singleShot(10000, &loop, &QEventLoop::quit);
  loop.exec();
  tell("window: CPU while nothing happens", 100.0 * (cpuSeconds() - before) / (static_cast<double>(clock.elapsed()) / 1000.0), "%", "1");
}

// Ten seconds of 1080p30, H.264 with groups of 250 frames, played in the window: which of the frames came onto the screen.
void playing() {
  const TemporaryFolder folder;
  const std::filesystem::path clip = folder.path() / "clip.mp4";
  constexpr int kWidth = 1920, kHeight = 1080;
  {
    VideoWriter writer(clip, {.width = kWidth, .height = kHeight, .rate_num = 30, .gop = 250, .threads = 2});
    for (int i = 0; i < 330; ++i) {
      Frame frame{.width = kWidth, .height = kHeight, .layout = PixelLayout::bgra32, .pixels = std::vector<uint8_t>(size_t{4} * kWidth * kHeight), .problem = {}};
      for (int y = 0; y < kHeight; ++y) {
        for (int x = 0; x < kWidth; ++x) {
          const bool inside = (x + 7 * i) % kWidth < kWidth / 5 && (y + 3 * i) % kHeight < kHeight / 4;
          const size_t at = size_t{4} * (static_cast<size_t>(y) * kWidth + static_cast<size_t>(x));
          frame.pixels[at] = static_cast<uint8_t>(inside ? 200 : 60 + x * 80 / kWidth);
          frame.pixels[at + 1] = static_cast<uint8_t>(inside ? 90 : 80 + y * 90 / kHeight);
          frame.pixels[at + 2] = static_cast<uint8_t>(110 + ((x >> 5) ^ (y >> 5)) % 20);
          frame.pixels[at + 3] = 255;
        }
      }
      writer.write(frame);
    }
    writer.close();
  }
  const Sandbox box;
  QueuedPrompts prompts;
  MainWindow window(prompts, Session{});
  window.saveSessionOnClose(false);
  window.resize(1920, 1080);
  window.show();
  window.openPath(qText(clip));
  QElapsedTimer clock;
  clock.start();
  while (clock.elapsed() < 20000 && !window.player().view()->frame().exact) QApplication::processEvents(QEventLoop::AllEvents, 20);
  std::set<int64_t> seen;
  QTimer look;
  look.setTimerType(Qt::PreciseTimer);
  QObject::connect(&look, &QTimer::timeout, &window, [&] {
    const ShownFrame& shown = window.player().view()->frame();
    if (shown.exact) seen.insert(shown.index);
  });
  look.start(3);
  window.player().togglePlay();
  QEventLoop loop;
  QTimer::singleShot(10000, &loop, &QEventLoop::quit);
  const double before = cpuSeconds();
  clock.start();
  loop.exec();
  if (seen.empty()) {
    std::printf("1080p30: nothing was played\n");
    return;
  }
  const auto span = static_cast<double>(*seen.rbegin() - *seen.begin() + 1);
  tell("1080p30 played for ten seconds: frames gone by", span, "", "300");
  tell("of them never on the screen", span - static_cast<double>(seen.size()), "", "0");
  tell("CPU meanwhile, of one core", 100.0 * (cpuSeconds() - before) / (static_cast<double>(clock.elapsed()) / 1000.0), "%", "-");
}

}  // namespace

int main(int argc, char** argv) {
  if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM")) qputenv("QT_QPA_PLATFORM", "offscreen");
  QApplication application(argc, argv);
  initResources();
  Theme::instance().install(application, ThemeKind::kLight);
  timeline();
  lists();
  curves();
  window();
  playing();
  return 0;
}
