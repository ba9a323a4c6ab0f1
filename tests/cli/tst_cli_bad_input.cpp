// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <QProcess>
#include <QtTest>
#include <cmath>
#include <cstring>
#include <functional>

#include "cli.h"
#include "support/golden.h"

using namespace hvlm::testing;

namespace {

// A .npy file of float32 rows, as NumPy writes it.
QByteArray npy(int rows, int columns, const std::function<float(int, int)>& value) {
  QByteArray header = QByteArrayLiteral("{'descr': '<f4', 'fortran_order': False, 'shape': (") + QByteArray::number(rows) + ", " + QByteArray::number(columns) + "), }";
  while ((10 + header.size() + 1) % 64 != 0) header += ' ';
  header += '\n';
  QByteArray bytes = QByteArrayLiteral("\x93NUMPY\x01") + QByteArray(1, '\0');
  bytes += static_cast<char>(header.size() & 0xff);
  bytes += static_cast<char>(header.size() >> 8);
  bytes += header;
  for (int row = 0; row < rows; ++row) {
    for (int column = 0; column < columns; ++column) {
      const float number = value(row, column);
      char raw[4];
      std::memcpy(raw, &number, 4);
      bytes.append(raw, 4);
    }
  }
  return bytes;
}

// A set of `videos` videos of ten steps in a folder of .npy; one of them holds a NaN.
QString makeNanSet(const QString& folder) {
  QDir().mkpath(folder + QStringLiteral("/npy"));
  nlohmann::json database = nlohmann::json::object();
  for (int i = 0; i < 8; ++i) {
    const std::string id = "vid" + std::to_string(i);
    database[id] = {{"duration", 10.0}, {"subset", i < 6 ? "training" : "validation"}, {"annotations", {{{"label", i % 2 ? "a" : "b"}, {"segment", {2.0, 6.0}}}}}};
    writeBytes(folder + QStringLiteral("/npy/v_") + QString::fromStdString(id) + QStringLiteral(".npy"),
               npy(10, 4, [&](int row, int column) { return i == 3 && row == 7 ? std::nanf("") : static_cast<float>(row + column + i); }));
  }
  writeBytes(folder + QStringLiteral("/annotations.json"), QByteArray::fromStdString(nlohmann::json{{"version", "1"}, {"taxonomy", nlohmann::json::array()}, {"database", database}}.dump()));
  writeBytes(folder + QStringLiteral("/dataset.yaml"), "name: nan\nannotations: annotations.json\nfeatures: {store: npy/, prefix: v_, steps_per_second: 1.0}\n");
  return folder + QStringLiteral("/dataset.yaml");
}

// Everything below a folder with its bytes: nothing may be overwritten.
QMap<QString, QByteArray> contents(const QString& folder) {
  QMap<QString, QByteArray> files;
  QDirIterator entries(folder, QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
  while (entries.hasNext()) {
    const QString path = entries.next();
    if (path.endsWith(QStringLiteral("run.lock")) || path.endsWith(QStringLiteral("heartbeat.json"))) continue;
    files[path] = bytesOf(path);
  }
  return files;
}

}  // namespace

class TestBadInput : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase();
  void eachGetsOneClearLine_data();
  void eachGetsOneClearLine();
  void aFullDiskKeepsWhatWasGood();
  void aFullStandardOutputIsAFailure();
  void missingLibTorchIsSaidInOneLine();

 private:
  QString file(const QString& name) const { return folder_.filePath(name); }
  QString copyOfSet(const QString& name) {
    makeSet(file(name));
    return file(name);
  }
  QTemporaryDir folder_;
  QString run_;
};

