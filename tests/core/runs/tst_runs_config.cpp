// SPDX-License-Identifier: Apache-2.0
#include <QTemporaryDir>
#include <QtTest>
#include <map>

#include "runs/config.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/paths.h"

using hvlm::EncoderOptions;
using hvlm::RunConfig;

namespace {

std::filesystem::path written(const QTemporaryDir& folder, const std::string& yaml) {
  const std::filesystem::path file = std::filesystem::path(folder.path().toStdString()) / "c.yaml";
  hvlm::writeFileAtomic(file, yaml);
  return file;
}

}  // namespace

class TestConfig : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void settingsComeAfterTheFile();
  void resolvedYamlReadsBackTheSame();
  void wrongConfigsNameTheKeys_data();
  void wrongConfigsNameTheKeys();
  void hashIsOfWhatDeterminesTheResult_data();
  void hashIsOfWhatDeterminesTheResult();
  void laterKeysLeaveOlderHashesAlone();
  void optionsOfTheDetectorInUseCount_data();
  void optionsOfTheDetectorInUseCount();
  void optionsOfTheExpertsInUseCount_data();
  void optionsOfTheExpertsInUseCount();
  void aDetectorsPartIsSomethingToTrain();
  void optionsOfTheMixerInUseCount();
  void impossibleMixersAreRefused_data();
  void impossibleMixersAreRefused();
  void differencesNameBothValues();
};

void TestConfig::settingsComeAfterTheFile() {
  QTemporaryDir folder;
  const RunConfig config = hvlm::readRunConfig(written(folder, "train: {epochs: 9, lr: 0.001}\n"), {"train.epochs=3", " seed = 7 "});
  QCOMPARE(config.train.epochs, int64_t{3});
  QCOMPARE(config.train.lr, 0.001);
  QCOMPARE(config.seed, uint64_t{7});
  QCOMPARE(config.encoder.dim, RunConfig().encoder.dim);
}

void TestConfig::resolvedYamlReadsBackTheSame() {
  QTemporaryDir folder;
  RunConfig config;
  config.device = "cuda:1";
  config.train.lr = 0.30000000000000004;
  config.pyramid.mode = "floor";
  const RunConfig back = hvlm::readRunConfig(written(folder, hvlm::configYaml(config)));
  QCOMPARE(hvlm::configYaml(back), hvlm::configYaml(config));
  QVERIFY(hvlm::configDifferences(config, back).empty());
}

