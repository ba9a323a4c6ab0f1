// SPDX-License-Identifier: Apache-2.0
#include <QTemporaryDir>
#include <QtTest>
#include <nlohmann/json.hpp>

#include "data/report.h"
#include "data/synth.h"
#include "fixtures.h"
#include "support/golden.h"

using namespace hvlm::testing;
namespace fs = std::filesystem;

class TestReport : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase() { H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr); }
  void everythingIsCounted();
  void aCleanSetHasNoProblem();
  void channelsAreCounted();
  void theTextListsTheFirstOfEachKind();
  void theHashTellsContentNotPlace();
  void ucf15IsClean();

 private:
  fs::path path(const std::string& name) const { return fs::path(folder_.path().toStdString()) / name; }
  hvlm::DatasetSpec writeFaulty();
  QTemporaryDir folder_;
};

// Five annotated videos of 10 s; only `good` and `short` have usable features.
hvlm::DatasetSpec TestReport::writeFaulty() {
  const hid_t file = createFile(path("f.h5"));
  writeDataset(file, "v_good/c3d_features", {10, 4}, matrixValues(10, 4));
  writeDataset(file, "v_short/c3d_features", {3, 4}, matrixValues(3, 4));
  writeDataset(file, "v_wide/c3d_features", {10, 6}, matrixValues(10, 6));
  std::vector<double> with_nan = matrixValues(10, 4);
  with_nan[21] = std::nan("");
  writeDataset(file, "v_nan/c3d_features", {10, 4}, with_nan);
  writeDataset(file, "v_flat/c3d_features", {10}, std::vector<double>(10));
  writeDataset(file, "v_extra/c3d_features", {10, 4}, matrixValues(10, 4));
  H5Fclose(file);
  std::string entries;
  for (const char* id : {"good", "short", "wide", "nan", "flat", "gone"}) {
    entries += (entries.empty() ? "" : ", ") + std::string("\"") + id + "\": {\"duration\": 10, \"subset\": \"" +
               (std::string(id) == "short" ? "validation" : "training") +
               "\", \"annotations\": [{\"label\": \"Jump\", \"segment\": [2, 5]}, {\"label\": \"Jump\", \"segment\": "
               "[7, 7]}]}";
  }
  writeText(path("a.json"), "{\"database\": {" + entries + "}}");
  writeText(path("d.yaml"), "name: faulty\nannotations: a.json\nfeatures: {store: f.h5, steps_per_second: 1}\n");
  return hvlm::readDatasetSpec(path("d.yaml"));
}

void TestReport::everythingIsCounted() {
  const nlohmann::json report = hvlm::inspectDataset(writeFaulty());
  QCOMPARE(report.at("videos").get<int>(), 6);
  QCOMPARE(report.at("segments").get<int>(), 6);
  QCOMPARE(report.at("classes").get<int>(), 1);
  QCOMPARE(report.at("hours").get<double>(), 60.0 / 3600.0);
  QCOMPARE(report.at("segment_hours").get<double>(), 18.0 / 3600.0);
  QCOMPARE(report.at("subsets").at("training").at("videos").get<int>(), 5);
  QCOMPARE(report.at("subsets").at("validation").at("steps").get<int>(), 3);
  QCOMPARE(report.at("class_table").at(0).at("videos_by_subset").at("training").get<int>(), 5);
  const nlohmann::json& features = report.at("features");
  QCOMPARE(features.at("declared").get<int>(), 6);
  QCOMPARE(features.at("present").get<int>(), 5);
  QCOMPARE(features.at("used").get<int>(), 2);
  QCOMPARE(features.at("missing").get<int>(), 1);
  QCOMPARE(features.at("unused").get<int>(), 1);
  QCOMPARE(features.at("width").get<int>(), 4);
  QCOMPARE(features.at("widths").at("6").get<int>(), 1);
  QCOMPARE(features.at("steps").get<int>(), 13);
  const nlohmann::json& problems = report.at("problems");
  for (const char* kind :
       {"missing_features", "unused_features", "bad_features", "width_mismatch", "not_finite", "length_mismatch"}) {
    QVERIFY2(problems.at("by_kind").value(kind, 0) == 1, kind);
  }
  QCOMPARE(problems.at("by_kind").at("zero_length").get<int>(), 6);
  QCOMPARE(problems.at("count").get<int>(), 12);
  QCOMPARE(problems.at("list").size(), size_t{12});
  // Without reading values the NaN goes unseen, and the report says how far it looked.
  const nlohmann::json unread = hvlm::inspectDataset(writeFaulty(), 0.0);
  QCOMPARE(unread.at("features").at("values_checked").get<int>(), 0);
  QCOMPARE(unread.at("features").at("used").get<int>(), 3);
}

