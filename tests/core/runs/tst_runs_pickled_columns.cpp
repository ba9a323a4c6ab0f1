// SPDX-License-Identifier: Apache-2.0
// Columns of numpy arrays out of pickles, without executing anything.
#include <QtTest>

#include "numpy_pickles.h"
#include "runs/pickled_columns.h"
#include "support/error.h"
#include "support/random.h"

using namespace hvlm;
using namespace hvlm::testing;

namespace {

QString refusal(const std::string& bytes) {
  try {
    decodePickledColumns(bytes, "file.pkl");
  } catch (const InputError& error) {
    return QString::fromUtf8(error.what());
  }
  return {};
}

// Opcodes by hand, protocol 4.
std::string small(int64_t value) { return std::string("K") + static_cast<char>(value); }
std::string text(const std::string& s) { return std::string("\x8c") + static_cast<char>(s.size()) + s; }
std::string bytes(const std::string& s) { return std::string("C") + static_cast<char>(s.size()) + s; }
std::string global(const std::string& module, const std::string& name) { return "c" + module + "\n" + name + "\n"; }
std::string type(const std::string& name, const std::string& order = "<") {
  return global("numpy", "dtype") + text(name) + "\x89\x88\x87R(" + small(3) + text(order) + "NNN" + small(0) + small(0) + small(0) + "tb";
}
std::string array(const std::string& type_pickle, const std::string& shape, const std::string& content) {
  return global("numpy.core.multiarray", "_reconstruct") + global("numpy", "ndarray") + small(0) + "\x85" + bytes("b") + "\x87R(" + small(1) + shape + type_pickle + "\x89" + content + "tb";
}
std::string one(const std::string& value) { return std::string("\x80\x04}") + text("x") + value + "s."; }

}  // namespace