void TestBadInput::initTestCase() {
  makeSet(file(QStringLiteral("good")));
  makeSet(file(QStringLiteral("wide")), {QStringLiteral("--dim"), QStringLiteral("24")});
  run_ = file(QStringLiteral("run"));
  const ProcessResult trained = trainTiny(file(QStringLiteral("good/dataset.yaml")), run_);
  QVERIFY2(trained.exit_code == 0, trained.err.constData());

  QFile::remove(copyOfSet(QStringLiteral("missing")) + QStringLiteral("/features.h5"));
  const QString cut = copyOfSet(QStringLiteral("cut")) + QStringLiteral("/features.h5");
  const QByteArray features = bytesOf(cut);
  writeBytes(cut, features.left(features.size() / 2));
  writeBytes(copyOfSet(QStringLiteral("noise")) + QStringLiteral("/features.h5"), QByteArray(5000, 'x'));
  writeBytes(copyOfSet(QStringLiteral("empty")) + QStringLiteral("/annotations.json"), "");
  writeBytes(copyOfSet(QStringLiteral("braces")) + QStringLiteral("/annotations.json"), "{}");
  writeBytes(copyOfSet(QStringLiteral("schema")) + QStringLiteral("/annotations.json"), R"({"version": "1", "results": {"a": []}, "external_data": {}})");
  writeBytes(copyOfSet(QStringLiteral("deep")) + QStringLiteral("/annotations.json"), QByteArray(100000, '['));
  const QString key = copyOfSet(QStringLiteral("key")) + QStringLiteral("/dataset.yaml");
  writeBytes(key, bytesOf(key).replace("annotations:", "anotations:"));
  makeNanSet(file(QStringLiteral("nan")));
  writeBytes(file(QStringLiteral("wrong-key.yaml")), "seed: 1\nencoder:\n  dim: 16\n  laiers: 1\n");
  writeBytes(file(QStringLiteral("wrong-value.yaml")), "encoder:\n  heads: three\n");
  writeBytes(file(QStringLiteral("misfit.yaml")), "encoder:\n  dim: 16\n  heads: 3\n");
  writeBytes(file(QStringLiteral("no.json")), "");
  writeBytes(file(QStringLiteral("other.json")), "[1, 2, 3]");
  QDir().mkpath(file(QStringLiteral("not-a-run")));
  writeBytes(file(QStringLiteral("not-a-run/notes.txt")), "mine");
  const QString damaged = file(QStringLiteral("damaged"));
  QVERIFY(trainTiny(file(QStringLiteral("good/dataset.yaml")), damaged, {QStringLiteral("train.epochs=1")}).exit_code == 0);
  QDirIterator weights(damaged + QStringLiteral("/checkpoints"), {QStringLiteral("*.safetensors")}, QDir::Files, QDirIterator::Subdirectories);
  while (weights.hasNext()) {
    const QString path = weights.next();
    const QByteArray bytes = bytesOf(path);
    writeBytes(path, bytes.left(bytes.size() / 2));
  }
}

