// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QHash>
#include <QObject>
#include <QStringList>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "runs/metrics.h"

namespace hvlm::ui {

// The curves of one run as its metrics.jsonl tells them.
struct RunCurves {
  std::map<std::string, Curve> curves;  // by tag, in step order
  std::vector<int64_t> resumes;         // from_step of each resume
  int64_t revision = 0;                 // grows when older points were dropped or changed; else points were only appended
  int64_t damaged_lines = 0;
};
struct CurveUpdate {
  QString run;
  bool replaces = false;
  RunCurves content;
};

// Reads metrics.jsonl of every run shown, its own and other processes' alike, on one worker thread, as the files grow. GUI thread
// except where said.
class CurveStore : public QObject {
  Q_OBJECT
 public:
  explicit CurveStore(QObject* parent = nullptr);
  ~CurveStore() override;
  void setRuns(const QStringList& folders);
  const QStringList& runs() const { return runs_; }
  const RunCurves* of(const QString& run) const;
  std::weak_ptr<const RunCurves> share(const QString& run) const;  // who locks it has it as it is; it is copied before it grows
  bool read(const QString& run) const { return held_.contains(run); }  // looked at least once

 Q_SIGNALS:
  void updated(const QString& run);
  void failed(const QString& run, const QString& message);

 private:
  void work(std::stop_token stop);
  void take(CurveUpdate update);

  QStringList runs_;
  QHash<QString, std::shared_ptr<RunCurves>> held_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  QStringList wanted_;          // under mutex_
  int64_t wanted_number_ = 0;   // under mutex_
  std::jthread worker_;         // last: joins while the rest still lives
};

}  // namespace hvlm::ui
