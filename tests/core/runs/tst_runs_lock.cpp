// SPDX-License-Identifier: Apache-2.0
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <QTemporaryDir>
#include <QtTest>
#include <nlohmann/json.hpp>

#include "runs/run_folder.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/json_file.h"

namespace fs = std::filesystem;
using std::chrono::seconds;

namespace {

// A child process that holds a run until it is killed.
class Holder {
 public:
  explicit Holder(const fs::path& run) {
    int ends[2] = {-1, -1};
    if (::pipe(ends) != 0) return;
    pid_ = ::fork();
    if (pid_ == 0) {
      ::close(ends[0]);
      try {
        const hvlm::RunLock lock(run);
        while (!fs::exists(run / "heartbeat.json")) ::usleep(1000);
        if (::write(ends[1], "y", 1) != 1) ::_exit(1);
        for (;;) ::pause();
      } catch (const std::exception&) {
        if (::write(ends[1], "n", 1) != 1) ::_exit(1);
      }
      ::_exit(0);
    }
    ::close(ends[1]);
    char answer = 'n';
    holds_ = ::read(ends[0], &answer, 1) == 1 && answer == 'y';
    ::close(ends[0]);
  }
  ~Holder() { kill(); }
  bool holds() const { return holds_; }
  pid_t pid() const { return pid_; }
  void kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

 private:
  pid_t pid_ = -1;
  bool holds_ = false;
};

void writeBeat(const fs::path& run, const std::string& host, const std::string& boot, int64_t counter) {
  hvlm::writeJsonFile(run / "heartbeat.json", {{"host", host}, {"boot_id", boot}, {"pid", 1}, {"counter", counter}});
}

}  // namespace

class TestRunLock : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    run_ = fs::path(folder_->path().toStdString()) / "run";
  }
  void lockIsExclusiveInOneProcess();
  void lockOfAnotherProcessIsNamedAndDropsAtItsDeath();
  void lookingChangesNothing();
  void resumeIsRefusedWhileAnotherProcessWrites();
  void killedRunIsLostAtOnce();
  void heartbeatTellsWhoWrites();
  void counterGrowsOverHolders();
  void aliveWhileTheCounterMoves();
  void readOnlyFolderGivesOneClearLine();

 private:
  std::unique_ptr<QTemporaryDir> folder_;
  fs::path run_;
};

void TestRunLock::lockIsExclusiveInOneProcess() {
  QVERIFY(!hvlm::isLocked(run_));
  {
    const hvlm::RunLock lock(run_);
    QVERIFY(hvlm::isLocked(run_) && hvlm::isLockedByThisProcess(run_));
    QVERIFY_THROWS_EXCEPTION(hvlm::InputError, (hvlm::RunLock(run_)));
    QVERIFY(hvlm::isLocked(run_) && hvlm::isLockedByThisProcess(run_));
  }
  QVERIFY(!hvlm::isLocked(run_) && !hvlm::isLockedByThisProcess(run_));
  const hvlm::RunLock again(run_);
}

void TestRunLock::lockOfAnotherProcessIsNamedAndDropsAtItsDeath() {
  Holder holder(run_);
  QVERIFY(holder.holds());
  QVERIFY(hvlm::isLocked(run_) && !hvlm::isLockedByThisProcess(run_));
  QString message;
  try {
    const hvlm::RunLock lock(run_);
  } catch (const hvlm::InputError& error) {
    message = QString::fromUtf8(error.what());
  }
  QVERIFY2(message.contains("process " + QString::number(holder.pid())), qPrintable(message));
  holder.kill();
  QVERIFY(!hvlm::isLocked(run_));
  const hvlm::RunLock lock(run_);
}

void TestRunLock::lookingChangesNothing() {
  fs::create_directory(run_);
  QVERIFY(!hvlm::isLocked(run_));
  QVERIFY(fs::is_empty(run_));
}

void TestRunLock::resumeIsRefusedWhileAnotherProcessWrites() {
  const hvlm::RunConfig config;
  hvlm::openRunForTraining(run_, config, false, hvlm::freshRecord(config));
  Holder holder(run_);
  QVERIFY(holder.holds());
  QVERIFY_THROWS_EXCEPTION(hvlm::InputError, hvlm::openRunForTraining(run_, config, true, hvlm::freshRecord(config)));
  holder.kill();
  const hvlm::RunLock own(run_);  // one's own lock is no hindrance
  QCOMPARE(hvlm::openRunForTraining(run_, config, true, hvlm::freshRecord(config)).segment, int64_t{1});
}

