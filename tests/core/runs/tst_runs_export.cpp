// SPDX-License-Identifier: Apache-2.0
#include <QTemporaryDir>
#include <QtTest>
#include <cmath>
#include <nlohmann/json.hpp>

#include "runs/export.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/json_file.h"

using hvlm::Predictions;
namespace fs = std::filesystem;

namespace {

std::map<std::string, hvlm::Curve> curves() {
  return {{"loss/total", {.steps = {1, 2}, .epochs = {0.5, 1}, .hours = {0.25, 0.5}, .values = {2.5, 0.1}}},
          {"train_tc", {.steps = {2, 4}, .epochs = {1, 2}, .hours = {0.5, 1}, .values = {0.75, std::nan("")}}}};
}

}  // namespace

class TestExport : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void predictionsReadBackExactly();
  void predictionsHaveTheOfficialForm();
  void readerDropsThePrefixOfIds();
  void wrongPredictionsNameVideoAndEntry_data();
  void wrongPredictionsNameVideoAndEntry();
  void predictionsThatAreNotFiniteAreRefused();
  void failedWriteLeavesTheOldFile();
  void curvesAsCsv();
  void curvesAsPgfplots();
};

void TestExport::predictionsReadBackExactly() {
  QTemporaryDir folder;
  const fs::path file = fs::path(folder.path().toStdString()) / "predictions" / "validation.json";
  const Predictions predictions = {{"a", {{0.1 + 0.2, 7.0, 1e-17, "Täg \"x\""}, {0, 1, 0.5, "y"}}}, {"empty", {}}};
  hvlm::writePredictions(file, predictions);
  const Predictions back = hvlm::readPredictions(file);
  QCOMPARE(back.size(), size_t{2});
  QCOMPARE(back.at("a").size(), size_t{2});
  QCOMPARE(back.at("a")[0].label, predictions.at("a")[0].label);
  QVERIFY(back.at("a")[0].start_seconds == 0.1 + 0.2);
  QVERIFY(back.at("a")[0].score == 1e-17);
  QCOMPARE(hvlm::predictionsJson(back), hvlm::readFile(file));
}

void TestExport::predictionsHaveTheOfficialForm() {
  const nlohmann::json json = nlohmann::json::parse(hvlm::predictionsJson({{"id", {{1.5, 2.5, 0.25, "Skiing"}}}}));
  const nlohmann::json expected = {{"version", "VERSION 1.3"},
                                   {"results", {{"id", {{{"score", 0.25}, {"label", "Skiing"}, {"segment", {1.5, 2.5}}}}}}},
                                   {"external_data", {{"used", false}}}};
  QCOMPARE(json, expected);
  QVERIFY(nlohmann::json::parse(hvlm::predictionsJson({})).at("results").is_object());
}

void TestExport::readerDropsThePrefixOfIds() {
  QTemporaryDir folder;
  const fs::path file = fs::path(folder.path().toStdString()) / "p.json";
  hvlm::writeFileAtomic(file, R"({"results": {"v_abc": [{"score": 1, "label": "x", "segment": [0, 1]}]}})");
  QCOMPARE(hvlm::readPredictions(file).at("abc").size(), size_t{1});
}

void TestExport::wrongPredictionsNameVideoAndEntry_data() {
  QTest::addColumn<QByteArray>("json");
  QTest::addColumn<QString>("part");
  QTest::newRow("another schema") << QByteArray(R"({"database": {}})") << "results";
  QTest::newRow("results as a list") << QByteArray(R"({"results": []})") << "results";
  QTest::newRow("a video that is no list") << QByteArray(R"({"results": {"vid": 1}})") << "vid";
  QTest::newRow("an entry without a label") << QByteArray(R"({"results": {"vid": [{"score": 1, "segment": [0, 1]}]}})") << "vid[0]";
  QTest::newRow("a segment of three") << QByteArray(R"({"results": {"vid": [{"score": 1, "label": "x", "segment": [0, 1, 2]}]}})") << "vid[0]";
  QTest::newRow("a score that is a text") << QByteArray(R"({"results": {"vid": [{"score": "1", "label": "x", "segment": [0, 1]}]}})") << "score";
}
void TestExport::wrongPredictionsNameVideoAndEntry() {
  QFETCH(QByteArray, json);
  QFETCH(QString, part);
  QTemporaryDir folder;
  const fs::path file = fs::path(folder.path().toStdString()) / "p.json";
  hvlm::writeFileAtomic(file, json.toStdString());
  QString message;
  try {
    hvlm::readPredictions(file);
  } catch (const hvlm::InputError& error) {
    message = QString::fromUtf8(error.what());
  }
  QVERIFY2(message.contains(part) && message.contains("p.json"), qPrintable(message));
}

void TestExport::predictionsThatAreNotFiniteAreRefused() {
  QVERIFY_THROWS_EXCEPTION(hvlm::InputError, hvlm::predictionsJson({{"a", {{0, 1, std::nan(""), "x"}}}}));
}

void TestExport::failedWriteLeavesTheOldFile() {
  QTemporaryDir folder;
  const fs::path file = fs::path(folder.path().toStdString()) / "p.json";
  hvlm::writePredictions(file, {});
  const std::string before = hvlm::readFile(file);
  QVERIFY_THROWS_EXCEPTION(hvlm::InputError, hvlm::writePredictions(file, {{"a", {{0, 1, std::nan(""), "x"}}}}));
  QCOMPARE(hvlm::readFile(file), before);
}

void TestExport::curvesAsCsv() {
  QCOMPARE(hvlm::curvesCsv(curves()), std::string("tag,step,epoch,hours,value\n"
                                                  "loss/total,1,0.5,0.25,2.5\n"
                                                  "loss/total,2,1,0.5,0.1\n"
                                                  "train_tc,2,1,0.5,0.75\n"
                                                  "train_tc,4,2,1,nan\n"));
}

void TestExport::curvesAsPgfplots() {
  const hvlm::PgfPlot plot = hvlm::curvesPgfplots(curves(), "curves.dat", "Run 50 %");
  QCOMPARE(plot.data, std::string("step c1 c2\n1 2.5 nan\n2 0.1 0.75\n4 nan nan\n"));
  QCOMPARE(plot.tex, std::string("% needs \\usepackage{pgfplots}\n"
                                 "\\begin{tikzpicture}\n"
                                 "\\begin{axis}[xlabel={Step}, legend pos=outer north east, unbounded coords=discard, no markers, "
                                 "title={Run 50 \\%}]\n"
                                 "\\addplot table[x=step, y=c1] {curves.dat};\n\\addlegendentry{loss/total}\n"
                                 "\\addplot table[x=step, y=c2] {curves.dat};\n\\addlegendentry{train\\_tc}\n"
                                 "\\end{axis}\n\\end{tikzpicture}\n"));
}

QTEST_GUILESS_MAIN(TestExport)
#include "tst_runs_export.moc"
