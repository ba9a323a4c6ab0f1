// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLayout>
#include <QLineEdit>
#include <QToolButton>
#include <QWheelEvent>

#include "ui/training/config_form.h"
#include "ui_fixtures.h"

using namespace hvlm;
using namespace hvlm::ui;

namespace {

bool isInteger(const Field& field) {
  return std::holds_alternative<int64_t*>(field.value) || std::holds_alternative<uint64_t*>(field.value);
}
bool isNumber(const Field& field) { return isInteger(field) || std::holds_alternative<double*>(field.value); }

void type(QWidget* editor, const QString& text) {
  auto* edit = qobject_cast<QLineEdit*>(editor);
  QVERIFY(edit);
  edit->selectAll();
  QTest::keyClick(edit, Qt::Key_Delete);
  QTest::keyClicks(edit, text);
}

// A value of the field other than the one it has, as it would be typed.
QString otherValue(const Field& field) {
  const QString now = qText(fieldText(field));
  if (std::holds_alternative<bool*>(field.value)) return now == "true" ? "false" : "true";
  for (const std::string& choice : field.choices) {
    if (qText(choice) != now) return qText(choice);
  }
  if (field.choices.size() == 1) return now;  // nothing else to choose
  if (!isNumber(field)) return now + "x";
  // The ends of the range, or the number next to it.
  for (const double value : {field.range.lowest, field.range.highest, now.toDouble() + 1.0}) {
    if (std::isfinite(value) && value != now.toDouble()) return QString::number(value, 'g', 12);
  }
  return now;
}

void give(QWidget* editor, const QString& text) {
  if (auto* box = qobject_cast<QCheckBox*>(editor)) {
    if (box->isChecked() != (text == "true")) QTest::keyClick(box, Qt::Key_Space);
  } else if (auto* combo = qobject_cast<QComboBox*>(editor)) {
    combo->setCurrentText(text);
  } else {
    type(editor, text);
  }
}

QLabel* labelOf(const ConfigForm& form, const QString& path) {
  for (QLabel* label : form.findChildren<QLabel*>()) {
    if (label->buddy() && label->buddy() == form.editorOf(path)) return label;
  }
  return nullptr;
}
QToolButton* resetOf(const ConfigForm& form, const QString& path) {
  for (QToolButton* button : form.findChildren<QToolButton*>()) {
    if (button->accessibleName() == "Reset " + path) return button;
  }
  return nullptr;
}
bool isMarked(const ConfigForm& form, const QString& path) {
  const bool bold = labelOf(form, path)->font().bold();
  return bold && !resetOf(form, path)->isHidden();
}

}  // namespace

class TestConfigForm : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void everyOptionHasAnEditor();
  void typedValuesReachTheConfig();
  void everyEditorReachesItsOption_data();
  void everyEditorReachesItsOption();
  void allOptionsChangedComeBackFromYaml();
  void everyRangeIsEnforced_data();
  void everyRangeIsEnforced();
  void everyChoiceIsOffered_data();
  void everyChoiceIsOffered();
  void aRefusedValueLeavesTheConfigAlone();
  void changesFromTheStandardAreMarked();
  void aConfigReadWhileSearchingKeepsTheSearch();
  void whatIsFoundStandsAtTheTop();
  void marksMoveNothing();
  void theWheelChangesNoValue();
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

void TestConfigForm::everyEditorReachesItsOption_data() {
  QTest::addColumn<int>("index");
  RunConfig config;
  const Fields fields(config);
  for (size_t i = 0; i < fields.all().size(); ++i) {
    if (fields.all()[i].choices.size() != 1) QTest::newRow(fields.all()[i].path.c_str()) << static_cast<int>(i);
  }
}
void TestConfigForm::everyEditorReachesItsOption() {
  QFETCH(int, index);
  RunConfig config;
  const Fields fields(config);
  const Field& field = fields.all()[static_cast<size_t>(index)];
  const QString path = qText(field.path);
  const QString other = otherValue(field);
  ConfigForm form;
  QVERIFY(!isMarked(form, path));
  QSignalSpy changed(&form, &ConfigForm::changed);
  give(form.editorOf(path), other);
  QVERIFY2(form.problem().isEmpty(), qPrintable(form.problem()));
  QVERIFY(changed.count() >= 1);
  fields.set(field.path, stdText(other), "test");
  QCOMPARE(configYaml(form.config()), configYaml(config));
  QVERIFY(configDifferences(RunConfig(), form.config()).size() == 1);  // this one and no other
  QVERIFY(isMarked(form, path));
}

