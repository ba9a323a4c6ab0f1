// SPDX-License-Identifier: Apache-2.0
#include <QtTest>
#include <filesystem>
#include <map>
#include <set>

#include "runs/methods.h"
#include "support/error.h"
#include "support/paths.h"

using namespace hvlm;

class TestMethods : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void everyRowOfTheTablesIsThere();
  void idsAreUniqueAndReferencesHold();
  void everyConfigIsThereAndReads_data();
  void everyConfigIsThereAndReads();
  void noTwoRowsAreTheSameRun_data();
  void noTwoRowsAreTheSameRun();
  void allTrainedRowsShareOptimiserAndSteps_data();
  void allTrainedRowsShareOptimiserAndSteps();
  void derivedRowsDifferInDetectionAlone();
  void rowsOnRequestDifferInTheirHeadsAlone();
  void groupsFindTheirRows();
  void rowsWithTextSaySo();
  void wordsFindRows_data();
  void wordsFindRows();
  void anUnknownWordNamesTheNearest();
};

namespace {

void addBudgets() {
  QTest::addColumn<QString>("budget");
  QTest::newRow("quick") << "quick";
  QTest::newRow("full") << "full";
}

}  // namespace

void TestMethods::everyRowOfTheTablesIsThere() {
  std::map<std::string, int> count;
  std::set<std::string> groups;
  for (const MethodRow& row : methodRows()) {
    ++count[row.table];
    QVERIFY2((row.table == "side") == !row.group.empty(), row.id.c_str());
    if (!row.group.empty()) groups.insert(row.group);
  }
  QCOMPARE(count["main"], 12);
  QCOMPARE(count["ablation"], 13);
  QCOMPARE(groups, (std::set<std::string>{"pooling", "length mode", "mixer", "label source", "text", "TSN consensus", "token merging", "fine-tuned", "experts", "heads"}));
  int claimed = 0;
  for (const MethodRow& row : methodRows()) claimed += row.claim != nullptr;
  QCOMPARE(claimed, 7 + 5);
}

void TestMethods::idsAreUniqueAndReferencesHold() {
  std::set<std::string> ids;
  for (const MethodRow& row : methodRows()) {
    QVERIFY2(ids.insert(row.id).second, row.id.c_str());
    QVERIFY2(row.same_as.empty() != row.config.empty(), row.id.c_str());
    if (!row.same_as.empty()) {
      const MethodRow* other = findMethodRow(row.same_as);
      QVERIFY2(other && other->same_as.empty(), row.id.c_str());
    }
    if (!row.derived_from.empty()) QVERIFY2(findMethodRow(row.derived_from), row.id.c_str());
  }
}

void TestMethods::everyConfigIsThereAndReads_data() {
  QTest::addColumn<QString>("id");
  for (const MethodRow& row : methodRows()) QTest::newRow(row.id.c_str()) << QString::fromStdString(row.id);
}
void TestMethods::everyConfigIsThereAndReads() {
  QFETCH(QString, id);
  const MethodRow& row = *findMethodRow(id.toStdString());
  for (const char* budget : {"quick", "full"}) {
    const RunConfig config = methodConfig(row, budgetFile(budget), 7);
    QCOMPARE(config.seed, uint64_t{7});
    const bool untrained = runningRow(row).id == "raw" || runningRow(row).id == "random";
    QCOMPARE(config.train.epochs == 0, untrained);
  }
}

void TestMethods::noTwoRowsAreTheSameRun_data() { addBudgets(); }
void TestMethods::noTwoRowsAreTheSameRun() {
  QFETCH(QString, budget);
  std::map<std::string, std::string> seen;
  for (const MethodRow& row : methodRows()) {
    if (!row.same_as.empty()) continue;
    for (const uint64_t seed : {1, 2}) {
      const std::string hash = configHash(methodConfig(row, budgetFile(budget.toStdString()), seed));
      QVERIFY2(!seen.contains(hash), (row.id + " is " + seen[hash]).c_str());
      seen[hash] = row.id;
    }
  }
}

void TestMethods::allTrainedRowsShareOptimiserAndSteps_data() { addBudgets(); }
void TestMethods::allTrainedRowsShareOptimiserAndSteps() {
  QFETCH(QString, budget);
  const RunConfig first = methodConfig(*findMethodRow("transformer"), budgetFile(budget.toStdString()), 1);
  for (const MethodRow& row : methodRows()) {
    const RunConfig config = methodConfig(row, budgetFile(budget.toStdString()), 1);
    for (const std::string& difference : configDifferences(first, config, true)) {
      if (config.train.epochs == 0 && difference.starts_with("train.epochs")) continue;
      QVERIFY2(!difference.starts_with("train.") || difference.starts_with("train.init"), (row.id + ": " + difference).c_str());
    }
  }
}

