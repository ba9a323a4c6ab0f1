// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCheckBox>
#include <QComboBox>
#include <QLineEdit>

#include "ui/training/config_form.h"
#include "ui_fixtures.h"

using namespace hvlm;
using namespace hvlm::ui;

class TestConfigForm : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void everyOptionHasAnEditor();
  void typedValuesReachTheConfig();
  void refusedValuesAreMarked_data();
  void refusedValuesAreMarked();
  void aConfigIsShownAsItIs();
  void searchShowsWhatFits();
  void lockingDisablesEveryEditor();
};

void TestConfigForm::everyOptionHasAnEditor() {
  ConfigForm form;
  RunConfig config;
  const Fields fields(config);
  QCOMPARE(form.rowCount(), static_cast<int>(fields.all().size()));
  for (const Field& field : fields.all()) {
    QWidget* editor = form.editorOf(qText(field.path));
    QVERIFY2(editor, field.path.c_str());
    QVERIFY(editor->toolTip().contains(qText(field.help)));
    QVERIFY(!editor->accessibleName().isEmpty());
  }
}

void TestConfigForm::typedValuesReachTheConfig() {
  ConfigForm form;
  auto* dim = qobject_cast<QLineEdit*>(form.editorOf("encoder.dim"));
  dim->clear();
  QTest::keyClicks(dim, "64");
  qobject_cast<QComboBox*>(form.editorOf("pyramid.mode"))->setCurrentText("floor");
  qobject_cast<QCheckBox*>(form.editorOf("head.detect"))->setChecked(false);
  QCOMPARE(form.config().encoder.dim, int64_t{64});
  QCOMPARE(form.config().pyramid.mode, std::string("floor"));
  QCOMPARE(form.config().head.detect, false);
  QVERIFY(form.problem().isEmpty());
}

void TestConfigForm::refusedValuesAreMarked_data() {
  QTest::addColumn<QString>("path");
  QTest::addColumn<QString>("text");
  QTest::newRow("words where a number belongs") << "encoder.dim" << "wide";
  QTest::newRow("out of range") << "encoder.dropout" << "1.5";
  QTest::newRow("a fraction where a whole number belongs") << "train.epochs" << "2.5";
  QTest::newRow("nothing") << "train.lr" << "";
}
void TestConfigForm::refusedValuesAreMarked() {
  QFETCH(QString, path);
  QFETCH(QString, text);
  ConfigForm form;
  const std::string before = configYaml(form.config());
  auto* edit = qobject_cast<QLineEdit*>(form.editorOf(path));
  edit->selectAll();
  if (text.isEmpty()) QTest::keyClick(edit, Qt::Key_Delete);
  QTest::keyClicks(edit, text);
  QVERIFY(form.problem().contains(path));
  QVERIFY(edit->property("invalid").toBool());
  form.setConfig(form.config());
  QVERIFY(form.problem().isEmpty());
  QVERIFY(!edit->property("invalid").toBool());
}

void TestConfigForm::aConfigIsShownAsItIs() {
  ConfigForm form;
  const RunConfig config = hvlm::ui::testing::tinyConfig(3);
  form.setConfig(config);
  QCOMPARE(configYaml(form.config()), configYaml(config));
  QCOMPARE(qobject_cast<QLineEdit*>(form.editorOf("train.epochs"))->text(), QString("3"));
}

void TestConfigForm::searchShowsWhatFits() {
  ConfigForm form;
  form.setSearch("warmup");
  QCOMPARE(form.shownRows(), 1);
  form.setSearch("nothing like this");
  QCOMPARE(form.shownRows(), 0);
  form.setSearch("");
  QCOMPARE(form.shownRows(), form.rowCount());
}

void TestConfigForm::lockingDisablesEveryEditor() {
  ConfigForm form;
  form.setLocked(true);
  QVERIFY(!form.editorOf("encoder.dim")->isEnabled());
  form.setLocked(false);
  QVERIFY(form.editorOf("encoder.dim")->isEnabled());
}

HVLM_GUI_TEST_MAIN(TestConfigForm)
#include "tst_ui_config_form.moc"