void TestConfig::wrongConfigsNameTheKeys_data() {
  QTest::addColumn<QString>("yaml");
  QTest::addColumn<QStringList>("settings");
  QTest::addColumn<QStringList>("parts");
  using L = QStringList;
  QTest::newRow("unknown key: file, line and nearest key") << "train:\n  epoch: 3\n" << L{} << L{"c.yaml, line 2", "train.epoch", "train.epochs"};
  QTest::newRow("unknown key in a setting") << "" << L{"train.epochz=3"} << L{"--set train.epochz=3", "train.epochs"};
  QTest::newRow("setting without a value") << "" << L{"train.epochs"} << L{"--set train.epochs", "key=value"};
  QTest::newRow("setting out of range") << "" << L{"train.lr=11"} << L{"--set train.lr=11", "between 0 and 10"};
  QTest::newRow("heads that do not divide the width") << "encoder: {dim: 96, heads: 5}\n" << L{} << L{"encoder.heads", "encoder.dim", "96", "5"};
  QTest::newRow("heads broken by a setting") << "" << L{"encoder.heads=3"} << L{"--set encoder.heads=3", "encoder.dim"};
  QTest::newRow("a window without a middle") << "encoder: {mixer: window, mixer_window: 8}\n" << L{} << L{"encoder.mixer_window", "encoder.mixer = window", "odd", "8"};
  QTest::newRow("a window below one") << "encoder: {mixer: global}\n" << L{"encoder.mixer_window=0"} << L{"encoder.mixer_window", "between 1 and"};
  QTest::newRow("a stride below one") << "encoder: {mixer: strided, mixer_stride: 0}\n" << L{} << L{"encoder.mixer_stride", "between 1 and"};
  QTest::newRow("unknown mixer") << "encoder: {mixer: sideways}\n" << L{} << L{"encoder.mixer", "sideways", "mamba"};
  QTest::newRow("detection levels without a pyramid") << "pyramid: {enabled: false}\n" << L{} << L{"head.detect_levels", "pyramid.enabled"};
  QTest::newRow("more detection levels than there are") << "pyramid: {levels: 3}\n" << L{} << L{"head.detect_levels", "pyramid.levels", "at most 4"};
  QTest::newRow("cross-scale term without levels") << "pyramid: {enabled: false}\nhead: {detect: false}\nloss: {cross: 1}\n" << L{} << L{"loss.cross", "pyramid.enabled"};
  QTest::newRow("cosine that would rise") << "train: {lr: 1e-7}\n" << L{} << L{"train.min_lr", "train.lr"};
  QTest::newRow("nothing to train") << "head: {classify: false, detect: false}\nloss: {temporal: 0, regulariser: 0}\n" << L{} << L{"train.epochs", "loss.temporal"};
  QTest::newRow("the levels' temporal loss without levels") << "pyramid: {enabled: false}\nhead: {detect: false}\nloss: {temporal_scope: levels}\n" << L{} << L{"loss.temporal_scope", "pyramid.enabled"};
  QTest::newRow("persistence without a third level") << "pyramid: {levels: 2}\nhead: {detect: false}\nloss: {persistence: 1}\n" << L{} << L{"loss.persistence", "pyramid.levels"};
  QTest::newRow("raw features have nothing to contrast") << "encoder: {kind: raw}\npyramid: {enabled: false}\nhead: {detect: false}\ncontrast: {method: moco}\n" << L{} << L{"encoder.kind", "contrast.method"};
  QTest::newRow("start and end scores without a detection head") << "head: {detect: false, edges: true}\n" << L{} << L{"head.edges", "head.detect"};
  QTest::newRow("a second look without a detection head") << "head: {detect: false}\n" << L{"head.rescore=true"} << L{"head.rescore", "head.detect"};
  QTest::newRow("calibration without a detection head") << "head: {detect: false}\ndetect: {calibrate: true}\n" << L{} << L{"detect.calibrate", "head.detect"};
  QTest::newRow("unknown distances") << "head: {boundary: bins}\n" << L{} << L{"head.boundary", "bins", "trident"};
  QTest::newRow("unknown suppression") << "" << L{"detect.nms=none"} << L{"detect.nms", "none", "agnostic"};
  QTest::newRow("one bin") << "" << L{"head.trident_bins=1"} << L{"head.trident_bins", "between 2 and 64"};
  QTest::newRow("more than all videos recomposed") << "" << L{"train.recompose=1.5"} << L{"train.recompose", "between 0 and 1"};
  QTest::newRow("stretched to nothing") << "" << L{"train.stretch=1"} << L{"train.stretch", "between 0 and 0.9"};
  QTest::newRow("ends that move past their segment") << "" << L{"detect.edge_reach=2"} << L{"detect.edge_reach", "between 0 and 1"};
  QTest::newRow("experts without a classifier") << "head: {classify: false, experts: soft}\ndetect: {video_fusion: 0}\n" << L{} << L{"head.experts", "head.classify", "soft"};
  QTest::newRow("experts of single steps") << "" << L{"head.experts=hard", "head.video_vector=segments"} << L{"head.experts", "head.video_vector", "hard"};
  QTest::newRow("unknown experts") << "head: {experts: many}\n" << L{} << L{"head.experts", "many", "confidence"};
  QTest::newRow("too many domains") << "" << L{"head.domains=65"} << L{"head.domains", "between 0 and 64"};
  QTest::newRow("a likelihood above one") << "" << L{"head.expert_confidence=1.5"} << L{"head.expert_confidence", "between 0 and 1"};
  QTest::newRow("sentences against levels that are not there") << "pyramid: {enabled: false}\nhead: {detect: false}\nloss: {segment_text: 1, segment_text_nodes: levels}\n" << L{}
                                                                << L{"loss.segment_text_nodes", "pyramid.enabled"};
  QTest::newRow("unknown device") << "device: cuda:x\n" << L{} << L{"device", "cuda:x", "auto"};
}
void TestConfig::wrongConfigsNameTheKeys() {
  QFETCH(QString, yaml);
  QFETCH(QStringList, settings);
  QFETCH(QStringList, parts);
  QTemporaryDir folder;
  std::vector<std::string> list;
  for (const QString& setting : settings) list.push_back(setting.toStdString());
  QString message;
  try {
    hvlm::readRunConfig(written(folder, yaml.toStdString()), list);
  } catch (const hvlm::InputError& error) {
    message = QString::fromUtf8(error.what());
  }
  QVERIFY(!message.isEmpty());
  for (const QString& part : parts) QVERIFY2(message.contains(part), qPrintable(message + " lacks " + part));
}

