// SPDX-License-Identifier: Apache-2.0
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <QTemporaryDir>
#include <QtTest>
#include <cstring>
#include <nlohmann/json.hpp>

#include "runs/checkpoint.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/hash.h"
#include "support/json_file.h"

using hvlm::CheckpointContent;
namespace fs = std::filesystem;
using Names = std::vector<std::string>;

namespace {

// Every part of the content follows from the step, so a mixture of two steps would show.
CheckpointContent contentAt(int64_t step, size_t floats = 16) {
  hvlm::PlainTensor tensor{.dtype = "F32", .shape = {static_cast<int64_t>(floats)}, .bytes = std::vector<std::byte>(floats * 4)};
  std::vector<float> values(floats, static_cast<float>(step));
  std::memcpy(tensor.bytes.data(), values.data(), tensor.bytes.size());
  CheckpointContent content;
  content.step = step;
  content.files["weights"] = {{"encoder.w", tensor}, {"head.b", tensor}};
  content.files["optimiser"] = {{"m", tensor}};
  content.state_json = nlohmann::json({{"step", step}}).dump();
  return content;
}
bool isAt(const std::optional<CheckpointContent>& content, int64_t step, size_t floats = 16) {
  const CheckpointContent expected = contentAt(step, floats);
  if (!content || content->step != step || content->state_json != expected.state_json || content->files.size() != 2) return false;
  for (const auto& [name, tensors] : expected.files) {
    for (const auto& [key, tensor] : tensors) {
      if (content->files.at(name).at(key).bytes != tensor.bytes) return false;
    }
  }
  return true;
}
void cutInHalf(const fs::path& file) { fs::resize_file(file, fs::file_size(file) / 2); }

}  // namespace

class TestCheckpoint : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    run_ = fs::path(folder_->path().toStdString()) / "run";
    checkpoints_ = run_ / "checkpoints";
    warnings_.clear();
  }
  void savedReadsBack();
  void sameContentGivesTheSameBytes();
  void lastPreviousAndBestAreKept();
  void withoutACheckpointThereIsNone();
  void damagedOneFallsBackToThePrevious_data();
  void damagedOneFallsBackToThePrevious();
  void allDamagedGivesNoneAndSaysSo();
  void bestFallsBackToLast();
  void namedOneIsFoundOrRefused();
  void crashBetweenRenameAndLinkLosesNothing();
  void savingTheSameStepAgainReplacesIt();
  void goingBackDropsWhatLiesAhead();
  void killedWhileSavingTheRestIsWhole();

 private:
  std::optional<CheckpointContent> load(const std::string& which) { return hvlm::loadCheckpoint(run_, which, &warnings_); }
  std::unique_ptr<QTemporaryDir> folder_;
  fs::path run_;
  fs::path checkpoints_;
  std::vector<std::string> warnings_;
};

void TestCheckpoint::savedReadsBack() {
  const fs::path folder = hvlm::saveCheckpoint(run_, contentAt(120), true);
  QCOMPARE(folder, checkpoints_ / "step-00000120");
  QCOMPARE(fs::read_symlink(checkpoints_ / "last").string(), std::string("step-00000120"));
  QCOMPARE(fs::read_symlink(checkpoints_ / "best").string(), std::string("step-00000120"));
  for (const char* which : {"last", "best", "step-00000120"}) QVERIFY(isAt(load(which), 120));
  QVERIFY(warnings_.empty());
  const nlohmann::json digests = hvlm::readJsonFile(folder / "digests.json");
  QCOMPARE(digests.size(), size_t{3});
  QCOMPARE(digests.at("weights.safetensors").get<std::string>(), hvlm::contentHashOfFile(folder / "weights.safetensors"));
}

void TestCheckpoint::sameContentGivesTheSameBytes() {
  const fs::path a = hvlm::saveCheckpoint(run_, contentAt(3), false);
  const fs::path b = hvlm::saveCheckpoint(run_.string() + "-b", contentAt(3), false);
  for (const auto& entry : fs::directory_iterator(a)) {
    QCOMPARE(hvlm::readFile(entry.path()), hvlm::readFile(b / entry.path().filename()));
  }
}