void TestRunLock::killedRunIsLostAtOnce() {
  const hvlm::RunConfig config;
  hvlm::openRunForTraining(run_, config, false, hvlm::freshRecord(config));
  Holder holder(run_);
  QVERIFY(holder.holds());
  hvlm::LivenessTracker tracker;
  QCOMPARE(hvlm::summariseRun(run_, &tracker).state, std::string("running"));
  holder.kill();
  QCOMPARE(hvlm::summariseRun(run_, &tracker).state, std::string("lost"));
  QCOMPARE(hvlm::summariseRun(run_).state, std::string("lost"));
}

void TestRunLock::heartbeatTellsWhoWrites() {
  const hvlm::RunLock lock(run_);
  QTRY_VERIFY(hvlm::readHeartbeat(run_).has_value());
  const nlohmann::json beat = hvlm::readJsonFile(run_ / "heartbeat.json");
  QCOMPARE(beat.at("host").get<std::string>(), hvlm::hostName());
  QCOMPARE(beat.at("boot_id").get<std::string>(), hvlm::bootId());
  QCOMPARE(beat.at("pid").get<int64_t>(), int64_t{::getpid()});
  const int64_t first = beat.at("counter").get<int64_t>();
  QTRY_VERIFY_WITH_TIMEOUT(hvlm::readHeartbeat(run_)->counter > first, 20000);
}

void TestRunLock::counterGrowsOverHolders() {
  fs::create_directory(run_);
  writeBeat(run_, "elsewhere", "boot", 41);
  const hvlm::RunLock lock(run_);
  QTRY_COMPARE(hvlm::readHeartbeat(run_)->host, hvlm::hostName());
  QVERIFY(hvlm::readHeartbeat(run_)->counter > 41);
}

void TestRunLock::aliveWhileTheCounterMoves() {
  fs::create_directory(run_);
  hvlm::LivenessTracker tracker;
  const auto start = std::chrono::steady_clock::now();
  QVERIFY(!tracker.alive(run_, start));  // neither lock nor heartbeat
  writeBeat(run_, "elsewhere", "boot", 1);
  QVERIFY(tracker.alive(run_, start));
  QVERIFY(tracker.alive(run_, start + seconds(7)));
  QVERIFY(!tracker.alive(run_, start + seconds(8)));
  writeBeat(run_, "elsewhere", "boot", 2);
  QVERIFY(tracker.alive(run_, start + seconds(60)));
  QVERIFY(tracker.alive(run_, start + seconds(67)));
  QVERIFY(!tracker.alive(run_, start + seconds(69)));
  // The writer was on this machine and its lock is free: it is gone, however fresh its last beat.
  writeBeat(run_, hvlm::hostName(), hvlm::bootId(), 3);
  QVERIFY(!tracker.alive(run_, start + seconds(70)));
  hvlm::writeFileAtomic(run_ / "heartbeat.json", "{\"host\": ");
  QVERIFY(!tracker.alive(run_, start + seconds(71)));
}

void TestRunLock::readOnlyFolderGivesOneClearLine() {
  // /proc takes no new files, not even from root.
  QString message;
  try {
    const hvlm::RunLock lock("/proc/self/run");
  } catch (const hvlm::InputError& error) {
    message = QString::fromUtf8(error.what());
  }
  QVERIFY2(message.contains("/proc/self/run") && message.contains("create the run folder"), qPrintable(message));
  const hvlm::RunConfig config;
  QVERIFY_THROWS_EXCEPTION(hvlm::InputError, hvlm::openRunForTraining("/proc/self/run", config, false, hvlm::freshRecord(config)));
  if (::geteuid() == 0) return;  // permissions do not bind root
  fs::create_directory(run_);
  fs::permissions(run_, fs::perms::owner_read | fs::perms::owner_exec);
  QVERIFY_THROWS_EXCEPTION(hvlm::InputError, (hvlm::RunLock(run_)));
  fs::permissions(run_, fs::perms::owner_all);
}

QTEST_GUILESS_MAIN(TestRunLock)
#include "tst_runs_lock.moc"
