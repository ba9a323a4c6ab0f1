// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/training/background_run.h"

#include <signal.h>
#include <unistd.h>

#include <QProcess>
#include <QStringList>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "runs/run_lock.h"
#include "runs/run_record.h"
#include "support/hash.h"
#include "support/paths.h"
#include "ui/text.h"

namespace hvlm::ui {
namespace {

constexpr auto kLook = std::chrono::milliseconds(50);
constexpr auto kLongest = std::chrono::minutes(5);  // it loads the engine and reads the data set before it takes the run

// Also of one that nobody has reaped.
bool hasEnded(qint64 pid) {
  if (::kill(static_cast<pid_t>(pid), 0) != 0) return errno == ESRCH;
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(file, text);
  const size_t name_end = text.rfind(')');
  return name_end != std::string::npos && text.compare(name_end, 4, ") Z ") == 0;
}

QString lastLine(const std::filesystem::path& log) {
  std::ifstream file(log);
  std::string last;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty()) last = line;
  }
  return qText(last);
}

bool beats(const std::filesystem::path& run, const std::optional<Heartbeat>& before) {
  const auto beat = readHeartbeat(run);
  if (!beat || beat->pid == ::getpid() || beat->host != hostName()) return false;
  const bool moved = !before || beat->pid != before->pid || beat->counter > before->counter;
  return moved && (isLocked(run) || !beat->locked);
}

}  // namespace

QString continueInBackground(const QString& run, const QString& program) {
  const std::filesystem::path folder = pathOf(run);
  const auto before = readHeartbeat(folder);
  const std::filesystem::path log = stateFolder() / "background" / (contentHash(stdText(run)) + ".log");
  std::filesystem::create_directories(log.parent_path());
  QProcess process;
  process.setProgram(program);
  process.setArguments({QStringLiteral("train"), QStringLiteral("--resume"), QStringLiteral("--run"), run, QStringLiteral("--evaluate")});
  process.setStandardInputFile(QProcess::nullDevice());
  process.setStandardOutputFile(QProcess::nullDevice());
  process.setStandardErrorFile(qText(log));
  qint64 pid = 0;
  if (!process.startDetached(&pid)) return uiText("%1 could not be started.").arg(program);
  for (auto waited = std::chrono::milliseconds(0); waited < kLongest; waited += kLook) {
    if (beats(folder, before)) return {};
    if (hasEnded(pid)) {
      const QString said = lastLine(log);
      return said.isEmpty() ? uiText("It ended at once, without a word.") : said;
    }
    std::this_thread::sleep_for(kLook);
  }
  ::kill(static_cast<pid_t>(pid), SIGTERM);
  return uiText("It gave no sign of life and was ended.");
}

}  // namespace hvlm::ui
