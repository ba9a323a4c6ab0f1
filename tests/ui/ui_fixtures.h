// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QApplication>
#include <QQueue>
#include <QTemporaryDir>
#include <QtTest>
#include <cmath>
#include <memory>

#include "data/synth.h"
#include "runs/config.h"
#include "ui/shell/prompts.h"
#include "ui/style/icons.h"
#include "ui/style/theme.h"
#include "ui/text.h"
#include "ui/timeline/timeline_content.h"
#include "ui/workspace.h"

// What the window's tests share. Inspections made here are for widget tests only; the window itself is fed by real engines.
namespace hvlm::ui::testing {

// Answers in the order they were queued; a question nobody foresaw is answered with nothing and counted.
class QueuedPrompts : public Prompts {
 public:
  QQueue<QString> paths;
  QQueue<int> choices;
  QStringList asked;
  QString openFile(QWidget*, const QString& title, const QString&) override { return next(title); }
  QString openFolder(QWidget*, const QString& title) override { return next(title); }
  QString saveFile(QWidget*, const QString& title, const QString&, const QString&) override { return next(title); }
  QString line(QWidget*, const QString& title, const QString&, const QString&) override { return next(title); }
  int choose(QWidget*, const QString& question, const QString&, const QStringList&) override {
    asked.append(question);
    return choices.isEmpty() ? -1 : choices.dequeue();
  }

 private:
  QString next(const QString& title) {
    asked.append(title);
    return paths.isEmpty() ? QString() : paths.dequeue();
  }
};

// A folder of its own with the XDG folders inside, removed at the end.
struct Sandbox {
  QTemporaryDir dir;
  Sandbox() {
    qputenv("XDG_DATA_HOME", path("data").toUtf8());
    qputenv("XDG_STATE_HOME", path("state").toUtf8());
    qputenv("XDG_CONFIG_HOME", path("config").toUtf8());
  }
  QString path(const QString& name) const { return dir.filePath(name); }
};

inline QString makeSynth(const Sandbox& box, int64_t videos = 24, int64_t dim = 16, int64_t mean_steps = 24) {
  SynthOptions options;
  options.videos = videos;
  options.dim = dim;
  options.classes = 3;
  options.mean_steps = mean_steps;
  writeSynthetic(options, pathOf(box.path("synth")));
  return box.path("synth/dataset.yaml");
}

inline RunConfig tinyConfig(int64_t epochs) {
  RunConfig config;
  config.encoder.dim = 32;
  config.encoder.layers = 1;
  config.encoder.heads = 2;
  config.encoder.dropout = 0.0;
  config.encoder.drop_path = 0.0;
  config.train.epochs = epochs;
  config.train.batch_size = 4;
  config.train.warmup_epochs = 1;
  config.train.evaluate_epochs = 2;
  config.train.holdout = 0.2;
  return config;
}

// Whole pyramid of a video in `ceil` mode with uneven attention.
inline VideoInspection makeInspection(int64_t steps, double step_seconds = 1.0) {
  VideoInspection seen;
  seen.video = "a";
  seen.step = 7;
  seen.step_seconds = step_seconds;
  seen.duration_seconds = static_cast<double>(steps) * step_seconds;
  seen.classes = {"Archery", "Biking"};
  seen.mode = "ceil";
  int64_t width = 1;
  for (int64_t n = steps;; n = (n + 1) / 2, width *= 2) {
    PyramidLevel level;
    for (int64_t j = 0; j < n; ++j) {
      level.first_step.push_back(j * width);
      level.last_step.push_back(std::min(steps, (j + 1) * width) - 1);
      level.parent.push_back(n == 1 ? -1 : j / 2);
      level.alpha.push_back(n == 1 ? 0.0f : j + 1 == n && n % 2 == 1 ? 1.0f : 0.5f);
      level.share.push_back(1.0f / static_cast<float>(n));
      level.score.push_back(static_cast<float>(j % 10) / 10.0f);
      level.label.push_back(j % 2);
    }
    seen.levels.push_back(level);
    if (n == 1) break;
  }
  for (int64_t i = 0; i < steps; ++i) seen.attention.push_back(static_cast<float>(2 * (i + 1)) / static_cast<float>(steps * (steps + 1)));
  seen.detections = {{10.0, 20.0, 0, 0.9}, {40.0, 50.0, 1, 0.6}, {60.0, 70.0, 0, 0.1}};
  return seen;
}

inline Video makeVideo(double duration) {
  Video video;
  video.id = "a";
  video.subset = "validation";
  video.duration_seconds = duration;
  video.segments = {{10.0, 21.0, 0}, {70.0, 80.0, 1}};
  return video;
}

template <class Test>
int guiMain(int argc, char** argv) {
  QApplication application(argc, argv);
  initResources();
  Theme::instance().install(application, ThemeKind::kLight);
  Test test;
  return QTest::qExec(&test, argc, argv);
}

}  // namespace hvlm::ui::testing

#define HVLM_GUI_TEST_MAIN(Test) \
  int main(int argc, char** argv) { return hvlm::ui::testing::guiMain<Test>(argc, argv); }