void TestReport::aCleanSetHasNoProblem() {
  hvlm::SynthOptions options;
  options.videos = 10;
  options.dim = 4;
  hvlm::writeSynthetic(options, path("clean"));
  const nlohmann::json report = hvlm::inspectDataset(hvlm::readDatasetSpec(path("clean/dataset.yaml")));
  QCOMPARE(report.at("problems").at("count").get<int>(), 0);
  QCOMPARE(report.at("features").at("used").get<int>(), 10);
  QVERIFY(QString::fromStdString(hvlm::inspectText(report)).contains("No problems found."));
}

void TestReport::channelsAreCounted() {
  writeFaulty();
  const hid_t file = H5Fopen(path("f.h5").c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
  writeDataset(file, "v_good/motion", {10}, std::vector<double>(10, 0.5));
  writeDataset(file, "v_short/motion", {3, 1}, std::vector<double>(3, 0.5));
  writeDataset(file, "v_good/saliency", {9}, std::vector<double>(9, 0.5));
  H5Fclose(file);
  const nlohmann::json report = hvlm::inspectDataset(hvlm::readDatasetSpec(path("d.yaml")));
  QCOMPARE(report.at("features").at("channels").dump(), std::string(R"({"motion":2})"));
  QCOMPARE(report.at("features").at("used").get<int>(), 2);  // the features themselves are sound
  QCOMPARE(report.at("problems").at("by_kind").value("bad_channel", 0), 1);
  const QString text = QString::fromStdString(hvlm::inspectText(report));
  QVERIFY(text.contains("channel motion in 2 of them") && text.contains("v_good/saliency"));
}

void TestReport::theTextListsTheFirstOfEachKind() {
  const QString text = QString::fromStdString(hvlm::inspectText(hvlm::inspectDataset(writeFaulty())));
  for (const char* part : {"faulty", "Videos 6, segments 6", "declared 6, present 5, used 2, missing 1",
                           "6  zero_length", "… and 3 more", "gone: training", "training", "validation", "Jump"}) {
    QVERIFY2(text.contains(part), qPrintable(QString(part) + " is not in\n" + text));
  }
}

void TestReport::theHashTellsContentNotPlace() {
  hvlm::SynthOptions options;
  options.videos = 6;
  options.dim = 4;
  hvlm::writeSynthetic(options, path("here"));
  hvlm::writeSynthetic(options, path("there"));
  options.seed = 3;
  hvlm::writeSynthetic(options, path("other"));
  const auto hashOf = [&](const std::string& name) {
    return hvlm::datasetHash(hvlm::readDatasetSpec(path(name) / "dataset.yaml"));
  };
  const std::string before = hashOf("here");
  QCOMPARE(before, hashOf("there"));
  QVERIFY(before != hashOf("other"));
  // One more blank in the annotations, or one changed byte of a feature, is another data set.
  std::ofstream(path("there") / "annotations.json", std::ios::app) << " ";
  QVERIFY(before != hashOf("there"));
  std::fstream features(path("here") / "features.h5", std::ios::in | std::ios::out | std::ios::binary);
  features.seekp(-1, std::ios::end);
  features.put('\x01');
  features.close();
  QVERIFY(before != hashOf("here"));

  const hvlm::Catalogue catalogue = hvlm::readCatalogue(hvlm::readDatasetSpec(path("other") / "dataset.yaml"));
  QVERIFY(hvlm::splitHash(catalogue, "training") != hvlm::splitHash(catalogue, "validation"));
  QCOMPARE(hvlm::splitHash(catalogue, "training"), hvlm::splitHash(catalogue, "training"));
}

void TestReport::ucf15IsClean() {
  const std::string folder = sharedFolder("data/ucf15");
  if (folder.empty()) QSKIP("../shared/data/ucf15 is not here");
  const nlohmann::json report = hvlm::inspectDataset(hvlm::readDatasetSpec(folder + "/dataset.yaml"));
  QCOMPARE(report.at("problems").at("count").get<int>(), 0);
  QCOMPARE(report.at("subsets").at("training").at("steps").get<int>(), 49560);
  QCOMPARE(report.at("subsets").at("validation").at("questions").get<int>(), 707);
  QCOMPARE(report.at("features").at("widths").at("512").get<int>(), 450);
}

QTEST_GUILESS_MAIN(TestReport)
#include "tst_data_report.moc"
