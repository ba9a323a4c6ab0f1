// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window/import_report.h"

#include <map>

#include "ui/text.h"

namespace hvlm::ui {
namespace {

constexpr size_t kMostItems = 200;

QString meaningOf(const std::string& kind) {
  for (const ProblemKind& known : problemKinds()) {
    if (known.kind == kind) return qText(known.meaning);
  }
  return qText(kind);
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
  const auto list = [&text](const QString& head, size_t count, const QStringList& items) {
    text += QStringLiteral("\n%1 (%2)\n").arg(head).arg(count);
    for (const QString& item : items) text += QStringLiteral("  ") + item + QLatin1Char('\n');
    if (count > static_cast<size_t>(items.size())) text += uiText("  … and %1 more\n").arg(count - static_cast<size_t>(items.size()));
  };
  if (!data.without_features.empty()) {
    QStringList ids;
    for (const std::string& id : data.without_features) {
      if (static_cast<size_t>(ids.size()) < kMostItems) ids.append(qText(id));
    }
    list(uiText("without features: cannot be trained on or looked into"), data.without_features.size(), ids);
  }
  std::map<std::string, std::pair<size_t, QStringList>> kinds;
  for (const Problem& problem : data.catalogue.problems) {
    auto& [count, items] = kinds[problem.kind];
    ++count;
    if (static_cast<size_t>(items.size()) < kMostItems) items.append(QStringLiteral("%1: %2").arg(qText(problem.item), qText(problem.detail)));
  }
  for (const auto& [kind, found] : kinds) list(meaningOf(kind), found.first, found.second);
  if (!importHasFindings(data)) text += uiText("\nNothing is missing and nothing had to be repaired.\n");
  return text;
}

}  // namespace hvlm::ui
