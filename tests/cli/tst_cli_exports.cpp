// SPDX-License-Identifier: Apache-2.0
// Exports of detections, clips, runs and reproductions, and what is said of runs: tags, notes, the trash.
#include <QtTest>

#include "cli.h"
#include "core/video/clips.h"
#include "support/atomic_file.h"

using namespace hvlm;
using namespace hvlm::testing;
using nlohmann::json;

namespace {

QStringList words(const char* text) { return QString::fromLatin1(text).split(QLatin1Char(' ')); }

}  // namespace

// An imported run needs no engine: its detections and its clips are exported all the same.
class TestExports : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase();
  void detectionsAreExported_data();
  void detectionsAreExported();
  void severalFiguresAreAPage();
  void picturesTakeWidthAndResolution();
  void clipsAreExported();
  void whatIsLeftOutIsTold();
  void runsAreExported();
  void reproductionTablesAreExported();
  void wrongCallsAreTold_data();
  void wrongCallsAreTold();
  void tagsAndNotes();
  void theTrashGivesBack();
  void aLostRunIsClosed();
  void completionKnowsTheCommands();

 private:
  QString file(const char* name) const { return folder_.filePath(QString::fromLatin1(name)); }
  QStringList exporting(const char* what, const char* format, const QString& out) const {
    return {QStringLiteral("export"),    QStringLiteral("--run"),   run_,
            QStringLiteral("--what"),    QString::fromLatin1(what), QStringLiteral("--format"),
            QString::fromLatin1(format), QStringLiteral("--out"),   out};
  }
  QTemporaryDir folder_;
  QString dataset_, run_;
};

void TestExports::initTestCase() {
  QDir().mkpath(file("videos"));
  QDir().mkpath(file("features"));
  WriterOptions options;
  options.gop = 10;
  testing::writeClip(file("videos/v_a.mp4").toStdString(), options, 60);
  testing::writeClip(file("videos/v_b.mp4").toStdString(), options, 50);
  writeBytes(file("annotations.json"), R"({"version": "x", "taxonomy": [], "database": {
    "a": {"duration": 2.4, "subset": "validation", "annotations": [{"label": "one", "segment": [0, 1]}]},
    "b": {"duration": 2.0, "subset": "validation", "annotations": [{"label": "two", "segment": [1, 2]}]}}})");
  dataset_ = file("dataset.yaml");
  writeBytes(dataset_, "name: clips\nannotations: annotations.json\nfeatures: {store: features/, steps_per_second: 1}\nvideos: videos/\n");
  writeBytes(file("found.json"), R"({"version": "x", "results": {
    "a": [{"label": "one", "score": 0.9, "segment": [0, 0.9]}, {"label": "two", "score": 0.6, "segment": [1.2, 2]}],
    "b": [{"label": "two", "score": 0.01, "segment": [1, 2]}]}, "external_data": {}})");
  run_ = file("runs/theirs");
  for (const QString& run : {run_, file("runs/second")}) {
    const ProcessResult imported = callHvlm({QStringLiteral("runs"), QStringLiteral("import"), file("found.json"), QStringLiteral("--data"),
                                             dataset_, QStringLiteral("--out"), run});
    QVERIFY2(imported.exit_code == 0, imported.err.constData());
  }
}

void TestExports::detectionsAreExported_data() {
  QTest::addColumn<QString>("what");
  QTest::addColumn<QString>("format");
  QTest::addColumn<QByteArray>("holds");
  QTest::newRow("AP by class") << "detection" << "csv" << QByteArray("mean (mAP)");
  QTest::newRow("AP by class as Markdown") << "detection" << "md" << QByteArray("| mean (mAP)");
  QTest::newRow("all figures") << "detection" << "svg" << QByteArray("<svg");
  QTest::newRow("precision over recall") << "precision-recall" << "csv" << QByteArray("class,recall,precision,score");
  QTest::newRow("mAP by tIoU") << "tiou" << "csv" << QByteArray("row,tiou,map");
  QTest::newRow("errors") << "errors" << "pdf" << QByteArray("%PDF");
  QTest::newRow("videos") << "videos" << "csv" << QByteArray("video,instances,missed");
  QTest::newRow("faults") << "faults" << "csv" << QByteArray("fault,video,class,nearest truth,start,end,score,tIoU");
  QTest::newRow("timeline") << "timeline" << "svg" << QByteArray("<svg");
}
void TestExports::detectionsAreExported() {
  QFETCH(QString, what);
  QFETCH(QString, format);
  QFETCH(QByteArray, holds);
  const QString out = file("out/") + what + QLatin1Char('.') + format;
  const ProcessResult result = callHvlm(exporting(what.toLatin1().constData(), format.toLatin1().constData(), out) +
                                        QStringList{QStringLiteral("--data"), dataset_});
  QVERIFY2(result.exit_code == 0, result.err.constData());
  QVERIFY2(result.out.startsWith("Wrote " + out.toUtf8()), result.out.constData());
  QVERIFY2(bytesOf(out).contains(holds), bytesOf(out).left(300).constData());
}