void TestBadInput::eachGetsOneClearLine_data() {
  QTest::addColumn<QString>("arguments");  // words in {braces} are files of the test's folder
  QTest::addColumn<QStringList>("fragments");
  const auto row = [](const char* name, const char* arguments, const QStringList& fragments) { QTest::newRow(name) << QString::fromLatin1(arguments) << fragments; };
  const auto words = [](const char* list) { return QString::fromUtf8(list).split(QLatin1Char('|')); };
  row("inspect: a file that is not there", "inspect {nowhere.yaml}", words("nowhere.yaml"));
  row("train: missing HDF5", "train --data {missing/dataset.yaml} --run {out}", words("features.h5"));
  row("inspect: missing HDF5", "inspect {missing/dataset.yaml}", words("features.h5"));
  row("train: truncated HDF5", "train --data {cut/dataset.yaml} --run {out}", words("features.h5"));
  row("inspect: a file that is no HDF5", "inspect {noise/dataset.yaml}", words("features.h5|HDF5"));
  row("eval: wrong width", "eval --run {run} --data {wide/dataset.yaml} --no-report", words("24|16"));
  row("predict: wrong width", "predict --run {run} --data {wide/dataset.yaml} --out {out.json}", words("24|16"));
  row("train: NaN features name video and row", "train --data {nan/dataset.yaml} --run {out}", words("vid3|7"));
  row("inspect: empty JSON", "inspect {empty/dataset.yaml}", words("annotations.json"));
  row("inspect: a JSON object without anything", "inspect {braces/dataset.yaml}", words("annotations.json|database"));
  row("inspect: JSON of another schema", "inspect {schema/dataset.yaml}", words("annotations.json|database"));
  row("inspect: JSON nested without end", "inspect {deep/dataset.yaml}", words("annotations.json"));
  row("inspect: unknown key names file, line and the nearest", "inspect {key/dataset.yaml}", words("dataset.yaml|anotations|annotations"));
  row("train: unknown config key names file, line and the nearest", "train --config {wrong-key.yaml} --data {good/dataset.yaml} --run {out}",
      words("wrong-key.yaml, line 4|laiers|layers"));
  row("train: a config value of another type", "train --config {wrong-value.yaml} --data {good/dataset.yaml} --run {out}", words("heads|three"));
  row("train: keys that do not fit together name both", "train --config {misfit.yaml} --data {good/dataset.yaml} --run {out}", words("encoder.dim|encoder.heads"));
  row("train: an unknown key in --set", "train --set train.epoch=2 --data {good/dataset.yaml} --run {out}", words("train.epoch|train.epochs"));
  row("train: a used run folder without --resume", "train --data {good/dataset.yaml} --run {run}", words("--resume"));
  row("train: a run folder of another config", "train --resume --data {good/dataset.yaml} --run {run} --config {../configs/quick.yaml}", words("encoder.dim"));
  row("train: a folder that holds other things", "train --data {good/dataset.yaml} --run {not-a-run}", words("not-a-run"));
  row("train: --resume where there is no run", "train --resume --run {nowhere}", words("nowhere"));
  row("eval: no run there", "eval --run {nowhere}", words("nowhere"));
  row("eval: every checkpoint cut in half", "eval --run {damaged}", words("damaged"));
  row("eval: an unknown subset", "eval --run {run} --subset test", words("test"));
  row("pyramid: an unknown video", "pyramid --run {run} --video nobody --out {out.json}", words("nobody"));
  row("score: empty JSON", "score detection --truth {good/annotations.json} --predictions {no.json}", words("no.json"));
  row("score: JSON of another schema", "score detection --truth {good/annotations.json} --predictions {other.json}", words("other.json"));
  row("score: annotations given as predictions", "score classification --truth {good/annotations.json} --predictions {good/annotations.json}", words("annotations.json"));
  row("score: a subset nobody has", "score detection --truth {good/annotations.json} --predictions {other.json} --subset tests", words("json"));
  row("score: annotations given as answers", "score qa --truth {good/annotations.json} --predictions {other.json}", words("annotations.json"));
  row("score: no file of captions", "score captions --truth {no.json} --predictions {other.json}", words("no.json"));
  row("watch: no run there", "watch {nowhere}", words("nowhere"));
  row("export: no report yet", "export --run {damaged} --what table --format csv", words("report.json|hvlm eval"));
  row("runs compare: one of them is none", "runs compare {run} {not-a-run}", words("not-a-run"));
  row("synth: a place where nobody may write", "synth --out /sys/hvlm", words("/sys"));
  row("train: a run folder where nobody may write", "train --data {good/dataset.yaml} --run /sys/hvlm", words("/sys"));
  row("predict: an output where nobody may write", "predict --run {run} --out /sys/out.json", words("/sys"));
}
void TestBadInput::eachGetsOneClearLine() {
  QFETCH(QString, arguments);
  QFETCH(QStringList, fragments);
  QStringList words;
  for (QString word : arguments.split(QLatin1Char(' '))) {
    if (word == QStringLiteral("{../configs/quick.yaml}")) {
      word = QString::fromStdString(sourceFolder()) + QStringLiteral("/configs/quick.yaml");
    } else if (word.startsWith(QLatin1Char('{'))) {
      word = file(word.mid(1, word.size() - 2));
    }
    words << word;
  }
  const auto before = contents(folder_.path());
  const ProcessResult result = callHvlm(words);
  QCOMPARE(result.exit_code, 1);
  QCOMPARE(badErrorLine(result, fragments), QString());
  QVERIFY2(result.out.isEmpty(), result.out.constData());
  const auto after = contents(folder_.path());
  for (auto it = before.begin(); it != before.end(); ++it) QVERIFY2(after.value(it.key()) == it.value(), qPrintable(it.key() + QStringLiteral(" was changed")));
  QVERIFY(!QFile::exists(file(QStringLiteral("out.json"))));
  QDir(file(QStringLiteral("out"))).removeRecursively();
  if (words.first() == QStringLiteral("inspect")) {
    const auto error = oneObject(callHvlm(words + QStringList{QStringLiteral("--json")})).at("error");  // also with --json exactly one object
    QVERIFY(!error.at("message").get<std::string>().empty());
  }
}

