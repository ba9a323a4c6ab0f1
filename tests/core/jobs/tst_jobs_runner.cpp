// SPDX-License-Identifier: Apache-2.0
#include <QtTest>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <semaphore>
#include <set>
#include <thread>

#include "jobs/failure.h"
#include "jobs/runner.h"
#include "support/error.h"

using namespace hvlm;

namespace {

// An engine that takes one step each time the test lets it, and notes which threads called it.
class StepwiseEngine : public JobEngine {
 public:
  void setThreads(int64_t) override {}
  void run(const JobSpec& spec, JobControl& control, JobObserver& observer) override {
    note();
    const auto& train = std::get<TrainSpec>(spec);
    if (train.data == "broken") throw InputError({.where = "dataset.yaml", .expected = "a file", .found = "none", .remedy = "Look."});
    if (train.data == "odd") throw 7;
    if (train.data == "huge") {
      observer.onEvent(StartedEvent{.run_folder = train.run_folder});
      observer.onEvent(StepEvent{.step = 119});
      throw std::runtime_error("[enforce fail at alloc_cpu.cpp:118] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate 9771050598 bytes. Error code 12 (Cannot allocate memory)");
    }
    const int64_t total = train.config.train.epochs;
    observer.onEvent(StartedEvent{.run_folder = train.run_folder, .total_steps = total});
    for (int64_t step = 1; step <= total; ++step) {
      while (!allowed.try_acquire_for(std::chrono::milliseconds(2))) {
        if (ends_while_waiting && control.stopRequested()) return;
      }
      steps = step;
      observer.onEvent(StepEvent{.step = step});
      do {
        if (control.between_steps) {
          control.between_steps(train.run_folder, [&](const std::string& video) {
            note();
            if (video == "bad") throw std::runtime_error("no such video");
            return VideoInspection{.video = video, .step = step};
          });
        }
        if (control.stopRequested()) {
          observer.onEvent(FinishedEvent{.summary = "stopped", .stopped = true});
          return;
        }
        paused = control.pauseRequested();
        if (paused) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      } while (paused);
    }
    if (train.data != "silent") observer.onEvent(FinishedEvent{.summary = "done"});
  }
  VideoInspection inspect(const InspectSpec& spec) override {
    note();
    return VideoInspection{.video = spec.video, .run_folder = spec.run_folder, .step = -1};
  }
  RetrievalAnswer retrieve(const RetrieveSpec& spec, std::stop_token stop) override {
    note();
    if (stop.stop_requested()) throw Interrupted("stopped");
    if (spec.query.empty()) throw InputError({.where = "query", .expected = "words", .found = "none", .remedy = "Ask."});
    return {.videos_searched = 3, .text_tower = spec.query};
  }
  VideoEvidence evidence(const EvidenceSpec& spec) override { return {.video = spec.video}; }
  AskAnswer ask(const AskSpec& spec, std::stop_token, const std::function<void(std::string_view)>& on_text) override {
    on_text(spec.question);
    return {.text = spec.question};
  }
  std::vector<std::pair<std::string, std::string>> libraries() override { return {}; }

  std::counting_semaphore<> allowed{0};
  std::atomic<bool> ends_while_waiting{false};  // a stop ends the job also where no step is allowed
  std::atomic<int64_t> steps{0};
  std::atomic<bool> paused{false};
  std::set<std::thread::id> threads() {
    const std::lock_guard lock(mutex_);
    return threads_;
  }

 private:
  void note() {
    const std::lock_guard lock(mutex_);
    threads_.insert(std::this_thread::get_id());
  }
  std::mutex mutex_;
  std::set<std::thread::id> threads_;
};

class Recorder : public JobObserver {
 public:
  void onEvent(const JobEvent& event) override {
    const std::lock_guard lock(mutex_);
    events_.push_back(event);
  }
  std::vector<JobEvent> events() const {
    const std::lock_guard lock(mutex_);
    return events_;
  }
  template <class Event>
  std::vector<Event> all() const {
    std::vector<Event> found;
    for (const JobEvent& event : events()) {
      if (const auto* match = std::get_if<Event>(&event)) found.push_back(*match);
    }
    return found;
  }
  size_t endings() const { return all<FinishedEvent>().size() + all<FailedEvent>().size(); }

