// SPDX-License-Identifier: Apache-2.0
#include <QtTest>
#include <nlohmann/json.hpp>

#include "support/describe.h"
#include "support/error.h"

namespace {

struct Inner {
  int64_t dim = 8;
  double share = 0.5;
  std::string mode = "ceil";
  template <class F>
  void describe(F& f) {
    f("dim", dim, {1, 64}, "Width");
    f("share", share, {0, 1}, "A share");
    f("mode", mode, {"ceil", "floor"}, "Mode");
  }
};
struct Outer {
  uint64_t seed = 1;
  bool flag = false;
  std::vector<double> list = {0.5, 1.5};
  std::string text = "a: b # c";
  Inner inner;
  template <class F>
  void describe(F& f) {
    f("seed", seed, {}, "Seed");
    f("flag", flag, {}, "Flag");
    f("list", list, {0, 10}, "List");
    f("text", text, {}, "Text");
    f.group("inner", inner, "Inner");
  }
};

std::string messageOf(const std::string& yaml) {
  Outer options;
  const hvlm::Fields fields(options);
  try {
    hvlm::readYamlText(yaml, "c.yaml", fields);
  } catch (const hvlm::InputError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

class TestDescribe : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void writtenYamlReadsBackTheSame();
  void wrongInputNamesFileLineAndNearestKey_data();
  void wrongInputNamesFileLineAndNearestKey();
  void jsonIsNested();
};

void TestDescribe::writtenYamlReadsBackTheSame() {
  Outer a;
  a.seed = 18446744073709551615ull;
  a.flag = true;
  a.list = {0.1, 1e-9};
  a.inner.share = 0.30000000000000004;
  a.inner.mode = "floor";
  const std::string yaml = hvlm::writeYaml(hvlm::Fields(a));
  Outer b;
  hvlm::readYamlText(yaml, "t", hvlm::Fields(b));
  QCOMPARE(b.seed, a.seed);
  QCOMPARE(b.flag, true);
  QVERIFY(b.list == a.list);
  QCOMPARE(b.text, a.text);
  QVERIFY(b.inner.share == a.inner.share);
  QCOMPARE(b.inner.mode, a.inner.mode);
  QCOMPARE(hvlm::writeYaml(hvlm::Fields(b)), yaml);
}

void TestDescribe::wrongInputNamesFileLineAndNearestKey_data() {
  QTest::addColumn<QString>("yaml");
  QTest::addColumn<QStringList>("parts");
  QTest::newRow("unknown key") << "seed: 1\ninner:\n  dimm: 4\n" << QStringList{"c.yaml, line 3", "\"inner.dimm\"", "\"inner.dim\""};
  QTest::newRow("out of range") << "inner: {dim: 65}\n" << QStringList{"line 1", "inner.dim", "between 1 and 64", "65"};
  QTest::newRow("wrong type") << "seed: -1\n" << QStringList{"seed", "whole number", "-1"};
  QTest::newRow("unknown choice") << "inner: {mode: cell}\n" << QStringList{"one of ceil, floor", "cell"};
  QTest::newRow("group for a value") << "seed: {a: 1}\n" << QStringList{"seed", "group of keys"};
  QTest::newRow("value for a group") << "inner: 3\n" << QStringList{"inner", "group of keys"};
  QTest::newRow("twice") << "seed: 1\nseed: 2\n" << QStringList{"each key once"};
  QTest::newRow("broken YAML") << "a: [1\n" << QStringList{"valid YAML"};
  QTest::newRow("a list at the top") << "- 1\n" << QStringList{"keys and values"};
}
void TestDescribe::wrongInputNamesFileLineAndNearestKey() {
  QFETCH(QString, yaml);
  QFETCH(QStringList, parts);
  const QString message = QString::fromStdString(messageOf(yaml.toStdString()));
  QVERIFY(!message.isEmpty());
  for (const QString& part : parts) QVERIFY2(message.contains(part), qPrintable(message + " lacks " + part));
}

void TestDescribe::jsonIsNested() {
  Outer options;
  const nlohmann::json json = hvlm::fieldsAsJson(hvlm::Fields(options));
  QCOMPARE(json.at("inner").at("dim").get<int>(), 8);
  QCOMPARE(json.at("list").size(), size_t{2});
}

QTEST_GUILESS_MAIN(TestDescribe)
#include "tst_support_describe.moc"