void TestCheckpoint::lastPreviousAndBestAreKept() {
  for (const int64_t step : {1, 2, 3, 4, 5}) hvlm::saveCheckpoint(run_, contentAt(step), step == 2);
  QVERIFY(hvlm::checkpointNames(run_) == (Names{"step-00000002", "step-00000004", "step-00000005"}));
  QCOMPARE(hvlm::checkpointLink(run_, "best"), std::string("step-00000002"));
  QVERIFY(isAt(load("best"), 2));
  hvlm::saveCheckpoint(run_, contentAt(123456789), true);
  QVERIFY(hvlm::checkpointNames(run_) == (Names{"step-00000005", "step-123456789"}));
  QVERIFY(isAt(load("last"), 123456789));
}

void TestCheckpoint::withoutACheckpointThereIsNone() {
  QVERIFY(!load("last"));
  QVERIFY(!load("best"));
  QVERIFY(hvlm::checkpointNames(run_).empty());
  QVERIFY(warnings_.empty());
}

void TestCheckpoint::damagedOneFallsBackToThePrevious_data() {
  QTest::addColumn<QString>("file");
  QTest::addColumn<QString>("damage");
  for (const char* file : {"weights.safetensors", "optimiser.safetensors", "state.json", "digests.json"}) {
    QTest::addRow("%s cut in half", file) << file << "cut";
    QTest::addRow("%s missing", file) << file << "missing";
    QTest::addRow("%s empty", file) << file << "empty";
    QTest::addRow("%s with one bit turned", file) << file << "bit";
  }
}
void TestCheckpoint::damagedOneFallsBackToThePrevious() {
  QFETCH(QString, file);
  QFETCH(QString, damage);
  hvlm::saveCheckpoint(run_, contentAt(100), false);
  hvlm::saveCheckpoint(run_, contentAt(200), false);
  const fs::path path = checkpoints_ / "step-00000200" / file.toStdString();
  std::string bytes = hvlm::readFile(path);
  if (damage == "cut") cutInHalf(path);
  if (damage == "missing") fs::remove(path);
  if (damage == "empty") fs::resize_file(path, 0);
  if (damage == "bit") {
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    hvlm::writeFileAtomic(path, bytes);
  }
  QVERIFY(isAt(load("last"), 100));
  QCOMPARE(warnings_.size(), size_t{1});
  const QString warning = QString::fromStdString(warnings_[0]);
  QVERIFY2(warning.contains("step-00000200 is damaged") && warning.contains("step-00000100 is used instead"), qPrintable(warning));
}

void TestCheckpoint::allDamagedGivesNoneAndSaysSo() {
  for (const int64_t step : {1, 2}) hvlm::saveCheckpoint(run_, contentAt(step), false);
  for (const auto& name : hvlm::checkpointNames(run_)) cutInHalf(checkpoints_ / name / "weights.safetensors");
  QVERIFY(!load("last"));
  QCOMPARE(warnings_.size(), size_t{2});
  QVERIFY(warnings_[0].find("no other checkpoint is whole") != std::string::npos);
}

void TestCheckpoint::bestFallsBackToLast() {
  hvlm::saveCheckpoint(run_, contentAt(1), false);
  QVERIFY(isAt(load("best"), 1));  // none was chosen yet
  QVERIFY(warnings_.empty());
  hvlm::saveCheckpoint(run_, contentAt(2), true);
  for (const int64_t step : {3, 4}) hvlm::saveCheckpoint(run_, contentAt(step), false);
  cutInHalf(checkpoints_ / "step-00000002" / "weights.safetensors");
  QVERIFY(isAt(load("best"), 4));
  QCOMPARE(warnings_.size(), size_t{1});
  fs::remove_all(checkpoints_ / "step-00000002");
  QVERIFY(isAt(load("best"), 4));
  QCOMPARE(warnings_.size(), size_t{2});
}

