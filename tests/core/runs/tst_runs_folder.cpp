// SPDX-License-Identifier: Apache-2.0
#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "runs/run_folder.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/json_file.h"
#include "support/version.h"

using hvlm::ControlRequest;
using hvlm::RunConfig;
using hvlm::RunRecord;
namespace fs = std::filesystem;

namespace {

template <class Call>
QString refusal(const Call& call) {
  try {
    call();
  } catch (const hvlm::InputError& error) {
    return QString::fromUtf8(error.what());
  }
  return {};
}

// Every file below a folder with its bytes, to show that nothing was changed.
std::map<std::string, std::string> contentOf(const fs::path& folder) {
  std::map<std::string, std::string> content;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    content[entry.path().string()] = entry.is_regular_file() ? hvlm::readFile(entry.path()) : "";
  }
  return content;
}

}  // namespace

class TestRunFolder : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    root_ = folder_->path().toStdString();
    run_ = root_ / "run";
  }
  void recordReadsBackTheSame();
  void damagedRecordsAreRefused_data();
  void damagedRecordsAreRefused();
  void freshRecordHoldsTheProvenance();
  void freshRunWritesRecordAndConfig();
  void emptyFolderAndOneThatWasOnlyLockedAreFine();
  void refusalsChangeNothing_data();
  void refusalsChangeNothing();
  void importedRunsAreNotTrainedOn_data();
  void importedRunsAreNotTrainedOn();
  void resumeWithAnotherConfigNamesTheKeys();
  void resumeMayChangeThreadsAndDevice();
  void resumeWithAnotherDataSetIsRefused();
  void resumeCountsSegmentsAndKeepsTheId();
  void reportIsReadWhenThere();
  void controlRequestsArriveOnce();
  void oldRequestIsNotObeyed();
  void summaryTakesFiguresFromTheReport();
  void aLostRunCanBeClosed();
  void stateIsDerived_data();
  void stateIsDerived();
  void listShowsBadRunsAsRows();
  void tenThousandRunsAreListed();

 private:
  hvlm::RunOpening open(const RunConfig& config, bool resume) {
    return hvlm::openRunForTraining(run_, config, resume, hvlm::freshRecord(config));
  }
  std::unique_ptr<QTemporaryDir> folder_;
  fs::path root_;
  fs::path run_;
};

void TestRunFolder::recordReadsBackTheSame() {
  RunRecord record = hvlm::freshRecord(RunConfig());
  record.name = "näme";
  record.seed = 18446744073709551615ull;
  record.libraries = {{"hdf5", "1.10.8"}, {"torch", "2.11.0"}};
  record.resumes = {{.from_step = 7, .time = "2026-01-01T00:00:00Z", .host = "h"}};
  record.tags = {"label-text"};
  record.state = "failed";
  record.failure = "disk \"full\"";
  record.step = 12;
  hvlm::writeRunRecord(run_, record);
  const std::string bytes = hvlm::readFile(run_ / "run.json");
  const RunRecord back = hvlm::readRunRecord(run_);
  hvlm::writeRunRecord(run_, back);
  QCOMPARE(hvlm::readFile(run_ / "run.json"), bytes);
  QCOMPARE(back.seed, record.seed);
  QVERIFY(back.libraries == record.libraries);
  QCOMPARE(back.resumes.at(0).from_step, int64_t{7});
  const nlohmann::json json = nlohmann::json::parse(bytes);
  QCOMPARE(json.at("resumes").at(0).at("from_step").get<int>(), 7);
}

