// SPDX-License-Identifier: Apache-2.0
#include <QtTest>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "rooms.h"
#include "support/golden.h"
#include "support/process.h"

using namespace hvlm::testing;
namespace fs = std::filesystem;

namespace {

fs::path sourceTree() { return sourceFolder(); }

std::string contentOf(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

std::vector<fs::path> sources() {
  std::vector<fs::path> files;
  for (const char* top : {"core", "ui", "app", "tests", "cmake"}) {
    if (!fs::exists(sourceTree() / top)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(sourceTree() / top)) {
      const fs::path& path = entry.path();
      const std::string extension = path.extension().string();
      if (entry.is_regular_file() && (extension == ".cpp" || extension == ".h" || extension == ".cu" || extension == ".cmake" || path.filename() == "CMakeLists.txt")) {
        files.push_back(path);
      }
    }
  }
  return files;
}

QString joined(const std::vector<std::string>& lines) {
  QString text;
  for (const std::string& line : lines) text += QLatin1Char('\n') + QString::fromStdString(line);
  return text;
}

// Libraries a program of build/bin would load at start.
QByteArray loadedLibraries(const std::string& program) {
  const ProcessResult ldd = runProgram(QStringLiteral("/usr/bin/ldd"), {QString::fromStdString(binFolder() + "/" + program)});
  return ldd.exit_code == 0 ? ldd.out : QByteArray();
}

}  // namespace

class TestRooms : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void noRoomKnowsWhatItMustNot();
  void aPlantedViolationIsFound_data();
  void aPlantedViolationIsFound();
  void programsLinkOnlyWhatTheyMay_data();
  void programsLinkOnlyWhatTheyMay();
  void codeForNewerProcessorsIsNotShared();
  void everySourceNamesItsLicence();
  void noSourceHoldsASecondRoom();
  void everyRoomHasAReadme();
  void theTwoCommandsRefuseWhatTheyDoNotKnow_data();
  void theTwoCommandsRefuseWhatTheyDoNotKnow();
};

void TestRooms::noRoomKnowsWhatItMustNot() {
  const ProcessResult deps = runProgram(QStringLiteral(HVLM_NINJA), {QStringLiteral("-C"), QStringLiteral(HVLM_BUILD_DIR), QStringLiteral("-t"), QStringLiteral("deps")});
  QCOMPARE(deps.exit_code, 0);
  const Findings findings = checkDependencies(deps.out.toStdString());
  QVERIFY2(findings.violations.empty(), qPrintable(joined(findings.violations)));
  for (const char* target : {"core_support", "core_data", "core_score", "core_runs", "core_jobs", "engine_model", "engine_train", "hvlm", "ui"}) {
    QVERIFY2(findings.objects.contains(target), target);  // the check saw each of them
  }
}