 private:
  mutable std::mutex mutex_;
  std::vector<JobEvent> events_;
};

TrainSpec training(int64_t steps, const std::string& folder = "/run/a", const std::string& data = "") {
  TrainSpec spec;
  spec.config.train.epochs = steps;
  spec.run_folder = folder;
  spec.data = data;
  return spec;
}

struct Fixture {
  ~Fixture() { engine.allowed.release(10000); }  // whatever failed, the engine thread comes to its end
  StepwiseEngine engine;
  JobRunner runner{[this]() -> JobEngine& { return engine; }};
};

}  // namespace

class TestRunner : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void jobsRunInOrderOnOneThread();
  void pauseHoldsTheStepAndResumeGoesOn();
  void stopEndsARunningJobAfterItsStep();
  void aStoppedQueuedJobNeverRuns();
  void everyJobEndsWithExactlyOneLastWord_data();
  void everyJobEndsWithExactlyOneLastWord();
  void memoryThatRanOutIsToldWithItsNumbers();
  void inspectionsAreAnsweredBetweenSteps();
  void aNewerRequestReplacesTheWaitingOneOfItsSlot();
  void inspectionWithoutAJobAsksTheEngine();
  void otherWorkIsDoneOnTheEngineThread();
  void aMissingEngineFailsTheJobAndTheInspection();
  void destroyingStopsTheJobAndAnswersEverybody();
};

void TestRunner::jobsRunInOrderOnOneThread() {
  Fixture f;
  auto first = std::make_shared<Recorder>();
  auto second = std::make_shared<Recorder>();
  f.runner.start(training(2), first);
  f.runner.start(training(1), second);
  QVERIFY(!f.runner.idle());
  f.engine.allowed.release(2);
  QTRY_COMPARE(first->endings(), size_t{1});
  QCOMPARE(second->endings(), size_t{0});
  f.engine.allowed.release(1);
  QTRY_COMPARE(second->endings(), size_t{1});
  QCOMPARE(first->all<StepEvent>().size(), size_t{2});
  QTRY_VERIFY(f.runner.idle());
  QCOMPARE(f.engine.threads().size(), size_t{1});
  QVERIFY(!f.engine.threads().contains(std::this_thread::get_id()));
}

void TestRunner::pauseHoldsTheStepAndResumeGoesOn() {
  Fixture f;
  auto seen = std::make_shared<Recorder>();
  const auto id = f.runner.start(training(3), seen);
  f.engine.allowed.release(1);
  QTRY_COMPARE(f.engine.steps.load(), int64_t{1});
  f.runner.pause(id);
  f.engine.allowed.release(5);
  QTRY_VERIFY(f.engine.paused);
  QVERIFY(f.engine.steps <= 2);  // at most the step that had begun
  f.runner.resume(id);
  QTRY_COMPARE(seen->endings(), size_t{1});
  QCOMPARE(f.engine.steps.load(), int64_t{3});
}

void TestRunner::stopEndsARunningJobAfterItsStep() {
  Fixture f;
  auto seen = std::make_shared<Recorder>();
  const auto id = f.runner.start(training(1000), seen);
  QTRY_COMPARE(seen->all<StartedEvent>().size(), size_t{1});
  f.runner.stop(id);
  f.engine.allowed.release(1000);
  QTRY_COMPARE(seen->endings(), size_t{1});
  QVERIFY(seen->all<FinishedEvent>().at(0).stopped);
  QCOMPARE(f.engine.steps.load(), int64_t{1});
}

void TestRunner::aStoppedQueuedJobNeverRuns() {
  Fixture f;
  auto first = std::make_shared<Recorder>();
  auto queued = std::make_shared<Recorder>();
  f.runner.start(training(2), first);
  const auto id = f.runner.start(training(1), queued);
  QTRY_COMPARE(first->all<StartedEvent>().size(), size_t{1});
  f.runner.stop(id);
  f.engine.allowed.release(1);
  QTRY_COMPARE(queued->endings(), size_t{1});  // told while the first still runs
  QCOMPARE(first->endings(), size_t{0});
  QVERIFY(queued->all<FinishedEvent>().at(0).stopped);
  QVERIFY(queued->all<StartedEvent>().empty());
  f.engine.allowed.release(1);
  QTRY_VERIFY(f.runner.idle());
}