void TestConfigForm::allOptionsChangedComeBackFromYaml() {
  RunConfig config;
  const Fields fields(config);
  ConfigForm form;
  for (const Field& field : fields.all()) {
    const QString other = otherValue(field);
    give(form.editorOf(qText(field.path)), other);
    fields.set(field.path, stdText(other), "test");
  }
  QVERIFY2(form.problem().isEmpty(), qPrintable(form.problem()));
  const std::string yaml = configYaml(form.config());
  QCOMPARE(yaml, configYaml(config));
  RunConfig read;
  const Fields read_fields(read);
  readYamlText(yaml, "form", read_fields);
  ConfigForm again;
  again.setConfig(read);
  QCOMPARE(configYaml(again.config()), yaml);
  for (const Field& field : read_fields.all()) {  // what the editors show is what the file says
    const QWidget* editor = again.editorOf(qText(field.path));
    const QString text = qText(fieldText(field));
    if (const auto* box = qobject_cast<const QCheckBox*>(editor)) QCOMPARE(box->isChecked(), text == "true");
    if (const auto* combo = qobject_cast<const QComboBox*>(editor)) QCOMPARE(combo->currentText(), text);
    if (const auto* edit = qobject_cast<const QLineEdit*>(editor)) QCOMPARE(edit->text(), text);
  }
}

void TestConfigForm::everyRangeIsEnforced_data() {
  QTest::addColumn<QString>("path");
  QTest::addColumn<QString>("value");
  QTest::addColumn<bool>("good");
  RunConfig config;
  const Fields fields(config);
  for (const Field& field : fields.all()) {
    if (!isNumber(field)) continue;
    const double step = isInteger(field) ? 1.0 : 0.001;
    const auto add = [&](double value, bool good, const char* what) {
      if (!std::isfinite(value)) return;
      QTest::addRow("%s: %s", field.path.c_str(), what) << qText(field.path) << QString::number(value, 'g', 15) << good;
    };
    add(field.range.lowest, true, "the lowest value is taken");
    add(field.range.highest, true, "the highest value is taken");
    add(field.range.lowest - step, false, "less than the lowest is refused");
    add(field.range.highest + step, false, "more than the highest is refused");
  }
}
void TestConfigForm::everyRangeIsEnforced() {
  QFETCH(QString, path);
  QFETCH(QString, value);
  QFETCH(bool, good);
  ConfigForm form;
  const std::string before = configYaml(form.config());
  // Set at once, as pasted: typed digit by digit, the digits before the last are values of their own.
  auto* edit = qobject_cast<QLineEdit*>(form.editorOf(path));
  edit->setText(value);
  Q_EMIT edit->textEdited(value);
  QCOMPARE(form.problem().isEmpty(), good);
  QCOMPARE(edit->property("invalid").toBool(), !good);
  if (!good) {
    QVERIFY2(form.problem().contains(path), qPrintable(form.problem()));
    QCOMPARE(configYaml(form.config()), before);
    QVERIFY(!resetOf(form, path)->isHidden());
    resetOf(form, path)->click();
    QVERIFY(form.problem().isEmpty());
  }
}

void TestConfigForm::everyChoiceIsOffered_data() {
  QTest::addColumn<int>("index");
  RunConfig config;
  const Fields fields(config);
  for (size_t i = 0; i < fields.all().size(); ++i) {
    if (!fields.all()[i].choices.empty()) QTest::newRow(fields.all()[i].path.c_str()) << static_cast<int>(i);
  }
}
void TestConfigForm::everyChoiceIsOffered() {
  QFETCH(int, index);
  RunConfig config;
  const Fields fields(config);
  const Field& field = fields.all()[static_cast<size_t>(index)];
  ConfigForm form;
  const auto* combo = qobject_cast<QComboBox*>(form.editorOf(qText(field.path)));
  QVERIFY(combo && !combo->isEditable());
  QStringList offered, wanted;
  for (int i = 0; i < combo->count(); ++i) offered.append(combo->itemText(i));
  for (const std::string& choice : field.choices) wanted.append(qText(choice));
  QCOMPARE(offered, wanted);
}