void TestCheckpoint::namedOneIsFoundOrRefused() {
  for (const int64_t step : {1, 2}) hvlm::saveCheckpoint(run_, contentAt(step), false);
  QVERIFY(isAt(load("step-00000001"), 1));
  for (const char* name : {"step-00000007", "newest", "../x", ""}) QVERIFY_THROWS_EXCEPTION(hvlm::InputError, load(name));
}

void TestCheckpoint::crashBetweenRenameAndLinkLosesNothing() {
  hvlm::saveCheckpoint(run_, contentAt(1), false);
  hvlm::saveCheckpoint(run_, contentAt(2), false);
  hvlm::replaceSymlink(checkpoints_ / "last", "step-00000001");
  QVERIFY(isAt(load("last"), 2));
}

void TestCheckpoint::savingTheSameStepAgainReplacesIt() {
  hvlm::saveCheckpoint(run_, contentAt(1), false);
  hvlm::saveCheckpoint(run_, contentAt(2), false);
  CheckpointContent other = contentAt(2);
  other.state_json = "{\"again\": true}";
  hvlm::saveCheckpoint(run_, other, true);
  QCOMPARE(load("last")->state_json, other.state_json);
  QVERIFY(hvlm::checkpointNames(run_) == (Names{"step-00000001", "step-00000002"}));
  for (const auto& entry : fs::directory_iterator(checkpoints_)) {
    QVERIFY2(entry.path().filename().string().find(".tmp-") == std::string::npos, entry.path().c_str());
  }
}

void TestCheckpoint::goingBackDropsWhatLiesAhead() {
  hvlm::saveCheckpoint(run_, contentAt(100), false);
  hvlm::saveCheckpoint(run_, contentAt(200), true);
  cutInHalf(checkpoints_ / "step-00000200" / "weights.safetensors");
  hvlm::saveCheckpoint(run_, contentAt(150), false);  // resumed from 100
  QVERIFY(hvlm::checkpointNames(run_) == (Names{"step-00000100", "step-00000150"}));
  QVERIFY(isAt(load("best"), 150));
  QVERIFY(warnings_.empty());
}

void TestCheckpoint::killedWhileSavingTheRestIsWhole() {
  constexpr size_t kFloats = 20'000;
  hvlm::saveCheckpoint(run_, contentAt(1, kFloats), false);
  int64_t reached = 1;
  for (int round = 0; round < 12; ++round) {
    int ends[2] = {-1, -1};
    QCOMPARE(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      for (int64_t step = reached + 1;; ++step) {
        hvlm::saveCheckpoint(run_, contentAt(step, kFloats), step % 3 == 0);
        if (::write(ends[1], &step, sizeof step) != sizeof step) ::_exit(1);
      }
    }
    ::close(ends[1]);
    int64_t confirmed = 0;  // at least one save ended, then death comes at another moment of the next ones in each round
    QCOMPARE(::read(ends[0], &confirmed, sizeof confirmed), ssize_t{sizeof confirmed});
    ::usleep(static_cast<useconds_t>(700 * round));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    ::close(ends[0]);
    warnings_.clear();
    const auto content = load("last");
    QVERIFY(content.has_value());
    QVERIFY(content->step >= confirmed);
    QVERIFY(isAt(content, content->step, kFloats));
    QVERIFY2(warnings_.empty(), warnings_.empty() ? "" : warnings_[0].c_str());
    const auto best = load("best");
    QVERIFY(best && isAt(best, best->step, kFloats));
    reached = content->step;
  }
  hvlm::sweepTemporaries(checkpoints_);
  for (const auto& entry : fs::directory_iterator(checkpoints_)) {
    QVERIFY2(entry.path().filename().string().find(".tmp-") == std::string::npos, entry.path().c_str());
  }
}

QTEST_GUILESS_MAIN(TestCheckpoint)
#include "tst_runs_checkpoint.moc"
