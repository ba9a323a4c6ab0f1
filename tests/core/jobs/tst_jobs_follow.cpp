// SPDX-License-Identifier: Apache-2.0
#include <QTemporaryDir>
#include <QtTest>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "jobs/follow.h"
#include "jobs/inspection_text.h"
#include "runs/run_folder.h"
#include "support/error.h"

using namespace hvlm;
namespace fs = std::filesystem;

namespace {

using Clock = RunFollower::Clock;
const auto kStart = Clock::now();
Clock::time_point at(double seconds) {
  return kStart + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

MetricPoint point(int64_t segment, int64_t step, const std::string& tag, double value) {
  return {.segment = segment,
          .step = step,
          .epoch = static_cast<double>(step) / 10,
          .wall_seconds = static_cast<double>(step),
          .tag = tag,
          .value = value};
}

template <class Event>
std::vector<Event> all(const std::vector<JobEvent>& events) {
  std::vector<Event> found;
  for (const JobEvent& event : events) {
    if (const auto* match = std::get_if<Event>(&event)) found.push_back(*match);
  }
  return found;
}

struct Folder {
  QTemporaryDir dir;
  fs::path run = fs::path(dir.path().toStdString()) / "run";
  RunRecord record;
  Folder() {
    fs::create_directories(run);
    record = freshRecord(RunConfig{});
    record.state = "running";
    record.total_epochs = 3;
    writeRunRecord(run, record);
  }
};

}  // namespace

class TestFollow : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void aFolderThatIsNoRunIsRefused();
  void stepsAndEvaluationsComeOnceInOrder();
  void aResumeIsToldBeforeItsPoints();
  void theEndIsTheLastWord();
  void aRunNobodyWritesIsLost();
  void lengthAndPaceAreTold();
  void theBestIsJudgedAsTheTrainerDoes();
  void theAgeOfItsStateIsTold();
  void checkpointsAreToldOnce();
  void inspectionTextKeepsEveryNumber();
};

void TestFollow::aFolderThatIsNoRunIsRefused() {
  QTemporaryDir dir;
  QVERIFY_THROWS_EXCEPTION(InputError, RunFollower(dir.path().toStdString()));
}

void TestFollow::stepsAndEvaluationsComeOnceInOrder() {
  Folder f;
  const RunLock lock(f.run);
  MetricWriter writer(f.run, 0);
  writer.write({point(0, 1, "loss/total", 2.0), point(0, 1, "loss/focal", 1.0), point(0, 2, "loss/total", 1.5),
                point(0, 2, "holdout/top1", 0.25)});
  RunFollower follower(f.run);
  const auto events = follower.poll(at(0));
  QCOMPARE(all<StartedEvent>(events).size(), size_t{1});
  QCOMPARE(all<StartedEvent>(events)[0].total_epochs, int64_t{3});
  const auto steps = all<StepEvent>(events);
  QCOMPARE(steps.size(), size_t{2});
  QCOMPARE(steps[0].values.size(), size_t{2});
  QCOMPARE(steps[1].values, (std::vector<std::pair<std::string, double>>{{"loss/total", 1.5}}));
  const auto evaluated = all<EvaluatedEvent>(events);
  QCOMPARE(evaluated.size(), size_t{1});
  QCOMPARE(evaluated[0].subset, std::string("holdout"));
  QCOMPARE(follower.state(), std::string("running"));
  QVERIFY(all<StepEvent>(follower.poll(at(0.1))).empty());
  writer.write({point(0, 3, "loss/total", 1.0)});
  QCOMPARE(all<StepEvent>(follower.poll(at(0.2))).size(), size_t{1});
}

void TestFollow::aResumeIsToldBeforeItsPoints() {
  Folder f;
  const RunLock lock(f.run);
  MetricWriter(f.run, 0).write({point(0, 1, "loss/total", 2.0), point(0, 2, "loss/total", 1.5)});
  RunFollower follower(f.run);
  follower.poll(at(0));
  f.record.resumes.push_back({.from_step = 1, .time = "2026-01-01T00:00:00Z", .host = "h"});
  writeRunRecord(f.run, f.record);
  MetricWriter(f.run, 1).write({point(1, 2, "loss/total", 1.4)});
  const auto events = follower.poll(at(0.1));  // before the record's turn: the point of a new segment brings it
  QCOMPARE(events.size(), size_t{2});
  QVERIFY(std::holds_alternative<StartedEvent>(events[0]));
  QCOMPARE(std::get<StartedEvent>(events[0]).from_step, int64_t{1});
  QCOMPARE(std::get<StepEvent>(events[1]).values[0].second, 1.4);
  QVERIFY(all<StartedEvent>(follower.poll(at(2))).empty());
}

