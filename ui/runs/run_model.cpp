// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/run_model.h"

#include <QColor>
#include <QFont>
#include <QIcon>
#include <algorithm>
#include <numeric>
#include <optional>

#include "ui/style/icons.h"
#include "ui/text.h"

namespace hvlm::ui {
namespace {

std::optional<double> figure(const RunSummary& run, const char* name) {
  const auto found = run.figures.find(name);
  return found == run.figures.end() ? std::nullopt : std::optional(found->second);
}

QString figureText(const RunSummary& run, const char* name) {
  const auto value = figure(run, name);
  return value ? uiNumber(*value, 3) : QStringLiteral("–");
}

QIcon stateIconOf(const RunSummary& run) {
  if (!run.problem.empty()) return icon("warning", IconTone::kWarning);
  if (run.record.isImported()) return icon("import", IconTone::kMuted);
  if (run.state == "running") return icon("running", IconTone::kGood);
  if (run.state == "done") return icon("good", IconTone::kGood);
  if (run.state == "failed") return icon("bad", IconTone::kBad);
  if (run.state == "lost") return icon("lost", IconTone::kWarning);
  if (run.state == "paused") return icon("pause", IconTone::kMuted);
  return icon("stopped", IconTone::kMuted);
}

// Words of run.json and report.json that are shown, for the translation.
[[maybe_unused]] const char* const kWords[] = {QT_TRANSLATE_NOOP("hvlm", "running"), QT_TRANSLATE_NOOP("hvlm", "paused"), QT_TRANSLATE_NOOP("hvlm", "done"), QT_TRANSLATE_NOOP("hvlm", "failed"),
                                              QT_TRANSLATE_NOOP("hvlm", "stopped"), QT_TRANSLATE_NOOP("hvlm", "lost"), QT_TRANSLATE_NOOP("hvlm", "healthy"), QT_TRANSLATE_NOOP("hvlm", "collapsed"),
                                              QT_TRANSLATE_NOOP("hvlm", "constant in time")};

// What an import was scored is done as soon as it is there; that it is one says more.
QString stateOf(const RunSummary& run) { return run.record.isImported() ? uiText("imported") : uiText(run.state.c_str()); }

QString nameOf(const RunSummary& run) { return qText(run.folder.filename()); }

QString tagsOf(const RunSummary& run) {
  QStringList tags;
  for (const std::string& tag : run.notes.tags) tags.append(qText(tag));
  return tags.join(QStringLiteral(", "));
}

bool collapsed(const RunSummary& run) { return !run.verdict.empty() && run.verdict != "healthy"; }

}  // namespace

void RunModel::setRuns(std::vector<RunSummary> runs) {
  bool same = runs.size() == runs_.size();
  for (size_t i = 0; same && i < runs.size(); ++i) same = runs[i].folder == runs_[static_cast<size_t>(place_[i])].folder;
  if (!same && runs.size() == runs_.size()) {  // perhaps in another order
    std::vector<int> place;
    for (const RunSummary& run : runs) place.push_back(row_of_.value(qText(run.folder), -1));
    same = std::none_of(place.begin(), place.end(), [](int at) { return at < 0; });
    if (same) place_ = std::move(place);
  }
  if (same) {  // only figures and states changed: no reset, so selection and scrolling stay
    for (size_t i = 0; i < runs.size(); ++i) runs_[static_cast<size_t>(place_[i])] = std::move(runs[i]);
    if (!shown_.empty()) Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, kColumns - 1));
    return;
  }
  beginResetModel();
  runs_ = std::move(runs);
  place_.resize(runs_.size());
  std::iota(place_.begin(), place_.end(), 0);
  order();
  endResetModel();
}

void RunModel::setFilter(const QString& text) {
  const QStringList words = text.toLower().split(QLatin1Char(' '), Qt::SkipEmptyParts);
  if (words == words_) return;
  beginResetModel();
  words_ = words;
  refilter();
  endResetModel();
}