void TestConfig::hashIsOfWhatDeterminesTheResult_data() {
  QTest::addColumn<QString>("setting");
  QTest::addColumn<bool>("changes");
  QTest::newRow("threads do not count") << "train.threads=3" << false;
  QTest::newRow("device does not count") << "device=cpu" << false;
  QTest::newRow("checkpoint steps do not count") << "train.checkpoint_steps=3" << false;
  QTest::newRow("checkpoint minutes do not count") << "train.checkpoint_minutes=0.5" << false;
  QTest::newRow("the seed counts") << "seed=2" << true;
  QTest::newRow("epochs count") << "train.epochs=31" << true;
  QTest::newRow("post-processing counts") << "detect.keep=99" << true;
  QTest::newRow("options of a mixer that is not in use do not count") << "encoder.mixer_window=5" << false;
  QTest::newRow("options of contrast that is not in use do not count") << "contrast.queue=9" << false;
  QTest::newRow("options of merging that is not in use do not count") << "merge.ratio=0.1" << false;
  QTest::newRow("options of text that is not read do not count") << "text.buckets=64" << false;
  QTest::newRow("options of another consensus do not count") << "head.consensus=max" << false;
  QTest::newRow("a weight of a term counts") << "loss.covariance=0.04" << true;
  QTest::newRow("the source of labels counts") << "detect.labels=oracle" << true;
  QTest::newRow("the kind of pooling counts") << "pyramid.pooling=max" << true;
  for (const char* unread : {"head.trident_bins=4", "loss.edges=2", "loss.rescore=2", "detect.edge_reach=0.4", "detect.rescore_fusion=0.1"}) {
    QTest::addRow("options of a part of the detector that is off do not count: %s", unread) << unread << false;
  }
  for (const char* read : {"head.boundary=trident", "head.edges=true", "head.rescore=true", "train.recompose=0.5", "train.stretch=0.2", "detect.nms=agnostic", "detect.calibrate=true"}) {
    QTest::addRow("a part of the detector counts when it is on: %s", read) << read << true;
  }
  for (const char* unread : {"head.domains=3", "head.expert_width=8", "head.expert_confidence=0.5", "loss.router=1", "loss.balance=1", "loss.segment_text_nodes=levels"}) {
    QTest::addRow("options of experts and texts that are off do not count: %s", unread) << unread << false;
  }
  for (const char* read : {"head.experts=single", "head.experts=hard", "head.experts=soft", "head.experts=confidence"}) QTest::addRow("experts count: %s", read) << read << true;
  QTest::newRow("the last digit of a number counts") << "train.lr=0.0005000000000000001" << true;
}
void TestConfig::hashIsOfWhatDeterminesTheResult() {
  QFETCH(QString, setting);
  QFETCH(bool, changes);
  RunConfig config;
  hvlm::applySettings(config, {setting.toStdString()});
  QCOMPARE(hvlm::configHash(config) != hvlm::configHash(RunConfig()), changes);
  QCOMPARE(!hvlm::configDifferences(RunConfig(), config, true).empty(), changes);
  QCOMPARE(hvlm::configDifferences(RunConfig(), config).size(), size_t{1});
}