void TestExports::severalFiguresAreAPage() {
  const QString out = file("page.svg");
  const auto page = [&](const QString& figures) {
    QStringList arguments = exporting("page", "svg", out) + QStringList{QStringLiteral("--data"), dataset_};
    if (!figures.isEmpty()) arguments << QStringLiteral("--figure") << figures;
    return callHvlm(arguments);
  };
  const ProcessResult made = page(QStringLiteral("tiou,errors,timeline"));
  QVERIFY2(made.exit_code == 0, made.err.constData());
  const QByteArray svg = bytesOf(out);
  for (const char* letter : {"(a)", "(b)", "(c)"}) QVERIFY2(svg.contains(letter), letter);
  QVERIFY(!svg.contains("(d)"));
  QCOMPARE(page({}).exit_code, 2);
  QCOMPARE(page(QStringLiteral("page")).exit_code, 1);
  const ProcessResult unknown = page(QStringLiteral("tiou,nonsense"));
  QVERIFY2(unknown.exit_code == 1 && unknown.err.contains("nonsense"), unknown.err.constData());
}

void TestExports::picturesTakeWidthAndResolution() {
  const auto widthOf = [&](const QStringList& more) {
    const QString out = file("width.png");
    const ProcessResult result = callHvlm(exporting("tiou", "png", out) + QStringList{QStringLiteral("--data"), dataset_} + more);
    if (result.exit_code != 0) throw std::runtime_error(result.err.toStdString());
    const QByteArray header = bytesOf(out).mid(16, 4);  // of IHDR, big-endian
    return (static_cast<uchar>(header[0]) << 24) | (static_cast<uchar>(header[1]) << 16) | (static_cast<uchar>(header[2]) << 8) |
           static_cast<uchar>(header[3]);
  };
  QVERIFY(std::abs(widthOf({}) - 85.0 / 25.4 * 300.0) < 2.0);
  QVERIFY(std::abs(widthOf(words("--width 120 --dpi 100")) - 120.0 / 25.4 * 100.0) < 2.0);
  const QString light = file("light.svg"), dark = file("dark.svg");
  QCOMPARE(callHvlm(exporting("tiou", "svg", light) + QStringList{QStringLiteral("--data"), dataset_}).exit_code, 0);
  QCOMPARE(callHvlm(exporting("tiou", "svg", dark) + QStringList{QStringLiteral("--data"), dataset_} + words("--style dark")).exit_code, 0);
  QVERIFY(bytesOf(light) != bytesOf(dark));
}

void TestExports::clipsAreExported() {
  const QString out = file("clip.mp4");
  const QStringList call =
      exporting("clip", "mp4", out) + QStringList{QStringLiteral("--data"), dataset_, QStringLiteral("--video"), QStringLiteral("a")};
  const json answer = oneObject(callHvlm(call + QStringList{QStringLiteral("--json")}));
  QVERIFY2(answer.at("left_out").empty(), answer.dump().c_str());
  const json probed = oneObject(callHvlm({QStringLiteral("probe"), out, QStringLiteral("--json")})).at("files")[0];
  QCOMPARE(probed.at("nb_frames").get<int>(), 60);
}

void TestExports::whatIsLeftOutIsTold() {
  // The timeline leaves out what is below the window's threshold, and says so.
  const QStringList call = exporting("timeline", "svg", file("b.svg")) +
                           QStringList{QStringLiteral("--data"), dataset_, QStringLiteral("--video"), QStringLiteral("b")};
  const ProcessResult told = callHvlm(call);
  QVERIFY2(told.exit_code == 0, told.err.constData());
  QVERIFY2(told.out.contains("Left out: 1 predictions with a score below"), told.out.constData());
  QCOMPARE(oneObject(callHvlm(call + QStringList{QStringLiteral("--json")})).at("left_out").size(), size_t{1});
}