void TestRooms::aPlantedViolationIsFound_data() {
  QTest::addColumn<QString>("object");
  QTest::addColumn<QString>("header");
  QTest::addColumn<QString>("why");  // empty: allowed
  QTest::newRow("data may use support") << "core/data/CMakeFiles/core_data.dir/a.cpp.o" << "rooms/core_support/support/text.h" << "";
  QTest::newRow("a room may use itself") << "core/data/CMakeFiles/core_data.dir/a.cpp.o" << "rooms/core_data/data/batch.h" << "";
  QTest::newRow("support knows nobody") << "core/support/CMakeFiles/core_support.dir/a.cpp.o" << "rooms/core_data/data/batch.h" << "core_support must not know core_data";
  QTest::newRow("runs does not know jobs") << "core/runs/CMakeFiles/core_runs.dir/a.cpp.o" << "rooms/core_jobs/jobs/engine.h" << "core_runs must not know core_jobs";
  QTest::newRow("the window does not know the engine") << "ui/CMakeFiles/ui.dir/a.cpp.o" << "rooms/engine_model/engine/model/model.h" << "ui must not know engine_model";
  QTest::newRow("the model uses the kernels") << "core/engine/model/CMakeFiles/engine_model.dir/a.cpp.o" << "rooms/engine_kernels/engine/kernels/kernels.h" << "";
  QTest::newRow("the kernels do not know the model") << "core/engine/kernels/CMakeFiles/engine_kernels.dir/a.cpp.o" << "rooms/engine_model/engine/model/pyramid.h" << "engine_kernels must not know engine_model";
  QTest::newRow("objectives do not know the trainer") << "core/engine/objective/CMakeFiles/engine_objective.dir/a.cpp.o" << "rooms/engine_train/engine/train/trainer.h" << "engine_objective must not know engine_train";
  QTest::newRow("a path around the include root is found") << "core/runs/CMakeFiles/core_runs.dir/a.cpp.o" << "../core/data/batch.h" << "reached without its include root";
  QTest::newRow("a header beside the source is fine") << "core/runs/CMakeFiles/core_runs.dir/a.cpp.o" << "../core/runs/parts.h" << "";
  QTest::newRow("core sees no Qt") << "core/jobs/CMakeFiles/core_jobs.dir/a.cpp.o" << "/usr/include/x86_64-linux-gnu/qt6/QtCore/QString" << "core_jobs must not see Qt";
  QTest::newRow("the command line sees no Qt") << "app/hvlm/CMakeFiles/hvlm.dir/a.cpp.o" << "/usr/include/x86_64-linux-gnu/qt6/QtCore/QString" << "hvlm must not see Qt";
  QTest::newRow("the window sees Qt") << "ui/CMakeFiles/ui.dir/a.cpp.o" << "/usr/include/x86_64-linux-gnu/qt6/QtCore/QString" << "";
  QTest::newRow("the window sees no LibTorch") << "ui/CMakeFiles/ui.dir/a.cpp.o" << "/x/torch/include/ATen/Tensor.h" << "ui must not see LibTorch";
  QTest::newRow("the engine sees LibTorch") << "core/engine/model/CMakeFiles/engine_model.dir/a.cpp.o" << "/x/torch/include/ATen/Tensor.h" << "";
}
void TestRooms::aPlantedViolationIsFound() {
  QFETCH(QString, object);
  QFETCH(QString, header);
  QFETCH(QString, why);
  const QString deps = object + QStringLiteral(": #deps 2, deps mtime 1 (VALID)\n    ../x.cpp\n    ") + header + QStringLiteral("\n\n");
  const Findings findings = checkDependencies(deps.toStdString());
  QCOMPARE(findings.objects.size(), size_t{1});
  QCOMPARE(findings.violations.size(), why.isEmpty() ? size_t{0} : size_t{1});
  if (!why.isEmpty()) QVERIFY2(QString::fromStdString(findings.violations[0]).endsWith(why), findings.violations[0].c_str());
}

void TestRooms::programsLinkOnlyWhatTheyMay_data() {
  QTest::addColumn<QString>("program");
  QTest::addColumn<QStringList>("forbidden");
  const QStringList torch = {QStringLiteral("libtorch"), QStringLiteral("libc10"), QStringLiteral("libhvlm_engine")};
  QTest::newRow("hvlm links neither Qt nor LibTorch") << "hvlm" << (torch + QStringList{QStringLiteral("libQt6")});
  QTest::newRow("the workbench links no LibTorch") << "hvlm-workbench" << torch;
}
void TestRooms::programsLinkOnlyWhatTheyMay() {
  QFETCH(QString, program);
  QFETCH(QStringList, forbidden);
  const QByteArray libraries = loadedLibraries(program.toStdString());
  QVERIFY2(libraries.contains("libhvlm_core_support"), "ldd told nothing");
  for (const QString& name : forbidden) QVERIFY2(!libraries.contains(name.toUtf8()), qPrintable(program + QStringLiteral(" links ") + name));
}