void TestBadInput::aFullDiskKeepsWhatWasGood() {
  // A file system of one megabyte of our own, in a mount namespace that ends with the shell.
  const QString disk = file(QStringLiteral("disk"));
  QDir().mkpath(disk);
  const QString script = QStringLiteral("mount -t tmpfs -o size=1m none \"$1\" || exit 77; shift; \"$@\"; code=$?; ls \"$0\" >&2; exit $code");
  const QStringList train = QStringList{QString::fromStdString(binFolder()) + QStringLiteral("/hvlm"), QStringLiteral("train"), QStringLiteral("--threads"), QStringLiteral("1"),
                                        QStringLiteral("--data"), file(QStringLiteral("good/dataset.yaml")), QStringLiteral("--run"), disk + QStringLiteral("/run")} +
                            tinyModel({QStringLiteral("encoder.dim=128"), QStringLiteral("encoder.heads=4")});
  const ProcessResult result = runProgram(QStringLiteral("/usr/bin/unshare"), QStringList{QStringLiteral("-rm"), QStringLiteral("sh"), QStringLiteral("-c"), script, QStringLiteral("/"), disk} + train);
  if (result.exit_code == 77 || result.err.contains("unshare")) QSKIP("no mount namespace for a small file system here");
  QCOMPARE(result.exit_code, 1);
  QByteArray line;
  for (const QByteArray& each : result.err.split('\n')) {
    if (each.startsWith("hvlm: ")) line = each;
  }
  QVERIFY2(line.contains("No space left on device") && line.contains("Free some space"), result.err.constData());
}

void TestBadInput::aFullStandardOutputIsAFailure() {
  QProcess process;
  process.setStandardOutputFile(QStringLiteral("/dev/full"), QIODevice::Append);
  process.start(QString::fromStdString(binFolder()) + QStringLiteral("/hvlm"), {QStringLiteral("doctor"), QStringLiteral("--json")});
  QVERIFY(process.waitForFinished(30000));
  QCOMPARE(process.exitCode(), 1);
  QVERIFY(process.readAllStandardError().startsWith("hvlm: standard output"));
}

void TestBadInput::missingLibTorchIsSaidInOneLine() {
  writeBytes(file(QStringLiteral("engine.so")), "no library");
  const ProcessResult result = callHvlm({QStringLiteral("eval"), QStringLiteral("--run"), run_}, {}, {QStringLiteral("HVLM_ENGINE=") + file(QStringLiteral("engine.so"))});
  QCOMPARE(result.exit_code, 1);
  QCOMPARE(badErrorLine(result, {QStringLiteral("engine.so"), QStringLiteral("./run --setup-only")}), QString());
}

QTEST_GUILESS_MAIN(TestBadInput)
#include "tst_cli_bad_input.moc"