// Keys that came later are no part of a hash while they are as they are by themselves: runs from before keep theirs.
void TestConfig::laterKeysLeaveOlderHashesAlone() {
  QCOMPARE(hvlm::configHash(RunConfig()), std::string("5220b4fb5524953eb6e5ec67a979e0a2"));
  RunConfig config;
  config.head.detect = false;
  QCOMPARE(hvlm::configHash(config), std::string("7b46e7886b35f45edc6aeb686d5a7969"));
  hvlm::applySettings(config, {"head.domains=3", "head.expert_width=8", "head.expert_confidence=0.5", "loss.router=1", "loss.balance=1", "loss.segment_text_nodes=levels"});
  QCOMPARE(hvlm::configHash(config), std::string("7b46e7886b35f45edc6aeb686d5a7969"));
  RunConfig recommended = hvlm::readRunConfig(hvlm::bundled("configs/recommended.yaml"));
  const std::string hash = hvlm::configHash(recommended);
  hvlm::applySettings(recommended, {"head.domains=3", "head.expert_width=64", "head.expert_confidence=0.5", "loss.router=1", "loss.balance=1"});
  QCOMPARE(hvlm::configHash(recommended), hash);
  // Nor is what belongs to a detection head that is off.
  hvlm::applySettings(config, {"head.boundary=trident", "head.trident_bins=4", "loss.edges=2", "loss.rescore=2", "detect.edge_reach=0.4", "detect.nms=agnostic"});
  QCOMPARE(hvlm::configHash(config), std::string("7b46e7886b35f45edc6aeb686d5a7969"));
}

void TestConfig::optionsOfTheDetectorInUseCount_data() {
  QTest::addColumn<QString>("on");
  QTest::addColumn<QString>("option");
  QTest::newRow("bins") << "head.boundary=trident" << "head.trident_bins=4";
  QTest::newRow("weight of start and end scores") << "head.edges=true" << "loss.edges=2";
  QTest::newRow("reach of ends") << "head.edges=true" << "detect.edge_reach=0.4";
  QTest::newRow("weight of the second look") << "head.rescore=true" << "loss.rescore=2";
  QTest::newRow("share of the second look") << "head.rescore=true" << "detect.rescore_fusion=0.1";
  QTest::newRow("share of recomposed videos") << "train.recompose=0.1" << "train.recompose=0.2";
  QTest::newRow("stretch") << "train.stretch=0.1" << "train.stretch=0.2";
}
void TestConfig::optionsOfTheDetectorInUseCount() {
  QFETCH(QString, on);
  QFETCH(QString, option);
  RunConfig config;
  hvlm::applySettings(config, {on.toStdString()});
  RunConfig other = config;
  hvlm::applySettings(other, {option.toStdString()});
  QVERIFY(hvlm::configHash(config) != hvlm::configHash(other));
  QCOMPARE(hvlm::configDifferences(config, other, true).size(), size_t{1});
  hvlm::validateConfig(other, "here");
}

void TestConfig::optionsOfTheExpertsInUseCount_data() {
  QTest::addColumn<QString>("on");
  QTest::addColumn<QString>("option");
  QTest::addColumn<bool>("changes");
  for (const char* kind : {"single", "hard", "soft", "confidence"}) {
    const QString on = QStringLiteral("head.experts=") + kind;
    const bool has_router = QByteArray(kind) != "single";
    QTest::addRow("domains of %s", kind) << on << "head.domains=3" << true;
    QTest::addRow("width of %s", kind) << on << "head.expert_width=8" << true;
    QTest::addRow("confidence of %s", kind) << on << "head.expert_confidence=0.5" << (QByteArray(kind) == "confidence");
    QTest::addRow("router of %s", kind) << on << "loss.router=1" << has_router;
    QTest::addRow("balance of %s", kind) << on << "loss.balance=1" << has_router;
  }
  QTest::newRow("nodes of sentences") << "loss.segment_text=1" << "loss.segment_text_nodes=levels" << true;
}
void TestConfig::optionsOfTheExpertsInUseCount() {
  QFETCH(QString, on);
  QFETCH(QString, option);
  QFETCH(bool, changes);
  RunConfig config;
  hvlm::applySettings(config, {on.toStdString()});
  RunConfig other = config;
  hvlm::applySettings(other, {option.toStdString()});
  QCOMPARE(hvlm::configHash(config) != hvlm::configHash(other), changes);
  hvlm::validateConfig(other, "here");
}