void TestRunner::everyJobEndsWithExactlyOneLastWord_data() {
  QTest::addColumn<QString>("data");
  QTest::addColumn<QString>("failure");
  QTest::newRow("an engine that says Finished") << "" << "";
  QTest::newRow("an engine that forgets to say Finished") << "silent" << "";
  QTest::newRow("an InputError becomes Failed with its one line") << "broken" << "dataset.yaml: expected a file, found none. Look.";
  QTest::newRow("anything else thrown becomes Failed too") << "odd" << "The job ended with an unknown error.";
}
void TestRunner::memoryThatRanOutIsToldWithItsNumbers() {
  Fixture f;
  auto seen = std::make_shared<Recorder>();
  JobSpec spec = training(1, "/run/a", "huge");
  std::get<TrainSpec>(spec).config.train.batch_size = 64;
  f.runner.start(spec, seen);
  QTRY_VERIFY(f.runner.idle());
  const auto failed = seen->all<FailedEvent>();
  QCOMPARE(failed.size(), size_t{1});
  const QString said = QString::fromStdString(failed[0].message);
  QVERIFY2(said.startsWith("Training ran out of memory at step 120 (batch 64, one more block of "), qPrintable(said));
  QVERIFY2(said.contains("The run is kept") && !said.contains("enforce fail"), qPrintable(said));
  QVERIFY(saysOutOfMemory(failed[0].message));
  // Numbers that are not known are left out; other errors say what they say.
  QVERIFY(!QString::fromStdString(failureText(std::bad_alloc(), EvaluateSpec(), 0, 0.0)).contains("("));
  QVERIFY(QString::fromStdString(failureText(std::bad_alloc(), spec, 0, 7.6e9)).contains("are free now"));
  QCOMPARE(failureText(std::runtime_error("another"), spec, 3, 1e9), std::string("another"));
  QVERIFY(!saysOutOfMemory("config.yaml: expected a number, found text."));
}

void TestRunner::everyJobEndsWithExactlyOneLastWord() {
  QFETCH(QString, data);
  QFETCH(QString, failure);
  Fixture f;
  f.engine.allowed.release(10);
  auto seen = std::make_shared<Recorder>();
  f.runner.start(training(1, "/run/a", data.toStdString()), seen);
  QTRY_VERIFY(f.runner.idle());
  QCOMPARE(seen->endings(), size_t{1});
  const auto failed = seen->all<FailedEvent>();
  QCOMPARE(failed.empty() ? QString() : QString::fromStdString(failed[0].message), failure);
}

void TestRunner::inspectionsAreAnsweredBetweenSteps() {
  Fixture f;
  auto seen = std::make_shared<Recorder>();
  const auto id = f.runner.start(training(1000, "/run/a"), seen);
  QTRY_COMPARE(seen->all<StartedEvent>().size(), size_t{1});
  std::atomic<int64_t> own{-9}, other{-9};
  std::atomic<bool> failed{false};
  f.runner.inspect("timeline", {.run_folder = "/run/../run/a/", .video = "x"}, [&](VideoInspection v) { own = v.step; }, {});
  f.runner.inspect("compare", {.run_folder = "/run/b", .video = "x"}, [&](VideoInspection v) { other = v.step; }, {});
  f.runner.inspect("bad", {.run_folder = "/run/a", .video = "bad"}, {}, [&](std::string text) { failed = text.find("no such video") == 0; });
  f.engine.allowed.release(1);
  QTRY_COMPARE(own.load(), int64_t{1});     // by the model being trained, at the step just done
  QTRY_COMPARE(other.load(), int64_t{-1});  // by a checkpoint
  QTRY_VERIFY(failed);
  QCOMPARE(f.engine.threads().size(), size_t{1});
  f.runner.stop(id);
  f.engine.allowed.release(1);
  QTRY_COMPARE(seen->endings(), size_t{1});
}

void TestRunner::aNewerRequestReplacesTheWaitingOneOfItsSlot() {
  Fixture f;
  auto seen = std::make_shared<Recorder>();
  f.runner.start(training(1), seen);
  QTRY_COMPARE(seen->all<StartedEvent>().size(), size_t{1});
  std::mutex mutex;
  std::vector<std::string> answered;
  for (const char* video : {"one", "two", "three"}) {
    f.runner.inspect("timeline", {.run_folder = "/run/a", .video = video},
                     [&](VideoInspection v) {
                       const std::lock_guard lock(mutex);
                       answered.push_back(v.video);
                     },
                     {});
  }
  f.engine.allowed.release(1);
  QTRY_VERIFY(f.runner.idle());
  QCOMPARE(answered, std::vector<std::string>{"three"});
}

