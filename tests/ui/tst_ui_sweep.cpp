// SPDX-License-Identifier: GPL-3.0-or-later
#include <QComboBox>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QtTest>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "runs/run_record.h"
#include "runs/sweep.h"
#include "support/atomic_file.h"
#include "ui/look/parallel_view.h"
#include "ui/runs/run_table.h"
#include "ui/text.h"
#include "ui/window/drop.h"

using namespace hvlm;
using namespace hvlm::ui;
namespace fs = std::filesystem;

// A sweep as the window sees it: its trials are runs, compared by the held-out score they have.
class TestUiSweep : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void init();
  void theFolderOfASweepOpensItsTrials();
  void trialsStandOverTheirHeldOutScore();
  void aReportGoesBeforeTheScore();

 private:
  QStringList trials() const;
  void show(RunTable& table) const;
  std::unique_ptr<QTemporaryDir> folder_;
  fs::path out_;
};

void TestUiSweep::init() {
  folder_ = std::make_unique<QTemporaryDir>();
  out_ = pathOf(folder_->filePath(QStringLiteral("sweep")));
  SweepSetup setup;
  setup.space = parseSweepSpace("train.lr: [0.001, 0.002]\nencoder.mixer: [full, window]\n", "space");
  setup.trials = 4;
  setup.min_epochs = 10;
  SweepState state = openSweep(out_, setup);
  double score = 0.1;
  for (SweepTrial& trial : state.trials) {
    trial.scores = {score += 0.1};
    const RunConfig config = trialConfig(setup, state, trial);
    fs::create_directories(trialFolder(out_, trial));
    RunRecord record = freshRecord(config);
    record.state = "stopped";
    writeRunRecord(trialFolder(out_, trial), record);
    writeFileAtomic(trialFolder(out_, trial) / "config.yaml", configYaml(config));
  }
  saveSweep(out_, setup, state);
}

QStringList TestUiSweep::trials() const {
  QStringList folders;
  for (const char* name : {"trial-001", "trial-002", "trial-003", "trial-004"}) folders.append(qText(out_ / "runs" / name));
  return folders;
}

void TestUiSweep::show(RunTable& table) const {
  QSignalSpy read(&table, &RunTable::runsRead);
  table.setRuns(trials());
  QVERIFY(read.wait(20000));
}

void TestUiSweep::theFolderOfASweepOpensItsTrials() {
  QCOMPARE(recognise(qText(out_)).kind, DropKind::kRunFolder);
}

void TestUiSweep::trialsStandOverTheirHeldOutScore() {
  RunTable table;
  show(table);
  QCOMPARE(table.findChild<QComboBox*>(QStringLiteral("parallelFigureCombo"))->currentData().toString(), QStringLiteral("sweep_score"));
  const auto& axes = table.parallel()->axes();
  QCOMPARE(axes.size(), size_t{3});
  QCOMPARE(axes.back().name, QStringLiteral("sweep_score"));
  // A better score stands higher on the last axis.
  table.parallel()->resize(600, 300);
  QVERIFY(table.parallel()->pointOf(3, 2).y() < table.parallel()->pointOf(0, 2).y());
  QVERIFY(std::any_of(table.table().columns.begin(), table.table().columns.end(), [](const TableColumn& column) { return column.title == "held-out score"; }));
}

void TestUiSweep::aReportGoesBeforeTheScore() {
  writeReport(out_ / "runs" / "trial-004", {{"classification", {{"top1", 0.5}}}, {"verdict", "healthy"}});
  RunTable table;
  show(table);
  QCOMPARE(table.findChild<QComboBox*>(QStringLiteral("parallelFigureCombo"))->currentData().toString(), QStringLiteral("top1"));
}

QTEST_MAIN(TestUiSweep)
#include "tst_ui_sweep.moc"
