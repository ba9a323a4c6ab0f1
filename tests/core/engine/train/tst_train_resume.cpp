// SPDX-License-Identifier: Apache-2.0
// A run that was stopped, killed or damaged on the way ends with the bytes of one that never was.
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>
#include <csignal>
#include <random>

#include "core/engine/tiny_run.h"
#include "data/synth.h"
#include "runs/run_folder.h"
#include "support/golden.h"

using namespace hvlm::testing;
namespace fs = std::filesystem;

namespace {

constexpr int kStepsPerEpoch = 4;
constexpr int kEpochs = 6;
constexpr int64_t kSteps = kStepsPerEpoch * kEpochs;

// Wide enough that matrix products and sums are shared out to threads.
hvlm::RunConfig config() {
  hvlm::RunConfig c = tinyConfig();
  c.encoder.dim = 64;
  c.encoder.heads = 4;
  c.head.width = 32;
  c.train.epochs = kEpochs;
  c.train.batch_size = 5;
  c.train.checkpoint_steps = 3;
  c.train.evaluate_epochs = 2;
  return c;
}

std::string bytesOf(const fs::path& file) { return hvlm::readFile(file); }

// Everything that the rest of a run, or its evaluation, depends on.
std::map<std::string, std::string> outcomeOf(const std::string& run) {
  std::map<std::string, std::string> outcome;
  for (const char* which : {"last", "best"}) {
    outcome[which] = hvlm::checkpointLink(run, which);
    for (const char* file : {"weights.safetensors", "ema.safetensors", "optimizer.safetensors", "state.json"}) {
      outcome[std::string(which) + "/" + file] = bytesOf(fs::path(run) / "checkpoints" / which / file);
    }
  }
  outcome["probes"] = bytesOf(fs::path(run) / "probes.safetensors");
  return outcome;
}

// Curves without the clock.
std::map<std::string, std::pair<std::vector<int64_t>, std::vector<double>>> curvesOf(const std::string& run) {
  hvlm::MetricReader reader(run);
  std::map<std::string, std::pair<std::vector<int64_t>, std::vector<double>>> curves;
  for (const auto& [tag, curve] : hvlm::curvesOf(reader.poll(), hvlm::resumeSteps(hvlm::readRunRecord(run)))) curves[tag] = {curve.steps, curve.values};
  return curves;
}

// The highest step that metrics.jsonl tells; -1 without any.
int64_t stepsWritten(const std::string& run) {
  hvlm::MetricReader reader(run);
  int64_t last = -1;
  for (const hvlm::MetricPoint& point : reader.poll()) last = std::max(last, point.step);
  return last;
}

}  // namespace

#define VERIFY_SAME_OUTCOME(run, plain)                                                                                  \
  do {                                                                                                                   \
    const auto a_ = outcomeOf(run);                                                                                      \
    const auto b_ = outcomeOf(plain);                                                                                    \
    for (const auto& [name_, bytes_] : b_) QVERIFY2(a_.at(name_) == bytes_, (name_ + " differs").c_str());               \
    const auto curves_ = curvesOf(run);                                                                                  \
    for (const auto& [tag_, curve_] : curvesOf(plain)) QVERIFY2(curves_.at(tag_) == curve_, (tag_ + " differs").c_str()); \
    QCOMPARE(curves_.size(), curvesOf(plain).size());                                                                    \
    QCOMPARE(hvlm::readRunRecord(run).state, std::string("done"));                                                       \
    QCOMPARE(hvlm::readRunRecord(run).epochs_done, hvlm::readRunRecord(plain).epochs_done);                              \
  } while (false)

class TestTrainResume : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase();
  void stoppedRuns_data();
  void stoppedRuns();
  void killedRuns_data();
  void killedRuns();
  void aCutCheckpointGivesWayToTheOneBefore();
  void noCheckpointIsSaid();
  void aBestThatWasNotNamedYet();
  void aFinishedRunIsLeftAsItIs();

 private:
  std::string path(const QString& name) const { return folder_.filePath(name).toStdString(); }
  std::string plain(int threads);
  // Starts `hvlm train` in a process of its own, kills it once it has written `kill_at` steps (and waited `then_ms`); -1 lets it end.
  // Returns true when it came to its end.
  bool child(const std::string& run, int threads, bool resume, int64_t kill_at, int then_ms, QByteArray* said = nullptr);
  QTemporaryDir folder_;
  std::string data_;
};

void TestTrainResume::initTestCase() {
  hvlm::SynthOptions synth;
  synth.videos = 26;
  synth.dim = 24;
  synth.classes = 3;
  synth.mean_steps = 80;
  synth.validation_share = 0.1;
  hvlm::writeSynthetic(synth, path("data"));
  data_ = path("data") + "/dataset.yaml";
  hvlm::writeFileAtomic(path("config.yaml"), hvlm::configYaml(config()));
}