void TestConfigForm::aRefusedValueLeavesTheConfigAlone() {
  ConfigForm form;
  give(form.editorOf("encoder.dim"), "64");
  type(form.editorOf("encoder.dropout"), "7");
  QVERIFY(!form.problem().isEmpty());
  QCOMPARE(form.config().encoder.dim, int64_t{64});
  QCOMPARE(form.config().encoder.dropout, RunConfig().encoder.dropout);
  type(form.editorOf("encoder.dropout"), "0.25");  // mended
  QVERIFY(form.problem().isEmpty());
  QVERIFY(!form.editorOf("encoder.dropout")->property("invalid").toBool());
  QCOMPARE(form.config().encoder.dropout, 0.25);
}

void TestConfigForm::changesFromTheStandardAreMarked() {
  ConfigForm form;
  const auto marked = [&] {
    QStringList paths;
    RunConfig standard;
    const Fields fields(standard);
    for (const Field& field : fields.all()) {
      if (isMarked(form, qText(field.path))) paths.append(qText(field.path));
    }
    return paths;
  };
  QCOMPARE(marked(), QStringList());
  RunConfig config;
  config.train.epochs = 7;
  config.pyramid.mode = "floor";
  config.head.detect = false;
  form.setConfig(config);
  QCOMPARE(marked(), (QStringList{"pyramid.mode", "head.detect", "train.epochs"}));
  resetOf(form, "train.epochs")->click();
  QCOMPARE(marked(), (QStringList{"pyramid.mode", "head.detect"}));
  QCOMPARE(form.config().train.epochs, RunConfig().train.epochs);
  QCOMPARE(qobject_cast<QLineEdit*>(form.editorOf("train.epochs"))->text(), QString::number(RunConfig().train.epochs));
  form.setLocked(true);  // while a run uses it nothing can be reset
  QVERIFY(resetOf(form, "pyramid.mode")->isHidden());
  form.setLocked(false);
  QCOMPARE(marked(), (QStringList{"pyramid.mode", "head.detect"}));
}

void TestConfigForm::aConfigReadWhileSearchingKeepsTheSearch() {
  ConfigForm form;
  form.setSearch("warmup");
  QCOMPARE(form.shownRows(), 1);
  RunConfig config;
  config.encoder.dim = 32;
  form.setConfig(config);
  QCOMPARE(form.shownRows(), 1);
  QVERIFY(resetOf(form, "encoder.dim")->isHidden());  // a button without its row would stand alone
  form.setSearch("");
  QVERIFY(isMarked(form, "encoder.dim"));
  type(form.editorOf("encoder.dropout"), "7");
  form.setSearch("dropout");
  QVERIFY(!resetOf(form, "encoder.dropout")->isHidden());  // a refused value can still be taken back
}

void TestConfigForm::whatIsFoundStandsAtTheTop() {
  ConfigForm form;
  form.resize(300, 800);
  form.setVisible(true);
  QVERIFY(form.sizeHint().height() > 800);
  form.setSearch("checkpoint_minutes");
  QCOMPARE(form.shownRows(), 1);
  QTRY_VERIFY(form.editorOf("train.checkpoint_minutes")->y() < 80);  // no gaps where the others stood
  QVERIFY(form.sizeHint().height() < 100);
}

void TestConfigForm::marksMoveNothing() {
  ConfigForm form;
  form.resize(300, 800);
  form.setVisible(true);
  const QRect before = form.editorOf("encoder.dim")->geometry();
  const QRect below = form.editorOf("encoder.layers")->geometry();
  type(form.editorOf("encoder.dim"), "64");
  QVERIFY(isMarked(form, "encoder.dim"));
  form.layout()->activate();
  QCOMPARE(form.editorOf("encoder.dim")->geometry(), before);
  QCOMPARE(form.editorOf("encoder.layers")->geometry(), below);
}

void TestConfigForm::theWheelChangesNoValue() {
  ConfigForm form;
  form.setVisible(true);
  QWidget* combo = form.editorOf("pyramid.mode");
  const QPointF at = QRectF(combo->rect()).center();
  QWheelEvent wheel(at, combo->mapToGlobal(at), {}, QPoint(0, -120), Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
  QApplication::sendEvent(combo, &wheel);
  QCOMPARE(form.config().pyramid.mode, RunConfig().pyramid.mode);
}

HVLM_GUI_TEST_MAIN(TestConfigForm)
#include "tst_ui_config_form.moc"
