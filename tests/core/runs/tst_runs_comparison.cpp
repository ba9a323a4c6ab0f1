// SPDX-License-Identifier: Apache-2.0
// Tables over runs: what differs comes first, seeds are one row, deltas are to the pinned run; notes and tags stay with the folder.
#include <QTemporaryDir>
#include <QtTest>
#include <cmath>
#include <nlohmann/json.hpp>

#include "runs/mlflow.h"
#include "runs/run_comparison.h"
#include "runs/run_record.h"
#include "support/atomic_file.h"
#include "support/error.h"

using namespace hvlm;
namespace fs = std::filesystem;

class TestComparison : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void init() { folder_ = std::make_unique<QTemporaryDir>(); }
  void seedsAreOneRow();
  void withoutGroupingEachRunIsARow();
  void deltasAreToThePinnedRun();
  void aCollapsedRunIsStruck();
  void anUnreadableRunIsNamed();
  void manyDifferencesAreNamedInANote();
  void axesAreNumbersOrCategories();
  void notesComeBack();
  void badNotesAreRefused();
  void runsLeaveForMlflow();
  void tagsAreSplit();

 private:
  fs::path run(const std::string& name, uint64_t seed, double lr, double top1, const std::string& verdict = "healthy", const std::string& mixer = "full") {
    const fs::path made = fs::path(folder_->path().toStdString()) / name;
    RunConfig config;
    config.seed = seed;
    config.train.lr = lr;
    config.encoder.mixer = mixer;
    fs::create_directories(made);
    writeRunRecord(made, freshRecord(config));
    writeFileAtomic(made / "config.yaml", configYaml(config));
    writeReport(made, {{"classification", {{"top1", top1}}}, {"verdict", verdict}});
    return made;
  }
  static std::vector<ComparedRun> read(const std::vector<fs::path>& folders) {
    std::vector<ComparedRun> runs;
    for (const fs::path& each : folders) runs.push_back(readComparedRun(each));
    return runs;
  }
  static size_t column(const ResultTable& table, const std::string& title) {
    for (size_t i = 0; i < table.columns.size(); ++i) {
      if (table.columns[i].title == title) return i;
    }
    return SIZE_MAX;
  }
  std::unique_ptr<QTemporaryDir> folder_;
};

void TestComparison::seedsAreOneRow() {
  const auto runs = read({run("a1", 1, 0.001, 0.5), run("a2", 2, 0.001, 0.7), run("b1", 1, 0.01, 0.6)});
  const ResultTable table = compareRuns(runs, {});
  QCOMPARE(table.rows.size(), size_t{2});
  QCOMPARE(table.columns[1].title, std::string("train.lr"));  // what differs comes first
  QCOMPARE(differingKeys(runs), std::vector<std::string>{"train.lr"});
  const size_t top1 = column(table, "top-1");
  QVERIFY(top1 != SIZE_MAX);
  QCOMPARE(*table.rows[0].cells[top1].value, 0.6);
  QVERIFY(std::abs(*table.rows[0].cells[top1].deviation - std::sqrt(0.02)) < 1e-12);
  QVERIFY(!table.rows[1].cells[top1].deviation);
  QVERIFY(table.rows[0].cells[0].text.find("2 runs") != std::string::npos);
}

void TestComparison::withoutGroupingEachRunIsARow() {
  const auto runs = read({run("a1", 1, 0.001, 0.5), run("a2", 2, 0.001, 0.7)});
  QCOMPARE(compareRuns(runs, {.group = false}).rows.size(), size_t{2});
  QVERIFY(differingKeys(runs).empty());  // a seed is no difference
}

void TestComparison::deltasAreToThePinnedRun() {
  const auto runs = read({run("a", 1, 0.001, 0.5), run("b", 1, 0.01, 0.75)});
  const ResultTable table = compareRuns(runs, {.baseline = runs[0].folder.string()});
  const size_t delta = column(table, "Δ top-1");
  QVERIFY(delta != SIZE_MAX);
  QCOMPARE(*table.rows[0].cells[delta].value, 0.0);
  QCOMPARE(*table.rows[1].cells[delta].value, 0.25);
  QVERIFY(!table.notes.empty() && table.notes.front().find("difference to a") != std::string::npos);
  QVERIFY(column(compareRuns(runs, {.baseline = "/elsewhere"}), "Δ top-1") == SIZE_MAX);
}

void TestComparison::aCollapsedRunIsStruck() {
  const auto runs = read({run("a", 1, 0.001, 0.9, "collapsed"), run("b", 1, 0.01, 0.5)});
  const ResultTable table = compareRuns(runs, {});
  QVERIFY(table.rows[0].struck && !table.rows[1].struck);
  QCOMPARE(bestRows(table, column(table, "top-1")), std::vector<size_t>{1});
}

void TestComparison::anUnreadableRunIsNamed() {
  const auto runs = read({run("a", 1, 0.001, 0.5), fs::path(folder_->path().toStdString()) / "gone"});
  const ResultTable table = compareRuns(runs, {});
  QCOMPARE(table.rows.size(), size_t{1});
  QVERIFY(std::any_of(table.notes.begin(), table.notes.end(), [](const std::string& note) { return note.starts_with("gone: "); }));
}

