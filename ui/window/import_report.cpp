// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window/import_report.h"

#include <map>

#include "ui/core_words.h"
#include "ui/text.h"
#include "ui/window/drop.h"

namespace hvlm::ui {
namespace {

constexpr size_t kMostItems = 200;

QString meaningOf(const std::string& kind) {
  for (const ProblemKind& known : problemKinds()) {
    if (known.kind == kind) return coreWord(known.meaning);
  }
  return qText(kind);
}

void listItems(QString& text, const QString& head, size_t count, const QStringList& items) {
  text += QStringLiteral("\n%1 (%2)\n").arg(head).arg(count);
  for (const QString& item : items) text += QStringLiteral("  ") + item + QLatin1Char('\n');
  if (count > static_cast<size_t>(items.size())) text += uiText("  … and %1 more\n").arg(count - static_cast<size_t>(items.size()));
}

void listKinds(const std::vector<Problem>& problems, QString& text) {
  std::map<std::string, std::pair<size_t, QStringList>> kinds;
  for (const Problem& problem : problems) {
    auto& [count, items] = kinds[problem.kind];
    ++count;
    if (static_cast<size_t>(items.size()) < kMostItems) items.append(QStringLiteral("%1: %2").arg(qText(problem.item), qText(problem.detail)));
  }
  for (const auto& [kind, found] : kinds) listItems(text, meaningOf(kind), found.first, found.second);
}

}  // namespace

bool importHasFindings(const LoadedData& data) {
  return !data.catalogue.problems.empty() || !data.without_features.empty() || !data.store_problem.isEmpty();
}

QString importSummary(const LoadedData& data) {
  const auto videos = static_cast<int64_t>(data.catalogue.videos.size());
  QString text = uiText("Taken as the data set \"%1\": %2 videos, ").arg(qText(data.spec.name)).arg(videos);
  text += data.store_problem.isEmpty() ? uiText("%1 with features, %2 without").arg(videos - static_cast<int64_t>(data.without_features.size())).arg(data.without_features.size())
                                       : uiText("features cannot be read");
  if (data.unannotated > 0) text += uiText(", %1 with features but no annotation").arg(data.unannotated);
  return text + uiText(", %1 defects repaired or dropped.").arg(data.catalogue.problems.size());
}

QString importText(const LoadedData& data) {
  QString text = importSummary(data) + QStringLiteral("\n\n");
  text += uiText("file: %1\nannotations: %2\nfeatures: %3\n").arg(data.file, qText(data.spec.annotations), data.store_problem.isEmpty() ? data.store_text : data.store_problem);
  for (const std::string& subset : data.catalogue.subsetNames()) text += uiText("subset %1: %2 videos\n").arg(qText(subset)).arg(data.catalogue.subset(subset).size());
  if (!data.without_features.empty()) {
    QStringList ids;
    for (const std::string& id : data.without_features) {
      if (static_cast<size_t>(ids.size()) < kMostItems) ids.append(qText(id));
    }
    listItems(text, uiText("without features: cannot be trained on or looked into"), data.without_features.size(), ids);
  }
  listKinds(data.catalogue.problems, text);
  if (!importHasFindings(data)) text += uiText("\nNothing is missing and nothing had to be repaired.\n");
  return text;
}

QString droppedSummary(const DataFile& file) {
  const QString name = qText(file.path.filename());
  QString text;
  switch (file.kind) {
    case DataFileKind::kAnnotations: text = uiText("%1 was taken for annotations: %2 segments of %3 videos").arg(name).arg(file.items).arg(file.videos); break;
    case DataFileKind::kCaptions: text = uiText("%1 was taken for captions: %2 sentences on %3 videos").arg(name).arg(file.items).arg(file.videos); break;
    case DataFileKind::kQuestions: text = uiText("%1 was taken for questions: %2 on %3 videos").arg(name).arg(file.items).arg(file.videos); break;
    case DataFileKind::kAnswers: text = uiText("%1 was taken for answers to questions: %2").arg(name).arg(file.items); break;
    case DataFileKind::kResults: text = uiText("%1 was taken for detections: %2 segments of %3 videos").arg(name).arg(file.items).arg(file.videos); break;
    case DataFileKind::kFeatures: text = uiText("%1 was taken for features of %2 videos, %3 columns").arg(name).arg(file.videos).arg(file.columns); break;
    case DataFileKind::kEvents: text = uiText("%1 was taken for an event file of TensorBoard").arg(name); break;
    case DataFileKind::kUnknown: return {};
  }
  if (file.matched >= 0) text += uiText("; %1 are in the open data set, %2 are not").arg(file.matched).arg((file.kind == DataFileKind::kAnswers ? file.items : file.videos) - file.matched);
  if (!file.problems.empty()) text += uiText("; %1 defects").arg(file.problems.size());
  return text + QLatin1Char('.');
}

QString droppedReport(const Dropped& dropped) {
  if (dropped.file) return (dropped.summary.isEmpty() ? QString() : dropped.summary + QStringLiteral("\n\n")) + droppedText(*dropped.file);
  QString text = (dropped.kind == DropKind::kUnknown && !dropped.problem.isEmpty() ? dropped.problem : dropped.summary) + QLatin1Char('\n');
  if (!dropped.videos.isEmpty()) {
    QStringList linked;
    for (const auto& [id, file] : dropped.videos.asKeyValueRange()) linked.append(QStringLiteral("%1: %2").arg(id, file));
    linked.sort();
    listItems(text, uiText("of the open data set"), static_cast<size_t>(linked.size()), linked.mid(0, static_cast<qsizetype>(kMostItems)));
  }
  if (!dropped.others.isEmpty()) {
    listItems(text, uiText("does not fit or cannot be read"), static_cast<size_t>(dropped.others.size()), dropped.others.mid(0, static_cast<qsizetype>(kMostItems)));
  }
  return text;
}

QString droppedText(const DataFile& file) {
  QString text = droppedSummary(file) + QStringLiteral("\n\n") + uiText("file: %1\n").arg(qText(file.path));
  if (!file.store.empty()) text += uiText("features: %1\n").arg(qText(file.store));
  for (const auto& [name, number] : file.subsets) text += uiText("subset %1: %2\n").arg(qText(name)).arg(number);
  if (file.prefixed > 0) text += uiText("written with \"v_\", which is not compared: %1 of %2 ids\n").arg(file.prefixed).arg(file.videos);
  text += QLatin1Char('\n');
  const QString line = qText(datasetLine(file));
  if (!file.dataset.empty()) {
    text += uiText("It belongs to %1: open that.\n").arg(qText(file.dataset));
  } else if (!line.isEmpty()) {
    text += uiText("To use it, put this line into a dataset.yaml beside it, and open that:\n  %1\n").arg(line);
  }
  if (file.kind == DataFileKind::kResults) {
    text += uiText("To look at them beside your own runs, import them: open the data set they belong to, drop the file and press \"Import as a run\". On the command line:\n  %1\n")
                .arg(QStringLiteral("hvlm runs import %1 --data DATASET.yaml --out RUN").arg(qText(file.path)));
  }
  if (file.kind == DataFileKind::kEvents) {
    text += file.run.empty() ? uiText("It lies in no run of this program, which has its curves in metrics.jsonl. TensorBoard shows it:\n  %1\n").arg(QStringLiteral("tensorboard --logdir %1").arg(qText(file.path.parent_path())))
                             : uiText("It belongs to the run %1.\n").arg(qText(file.run));
  }
  listKinds(file.problems, text);
  if (!file.unknown.empty()) {
    QStringList ids;
    for (const std::string& id : file.unknown) ids.append(qText(id));
    listItems(text, uiText("not in the open data set"), static_cast<size_t>((file.kind == DataFileKind::kAnswers ? file.items : file.videos) - file.matched), ids);
  }
  return text;
}

}  // namespace hvlm::ui
