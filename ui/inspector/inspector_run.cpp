// SPDX-License-Identifier: GPL-3.0-or-later
// The selected segment and the run shown, in the inspector.
#include <QComboBox>
#include <QFileInfo>
#include <QTreeWidget>
#include <map>

#include "runs/run_comparison.h"
#include "runs/run_lock.h"
#include "runs/run_record.h"
#include "ui/curves/curve_plot.h"
#include "ui/inspector/inspector_panel.h"
#include "ui/shell/background.h"
#include "ui/style/class_colours.h"
#include "ui/text.h"
#include "ui/workspace.h"

namespace hvlm::ui {

// A run as it was read last.
struct InspectorPanel::RunFacts {
  ComparedRun run;
  std::string state;
  int64_t epochs_done = 0, total_epochs = 0, step = 0;
};

namespace {

QString nameOf(const QString& folder) { return QFileInfo(folder).fileName(); }

}  // namespace

void InspectorPanel::showSegment(const std::optional<SelectedSegment>& segment) {
  if (!segment && !segment_) return;
  segment_ = segment;
  rebuild();
}

void InspectorPanel::addSegment() {
  const SelectedSegment& s = *segment_;
  QTreeWidgetItem* g = group(s.predicted ? tr("Predicted segment") : tr("Annotated segment"));
  value(g, tr("label"), s.label);
  g->child(0)->setData(1, Qt::DecorationRole, classColour(s.label));
  value(g, tr("time"), tr("%1 – %2").arg(timeText(s.start_seconds), timeText(s.end_seconds)));
  value(g, tr("length"), tr("%1 s").arg(uiNumber(s.end_seconds - s.start_seconds, 2)));
  if (s.predicted || s.matched) value(g, tr("score"), uiNumber(s.score, 3));
  if (s.predicted) value(g, tr("verdict"), s.matched ? tr("matched") : tr("false"));
  else value(g, tr("verdict"), !s.judged ? tr("nobody predicted here") : s.matched ? tr("matched") : tr("missed"));
  if (s.judged) value(g, tr("IoU"), s.predicted || s.matched ? uiNumber(s.iou, 3) : QStringLiteral("–"));
  if (!s.counterpart.isEmpty()) value(g, s.predicted ? tr("annotation") : tr("prediction"), s.counterpart);
}

void InspectorPanel::setOtherRuns(const QStringList& folders) {
  if (folders == others_) return;
  others_ = folders;
  fillOthers();
}

void InspectorPanel::setBaseline(const QString& folder) {
  if (folder == baseline_) return;
  baseline_ = folder;
  fillOthers();
  if (chosen_.isEmpty()) readRuns();
}

QString InspectorPanel::comparedWith() const {
  const QString folder = chosen_.isEmpty() ? baseline_ : chosen_;
  return folder == workspace_.run() ? QString() : folder;
}

void InspectorPanel::fillOthers() {
  const QSignalBlocker blocker(other_);
  other_->clear();
  other_->addItem(baseline_.isEmpty() ? tr("differences to: no baseline is pinned") : tr("differences to the baseline %1").arg(nameOf(baseline_)), QString());
  for (const QString& folder : std::as_const(others_)) {
    other_->addItem(tr("differences to %1").arg(nameOf(folder)), folder);
    other_->setItemData(other_->count() - 1, folder, Qt::ToolTipRole);
  }
  other_->setCurrentIndex(std::max(0, other_->findData(chosen_)));
}

void InspectorPanel::refreshRun() { readRuns(); }

void InspectorPanel::readRuns() {
  const QString folder = workspace_.run();
  other_->setVisible(!folder.isEmpty());
  if (run_ && qText(run_->run.folder) != folder) run_.reset();  // what is shown is never another run's
  if (folder.isEmpty()) {
    other_run_.reset();
    rebuild();
    return;
  }
  const auto read = [](const QString& from) -> std::shared_ptr<const RunFacts> {
    if (from.isEmpty()) return nullptr;
    auto facts = std::make_shared<RunFacts>();
    facts->run = readComparedRun(pathOf(from));
    facts->run.folder = pathOf(from);
    if (!facts->run.problem.empty()) return facts;
    const RunRecord record = readRunRecord(pathOf(from));
    facts->state = record.isImported() ? "imported" : record.state == "running" && !aliveNow(pathOf(from)) ? "lost" : record.state;
    facts->epochs_done = record.epochs_done, facts->total_epochs = record.total_epochs, facts->step = record.step;
    return facts;
  };
  const auto arrived = [this, number = ++newest_read_](std::pair<std::shared_ptr<const RunFacts>, std::shared_ptr<const RunFacts>> facts) {
    if (number != newest_read_) return;
    run_ = std::move(facts.first);
    other_run_ = std::move(facts.second);
    rebuild();
  };
  inBackground(this, [read, folder, other = comparedWith()] { return std::pair(read(folder), read(other)); }, arrived, [arrived, folder](const QString& message) {
    auto facts = std::make_shared<RunFacts>();
    facts->run.folder = pathOf(folder);
    facts->run.problem = stdText(message);
    arrived({facts, nullptr});
  });
}

void InspectorPanel::addRun() {
  if (!run_) return;
  const ComparedRun& run = run_->run;
  QTreeWidgetItem* g = group(tr("Run"));
  value(g, tr("run"), qText(run.name.empty() ? run.folder.filename().string() : run.name));
  if (!run.problem.empty()) {
    value(g, tr("problem"), qText(run.problem));
    return;
  }
  value(g, tr("state"), uiText(run_->state.c_str()));
  if (run_->total_epochs > 0) value(g, tr("epochs"), tr("%1/%2").arg(run_->epochs_done).arg(run_->total_epochs));
  if (run_->step > 0) value(g, tr("step"), uiCount(run_->step));
  if (!run.dataset.empty()) value(g, tr("data"), qText(run.dataset));
  if (!run.verdict.empty()) value(g, tr("verdict"), uiText(run.verdict.c_str()));
  QStringList tags;
  for (const std::string& tag : run.notes.tags) tags.append(qText(tag));
  if (!tags.isEmpty()) value(g, tr("tags"), tags.join(QStringLiteral(", ")));
  const bool compare = other_run_ && other_run_->run.problem.empty();
  for (const auto& [name, figure] : run.figures) {
    QString text = uiNumber(figure, 4);
    if (compare) {
      const auto there = other_run_->run.figures.find(name);
      if (there != other_run_->run.figures.end()) text = tr("%1, there %2").arg(text, uiNumber(there->second, 4));
    }
    value(g, qText(name), text);
  }
  if (other_run_) {
    const QString other = qText(other_run_->run.folder.filename());
    QTreeWidgetItem* d = group(tr("Differs from %1").arg(other));
    if (!compare) {
      value(d, tr("problem"), qText(other_run_->run.problem));
    } else {
      std::map<std::string, std::string> there(other_run_->run.config.begin(), other_run_->run.config.end());
      for (const auto& [path, text] : run.config) {
        const auto found = there.find(path);
        const std::string of_other = found == there.end() ? "–" : found->second;
        if (of_other != text) value(d, qText(path), tr("%1, there %2").arg(qText(text), qText(of_other)));
        if (found != there.end()) there.erase(found);
      }
      for (const auto& [path, text] : there) value(d, qText(path), tr("%1, there %2").arg(QStringLiteral("–"), qText(text)));
      if (d->childCount() == 0) value(d, tr("options"), tr("the same"));
    }
  }
  QTreeWidgetItem* c = group(tr("Config of the run"));
  if (run.config.empty()) value(c, tr("options"), tr("none: an imported run has no config"));
  for (const auto& [path, text] : run.config) value(c, qText(path), qText(text));
}

}  // namespace hvlm::ui