// The run that nothing happened to, once for each thread count.
std::string TestTrainResume::plain(int threads) {
  const std::string run = path(QStringLiteral("plain%1").arg(threads));
  if (!fs::exists(run)) {
    hvlm::RunConfig c = config();
    c.train.threads = threads;
    const std::string message = runJob(trainSpec(c, data_, run));
    if (!message.empty()) throw std::runtime_error(message);
  }
  return run;
}

void TestTrainResume::stoppedRuns_data() {
  QTest::addColumn<int>("threads");
  QTest::addColumn<QList<int>>("stops");
  for (const int threads : {1, 2}) {
    QTest::addRow("in the middle of an epoch, threads: %d", threads) << threads << QList<int>{2 * kStepsPerEpoch + 2};
    QTest::addRow("after the first step, at the end of an epoch and just before the end, threads: %d", threads)
        << threads << QList<int>{1, 2 * kStepsPerEpoch, static_cast<int>(kSteps) - 1};
  }
  QTest::addRow("at every step, threads: 1") << 1 << QList<int>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
}

void TestTrainResume::stoppedRuns() {
  QFETCH(int, threads);
  QFETCH(QList<int>, stops);
  QTemporaryDir own;
  const std::string run = own.filePath("run").toStdString();
  hvlm::RunConfig c = config();
  c.train.threads = threads;
  int64_t before = 0;
  for (qsizetype i = 0; i <= stops.size(); ++i) {
    hvlm::JobControl control;
    Recorder recorder;
    const int64_t stop_at = i < stops.size() ? stops[i] : -1;
    recorder.on_step = [&](const hvlm::StepEvent& step) {
      if (step.step == stop_at) control.requestStop();
    };
    QCOMPARE(runJob(trainSpec(c, data_, run, i > 0), control, recorder), std::string());
    QCOMPARE(recorder.all<hvlm::StartedEvent>().at(0).from_step, before);
    before = stop_at;
  }
  const auto resumes = hvlm::resumeSteps(hvlm::readRunRecord(run));
  QCOMPARE(resumes, std::vector<int64_t>(stops.begin(), stops.end()));
  VERIFY_SAME_OUTCOME(run, plain(threads));
  QCOMPARE(hvlm::readRunRecord(run).step, kSteps);
}

bool TestTrainResume::child(const std::string& run, int threads, bool resume, int64_t kill_at, int then_ms, QByteArray* said) {
  QProcess process;
  QStringList arguments = {"train", "--config", QString::fromStdString(path("config.yaml")), "--data", QString::fromStdString(data_),
                           "--run", QString::fromStdString(run), "--threads", QString::number(threads)};
  if (resume) arguments << "--resume";
  process.start(QString::fromStdString(binFolder()) + "/hvlm", arguments);
  if (!process.waitForStarted()) throw std::runtime_error("hvlm did not start");
  while (process.state() != QProcess::NotRunning) {
    if (process.waitForFinished(2)) break;
    if (kill_at < 0 || stepsWritten(run) < kill_at) continue;
    QTest::qSleep(then_ms);
    ::kill(static_cast<pid_t>(process.processId()), SIGKILL);
    process.waitForFinished();
  }
  if (said) *said = process.readAllStandardError();
  if (process.exitStatus() == QProcess::CrashExit) return false;
  if (process.exitCode() != 0) throw std::runtime_error(process.readAllStandardError().toStdString() + (said ? said->toStdString() : ""));
  return true;
}

void TestTrainResume::killedRuns_data() {
  QTest::addColumn<int>("threads");
  QTest::newRow("threads: 1") << 1;
  QTest::newRow("threads: 2") << 2;
}

