// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QHash>
#include <QObject>
#include <QProcess>
#include <QTimer>
#include <filesystem>
#include <memory>
#include <optional>

#include "ui/training/estimate.h"

namespace hvlm::ui {

// Measures what a training would cost: a few steps of its config on made-up features of the same shape, in a process of its own at the
// lowest priority, once for each shape of model and videos. GUI thread; owned by the training panel.
class CostMeter : public QObject {
  Q_OBJECT
 public:
  explicit CostMeter(QObject* parent = nullptr);
  ~CostMeter() override;

  // `soon`: some time after the last call, given up when it takes long, and a failure is no news. `run_folder`: where free disk is looked
  // at.
  void ask(const RunConfig& config, const EstimateInput& input, const QString& run_folder, bool soon);
  void giveUp();  // the machine is needed for something else
  void lookAtRoom(const QString& run_folder);

  std::optional<TrainingEstimate> estimate(const RunConfig& config, const EstimateInput& input) const;  // once it was measured
  const FreeRoom& room() const { return room_; }
  bool measuring() const { return process_ != nullptr; }

 Q_SIGNALS:
  void changed();  // measuring, measured, or other room
  void failed(const QString& problem);

 private:
  struct Asked {
    RunConfig config;
    EstimateInput input;
    std::string key;
    QString run_folder;
    bool soon = false;
  };
  void write();
  void measure(const std::filesystem::path& config_file);
  void finish(int code);

  QHash<QString, std::string> measured_;  // key -> what the program printed
  std::optional<Asked> asked_;
  int64_t number_ = 0;  // of what was asked last; older answers are dropped
  FreeRoom room_;
  QTimer soon_, limit_;
  std::unique_ptr<QProcess> process_;
};

}  // namespace hvlm::ui