void TestRunFolder::damagedRecordsAreRefused_data() {
  QTest::addColumn<QByteArray>("json");
  QTest::addColumn<QString>("part");
  QTest::newRow("empty file") << QByteArray() << "empty file";
  QTest::newRow("cut in half") << QByteArray(R"({"id": "a", "sta)") << "valid JSON";
  QTest::newRow("a list") << QByteArray("[]") << "an object";
  QTest::newRow("another schema") << QByteArray(R"({"database": {}})") << "id and state";
  QTest::newRow("a text for a number") << QByteArray(R"({"id": "a", "state": "done", "step": "7"})") << "step";
  QTest::newRow("a number for a list") << QByteArray(R"({"id": "a", "state": "done", "resumes": 1})") << "resumes";
  QTest::newRow("a number in a list of objects") << QByteArray(R"({"id": "a", "state": "done", "resumes": [1]})") << "resumes";
}
void TestRunFolder::damagedRecordsAreRefused() {
  QFETCH(QByteArray, json);
  QFETCH(QString, part);
  hvlm::writeFileAtomic(run_ / "run.json", json.toStdString());
  const QString message = refusal([&] { hvlm::readRunRecord(run_); });
  QVERIFY2(message.contains(part) && message.contains("run.json"), qPrintable(message));
  QVERIFY(hvlm::summariseRun(run_).problem == message.toStdString());
}

void TestRunFolder::freshRecordHoldsTheProvenance() {
  RunConfig config;
  config.seed = 5;
  const RunRecord record = hvlm::freshRecord(config);
  QVERIFY(record.id != hvlm::freshRecord(config).id);
  QCOMPARE(record.version, hvlm::versionText());
  QCOMPARE(record.config_hash, hvlm::configHash(config));
  QCOMPARE(record.seed, uint64_t{5});
  QVERIFY(!record.compiler.empty() && !record.revision.empty() && !record.host.empty() && record.created.ends_with("Z"));
}

void TestRunFolder::freshRunWritesRecordAndConfig() {
  RunConfig config;
  config.train.epochs = 4;
  const hvlm::RunOpening opening = open(config, false);
  QCOMPARE(opening.segment, int64_t{0});
  QCOMPARE(opening.record.name, std::string("run"));
  QCOMPARE(hvlm::readRunRecord(run_).id, opening.record.id);
  QCOMPARE(hvlm::configYaml(hvlm::readRunConfig(run_ / "config.yaml")), hvlm::configYaml(config));
}

void TestRunFolder::emptyFolderAndOneThatWasOnlyLockedAreFine() {
  fs::create_directory(run_);
  hvlm::checkRunFolder(run_, RunConfig(), false);
  const hvlm::RunLock lock(run_);
  QCOMPARE(open(RunConfig(), false).segment, int64_t{0});
}

void TestRunFolder::refusalsChangeNothing_data() {
  QTest::addColumn<QString>("made");  // what is in the folder
  QTest::addColumn<bool>("resume");
  QTest::addColumn<QString>("part");
  QTest::newRow("a used folder without --resume") << "run" << false << "--resume";
  QTest::newRow("a folder of other files, fresh") << "foreign" << false << "no run.json";
  QTest::newRow("a folder of other files, resumed") << "foreign" << true << "no run.json";
  QTest::newRow("an empty folder, resumed") << "empty" << true << "no run.json";
  QTest::newRow("no folder, resumed") << "missing" << true << "no run.json";
  QTest::newRow("a file, fresh") << "file" << false << "file";
  QTest::newRow("a damaged record, resumed") << "damaged" << true << "run.json";
}
void TestRunFolder::refusalsChangeNothing() {
  QFETCH(QString, made);
  QFETCH(bool, resume);
  QFETCH(QString, part);
  if (made == "run") open(RunConfig(), false);
  if (made == "empty") fs::create_directory(run_);
  if (made == "foreign") hvlm::writeFileAtomic(run_ / "thesis.tex", "years of work");
  if (made == "file") hvlm::writeFileAtomic(run_, "years of work");
  if (made == "damaged") hvlm::writeFileAtomic(run_ / "run.json", "{");
  const auto before = contentOf(root_);
  const QString message = refusal([&] { open(RunConfig(), resume); });
  QVERIFY2(message.contains(part) && message.contains(QString::fromStdString(run_.string())), qPrintable(message));
  if (made == "foreign" || made == "file") QVERIFY(!refusal([&] { hvlm::RunLock lock(run_); }).isEmpty());
  QVERIFY(contentOf(root_) == before);
}