void TestExports::runsAreExported() {
  const QString both = file("runs");
  const QStringList call = {QStringLiteral("export"),   QStringLiteral("--run"), both, QStringLiteral("--what"), QStringLiteral("runs"),
                            QStringLiteral("--format"), QStringLiteral("csv")};
  const ProcessResult table = callHvlm(call);
  QVERIFY2(table.exit_code == 0, table.err.constData());
  QVERIFY2(table.out.contains("theirs") && table.out.contains("second"), table.out.constData());
  const QStringList compare = {QStringLiteral("runs"), QStringLiteral("compare"),  run_,
                               file("runs/second"),    QStringLiteral("--format"), QStringLiteral("csv")};
  const ProcessResult compared = callHvlm(compare);
  QVERIFY2(compared.exit_code == 0, compared.err.constData());
  QCOMPARE(compared.out.count('\n'), table.out.count('\n'));  // a head and a row each
  QVERIFY(callHvlm(QStringList(compare).replaceInStrings(QStringLiteral("csv"), QStringLiteral("tex"))).out.contains("\\toprule"));
  const ProcessResult deltas =
      callHvlm(compare + QStringList{QStringLiteral("--baseline"), run_, QStringLiteral("--out"), file("runs.csv")});
  QVERIFY2(deltas.exit_code == 0 && deltas.out.contains("Wrote "), deltas.err.constData());
  QVERIFY(bytesOf(file("runs.csv")).contains("\u0394 "));
  QCOMPARE(callHvlm(compare + QStringList{QStringLiteral("--baseline"), file("absent")}).exit_code, 2);
  QCOMPARE(oneObject(callHvlm(compare + QStringList{QStringLiteral("--json")})).at("rows").size(), size_t{2});
}

void TestExports::reproductionTablesAreExported() {
  const ProcessResult none = callHvlm({QStringLiteral("export"), QStringLiteral("--run"), file("videos"), QStringLiteral("--what"),
                                       QStringLiteral("reproduction"), QStringLiteral("--format"), QStringLiteral("csv")});
  QCOMPARE(none.exit_code, 1);
  const QString wrong = badErrorLine(none, {QStringLiteral("tables.json")});
  QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
}

void TestExports::wrongCallsAreTold_data() {
  QTest::addColumn<QStringList>("more");
  QTest::addColumn<QByteArray>("says");
  QTest::newRow("a width for numbers") << words("--what detection --format csv --width 100") << QByteArray("--width");
  QTest::newRow("a width nobody has") << words("--what detection --format svg --width 5") << QByteArray("20");
  QTest::newRow("a style nobody has") << words("--what detection --format svg --style pink") << QByteArray("pink");
  QTest::newRow("a pair of one") << words("--what attention-pair --format csv") << QByteArray("--other");
  QTest::newRow("a clip as a table") << words("--what clip --format csv") << QByteArray("mp4");
}
void TestExports::wrongCallsAreTold() {
  QFETCH(QStringList, more);
  QFETCH(QByteArray, says);
  const ProcessResult result = callHvlm(QStringList{QStringLiteral("export"), QStringLiteral("--run"), run_} + more);
  QCOMPARE(result.exit_code, 2);
  QVERIFY2(result.err.contains(says), result.err.constData());
}

void TestExports::tagsAndNotes() {
  const QStringList tag = {QStringLiteral("runs"), QStringLiteral("tag"), run_};
  QCOMPARE(callHvlm(tag + QStringList{QStringLiteral("--clear")}).out.trimmed(), QByteArray("No tags"));  // an import has one of its own
  QCOMPARE(callHvlm(tag + QStringList{QStringLiteral("good, for the paper"), QStringLiteral("good")}).out.trimmed(),
           QByteArray("good, for the paper"));
  QCOMPARE(oneObject(callHvlm(tag + QStringList{QStringLiteral("--json")})).at("tags"), json({"good", "for the paper"}));
  QCOMPARE(callHvlm(tag + QStringList{QStringLiteral("--remove"), QStringLiteral("good")}).out.trimmed(), QByteArray("for the paper"));
  const ProcessResult absent = callHvlm(tag + QStringList{QStringLiteral("--remove"), QStringLiteral("bad")});
  QCOMPARE(absent.exit_code, 1);
  QVERIFY2(absent.err.contains("for the paper"), absent.err.constData());
  const QStringList note = {QStringLiteral("runs"), QStringLiteral("note"), run_};
  QCOMPARE(callHvlm(note + QStringList{QStringLiteral("Look at b again.")}).exit_code, 0);
  QCOMPARE(callHvlm(note).out.trimmed(), QByteArray("Look at b again."));
  QCOMPARE(jsonOf(run_ + QStringLiteral("/notes.json")).at("tags"), json({"for the paper"}));  // the window reads the same file
  const json listed = oneObject(callHvlm({QStringLiteral("runs"), QStringLiteral("list"), run_, QStringLiteral("--json")})).at("runs")[0];
  QCOMPARE(listed.at("notes").at("text"), "Look at b again.");
  QCOMPARE(callHvlm(note + QStringList{QStringLiteral("--clear")}).exit_code, 0);
  QCOMPARE(callHvlm(note).out.trimmed(), QByteArray("No note"));
  QCOMPARE(callHvlm(note + QStringList{QStringLiteral("words"), QStringLiteral("--clear")}).exit_code, 2);
  QCOMPARE(callHvlm({QStringLiteral("runs"), QStringLiteral("tag"), file("videos"), QStringLiteral("x")}).exit_code, 1);
}