void RunModel::refilter() {
  shown_.clear();
  for (size_t i = 0; i < runs_.size(); ++i) {
    bool passes = true;
    if (!words_.isEmpty()) {
      const RunSummary& run = runs_[i];
      QString all = nameOf(run) + QLatin1Char(' ') + qText(run.state) + QLatin1Char(' ') + qText(run.verdict) + QLatin1Char(' ') + qText(run.record.dataset_name) + QLatin1Char(' ') + qText(run.notes.text);
      for (const std::string& tag : run.notes.tags) all += QLatin1Char(' ') + qText(tag);
      all = all.toLower();
      passes = std::all_of(words_.begin(), words_.end(), [&all](const QString& word) { return all.contains(word); });
    }
    if (passes) shown_.push_back(static_cast<int>(i));
  }
  shown_row_.assign(runs_.size(), -1);
  for (size_t row = 0; row < shown_.size(); ++row) shown_row_[static_cast<size_t>(shown_[row])] = static_cast<int>(row);
}

int RunModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(shown_.size()); }
int RunModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : kColumns; }

const RunSummary* RunModel::runAt(int row) const {
  return row >= 0 && row < rowCount() ? &runs_[static_cast<size_t>(shown_[static_cast<size_t>(row)])] : nullptr;
}
QString RunModel::folderAt(int row) const {
  const RunSummary* run = runAt(row);
  return run ? qText(run->folder) : QString();
}
int RunModel::rowOf(const QString& folder) const {
  const int at = row_of_.value(folder, -1);
  return at < 0 ? -1 : shown_row_[static_cast<size_t>(at)];
}

QStringList RunModel::ticked() const {
  QStringList folders;
  for (const RunSummary& run : runs_) {
    if (ticked_.contains(qText(run.folder))) folders.append(qText(run.folder));
  }
  return folders;
}

QStringList RunModel::wanted() const {
  QStringList folders(ticked_.begin(), ticked_.end());
  folders.sort();
  return folders;
}

void RunModel::setTicked(const QStringList& folders) {
  ticked_ = QSet<QString>(folders.begin(), folders.end());
  if (!shown_.empty()) Q_EMIT dataChanged(index(0, kName), index(rowCount() - 1, kName), {Qt::CheckStateRole});
  Q_EMIT tickedChanged();
}

void RunModel::setSwatches(const QHash<QString, QIcon>& swatches) {
  swatches_ = swatches;
  if (!shown_.empty()) Q_EMIT dataChanged(index(0, kName), index(rowCount() - 1, kName), {Qt::DecorationRole});
}