void TestRunFolder::importedRunsAreNotTrainedOn_data() {
  QTest::addColumn<bool>("resume");
  QTest::newRow("without --resume") << false;
  QTest::newRow("with --resume") << true;
}
void TestRunFolder::importedRunsAreNotTrainedOn() {
  QFETCH(bool, resume);
  RunRecord record = hvlm::freshRecord(RunConfig());
  record.state = "done";
  record.imported = {.file = "theirs.json", .hash = "h", .tool = "another"};
  hvlm::writeRunRecord(run_, record);
  const auto before = contentOf(root_);
  const QString message = refusal([&] { open(RunConfig(), resume); });
  for (const char* part : {"imported, read-only run", "theirs.json", "Choose another folder"}) QVERIFY2(message.contains(QLatin1String(part)), qPrintable(message));
  QVERIFY2(!message.contains(QLatin1String("--resume")), qPrintable(message));
  QVERIFY(contentOf(root_) == before);
}

void TestRunFolder::resumeWithAnotherConfigNamesTheKeys() {
  open(RunConfig(), false);
  RunConfig other;
  other.train.lr = 0.001;
  other.encoder.dim = 128;
  const auto before = contentOf(root_);
  const QString message = refusal([&] { open(other, true); });
  QVERIFY2(message.contains("train.lr: 0.0005 / 0.001") && message.contains("encoder.dim: 256 / 128"), qPrintable(message));
  QVERIFY(contentOf(root_) == before);
  // A config.yaml that was edited to fit is no way around it.
  hvlm::writeFileAtomic(run_ / "config.yaml", hvlm::configYaml(other));
  QVERIFY(refusal([&] { open(other, true); }).contains("config.yaml was changed"));
}

void TestRunFolder::resumeMayChangeThreadsAndDevice() {
  open(RunConfig(), false);
  RunConfig other;
  other.train.threads = 3;
  other.device = "cpu";
  other.train.checkpoint_steps = 10;
  QCOMPARE(open(other, true).segment, int64_t{1});
}

void TestRunFolder::resumeWithAnotherDataSetIsRefused() {
  RunRecord record = hvlm::freshRecord(RunConfig());
  record.dataset_name = "ucf15";
  record.dataset_hash = "aa";
  hvlm::openRunForTraining(run_, RunConfig(), false, record);
  QCOMPARE(hvlm::openRunForTraining(run_, RunConfig(), true, record).segment, int64_t{1});
  record.dataset_name = "synth";
  record.dataset_hash = "bb";
  const QString message = refusal([&] { hvlm::openRunForTraining(run_, RunConfig(), true, record); });
  QVERIFY2(message.contains("ucf15") && message.contains("synth"), qPrintable(message));
}

void TestRunFolder::resumeCountsSegmentsAndKeepsTheId() {
  const std::string id = open(RunConfig(), false).record.id;
  hvlm::writeFileAtomic(run_ / "x.tmp-999999999-0", "left by a dead writer");
  for (int64_t segment = 1; segment <= 2; ++segment) {
    hvlm::RunOpening opening = open(RunConfig(), true);
    QCOMPARE(opening.segment, segment);
    QCOMPARE(opening.record.id, id);
    opening.record.resumes.back().from_step = segment * 100;
    hvlm::writeRunRecord(run_, opening.record);
  }
  const std::vector<int64_t> expected = {100, 200};
  QVERIFY(hvlm::resumeSteps(hvlm::readRunRecord(run_)) == expected);
  QVERIFY(!fs::exists(run_ / "x.tmp-999999999-0"));
}

void TestRunFolder::reportIsReadWhenThere() {
  fs::create_directory(run_);
  QVERIFY(!hvlm::readReport(run_));
  hvlm::writeReport(run_, {{"verdict", "healthy"}});
  QCOMPARE(hvlm::readReport(run_)->at("verdict").get<std::string>(), std::string("healthy"));
  hvlm::writeFileAtomic(run_ / "report.json", "[1");
  QVERIFY_THROWS_EXCEPTION(hvlm::InputError, hvlm::readReport(run_));
  hvlm::writeFileAtomic(run_ / "report.json", "[1]");
  QVERIFY_THROWS_EXCEPTION(hvlm::InputError, hvlm::readReport(run_));
}