void TestFollow::theEndIsTheLastWord() {
  Folder f;
  RunFollower follower(f.run);
  {
    const RunLock lock(f.run);
    follower.poll(at(0));
    MetricWriter(f.run, 0).write({point(0, 30, "loss/total", 0.5)});
    f.record.state = "done";
    f.record.step = 30;
    f.record.epochs_done = 3;
    writeRunRecord(f.run, f.record);
    writeReport(f.run, {{"verdict", "healthy"}});
  }
  const auto events = follower.poll(at(1));
  QCOMPARE(all<EpochEvent>(events).size(), size_t{1});
  QVERIFY(std::holds_alternative<FinishedEvent>(events.back()));
  const auto finished = std::get<FinishedEvent>(events.back());
  QVERIFY(!finished.stopped);
  QCOMPARE(nlohmann::json::parse(finished.result_json).at("verdict"), "healthy");
  QVERIFY(follower.ended());
  QVERIFY(follower.poll(at(2)).empty());
}

void TestFollow::aRunNobodyWritesIsLost() {
  Folder f;
  { const RunLock lock(f.run); }  // its process came and went without a word
  RunFollower follower(f.run);
  follower.poll(at(0));
  for (int second = 1; second <= 12; ++second) follower.poll(at(second));
  QCOMPARE(follower.state(), std::string("lost"));
  QVERIFY(!follower.ended());
}

void TestFollow::lengthAndPaceAreTold() {
  Folder f;
  RunConfig config;
  config.train.batch_size = 8;
  config.train.patience = 4;
  std::ofstream(f.run / "config.yaml") << configYaml(config);
  f.record.device = "cpu";
  writeRunRecord(f.run, f.record);
  const RunLock lock(f.run);
  MetricWriter(f.run, 0).write({point(0, 1, "loss/total", 2.0), point(0, 7, "loss/total", 1.5)});
  RunFollower follower(f.run);
  const auto events = follower.poll(at(0));
  const auto started = all<StartedEvent>(events);
  QCOMPARE(started.size(), size_t{1});
  QCOMPARE(started[0].total_steps, int64_t{30});  // ten steps an epoch, three epochs
  QCOMPARE(started[0].device, std::string("cpu"));
  QCOMPARE(started[0].patience, int64_t{4});
  const auto steps = all<StepEvent>(events);
  QCOMPARE(steps.at(0).videos_done, int64_t{8});
  QCOMPARE(steps.at(1).videos_done, int64_t{56});
  // After a resume the count begins with what this process has done.
  f.record.resumes.push_back({.from_step = 5, .time = "2026-01-01T00:00:00Z", .host = "h"});
  writeRunRecord(f.run, f.record);
  MetricWriter(f.run, 1).write({point(1, 6, "loss/total", 1.4)});
  QCOMPARE(all<StepEvent>(follower.poll(at(1))).at(0).videos_done, int64_t{8});
}

void TestFollow::theBestIsJudgedAsTheTrainerDoes() {
  Folder f;
  const RunLock lock(f.run);
  MetricWriter(f.run, 0).write(
      {point(0, 10, "holdout/score", 0.4), point(0, 20, "holdout/score", 0.5), point(0, 30, "holdout/score", 0.45)});
  RunFollower follower(f.run);
  const auto best = [](const std::vector<JobEvent>& events) {
    std::vector<bool> is_best;
    for (const EvaluatedEvent& e : all<EvaluatedEvent>(events)) is_best.push_back(e.is_best);
    return is_best;
  };
  QCOMPARE(best(follower.poll(at(0))), (std::vector<bool>{true, true, false}));
  // What came after the step that it goes on from no longer counts.
  f.record.resumes.push_back({.from_step = 15, .time = "2026-01-01T00:00:00Z", .host = "h"});
  writeRunRecord(f.run, f.record);
  MetricWriter(f.run, 1).write({point(1, 20, "holdout/score", 0.45), point(1, 30, "holdout/score", 0.44)});
  QCOMPARE(best(follower.poll(at(1))), (std::vector<bool>{true, false}));
}

