// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/training/cost_meter.h"

#include <sys/resource.h>

#include <QStringList>

#include "support/atomic_file.h"
#include "support/hash.h"
#include "support/paths.h"
#include "ui/shell/background.h"
#include "ui/text.h"

namespace hvlm::ui {
namespace {

constexpr int kSoon = 600;     // ms after the last change of the form
constexpr int kLimit = 30000;  // ms that an unasked-for measurement may take
constexpr int kBehind = 5;  // niceness, that of a training: as quick as it would be beside what else runs now

}  // namespace

CostMeter::CostMeter(QObject* parent) : QObject(parent) {
  for (QTimer* timer : {&soon_, &limit_}) timer->setSingleShot(true);
  soon_.setInterval(kSoon);
  limit_.setInterval(kLimit);
  connect(&soon_, &QTimer::timeout, this, &CostMeter::write);
  connect(&limit_, &QTimer::timeout, this, &CostMeter::giveUp);
}

CostMeter::~CostMeter() {
  if (!process_) return;
  process_->disconnect(this);
  process_->kill();
  process_->waitForFinished();  // it is gone at once
}

std::optional<TrainingEstimate> CostMeter::estimate(const RunConfig& config, const EstimateInput& input) const {
  const auto found = measured_.find(qText(estimateKey(config, input)));
  return found == measured_.end() ? std::nullopt : estimateFrom(*found, config, input);
}

void CostMeter::ask(const RunConfig& config, const EstimateInput& input, const QString& run_folder, bool soon) {
  const std::string key = estimateKey(config, input);
  lookAtRoom(run_folder);
  if (measured_.contains(qText(key))) {
    giveUp();
    return;
  }
  if (soon && process_ && asked_ && asked_->key == key) return;  // on its way
  giveUp();
  asked_ = Asked{.config = config, .input = input, .key = key, .run_folder = run_folder, .soon = soon};
  if (soon) soon_.start();
  else write();
}

void CostMeter::giveUp() {
  ++number_;
  soon_.stop();
  limit_.stop();
  asked_.reset();
  if (!process_) return;
  QProcess* process = process_.release();
  process->disconnect(this);
  connect(process, &QProcess::finished, process, &QObject::deleteLater);
  process->kill();
  Q_EMIT changed();
}

void CostMeter::lookAtRoom(const QString& run_folder) {
  inBackground(this, [run_folder] { return freeRoom(pathOf(run_folder)); }, [this](const FreeRoom& room) {
    const bool same = room.memory_bytes == room_.memory_bytes && room.disk_bytes == room_.disk_bytes;
    room_ = room;
    if (!same) Q_EMIT changed();
  });
}

// The config where the other process reads it: in the state folder, by content.
void CostMeter::write() {
  if (!asked_) return;
  const auto failed = [this, number = number_, soon = asked_->soon](const QString& message) {
    if (number == number_ && !soon) Q_EMIT this->failed(message);
  };
  inBackground(
      this,
      [config = asked_->config] {
        validateConfig(config, "config");
        const std::string text = configYaml(config);
        const std::filesystem::path file = stateFolder() / "configs" / (contentHash(text) + ".yaml");
        std::filesystem::create_directories(file.parent_path());
        writeFileAtomic(file, text);
        return file;
      },
      [this, number = number_](const std::filesystem::path& file) {
        if (number == number_) measure(file);
      },
      failed);
}

void CostMeter::measure(const std::filesystem::path& config_file) {
  process_ = std::make_unique<QProcess>();
  QProcess* process = process_.get();
  process->setChildProcessModifier([] { ::setpriority(PRIO_PROCESS, 0, kBehind); });
  connect(process, &QProcess::finished, this, &CostMeter::finish);
  connect(process, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
    if (error == QProcess::FailedToStart) finish(-1);
  });
  const EstimateInput& input = asked_->input;
  if (asked_->soon) limit_.start();
  process->start(qText(executableFolder() / "hvlm"),
                 {QStringLiteral("bench"), QStringLiteral("model"), QStringLiteral("--json"), QStringLiteral("--config"),
                  qText(config_file), QStringLiteral("--steps"), QString::number(input.steps), QStringLiteral("--dim"),
                  QString::number(input.columns), QStringLiteral("--classes"), QString::number(input.classes), QStringLiteral("--repeats"),
                  asked_->soon ? QStringLiteral("1") : QStringLiteral("3")},
                 QIODevice::ReadOnly);
  if (process_) Q_EMIT changed();
}

void CostMeter::finish(int code) {
  limit_.stop();
  const std::string out = process_->readAllStandardOutput().toStdString();
  const QString complaint = QString::fromUtf8(process_->readAllStandardError()).trimmed().section(QLatin1Char('\n'), -1);
  const bool started = process_->error() != QProcess::FailedToStart;
  process_.release()->deleteLater();
  const Asked asked = *std::exchange(asked_, std::nullopt);
  const bool good = code == 0 && estimateFrom(out, asked.config, asked.input);
  if (good) measured_.insert(qText(asked.key), out);
  Q_EMIT changed();
  if (good || asked.soon) return;
  Q_EMIT failed(!started ? tr("The measuring program could not be started.") : complaint);
}

}  // namespace hvlm::ui