void TestRunFolder::controlRequestsArriveOnce() {
  fs::create_directory(run_);
  hvlm::ControlReader reader(run_);
  QVERIFY(reader.poll() == ControlRequest::kNone);
  for (const auto request : {ControlRequest::kPause, ControlRequest::kResume, ControlRequest::kPause, ControlRequest::kPause, ControlRequest::kStop}) {
    hvlm::writeControl(run_, request);
    QVERIFY(reader.poll() == request);
    QVERIFY(reader.poll() == ControlRequest::kNone);
  }
  const nlohmann::json json = hvlm::readJsonFile(run_ / "control.json");
  const nlohmann::json expected = {{"request", "stop"}, {"counter", 5}};
  QCOMPARE(json, expected);
  hvlm::writeFileAtomic(run_ / "control.json", "{\"request\": \"dance\", \"counter\": 6}");
  QVERIFY(reader.poll() == ControlRequest::kNone);
  hvlm::writeFileAtomic(run_ / "control.json", "not JSON");
  QVERIFY(reader.poll() == ControlRequest::kNone);
  hvlm::writeControl(run_, ControlRequest::kStop);
  QVERIFY(reader.poll() == ControlRequest::kStop);
}

void TestRunFolder::oldRequestIsNotObeyed() {
  hvlm::writeControl(run_, ControlRequest::kStop);
  hvlm::ControlReader reader(run_);
  QVERIFY(reader.poll() == ControlRequest::kNone);
  hvlm::writeControl(run_, ControlRequest::kStop);
  QVERIFY(reader.poll() == ControlRequest::kStop);
}

void TestRunFolder::summaryTakesFiguresFromTheReport() {
  hvlm::RunOpening opening = open(RunConfig(), false);
  opening.record.state = "done";
  hvlm::writeRunRecord(run_, opening.record);
  hvlm::writeReport(run_, {{"temporal_consistency", 0.7},
                           {"verdict", "healthy"},
                           {"classification", {{"top1", 0.5}}},
                           {"localization", {{"map", {{"0.50", 0.25}}}, {"average_map", nullptr}}}});
  const hvlm::RunSummary summary = hvlm::summariseRun(run_);
  const std::map<std::string, double> expected = {{"temporal_consistency", 0.7}, {"top1", 0.5}, {"map_50", 0.25}};
  QVERIFY(summary.figures == expected);
  QCOMPARE(summary.verdict, std::string("healthy"));
  QCOMPARE(summary.state, std::string("done"));
  QVERIFY(summary.problem.empty());
}

void TestRunFolder::stateIsDerived_data() {
  QTest::addColumn<QString>("written");
  QTest::addColumn<bool>("held");
  QTest::addColumn<QString>("shown");
  QTest::newRow("running while its writer lives") << "running" << true << "running";
  QTest::newRow("lost when nobody holds it") << "running" << false << "lost";
  QTest::newRow("paused while its writer lives") << "paused" << true << "paused";
  QTest::newRow("a paused run can be lost too") << "paused" << false << "lost";
  QTest::newRow("done stays done") << "done" << false << "done";
  QTest::newRow("done while its writer closes") << "done" << true << "done";
  QTest::newRow("stopped stays stopped") << "stopped" << false << "stopped";
  QTest::newRow("failed stays failed") << "failed" << false << "failed";
}
void TestRunFolder::stateIsDerived() {
  QFETCH(QString, written);
  QFETCH(bool, held);
  QFETCH(QString, shown);
  hvlm::RunOpening opening = open(RunConfig(), false);
  opening.record.state = written.toStdString();
  hvlm::writeRunRecord(run_, opening.record);
  auto lock = std::make_unique<hvlm::RunLock>(run_);
  if (!held) lock.reset();
  hvlm::LivenessTracker tracker;
  QCOMPARE(QString::fromStdString(hvlm::summariseRun(run_).state), shown);
  QCOMPARE(QString::fromStdString(hvlm::summariseRun(run_, &tracker).state), shown);
}

