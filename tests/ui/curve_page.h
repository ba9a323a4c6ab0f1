// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <vector>

#include "runs/metrics.h"
#include "runs/run_record.h"
#include "ui/curves/curve_store.h"
#include "ui/curves/curves_view.h"
#include "ui_fixtures.h"

// Run folders with curves, and a page that shows them.
namespace hvlm::ui::testing {

// Steps from `first_step` on, ten to an epoch and to an hour.
inline std::vector<MetricPoint> pointsOf(const std::string& tag, int64_t segment, int64_t first_step, const std::vector<double>& values) {
  std::vector<MetricPoint> points;
  for (size_t i = 0; i < values.size(); ++i) {
    const int64_t step = first_step + static_cast<int64_t>(i);
    points.push_back({segment, step, static_cast<double>(step) / 10.0, static_cast<double>(step) * 360.0, tag, values[i]});
  }
  return points;
}

inline void writePoints(const QString& run, int64_t segment, const std::vector<MetricPoint>& points) {
  QDir().mkpath(run);
  MetricWriter(pathOf(run), segment).write(points);
}

inline void writeRecord(const QString& run, const std::vector<int64_t>& resumes) {
  QDir().mkpath(run);
  RunRecord record = freshRecord(RunConfig());
  record.state = "running";
  for (const int64_t step : resumes) record.resumes.push_back({step, "2024-01-01T00:00:00Z", "here"});
  writeRunRecord(pathOf(run), record);
}

// A page on a real run folder, shown, with the loss card drawn.
struct CurvePage {
  Sandbox box;
  QString run = box.path("run");
  CurveStore store;
  CurvesView view{store};
  explicit CurvePage(const std::vector<double>& loss, int64_t first_step = 0) {
    writeRecord(run, {});
    writePoints(run, 0, pointsOf("loss/total", 0, first_step, loss));
    view.resize(700, 500);
    view.show();
    view.setRuns({run});
  }
  CurvePlot* plot(CardKind kind = CardKind::kLoss) const { return view.card(kind) ? view.card(kind)->plot() : nullptr; }
  bool drawn(int64_t points, CardKind kind = CardKind::kLoss) const { return plot(kind) && plot(kind)->pointCount() == points; }
};

}  // namespace hvlm::ui::testing