void TestExports::theTrashGivesBack() {
  const QStringList environment = {QStringLiteral("XDG_DATA_HOME=") + file("share")};
  const QString run = file("runs/second");
  const auto call = [&](const char* what, const QString& folder) {
    return callHvlm({QStringLiteral("runs"), QString::fromLatin1(what), folder, QStringLiteral("--json")}, {}, environment);
  };
  const QByteArray record = bytesOf(run + QStringLiteral("/run.json"));
  const ProcessResult moved = call("trash", run + QLatin1Char('/'));
  QVERIFY2(moved.exit_code == 0, moved.err.constData());
  const QString place = QString::fromStdString(oneObject(moved).at("trashed")[0].at("place").get<std::string>());
  QCOMPARE(place, file("share/Trash/files/second"));
  QVERIFY(!QFile::exists(run) && QFile::exists(place + QStringLiteral("/run.json")));
  const QByteArray info = bytesOf(file("share/Trash/info/second.trashinfo"));
  QVERIFY2(info.startsWith("[Trash Info]\nPath=") && info.contains("\nDeletionDate=20"), info.constData());
  QCOMPARE(QByteArray::fromPercentEncoding(info.split('\n').at(1).mid(5)), run.toUtf8());
  QCOMPARE(call("trash", run).exit_code, 1);  // nothing there any more
  QCOMPARE(call("trash", file("videos")).exit_code, 1);  // no run
  QVERIFY(QFile::exists(file("videos")));
  QDir().mkpath(run);
  const ProcessResult taken = call("restore", run);
  QCOMPARE(taken.exit_code, 1);
  QVERIFY2(taken.err.contains("another run"), taken.err.constData());
  QDir().rmdir(run);
  const ProcessResult back = call("restore", run);
  QVERIFY2(back.exit_code == 0, back.err.constData());
  QCOMPARE(bytesOf(run + QStringLiteral("/run.json")), record);
  QVERIFY(!QFile::exists(file("share/Trash/info/second.trashinfo")) && !QFile::exists(place));
  QCOMPARE(call("restore", run).exit_code, 1);
}

void TestExports::aLostRunIsClosed() {
  const QString run = file("runs/second");
  json record = jsonOf(run + QStringLiteral("/run.json"));
  const json before = record;
  record["state"] = "running";  // by a process that is gone
  hvlm::writeFileAtomic((run + QStringLiteral("/run.json")).toStdString(), record.dump());
  const ProcessResult closed = callHvlm({QStringLiteral("runs"), QStringLiteral("close"), run});
  QVERIFY2(closed.exit_code == 0 && closed.out.contains("stopped"), closed.err.constData());
  QCOMPARE(jsonOf(run + QStringLiteral("/run.json")).at("state"), "stopped");
  QCOMPARE(callHvlm({QStringLiteral("runs"), QStringLiteral("close"), file("videos")}).exit_code, 1);  // no run
  hvlm::writeFileAtomic((run + QStringLiteral("/run.json")).toStdString(), before.dump());
}

void TestExports::completionKnowsTheCommands() {
  const QByteArray script = callHvlm({QStringLiteral("completion"), QStringLiteral("bash")}).out;
  for (const char* command : {"tag", "note", "trash", "restore", "close"}) {
    QVERIFY2(script.contains(QByteArray("\"runs ") + command + "\") path="), command);
    const ProcessResult help = callHvlm({QStringLiteral("runs"), QString::fromLatin1(command), QStringLiteral("--help")});
    QCOMPARE(help.exit_code, 0);
    QVERIFY(help.out.contains("Usage: "));
  }
}

QTEST_GUILESS_MAIN(TestExports)
#include "tst_cli_exports.moc"