void TestRunFolder::listShowsBadRunsAsRows() {
  RunRecord record = hvlm::freshRecord(RunConfig());
  record.state = "done";
  const fs::path runs = root_ / "runs";
  hvlm::writeRunRecord(runs / "a", record);
  hvlm::writeRunRecord(runs / "d", record);
  hvlm::writeFileAtomic(runs / "b" / "run.json", "{\"id\": ");          // cut
  hvlm::writeFileAtomic(runs / "c" / "metrics.jsonl", "");              // without its record
  hvlm::writeFileAtomic(runs / "d" / "report.json", "cut");             // a run with a damaged report
  hvlm::writeFileAtomic(runs / "notes" / "readme.txt", "no run at all");
  fs::create_symlink("nowhere", runs / "e");
  const auto rows = hvlm::listRuns({runs, runs / "a", root_ / "missing"});
  QStringList names;
  QStringList bad;
  for (const auto& row : rows) {
    names << QString::fromStdString(row.folder.filename().string());
    if (!row.problem.empty()) bad << names.last();
  }
  QCOMPARE(names, (QStringList{"a", "b", "c", "d", "a", "missing"}));
  QCOMPARE(bad, (QStringList{"b", "c", "d", "missing"}));
  QCOMPARE(hvlm::listRuns({runs / "notes"}).at(0).problem.empty(), false);
}

void TestRunFolder::aLostRunCanBeClosed() {
  const RunConfig config;
  hvlm::RunOpening opening = open(config, false);
  {
    const hvlm::RunLock writer(run_);
    QVERIFY(!refusal([&] { hvlm::closeLostRun(run_); }).isEmpty());  // somebody writes it
    QCOMPARE(hvlm::readRunRecord(run_).state, std::string("running"));
  }
  QCOMPARE(hvlm::summariseRun(run_).state, std::string("lost"));
  hvlm::closeLostRun(run_);
  QCOMPARE(hvlm::summariseRun(run_).state, std::string("stopped"));
  QCOMPARE(hvlm::readRunRecord(run_).id, opening.record.id);
  QVERIFY(!hvlm::isLocked(run_));
  QCOMPARE(open(config, true).segment, int64_t{1});  // and it goes on as before
  // One that has ended stays as it is, to the byte.
  opening.record.state = "done";
  hvlm::writeRunRecord(run_, opening.record);
  const auto before = contentOf(run_);
  hvlm::closeLostRun(run_);
  QVERIFY(contentOf(run_) == before);
  QVERIFY(!refusal([&] { hvlm::closeLostRun(root_ / "nowhere"); }).isEmpty());
  QVERIFY(!fs::exists(root_ / "nowhere"));
}

void TestRunFolder::tenThousandRunsAreListed() {
  RunRecord record = hvlm::freshRecord(RunConfig());
  record.state = "done";
  hvlm::writeRunRecord(root_ / "one", record);
  const std::string json = hvlm::readFile(root_ / "one" / "run.json");
  // In memory where that can be: some disks take half a minute to remove so many folders.
  const QTemporaryDir in_memory("/dev/shm/tst_runs_folder-XXXXXX");
  const fs::path many = (in_memory.isValid() ? fs::path(in_memory.path().toStdString()) : root_) / "many";
  for (int i = 0; i < 10000; ++i) {
    const fs::path run = many / std::to_string(i);
    fs::create_directories(run);
    std::ofstream(run / "run.json") << (i % 100 == 7 ? json.substr(0, json.size() / 2) : json);
  }
  const auto rows = hvlm::listRuns({many});
  QCOMPARE(rows.size(), size_t{10000});
  QCOMPARE(std::count_if(rows.begin(), rows.end(), [](const auto& row) { return !row.problem.empty(); }), std::ptrdiff_t{100});
}

QTEST_GUILESS_MAIN(TestRunFolder)
#include "tst_runs_folder.moc"