void TestFollow::theAgeOfItsStateIsTold() {
  Folder f;
  f.record.created = "2020-01-31T12:00:00Z";
  writeRunRecord(f.run, f.record);
  constexpr double kYears = 5 * 365 * 86400.0;
  {
    const RunLock lock(f.run);
    const auto states = all<StateEvent>(RunFollower(f.run).poll(at(0)));
    QCOMPARE(states.size(), size_t{1});
    QVERIFY(states[0].state == "running" && states[0].age_seconds > kYears);
  }
  f.record.state = "stopped";
  writeRunRecord(f.run, f.record);
  fs::last_write_time(f.run / "run.json", fs::file_time_type::clock::now() - std::chrono::hours(24 * 30));
  const auto ended = all<FinishedEvent>(RunFollower(f.run).poll(at(0)));
  QCOMPARE(ended.size(), size_t{1});
  QVERIFY2(ended[0].age_seconds > 29 * 86400.0 && ended[0].age_seconds < kYears, qPrintable(QString::number(ended[0].age_seconds)));
}

void TestFollow::checkpointsAreToldOnce() {
  Folder f;
  const RunLock lock(f.run);
  RunFollower follower(f.run);
  follower.poll(at(0));
  CheckpointContent content;
  content.step = 12;
  content.state_json = "{}";
  content.files["weights"]["w"] = PlainTensor{.dtype = "F32", .shape = {1}, .bytes = std::vector<std::byte>(4)};
  saveCheckpoint(f.run, content, true);
  const auto events = all<CheckpointEvent>(follower.poll(at(1)));
  QCOMPARE(events.size(), size_t{1});
  QCOMPARE(events[0].step, int64_t{12});
  QVERIFY(events[0].is_best);
  QVERIFY(all<CheckpointEvent>(follower.poll(at(2))).empty());
}

void TestFollow::inspectionTextKeepsEveryNumber() {
  VideoInspection inspection;
  inspection.video = "abc";
  inspection.step_seconds = 0.5;
  inspection.classes = {"jump, high"};
  inspection.attention = {0.25F, 0.75F};
  inspection.neighbour_similarity = {0.125F};
  inspection.levels.push_back({.first_step = {0, 1},
                               .last_step = {0, 1},
                               .parent = {0, 0},
                               .alpha = {0.25F, 0.75F},
                               .share = {0.25F, 0.75F},
                               .score = {0.5F, 0.0625F},
                               .label = {0, 0}});
  inspection.levels.push_back(
      {.first_step = {0}, .last_step = {1}, .parent = {-1}, .alpha = {0.0F}, .share = {1.0F}, .score = {}, .label = {}});
  inspection.detections.push_back({.start_seconds = 0.5, .end_seconds = 1.0, .label = 0, .score = 0.5});
  const auto json = inspectionJson(inspection);
  QCOMPARE(json.at("levels").size(), size_t{2});
  QCOMPARE(json["levels"][0]["alpha"][1].get<double>(), 0.75);
  QCOMPARE(json["levels"][1]["parent"][0].get<int>(), -1);
  QCOMPARE(json["detections"][0]["label"].get<std::string>(), std::string("jump, high"));
  QCOMPARE(pyramidCsv(inspection),
           std::string("level,cell,first_step,last_step,start_seconds,end_seconds,parent,alpha,share,label,score\n"
                       "0,0,0,0,0,0.5,0,0.25,0.25,\"jump, high\",0.5\n"
                       "0,1,1,1,0.5,1,0,0.75,0.75,\"jump, high\",0.0625\n"
                       "1,0,0,1,0,1,,0,1,,\n"));
  QCOMPARE(attentionCsv(inspection), std::string("step,start_seconds,attention,similarity_to_next\n0,0,0.25,0.125\n1,0.5,0.75,\n"));
}

QTEST_GUILESS_MAIN(TestFollow)
#include "tst_jobs_follow.moc"
