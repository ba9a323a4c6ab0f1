// SPDX-License-Identifier: Apache-2.0
// From video files on the command line: probe, extract, pca, weights import, and what they say of bad files.
#include <QtTest>

#include "cli.h"
#include "core/video/clips.h"

using namespace hvlm;
using namespace hvlm::testing;

class TestVideoCommands : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase();
  void probeTellsEachFileAndFailsForABadOne();
  void extractWritesAStoreThatADataSetReads();
  void badVideosCostThemselves();
  void pcaReduces();
  void weightsThatAreCodeAreRefused();

 private:
  QString file(const char* name) const { return folder_.filePath(QString::fromLatin1(name)); }
  QStringList extract(const QStringList& videos, const char* out, const QStringList& more = {}) const {
    return QStringList{QStringLiteral("extract")} + videos + QStringList{QStringLiteral("--out"), file(out), QStringLiteral("--backbone"), QStringLiteral("hog"), QStringLiteral("--threads"), QStringLiteral("1"), QStringLiteral("--json")} + more;
  }
  QTemporaryDir folder_;
};

void TestVideoCommands::initTestCase() {
  QDir().mkpath(file("videos"));
  WriterOptions options;
  options.gop = 10;
  testing::writeClip(file("videos/v_a.mp4").toStdString(), options, 60);
  testing::writeClip(file("videos/b.mkv").toStdString(), options, 110);
  testing::writeFile(file("text.mp4").toStdString(), "not a video\n");
}

void TestVideoCommands::probeTellsEachFileAndFailsForABadOne() {
  const ProcessResult good = callHvlm({QStringLiteral("probe"), file("videos/v_a.mp4"), QStringLiteral("--json")});
  QCOMPARE(good.exit_code, 0);
  const nlohmann::json first = oneObject(good).at("files")[0];
  QCOMPARE(first.at("nb_frames").get<int>(), 60);
  QCOMPARE(first.at("codec").get<std::string>(), std::string("h264"));
  const ProcessResult both = callHvlm({QStringLiteral("probe"), file("videos/v_a.mp4"), file("text.mp4"), QStringLiteral("--json")});
  QCOMPARE(both.exit_code, 1);
  const nlohmann::json files = oneObject(both).at("files");
  QCOMPARE(files.size(), size_t{2});
  QVERIFY(!files[0].contains("error") && files[1].contains("error"));
  QVERIFY(callHvlm({QStringLiteral("probe"), file("videos/v_a.mp4")}).out.contains("60"));
}

void TestVideoCommands::extractWritesAStoreThatADataSetReads() {
  const ProcessResult result = callHvlm(extract({file("videos")}, "features.h5", {QStringLiteral("--channels")}));
  QVERIFY2(result.exit_code == 0, result.err.constData());
  const nlohmann::json answer = oneObject(result);
  QCOMPARE(answer.at("videos"), nlohmann::json({"a", "b"}));
  QCOMPARE(answer.at("steps").get<int>(), 2 + 4);
  writeBytes(file("annotations.json"), R"({"version": "x", "taxonomy": [], "database": {
    "a": {"duration": 2.4, "subset": "training", "annotations": [{"label": "one", "segment": [0, 1]}]},
    "b": {"duration": 4.4, "subset": "training", "annotations": [{"label": "two", "segment": [1, 3]}]}}})");
  writeBytes(file("dataset.yaml"), "name: clips\nannotations: annotations.json\nfeatures: {store: features.h5, key: c3d_features, steps_per_second: 1}\nvideos: videos/\n");
  const ProcessResult inspected = callHvlm({QStringLiteral("inspect"), file("dataset.yaml"), QStringLiteral("--json")});
  QVERIFY2(inspected.exit_code == 0, inspected.err.constData());
  QVERIFY2(inspected.out.contains("768"), inspected.out.constData());
  const nlohmann::json again = oneObject(callHvlm(extract({file("videos")}, "features.h5", {QStringLiteral("--channels")})));
  QCOMPARE(again.at("kept").get<int>(), 2);
}

void TestVideoCommands::badVideosCostThemselves() {
  const ProcessResult mixed = callHvlm(extract({file("videos/v_a.mp4"), file("text.mp4"), file("absent.mp4")}, "mixed.h5"));
  QCOMPARE(mixed.exit_code, 1);
  QVERIFY(QFile::exists(file("mixed.h5")));
  QCOMPARE(oneObject(mixed).at("failed").size(), size_t{2});
  QVERIFY2(mixed.err.contains("2 of 3 videos"), mixed.err.constData());
  const ProcessResult none = callHvlm(extract({file("text.mp4")}, "none.h5"));
  QCOMPARE(none.exit_code, 1);
  QVERIFY(!QFile::exists(file("none.h5")));
  const ProcessResult twice = callHvlm(extract({file("videos/v_a.mp4"), file("videos")}, "twice.h5"));
  QCOMPARE(twice.exit_code, 1);
  QVERIFY2(twice.err.contains("one file for each id"), twice.err.constData());
  QCOMPARE(callHvlm(extract({file("videos")}, "rate.h5", {QStringLiteral("--fps"), QStringLiteral("0")})).exit_code, 1);
  const ProcessResult unknown = callHvlm({QStringLiteral("extract"), file("videos"), QStringLiteral("--out"), file("x.h5"), QStringLiteral("--backbone"), QStringLiteral("resnet")});
  QCOMPARE(unknown.exit_code, 1);
  QVERIFY2(unknown.err.contains("hog"), unknown.err.constData());
}

void TestVideoCommands::pcaReduces() {
  const ProcessResult fitted = callHvlm({QStringLiteral("pca"), QStringLiteral("fit"), QStringLiteral("--data"), file("dataset.yaml"), QStringLiteral("--dims"), QStringLiteral("3"), QStringLiteral("--out"), file("pca.safetensors"), QStringLiteral("--json")});
  QVERIFY2(fitted.exit_code == 0, fitted.err.constData());
  QCOMPARE(oneObject(fitted).at("rows").get<int>(), 6);
  const ProcessResult applied = callHvlm({QStringLiteral("pca"), QStringLiteral("apply"), QStringLiteral("--features"), file("features.h5"), QStringLiteral("--pca"), file("pca.safetensors"), QStringLiteral("--out"), file("small.h5"), QStringLiteral("--json")});
  QVERIFY2(applied.exit_code == 0, applied.err.constData());
  QCOMPARE(oneObject(applied).at("dims").get<int>(), 3);
  QCOMPARE(callHvlm({QStringLiteral("pca"), QStringLiteral("fit"), QStringLiteral("--dims"), QStringLiteral("3"), QStringLiteral("--out"), file("p.safetensors")}).exit_code, 2);
}

void TestVideoCommands::weightsThatAreCodeAreRefused() {
  writeBytes(file("evil.pth"), QByteArray("\x80\x02" "cos\nsystem\n(X\x02\x00\x00\x00idtR.", 27));
  const ProcessResult result = callHvlm({QStringLiteral("weights"), QStringLiteral("import"), file("evil.pth"), QStringLiteral("--out"), file("evil.safetensors")});
  QCOMPARE(result.exit_code, 1);
  QVERIFY2(result.err.contains("os system"), result.err.constData());
  QVERIFY(!QFile::exists(file("evil.safetensors")));
}

QTEST_GUILESS_MAIN(TestVideoCommands)
#include "tst_cli_video.moc"
