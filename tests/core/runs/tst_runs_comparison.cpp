// SPDX-License-Identifier: Apache-2.0
// Tables over runs: what differs comes first, seeds are one row, deltas are to the pinned run; notes and tags stay with the folder.
#include <QTemporaryDir>
#include <QtTest>
#include <cmath>
#include <nlohmann/json.hpp>

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

void TestComparison::tagsAreSplit() {
  QCOMPARE(tagsFrom(" a, b c ,,a,"), (std::vector<std::string>{"a", "b c"}));
  QVERIFY(tagsFrom("").empty());
}

QTEST_GUILESS_MAIN(TestComparison)
#include "tst_runs_comparison.moc"
