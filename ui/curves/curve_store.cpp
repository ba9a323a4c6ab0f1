// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/curves/curve_store.h"

#include <chrono>

#include "runs/run_record.h"
#include "ui/text.h"

namespace hvlm::ui {
namespace {

constexpr auto kPollInterval = std::chrono::milliseconds(150);

// The worker's view of one run.
class RunTail {
 public:
  explicit RunTail(const QString& folder) : folder_(folder), reader_(pathOf(folder)) {}

  bool poll(CurveUpdate& update) {
    std::vector<MetricPoint> points = reader_.poll();
    if (points.empty() && told_) return false;
    bool next_segment = false;
    for (const MetricPoint& point : points) next_segment = next_segment || point.segment != segment_;
    if (next_segment || !told_) {  // older points may no longer count: read everything anew
      std::vector<int64_t> resumes;
      try {
        resumes = resumeSteps(readRunRecord(pathOf(folder_)));
      } catch (const std::exception&) {
        if (!told_ && points.empty()) throw;
      }
      if (told_) {
        reader_ = MetricReader(pathOf(folder_));
        points = reader_.poll();
      }
      if (!points.empty()) segment_ = points.back().segment;
      update.content.curves = curvesOf(points, resumes);
      update.content.resumes = std::move(resumes);
      update.replaces = true;
    } else {
      update.content.curves = curvesOf(points, {});
    }
    told_ = true;
    update.run = folder_;
    update.content.damaged_lines = reader_.damagedLines();
    return true;
  }

 private:
  QString folder_;
  MetricReader reader_;
  int64_t segment_ = -1;
  bool told_ = false;
};

void append(Curve& to, const Curve& more) {
  for (size_t i = 0; i < more.steps.size(); ++i) {
    if (!to.steps.empty() && to.steps.back() == more.steps[i]) {  // measured again: the later one counts
      to.epochs.back() = more.epochs[i];
      to.hours.back() = more.hours[i];
      to.values.back() = more.values[i];
      continue;
    }
    to.steps.push_back(more.steps[i]);
    to.epochs.push_back(more.epochs[i]);
    to.hours.push_back(more.hours[i]);
    to.values.push_back(more.values[i]);
  }
}

}  // namespace

CurveStore::CurveStore(QObject* parent) : QObject(parent), worker_([this](std::stop_token stop) { work(stop); }) {}

CurveStore::~CurveStore() { worker_.request_stop(); }

void CurveStore::setRuns(const QStringList& folders) {
  runs_ = folders;
  for (auto it = held_.begin(); it != held_.end();) it = folders.contains(it.key()) ? std::next(it) : held_.erase(it);
  const std::lock_guard lock(mutex_);
  wanted_ = folders;
  ++wanted_number_;
  wake_.notify_all();
}

const RunCurves* CurveStore::of(const QString& run) const {
  const auto found = held_.constFind(run);
  return found == held_.constEnd() ? nullptr : found->get();
}

std::weak_ptr<const RunCurves> CurveStore::share(const QString& run) const { return held_.value(run); }

void CurveStore::work(std::stop_token stop) {
  std::map<QString, std::unique_ptr<RunTail>> tails;
  std::map<QString, QString> told_problem;
  while (!stop.stop_requested()) {
    QStringList wanted;
    int64_t number = 0;
    {
      const std::lock_guard lock(mutex_);
      wanted = wanted_;
      number = wanted_number_;
    }
    std::erase_if(tails, [&](const auto& entry) { return !wanted.contains(entry.first); });
    for (const QString& run : wanted) {
      try {
        auto& tail = tails[run];
        if (!tail) tail = std::make_unique<RunTail>(run);
        CurveUpdate update;
        if (!tail->poll(update)) continue;
        told_problem.erase(run);
        QMetaObject::invokeMethod(
            this, [this, update = std::move(update)]() mutable { take(std::move(update)); }, Qt::QueuedConnection);
      } catch (const std::exception& error) {
        const QString text = qText(error.what());
        if (std::exchange(told_problem[run], text) == text) continue;
        QMetaObject::invokeMethod(this, [this, run, text] { Q_EMIT failed(run, text); }, Qt::QueuedConnection);
      }
    }
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, stop, kPollInterval, [&] { return wanted_number_ != number; });
  }
}

void CurveStore::take(CurveUpdate update) {
  if (!runs_.contains(update.run)) return;
  std::shared_ptr<RunCurves>& kept = held_[update.run];
  if (!kept) kept = std::make_shared<RunCurves>();
  else if (kept.use_count() > 1) kept = std::make_shared<RunCurves>(*kept);  // a worker reads it
  RunCurves& held = *kept;
  if (update.replaces) {
    const int64_t revision = held.revision + 1;
    held = std::move(update.content);
    held.revision = revision;
  } else {
    for (const auto& [tag, more] : update.content.curves) append(held.curves[tag], more);
    held.damaged_lines = update.content.damaged_lines;
  }
  Q_EMIT updated(update.run);
}

}  // namespace hvlm::ui