void TestRunner::inspectionWithoutAJobAsksTheEngine() {
  Fixture f;
  std::atomic<int> answers{0};
  f.runner.inspect("timeline", {.run_folder = "/run/a", .video = "x"}, [&](VideoInspection v) { answers += v.step == -1 ? 1 : 100; }, {});
  QTRY_COMPARE(answers.load(), 1);
  QTRY_VERIFY(f.runner.idle());
}

void TestRunner::otherWorkIsDoneOnTheEngineThread() {
  Fixture f;
  std::mutex mutex;
  std::vector<std::string> said;
  const auto say = [&](const std::string& text) {
    const std::lock_guard lock(mutex);
    said.push_back(text);
  };
  const auto count = [&] {
    const std::lock_guard lock(mutex);
    return said.size();
  };
  f.runner.call("search", [&](JobEngine& engine) { say(engine.retrieve({.query = "a man rides"}, {}).text_tower); }, say);
  QTRY_COMPARE(count(), size_t{1});
  f.runner.call("search", [&](JobEngine& engine) { engine.retrieve({}, {}); }, say);
  QTRY_COMPARE(count(), size_t{2});
  std::stop_source stop;
  stop.request_stop();
  f.runner.call("search", [&](JobEngine& engine) { engine.retrieve({.query = "x"}, stop.get_token()); }, say);
  QTRY_COMPARE(count(), size_t{3});
  // While a job holds the thread, newer work of the slot takes the place of the waiting one.
  auto job = std::make_shared<Recorder>();
  f.runner.start(training(1), job);
  f.runner.call("ask", [&](JobEngine& engine) { engine.ask({.question = "old"}, {}, [&](std::string_view t) { say(std::string(t)); }); }, say);
  f.runner.call("ask", [&](JobEngine& engine) { engine.ask({.question = "new"}, {}, [&](std::string_view t) { say(std::string(t)); }); }, say);
  f.engine.allowed.release(1);
  QTRY_COMPARE(job->endings(), size_t{1});
  QTRY_VERIFY(f.runner.idle());
  const std::lock_guard lock(mutex);
  QCOMPARE(said[0], std::string("a man rides"));
  QVERIFY(said[1].find("query") != std::string::npos);
  QCOMPARE(said[2], std::string("Stopped."));
  QCOMPARE(said.back(), std::string("new"));
  QCOMPARE(f.engine.threads().size(), size_t{1});
}

void TestRunner::aMissingEngineFailsTheJobAndTheInspection() {
  JobRunner runner([]() -> JobEngine& {
    throw InputError({.where = "libhvlm_engine.so", .expected = "the compute engine", .found = "no such file", .remedy = "Build it."});
  });
  auto seen = std::make_shared<Recorder>();
  std::atomic<bool> failed{false};
  runner.start(training(1), seen);
  runner.inspect("timeline", {}, {}, [&](const std::string& text) { failed = text.find("Build it.") != std::string::npos; });
  QTRY_VERIFY(failed);
  QTRY_COMPARE(seen->all<FailedEvent>().size(), size_t{1});
}

void TestRunner::destroyingStopsTheJobAndAnswersEverybody() {
  StepwiseEngine engine;
  engine.ends_while_waiting = true;
  auto running = std::make_shared<Recorder>();
  auto queued = std::make_shared<Recorder>();
  std::atomic<int> answers{0};
  {
    JobRunner runner([&]() -> JobEngine& { return engine; });
    runner.start(training(1 << 30), running);  // does not end by itself, however late this thread comes to stop it
    runner.start(training(1000), queued);
    QTRY_COMPARE(running->all<StartedEvent>().size(), size_t{1});
    runner.inspect("timeline", {.run_folder = "/run/a"}, [&](VideoInspection) { answers += 1; }, [&](std::string) { answers += 1; });
    engine.allowed.release(1000);
  }
  QCOMPARE(running->endings(), size_t{1});
  QCOMPARE(queued->endings(), size_t{1});
  QVERIFY(queued->all<FinishedEvent>().at(0).stopped);
  QCOMPARE(answers.load(), 1);
  QCOMPARE(running.use_count(), 1L);  // the runner keeps nobody alive
}

QTEST_GUILESS_MAIN(TestRunner)
#include "tst_jobs_runner.moc"