// Start and end scores alone are something to train; without a head they are not.
void TestConfig::aDetectorsPartIsSomethingToTrain() {
  RunConfig config;
  config.head.classify = false;
  config.detect.video_fusion = 0.0;
  config.loss = {.temporal = 0.0, .regulariser = 0.0, .focal = 0.0, .diou = 0.0};
  QVERIFY_THROWS_EXCEPTION(hvlm::InputError, hvlm::validateConfig(config, "here"));
  for (bool* part : {&config.head.edges, &config.head.rescore}) {
    *part = true;
    hvlm::validateConfig(config, "here");
    *part = false;
  }
  config.head.edges = true;
  config.loss.edges = 0.0;
  QVERIFY_THROWS_EXCEPTION(hvlm::InputError, hvlm::validateConfig(config, "here"));
}

void TestConfig::optionsOfTheMixerInUseCount() {
  RunConfig config;
  config.encoder.mixer = "window";
  RunConfig other = config;
  other.encoder.mixer_window = 5;
  other.encoder.mixer_state = 5;
  QVERIFY(hvlm::configHash(config) != hvlm::configHash(other));
  QVERIFY(hvlm::configDifferences(config, other, true) == std::vector<std::string>{"encoder.mixer_window: 9 / 5"});
  other.encoder.mixer_window = 9;
  QCOMPARE(hvlm::configHash(config), hvlm::configHash(other));
}

// A config made in code has not passed the ranges of a file.
void TestConfig::impossibleMixersAreRefused_data() {
  QTest::addColumn<QString>("mixer");
  QTest::addColumn<QString>("key");
  QTest::newRow("window") << "window" << "mixer_window";
  QTest::newRow("maxpool") << "maxpool" << "mixer_window";
  QTest::newRow("strided") << "strided" << "mixer_stride";
  QTest::newRow("global") << "global" << "mixer_globals";
  QTest::newRow("memory") << "memory" << "mixer_memory";
  QTest::newRow("performer") << "performer" << "mixer_features";
  QTest::newRow("mamba, state") << "mamba" << "mixer_state";
  QTest::newRow("mamba, width") << "mamba" << "mixer_expand";
}
void TestConfig::impossibleMixersAreRefused() {
  QFETCH(QString, mixer);
  QFETCH(QString, key);
  RunConfig config;
  EncoderOptions& e = config.encoder;
  const std::map<QString, int64_t*> fields = {{"mixer_window", &e.mixer_window},     {"mixer_stride", &e.mixer_stride},
                                              {"mixer_globals", &e.mixer_globals},   {"mixer_memory", &e.mixer_memory},
                                              {"mixer_features", &e.mixer_features}, {"mixer_state", &e.mixer_state},
                                              {"mixer_expand", &e.mixer_expand}};
  *fields.at(key) = 0;
  hvlm::validateConfig(config, "here");  // full attention does not read it
  e.mixer = mixer.toStdString();
  QString message;
  try {
    hvlm::validateConfig(config, "here");
  } catch (const hvlm::InputError& error) {
    message = QString::fromUtf8(error.what());
  }
  QVERIFY2(message.contains("here: encoder." + key) && message.contains("encoder.mixer = " + mixer), qPrintable(message));
}

void TestConfig::differencesNameBothValues() {
  RunConfig other;
  other.train.lr = 0.001;
  other.encoder.mixer = "none";
  const std::vector<std::string> expected = {"encoder.mixer: full / none", "train.lr: 0.0005 / 0.001"};
  QVERIFY(hvlm::configDifferences(RunConfig(), other) == expected);
}

QTEST_GUILESS_MAIN(TestConfig)
#include "tst_runs_config.moc"
