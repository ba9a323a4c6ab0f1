// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <QTemporaryDir>
#include <QtTest>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "support/atomic_file.h"
#include "support/error.h"
#include "support/json_file.h"
#include "support/paths.h"

using namespace hvlm;
namespace fs = std::filesystem;

class TestFiles : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void init();
  void aWriteReplacesTheWholeFileAndLeavesNothingBeside();
  void aFailedWriteLeavesTheOldFile();
  void aFolderAppearsAsAWholeOrNotAtAll();
  void aLinkIsReplaced();
  void temporariesOfTheDeadAreSwept();
  void appendedLinesAreThereAtOnce();
  void aFileOverTheLimitIsRefused();
  void jsonReadsBackExactly();
  void badJsonSaysWhere_data();
  void badJsonSaysWhere();
  void relativeXdgVariablesAreIgnored();

 private:
  fs::path file(const char* name) const { return fs::path(dir_->path().toStdString()) / name; }
  size_t entries() const { return static_cast<size_t>(std::distance(fs::directory_iterator(dir_->path().toStdString()), {})); }
  std::unique_ptr<QTemporaryDir> dir_;
};

void TestFiles::init() { dir_ = std::make_unique<QTemporaryDir>(); }

void TestFiles::aWriteReplacesTheWholeFileAndLeavesNothingBeside() {
  writeFileAtomic(file("a"), "a long first text");
  writeFileAtomic(file("a"), "short");
  QCOMPARE(readFile(file("a")), std::string("short"));
  QCOMPARE(entries(), size_t{1});
  writeFileAtomic(file("new/folders/b"), "x");
  QCOMPARE(readFile(file("new/folders/b")), std::string("x"));
}

void TestFiles::aFailedWriteLeavesTheOldFile() {
  writeFileAtomic(file("a"), "old");
  QVERIFY_THROWS_EXCEPTION(InputError, writeFileAtomic(file("a") / "below a file", "x"));
  QVERIFY_THROWS_EXCEPTION(InputError, writeFileAtomic("/sys/hvlm", "x"));
  QCOMPARE(readFile(file("a")), std::string("old"));
  QCOMPARE(entries(), size_t{1});
}

void TestFiles::aFolderAppearsAsAWholeOrNotAtAll() {
  const auto fails = [&] {
    writeFolderAtomic(file("f"), [](const fs::path& folder) {
      std::ofstream(folder / "one") << "1";
      throw std::runtime_error("in the middle");
    });
  };
  QVERIFY_THROWS_EXCEPTION(std::runtime_error, fails());
  QCOMPARE(entries(), size_t{0});
  writeFolderAtomic(file("f"), [](const fs::path& folder) { std::ofstream(folder / "one") << "1"; });
  QCOMPARE(readFile(file("f") / "one"), std::string("1"));
  QVERIFY_THROWS_EXCEPTION(InputError, writeFolderAtomic(file("f"), [](const fs::path&) {}));
  QCOMPARE(entries(), size_t{1});
}

void TestFiles::aLinkIsReplaced() {
  replaceSymlink(file("last"), "one");
  replaceSymlink(file("last"), "two");
  QCOMPARE(fs::read_symlink(file("last")).string(), std::string("two"));
  QCOMPARE(entries(), size_t{1});
}

void TestFiles::temporariesOfTheDeadAreSwept() {
  // Process 1 lives, process 4194305 is above what Linux gives out.
  std::ofstream(file("a.tmp-4194305-0")) << "torn";
  std::ofstream(file("a.tmp-1-0")) << "being written";
  std::ofstream(file("a.tmp-notes")) << "mine";
  sweepTemporaries(dir_->path().toStdString());
  QVERIFY(!fs::exists(file("a.tmp-4194305-0")));
  QVERIFY(fs::exists(file("a.tmp-1-0")));
  QVERIFY(fs::exists(file("a.tmp-notes")));
}

void TestFiles::appendedLinesAreThereAtOnce() {
  AppendFile log(file("log"));
  log.append("one\n");
  QCOMPARE(readFile(file("log")), std::string("one\n"));
  AppendFile(file("log")).append("two\n");
  QCOMPARE(readFile(file("log")), std::string("one\ntwo\n"));
  QVERIFY_THROWS_EXCEPTION(InputError, AppendFile("/dev/full").append("x"));
}

void TestFiles::aFileOverTheLimitIsRefused() {
  writeFileAtomic(file("a"), "12345");
  QCOMPARE(readFile(file("a"), 5).size(), size_t{5});
  QVERIFY_THROWS_EXCEPTION(InputError, readFile(file("a"), 4));
}

void TestFiles::jsonReadsBackExactly() {
  const nlohmann::json value = {{"third", 1.0 / 3.0}, {"tiny", 5e-324}, {"text", "Zürich \"x\""}, {"big", 9007199254740993LL}};
  writeJsonFile(file("a.json"), value);
  QCOMPARE(readJsonFile(file("a.json")), value);
  QVERIFY(readFile(file("a.json")).back() == '\n');
}

void TestFiles::badJsonSaysWhere_data() {
  QTest::addColumn<QByteArray>("text");
  QTest::addColumn<QByteArray>("fragment");
  QTest::newRow("an empty text") << QByteArray() << QByteArray("a.json");
  QTest::newRow("a text cut in the middle") << QByteArray("{\"a\": [1, 2") << QByteArray("a.json");
  QTest::newRow("a fault in the third line names it") << QByteArray("{\n\"a\": 1,\n\"b\" 2}") << QByteArray("line 3");
  QTest::newRow("more after the end") << QByteArray("{} {}") << QByteArray("a.json");
  QTest::newRow("nested beyond 64 levels") << QByteArray(65, '[') + QByteArray(65, ']') << QByteArray("64");
  QTest::newRow("nested without end") << QByteArray(1000000, '[') << QByteArray("a.json");
}
void TestFiles::badJsonSaysWhere() {
  QFETCH(QByteArray, text);
  QFETCH(QByteArray, fragment);
  try {
    parseJson(text.toStdString(), "a.json");
    QFAIL("no error");
  } catch (const InputError& error) {
    QVERIFY2(QByteArray(error.what()).contains(fragment), error.what());
  }
}

void TestFiles::relativeXdgVariablesAreIgnored() {
  qputenv("XDG_CACHE_HOME", "relative");
  qputenv("HOME", "/home/somebody");
  QCOMPARE(cacheFolder(), fs::path("/home/somebody/.cache/hvlm"));
  qputenv("XDG_CACHE_HOME", "/caches");
  QCOMPARE(cacheFolder(), fs::path("/caches/hvlm"));
}

QTEST_GUILESS_MAIN(TestFiles)
#include "tst_support_files.moc"