class TestPickledColumns : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void realFilesAreRead_data() {
    QTest::addColumn<QByteArray>("file");
    QTest::newRow("numpy 1, protocol 4") << QByteArray(kNumpy1);
    QTest::newRow("numpy 2, protocol 3") << QByteArray(kNumpy2Protocol3);
    QTest::newRow("numpy 2, protocol 4") << QByteArray(kNumpy2);
    QTest::newRow("numpy 2, protocol 5") << QByteArray(kNumpy2Protocol5);
    QTest::newRow("arrays of texts and objects, lists of scalars") << QByteArray(kMixed);
  }
  void realFilesAreRead() {
    QFETCH(QByteArray, file);
    const auto columns = decodePickledColumns(pickled(file.constData()), "file.pkl");
    QCOMPARE(columns.size(), size_t{5});
    QVERIFY(columns.at("video-id").is_text);
    QCOMPARE(columns.at("video-id").texts, (std::vector<std::string>{"v_one", "v_one", "two"}));
    QCOMPARE(columns.at("t-start").numbers, (std::vector<double>{0, 4, 1.5}));
    QCOMPARE(columns.at("t-end").numbers, (std::vector<double>{2, 8, 3.25}));
    QCOMPARE(columns.at("label").numbers, (std::vector<double>{1, 0, 2}));
    QCOMPARE(columns.at("score").numbers, (std::vector<double>{.5, .25, .75}));
  }
  void numbersOfEveryType_data() {
    QTest::addColumn<QString>("type");
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<double>("value");
    QTest::newRow("half") << "f2" << QByteArray("\x00\x3e", 2) << 1.5;
    QTest::newRow("float") << "f4" << QByteArray("\x00\x00\xc0\xbf", 4) << -1.5;
    QTest::newRow("double") << "f8" << QByteArray("\x00\x00\x00\x00\x00\x00\xf8\x3f", 8) << 1.5;
    QTest::newRow("negative whole number") << "i2" << QByteArray("\xfe\xff", 2) << -2.0;
    QTest::newRow("unsigned one") << "u2" << QByteArray("\xfe\xff", 2) << 65534.0;
    QTest::newRow("byte") << "i1" << QByteArray("\xff", 1) << -1.0;
    QTest::newRow("truth value") << "b1" << QByteArray("\x01", 1) << 1.0;
  }
  void numbersOfEveryType() {
    QFETCH(QString, type);
    QFETCH(QByteArray, content);
    QFETCH(double, value);
    const auto columns = decodePickledColumns(one(array(::type(type.toStdString()), small(1) + "\x85", bytes(content.toStdString()))), "file.pkl");
    QCOMPARE(columns.at("x").numbers, std::vector<double>{value});
  }
  void whatIsNoTableIsRefused_data() {
    QTest::addColumn<QByteArray>("pickle");
    QTest::addColumn<QString>("part");  // of the message
    const auto row = [](const char* name, const std::string& pickle, const char* part) { QTest::newRow(name) << QByteArray::fromStdString(pickle) << QString::fromLatin1(part); };
    const std::string f4 = type("f4"), three = small(3) + "\x85", four_bytes = bytes("1234");
    row("a call of the system", std::string("\x80\x04") + global("os", "system") + text("true") + "\x85R.", "os system\": code, which is never executed");
    row("an object of a class", one(global("builtins", "eval") + text("1") + "\x85R"), "builtins eval");
    row("the tensors of another reader", one(global("torch._utils", "_rebuild_tensor_v2") + ")R"), "code, which is never executed");
    row("a list at the top", std::string("\x80\x04]."), "a dictionary of columns");
    row("a key that is a number", std::string("\x80\x04}") + small(1) + "]s.", "keys that are texts");
    row("a column that is a number", one(small(1)), "something else");
    row("too few bytes for the shape", one(array(f4, three, four_bytes)), "another number of bytes");
    row("two dimensions", one(array(f4, small(1) + small(1) + "\x86", four_bytes)), "2 dimensions");
    row("an impossible shape", one(array(f4, "J\xff\xff\xff\x7fJ\xff\xff\xff\x7f\x86", four_bytes)), "impossible shape");
    row("a negative shape", one(array(f4, "J\xff\xff\xff\xff\x85", four_bytes)), "impossible shape");
    row("big-endian numbers", one(array(type("f4", ">"), small(1) + "\x85", four_bytes)), "big-endian");
    row("a type of dates", one(array(type("M8"), small(1) + "\x85", bytes("12345678"))), "M8");
    row("an array without a state", one(global("numpy.core.multiarray", "_reconstruct") + ")R"), "0 dimensions");
    row("texts among numbers", one("]" + std::string("(") + small(1) + text("a") + "e"), "texts among numbers");
    row("a text longer than the file", std::string("\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\x7f"), "a text of");
    row("a memo never stored", std::string("\x80\x04h\x07."), "never stored");
    row("no pickle", "?", "opcode");
  }
  void whatIsNoTableIsRefused() {
    QFETCH(QByteArray, pickle);
    QFETCH(QString, part);
    const QString message = refusal(pickle.toStdString());
    QVERIFY2(message.contains(part), qPrintable(message));
    QVERIFY2(message.contains(QStringLiteral("ActivityNet result format")), qPrintable(message));  // what to do instead
  }
  void everyCutIsRefused() {
    const std::string whole = pickled(kNumpy2);
    for (size_t length = 0; length < whole.size(); ++length) QVERIFY2(!refusal(whole.substr(0, length)).isEmpty(), std::to_string(length).c_str());
  }
  void damageNeverCrashes() {
    SplitMix draw(5);
    for (const char* file : {kNumpy1, kNumpy2Protocol5, kMixed}) {
      const std::string whole = pickled(file);
      for (int i = 0; i < 4000; ++i) {
        std::string damaged = whole;
        for (int64_t k = 1 + draw.below(4); k > 0; --k) damaged[static_cast<size_t>(draw.below(static_cast<int64_t>(damaged.size())))] = static_cast<char>(draw.below(256));
        refusal(damaged);  // any answer but a crash or another exception
      }
    }
  }
  void deepNestingIsTakenApart() {
    const size_t depth = 400'000;  // a call a level would overflow the stack
    QVERIFY(!refusal(std::string("\x80\x04") + std::string(depth, ']') + std::string(depth - 1, 'a') + ".").isEmpty());
  }
};

QTEST_APPLESS_MAIN(TestPickledColumns)
#include "tst_runs_pickled_columns.moc"