void TestMethods::derivedRowsDifferInDetectionAlone() {
  int derived = 0;
  for (const MethodRow& row : methodRows()) {
    if (row.derived_from.empty()) continue;
    ++derived;
    const auto differences = configDifferences(methodConfig(*findMethodRow(row.derived_from), budgetFile("quick"), 1), methodConfig(row, budgetFile("quick"), 1), true);
    QCOMPARE(differences.size(), size_t{1});
    QVERIFY2(differences.front().starts_with("detect.labels"), differences.front().c_str());
  }
  QCOMPARE(derived, 2);
}

void TestMethods::rowsOnRequestDifferInTheirHeadsAlone() {
  std::set<std::string> groups;
  const RunConfig base = methodConfig(*findMethodRow("recommended"), budgetFile("quick"), 1);
  for (const MethodRow& row : methodRows()) {
    if (!row.on_request) continue;
    groups.insert(row.group);
    for (const std::string& difference : configDifferences(base, methodConfig(row, budgetFile("quick"), 1), true)) {
      const bool of_heads = difference.starts_with("head.") || difference.starts_with("language.") || difference.starts_with("loss.");
      QVERIFY2(of_heads, (row.id + ": " + difference).c_str());
    }
  }
  QCOMPARE(groups, (std::set<std::string>{"experts", "heads"}));
  const auto config = [](const char* id) { return methodConfig(*findMethodRow(id), budgetFile("quick"), 1); };
  QVERIFY(!usesRouter(config("experts-single")) && usesRouter(config("experts-confidence")));
  QVERIFY(config("heads-answers").head.answer && !config("heads-answers").head.caption && !config("heads-answers").head.detect);
  QVERIFY(config("heads-learned").head.detect && config("heads-learned").loss.task_weights == "learned" && config("heads-all").loss.task_weights == "fixed");
}

void TestMethods::groupsFindTheirRows() {
  const auto ids = [](const char* word) {
    std::vector<std::string> found;
    for (const MethodRow* row : methodRowsOf(word)) found.push_back(row->id);
    return found;
  };
  QCOMPARE(ids("Experts"), (std::vector<std::string>{"experts-none", "experts-soft", "experts-hard", "experts-confidence", "experts-single"}));
  QCOMPARE(ids("length mode"), (std::vector<std::string>{"length-ceil", "length-floor"}));
  QCOMPARE(ids("moco"), std::vector<std::string>{"moco"});
  QCOMPARE(ids("one expert, equal parameters"), std::vector<std::string>{"experts-single"});
  try {
    methodRowsOf("expertz");
    QFAIL("it was found");
  } catch (const UsageError& error) {
    QVERIFY2(QByteArray(error.what()).contains("'experts'"), error.what());
  }
}

void TestMethods::rowsWithTextSaySo() {
  const auto tags = [](const char* id) { return textTags(methodConfig(*findMethodRow(id), budgetFile("quick"), 1)); };
  QVERIFY(tags("transformer").empty());
  QCOMPARE(tags("full"), (std::vector<std::string>{"text: hashed"}));
  QCOMPARE(tags("videoclip"), (std::vector<std::string>{"text: hashed"}));
  QCOMPARE(tags("text-labels"), (std::vector<std::string>{"text: hashed", "label-text"}));
}

void TestMethods::wordsFindRows_data() {
  QTest::addColumn<QString>("word");
  QTest::addColumn<QString>("id");
  QTest::newRow("an id") << "a04" << "a04";
  QTest::newRow("a name") << "MoCo v2" << "moco";
  QTest::newRow("a name in another case") << " raw FEATURES" << "raw";
}
void TestMethods::wordsFindRows() {
  QFETCH(QString, word);
  QFETCH(QString, id);
  QCOMPARE(QString::fromStdString(methodRowOf(word.toStdString()).id), id);
}

void TestMethods::anUnknownWordNamesTheNearest() {
  try {
    methodRowOf("mocoo");
    QFAIL("it was found");
  } catch (const UsageError& error) {
    QVERIFY2(QByteArray(error.what()).contains("'moco'"), error.what());
  }
}

QTEST_GUILESS_MAIN(TestMethods)
#include "tst_runs_methods.moc"