// A weak function compiled for AVX2 could be the one the linker keeps for every caller, also on processors that lack it.
void TestRooms::codeForNewerProcessorsIsNotShared() {
  const QString nm = QStringLiteral("/usr/bin/nm");
  if (!fs::exists(nm.toStdString())) QSKIP("no nm to read the objects with");
  int seen = 0;
  for (const fs::path& file : sources()) {
    const std::string name = file.filename().string();
    if (name.size() < 9 || name.substr(name.size() - 9) != "_avx2.cpp") continue;
    const QString object = QStringLiteral(HVLM_BUILD_DIR "/core/engine/kernels/CMakeFiles/engine_kernels.dir/") + QString::fromStdString(name) + QStringLiteral(".o");
    const ProcessResult symbols = runProgram(nm, {QStringLiteral("--defined-only"), QStringLiteral("-C"), object});
    QVERIFY2(symbols.exit_code == 0, symbols.err.constData());
    for (const QByteArray& line : symbols.out.split('\n')) {
      const bool shared = line.contains(" W ") || line.contains(" V ") || line.contains(" u ");
      const bool foreign = line.contains(" T ") && !line.contains("hvlm::avx2::");
      QVERIFY2(!shared && !foreign, (name.c_str() + (": " + line)).constData());
    }
    ++seen;
  }
  QVERIFY(seen >= 4);
}

void TestRooms::everySourceNamesItsLicence() {
  std::vector<std::string> wrong;
  const auto files = sources();
  QVERIFY(files.size() > 100);
  for (const fs::path& file : files) {
    const std::string path = fs::relative(file, sourceTree()).string();
    const bool window = path.rfind("ui/", 0) == 0 || path.rfind("app/workbench/", 0) == 0 || path.rfind("tests/ui/", 0) == 0;
    const std::string line = std::string("SPDX-License-Identifier: ") + (window ? "GPL-3.0-or-later" : "Apache-2.0");
    if (contentOf(file).substr(0, 200).find(line) == std::string::npos) wrong.push_back(path + ": no line \"" + line + "\"");
  }
  QVERIFY2(wrong.empty(), qPrintable(joined(wrong)));
}

void TestRooms::noSourceHoldsASecondRoom() {
  std::vector<std::string> wrong;
  for (const fs::path& file : sources()) {
    const std::string text = contentOf(file);
    const auto lines = std::count(text.begin(), text.end(), '\n');
    if (lines > 800) wrong.push_back(fs::relative(file, sourceTree()).string() + ": " + std::to_string(lines) + " lines, at most 800");
  }
  QVERIFY2(wrong.empty(), qPrintable(joined(wrong)));
}

void TestRooms::everyRoomHasAReadme() {
  for (const char* room : {"core/support", "core/data", "core/score", "core/runs", "core/jobs", "core/engine", "core/engine/cuda", "core/engine/kernels", "core/engine/model",
                           "core/engine/objective", "core/engine/train", "core/engine/eval", "ui", "app/hvlm", "app/workbench"}) {
    QVERIFY2(fs::exists(sourceTree() / room / "README.md"), room);
  }
}

void TestRooms::theTwoCommandsRefuseWhatTheyDoNotKnow_data() {
  QTest::addColumn<QString>("script");
  QTest::addColumn<QStringList>("arguments");
  QTest::addColumn<int>("exit_code");
  QTest::newRow("./run with an unknown argument") << "run" << QStringList{QStringLiteral("--setup")} << 2;
  QTest::newRow("./test with an unknown argument") << "test" << QStringList{QStringLiteral("--benchmark")} << 2;
  QTest::newRow("./test --fuzz without its seconds") << "test" << QStringList{QStringLiteral("--fuzz")} << 2;
  QTest::newRow("./run --help explains itself") << "run" << QStringList{QStringLiteral("--help")} << 0;
  QTest::newRow("./test --help explains itself") << "test" << QStringList{QStringLiteral("--help")} << 0;
}
void TestRooms::theTwoCommandsRefuseWhatTheyDoNotKnow() {
  QFETCH(QString, script);
  QFETCH(QStringList, arguments);
  QFETCH(int, exit_code);
  const ProcessResult result = runProgram(QString::fromStdString(sourceFolder()) + QLatin1Char('/') + script, arguments);
  QCOMPARE(result.exit_code, exit_code);
  QVERIFY(exit_code == 0 ? result.out.contains("./" + script.toUtf8()) : result.err.startsWith(script.toUtf8() + ": "));
}

QTEST_GUILESS_MAIN(TestRooms)
#include "tst_house_rooms.moc"