void TestComparison::manyDifferencesAreNamedInANote() {
  RunConfig one, other;
  Fields fields(other);
  size_t changed = 0;
  for (const Field& field : fields.all()) {
    if (auto* value = std::get_if<int64_t*>(&field.value); value && changed < kMostKeys + 5 && field.path != "seed" && field.path != "train.threads") ++**value, ++changed;
  }
  std::vector<ComparedRun> runs(2);
  const Fields mine(one);
  for (const Field& field : mine.all()) runs[0].config.emplace_back(field.path, fieldText(field));
  for (const Field& field : fields.all()) runs[1].config.emplace_back(field.path, fieldText(field));
  runs[0].name = "a", runs[0].folder = "a", runs[1].name = "b", runs[1].folder = "b";
  runs[0].config_hash = "1", runs[1].config_hash = "2";
  QCOMPARE(differingKeys(runs).size(), kMostKeys + 5);
  const ResultTable table = compareRuns(runs, {});
  QCOMPARE(table.columns.size(), 1 + kMostKeys + 1);
  QVERIFY(table.notes.front().starts_with("also differing: "));
}

void TestComparison::axesAreNumbersOrCategories() {
  const auto runs = read({run("a", 1, 0.0001, 0.5, "healthy", "full"), run("b", 1, 0.1, 0.75, "healthy", "window")});
  const ComparisonAxes axes = comparisonAxes(runs, "top1");
  QCOMPARE(axes.names, (std::vector<std::string>{"encoder.mixer", "train.lr", "top1"}));
  QCOMPARE(axes.categories[0], (std::vector<std::string>{"full", "window"}));
  QVERIFY(axes.categories[1].empty());
  QVERIFY(axes.logarithmic[1] && !axes.logarithmic[2]);
  QCOMPARE(axes.rows[1], (std::vector<double>{1.0, 0.1, 0.75}));
  QVERIFY(std::isnan(comparisonAxes(runs, "map_50").rows[0].back()));
}

void TestComparison::notesComeBack() {
  const fs::path a = run("a", 1, 0.001, 0.5);
  QVERIFY(readRunNotes(a) == RunNotes{});
  const RunNotes notes{"good start\nsecond line", {"paper", "ä"}};
  writeRunNotes(a, notes);
  QVERIFY(readRunNotes(a) == notes);
  QCOMPARE(readComparedRun(a).notes.tags, notes.tags);
  const ResultTable table = compareRuns(read({a}), {});
  QVERIFY(column(table, "tags") != SIZE_MAX);
  writeRunNotes(a, {});
  QVERIFY(!fs::exists(a / "notes.json"));
}

void TestComparison::badNotesAreRefused() {
  const fs::path a = run("a", 1, 0.001, 0.5);
  writeFileAtomic(a / "notes.json", "{\"text\": 5}");
  QVERIFY_THROWS_EXCEPTION(InputError, readRunNotes(a));
  QVERIFY(!readComparedRun(a).problem.empty());
  QVERIFY_THROWS_EXCEPTION(InputError, writeRunNotes(a, {std::string(kLongestNote + 1, 'x'), {}}));
}

// The layout of MLflow's file store, as its own reader takes it (tried with MLflow 3.17.2 and MLFLOW_ALLOW_FILE_STORE=true).
void TestComparison::runsLeaveForMlflow() {
  const fs::path a = run("a b", 1, 0.001, 0.5), b = run("c", 2, 0.01, 0.75, "collapsed");
  writeRunNotes(a, {"why\nnot", {"paper"}});
  writeFileAtomic(a / "metrics.jsonl", "{\"segment\":0,\"step\":1,\"epoch\":0.5,\"wall\":36.0,\"tag\":\"loss/total\",\"value\":0.25}\n{\"segment\":0,\"step\":2,\"epoch\":1,\"wall\":72.0,\"tag\":\"loss/total\",\"value\":0.125}\n");
  const fs::path out = fs::path(folder_->path().toStdString()) / "mlruns";
  exportMlflow({a, b}, out, "it's mine");
  const std::string meta = readFile(out / "1" / "meta.yaml", 4096);
  QVERIFY(meta.find("name: 'it''s mine'") != std::string::npos);
  int runs = 0;
  for (const auto& entry : fs::directory_iterator(out / "1")) {
    if (!entry.is_directory()) continue;
    ++runs;
    const fs::path folder = entry.path();
    QCOMPARE(folder.filename().string().size(), size_t{32});
    const std::string name = readFile(folder / "tags" / "mlflow.runName", 100);
    if (name != "a b") continue;
    const std::string lines = readFile(folder / "metrics" / "loss" / "total", 1000);
    QVERIFY2(lines.find(" 0.25 1\n") != std::string::npos && lines.find(" 0.125 2\n") != std::string::npos, lines.c_str());
    QCOMPARE(readFile(folder / "params" / "train.lr", 100), std::string("0.001"));
    QVERIFY(readFile(folder / "metrics" / "report" / "top1", 100).find(" 0.5 2") != std::string::npos);
    QCOMPARE(readFile(folder / "tags" / "tag.paper", 10), std::string("true"));
    QCOMPARE(readFile(folder / "tags" / "mlflow.note.content", 100), std::string("why\nnot"));
    QVERIFY(readFile(folder / "meta.yaml", 4096).find("run_id: " + folder.filename().string()) != std::string::npos);
  }
  QCOMPARE(runs, 2);
  QVERIFY_THROWS_EXCEPTION(InputError, exportMlflow({a}, out));
  QVERIFY_THROWS_EXCEPTION(InputError, exportMlflow({a, a}, out.string() + "2"));
  QVERIFY_THROWS_EXCEPTION(InputError, exportMlflow({fs::path("/nowhere")}, out.string() + "2"));
  QVERIFY(!fs::exists(out.string() + "2"));
}

void TestComparison::tagsAreSplit() {
  QCOMPARE(tagsFrom(" a, b c ,,a,"), (std::vector<std::string>{"a", "b c"}));
  QVERIFY(tagsFrom("").empty());
}

QTEST_GUILESS_MAIN(TestComparison)
#include "tst_runs_comparison.moc"