// Killed some random steps (and milliseconds) after each start, until a start comes through. The moments are printed.
void TestTrainResume::killedRuns() {
  QFETCH(int, threads);
  QTemporaryDir own;
  const std::string run = own.filePath("run").toStdString();
  std::mt19937 random(std::random_device{}());
  QStringList moments;
  bool resume = false;
  bool ended = false;
  for (int64_t reached = 0; !ended;) {
    const bool last = reached >= kSteps - 3 || moments.size() >= 5;
    const int64_t kill_at = last ? -1 : std::min<int64_t>(kSteps, reached + 1 + static_cast<int64_t>(random() % 8));
    const int then_ms = static_cast<int>(random() % 12);
    moments << QStringLiteral("%1+%2ms").arg(kill_at).arg(then_ms);
    ended = child(run, threads, resume, kill_at, then_ms);
    if (ended && moments.size() == 1) {  // it was through before this process saw its first steps: nothing was shown
      fs::remove_all(run);
      ended = false;
      moments.clear();
    }
    resume = fs::exists(run + "/run.json");
    reached = std::max<int64_t>(reached, kill_at);
  }
  qInfo("killed at steps %s", qPrintable(moments.join(QStringLiteral(", "))));
  VERIFY_SAME_OUTCOME(run, plain(threads));
  // Checkpoints come every three steps, so a run killed at step k goes on from k - 3 or later: it never silently starts over.
  const auto resumes = hvlm::resumeSteps(hvlm::readRunRecord(run));
  QVERIFY(!resumes.empty());
  for (size_t i = 1; i < resumes.size(); ++i) QVERIFY(resumes[i] >= resumes[i - 1]);
  for (qsizetype i = 0; i < moments.size() - 1 && static_cast<size_t>(i) < resumes.size(); ++i) {
    const int64_t killed_at = moments[i].section('+', 0, 0).toLongLong();
    QVERIFY2(resumes[static_cast<size_t>(i)] >= killed_at - 3, qPrintable(moments.join(QStringLiteral(", "))));
  }
  QVERIFY(resumes.back() > 0 || moments.size() == 2);
}

void TestTrainResume::aCutCheckpointGivesWayToTheOneBefore() {
  QTemporaryDir own;
  const std::string run = own.filePath("run").toStdString();
  QVERIFY(!child(run, 1, false, 13, 0));
  const std::string last = hvlm::checkpointLink(run, "last");
  QVERIFY(hvlm::checkpointNames(run).size() >= 2);
  const fs::path file = fs::path(run) / "checkpoints" / last / "weights.safetensors";
  fs::resize_file(file, fs::file_size(file) / 2);
  QByteArray said;
  QVERIFY(child(run, 1, true, -1, 0, &said));
  QVERIFY2(said.contains(QByteArray::fromStdString(last)) && said.contains("is damaged") && said.contains("is used instead"), said.constData());
  const auto resumes = hvlm::resumeSteps(hvlm::readRunRecord(run));
  QCOMPARE(resumes.size(), size_t{1});
  QVERIFY(resumes[0] > 0 && hvlm::checkpointName(resumes[0]) < last);
  VERIFY_SAME_OUTCOME(run, plain(1));
}

void TestTrainResume::noCheckpointIsSaid() {
  QTemporaryDir own;
  const std::string run = own.filePath("run").toStdString();
  QVERIFY(!child(run, 1, false, 1, 0));
  fs::remove_all(run + "/checkpoints");
  QByteArray said;
  QVERIFY(child(run, 1, true, -1, 0, &said));
  QVERIFY2(said.contains("no checkpoint") && said.contains("starts at step 0"), said.constData());
  QCOMPARE(hvlm::resumeSteps(hvlm::readRunRecord(run)), std::vector<int64_t>{0});
  VERIFY_SAME_OUTCOME(run, plain(1));
}

// Killed between writing its best checkpoint and naming it `best`.
void TestTrainResume::aBestThatWasNotNamedYet() {
  QTemporaryDir own;
  const std::string run = own.filePath("run").toStdString();
  hvlm::RunConfig c = config();
  hvlm::JobControl control;
  Recorder recorder;
  const std::string best = hvlm::checkpointLink(plain(1), "best");
  recorder.on_event = [&](const hvlm::JobEvent& event) {
    const auto* saved = std::get_if<hvlm::CheckpointEvent>(&event);
    if (saved && saved->is_best && hvlm::checkpointName(saved->step) == best) control.requestStop();
  };
  QCOMPARE(runJob(trainSpec(c, data_, run), control, recorder), std::string());
  QCOMPARE(hvlm::checkpointLink(run, "best"), best);
  fs::remove(run + "/checkpoints/best");
  QCOMPARE(runJob(trainSpec(c, data_, run, true)), std::string());
  VERIFY_SAME_OUTCOME(run, plain(1));
}

void TestTrainResume::aFinishedRunIsLeftAsItIs() {
  QTemporaryDir own;
  const std::string run = own.filePath("run").toStdString();
  fs::copy(plain(1), run, fs::copy_options::recursive | fs::copy_options::copy_symlinks);
  hvlm::RunConfig c = config();
  QCOMPARE(runJob(trainSpec(c, data_, run, true)), std::string());
  QCOMPARE(hvlm::resumeSteps(hvlm::readRunRecord(run)), std::vector<int64_t>{kSteps});
  VERIFY_SAME_OUTCOME(run, plain(1));
}

QTEST_GUILESS_MAIN(TestTrainResume)
#include "tst_train_resume.moc"