QVariant RunModel::data(const QModelIndex& index, int role) const {
  const RunSummary* run = index.isValid() ? runAt(index.row()) : nullptr;
  if (!run) return {};
  const bool number = index.column() >= kTop1 && index.column() <= kEpochs;
  switch (role) {
    case Qt::DisplayRole:
      switch (index.column()) {
        case kName: return nameOf(*run);
        case kState: return run->problem.empty() ? stateOf(*run) : tr("unreadable");
        case kVerdict: return run->verdict.empty() ? QStringLiteral("–") : uiText(run->verdict.c_str());
        case kTop1: return figureText(*run, "top1");
        case kMap: return figureText(*run, "average_map");
        case kEpochs: return run->record.isImported() ? QStringLiteral("–") : tr("%1/%2").arg(run->record.epochs_done).arg(run->record.total_epochs);
        case kTags: return tagsOf(*run);
        case kCreated: return qText(run->record.created).left(16).replace(QLatin1Char('T'), QLatin1Char(' '));
        default: return {};
      }
    case Qt::DecorationRole:
      if (index.column() == kName) {
        const auto swatch = swatches_.constFind(qText(run->folder));
        return swatch == swatches_.cend() ? QVariant() : QVariant(*swatch);
      }
      return index.column() == kState ? QVariant(stateIconOf(*run)) : QVariant();
    case Qt::CheckStateRole:
      if (index.column() != kName) return {};
      return ticked_.contains(qText(run->folder)) ? Qt::Checked : Qt::Unchecked;
    case Qt::TextAlignmentRole: return int((number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    case Qt::FontRole:
      if (collapsed(*run) && index.column() != kState) {
        QFont font;
        font.setStrikeOut(true);
        return font;
      }
      return {};
    case Qt::ToolTipRole: {
      QString text = qText(run->folder);
      if (!run->problem.empty()) text += QLatin1Char('\n') + qText(run->problem);
      if (!run->record.failure.empty()) text += QLatin1Char('\n') + qText(run->record.failure);
      if (run->record.isImported()) text += tr("\nread-only detections, imported from %1").arg(qText(run->record.imported.file));
      if (!run->notes.tags.empty()) text += tr("\ntags: %1").arg(tagsOf(*run));
      if (!run->notes.text.empty()) text += QLatin1Char('\n') + qText(run->notes.text).left(500);
      if (!run->record.dataset_name.empty()) text += tr("\ndata %1 · step %2").arg(qText(run->record.dataset_name)).arg(run->record.step);
      return text;
    }
    default: return {};
  }
}

bool RunModel::setData(const QModelIndex& index, const QVariant& value, int role) {
  const RunSummary* run = index.isValid() ? runAt(index.row()) : nullptr;
  if (!run || role != Qt::CheckStateRole || index.column() != kName) return false;
  if (value.toInt() == Qt::Checked) {
    ticked_.insert(qText(run->folder));
  } else {
    ticked_.remove(qText(run->folder));
  }
  Q_EMIT dataChanged(index, index, {Qt::CheckStateRole});
  Q_EMIT tickedChanged();
  return true;
}

Qt::ItemFlags RunModel::flags(const QModelIndex& index) const {
  if (!index.isValid()) return Qt::NoItemFlags;
  Qt::ItemFlags all = Qt::ItemIsEnabled | Qt::ItemIsSelectable;
  if (index.column() == kName) all |= Qt::ItemIsUserCheckable;
  return all;
}

QVariant RunModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal) return {};
  if (role == Qt::TextAlignmentRole) {
    return int((section >= kTop1 && section <= kEpochs ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
  }
  if (role == Qt::ToolTipRole && section == kName) return tr("Tick runs to lay their curves over each other");
  if (role != Qt::DisplayRole) return {};
  switch (section) {
    case kName: return tr("Run");
    case kState: return tr("State");
    case kVerdict: return tr("Verdict");
    case kTop1: return tr("top-1");
    case kMap: return tr("mAP");
    case kEpochs: return tr("Epochs");
    case kTags: return tr("Tags");
    case kCreated: return tr("Started (UTC)");
    default: return {};
  }
}

void RunModel::order() {
  const auto key = [this](const RunSummary& run) -> std::pair<double, QString> {
    switch (sort_column_) {
      case kState: return {0, stateOf(run)};
      case kVerdict: return {0, qText(run.verdict)};
      // A collapsed run is never ranked before a healthy one.
      case kTop1: return {collapsed(run) ? -2.0 : figure(run, "top1").value_or(-1.0), nameOf(run)};
      case kMap: return {collapsed(run) ? -2.0 : figure(run, "average_map").value_or(-1.0), nameOf(run)};
      case kEpochs: return {static_cast<double>(run.record.epochs_done), nameOf(run)};
      case kTags: return {0, tagsOf(run)};
      case kCreated: return {0, qText(run.record.created)};
      default: return {0, nameOf(run)};
    }
  };
  std::vector<std::pair<std::pair<double, QString>, size_t>> keys;  // each is made once
  for (size_t i = 0; i < runs_.size(); ++i) keys.emplace_back(key(runs_[i]), i);
  std::stable_sort(keys.begin(), keys.end(), [&](const auto& a, const auto& b) { return order_ == Qt::AscendingOrder ? a.first < b.first : b.first < a.first; });
  std::vector<RunSummary> ordered;
  ordered.reserve(runs_.size());
  std::vector<int> moved(runs_.size());
  for (const auto& [value, at] : keys) {
    moved[at] = static_cast<int>(ordered.size());
    ordered.push_back(std::move(runs_[at]));
  }
  for (int& place : place_) place = moved[static_cast<size_t>(place)];
  runs_ = std::move(ordered);
  row_of_.clear();
  for (size_t i = 0; i < runs_.size(); ++i) row_of_.insert(qText(runs_[i].folder), static_cast<int>(i));
  refilter();
}

void RunModel::sort(int column, Qt::SortOrder order_wanted) {
  if (column == sort_column_ && order_wanted == order_) return;
  Q_EMIT layoutAboutToBeChanged();
  const QModelIndexList old = persistentIndexList();
  QStringList folders;
  for (const QModelIndex& index : old) folders.append(folderAt(index.row()));
  sort_column_ = column;
  order_ = order_wanted;
  order();
  QModelIndexList moved;
  for (qsizetype i = 0; i < old.size(); ++i) moved.append(index(rowOf(folders[i]), old[i].column()));
  changePersistentIndexList(old, moved);
  Q_EMIT layoutChanged();
}

}  // namespace hvlm::ui
