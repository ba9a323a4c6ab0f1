// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/videos/video_model.h"

#include <QColor>
#include <QPainter>
#include <QPixmap>
#include <algorithm>
#include <map>
#include <set>

#include "ui/core_words.h"
#include "ui/style/class_colours.h"
#include "ui/text.h"
#include "ui/timeline/time_scale.h"
#include "ui/videos/thumbnails.h"

namespace hvlm::ui {
namespace {

int64_t longestLabel(const Video& video) {
  std::map<int64_t, double> seconds;
  for (const Segment& segment : video.segments) seconds[segment.label] += segment.end_seconds - segment.start_seconds;
  int64_t best = -1;
  double most = -1.0;
  for (const auto& [label, time] : seconds) {
    if (label >= 0 && time > most) best = label, most = time;
  }
  return best;
}

// One line of each video with a defect. Several of a kind are one with a count.
std::vector<QString> marksOf(const LoadedData& data) {
  const Catalogue& catalogue = data.catalogue;
  std::vector<std::map<QString, int>> found(catalogue.videos.size());
  const auto add = [&](const std::string& id, const QString& what) {
    const int64_t at = catalogue.findIndex(id);
    if (at >= 0) ++found[static_cast<size_t>(at)][what];
  };
  std::map<std::string, QString> meanings;
  for (const ProblemKind& kind : problemKinds()) meanings[kind.kind] = coreWord(kind.meaning);
  for (const Problem& problem : catalogue.problems) {
    if (problem.kind == "past_end_rounding" || problem.kind == "unsorted_segments") continue;  // half of a real data set; nothing is lost
    const auto meaning = meanings.find(problem.kind);
    add(problem.item, meaning == meanings.end() ? qText(problem.kind) : meaning->second);
  }
  for (const std::string& id : data.without_features) add(id, VideoModel::tr("no features: it cannot be used"));
  std::vector<QString> marks;
  for (const auto& kinds : found) {
    QStringList lines;
    for (const auto& [what, count] : kinds) lines.append(count > 1 ? QStringLiteral("%1 (%2)").arg(what).arg(count) : what);
    marks.push_back(lines.join(QStringLiteral("; ")));
  }
  return marks;
}

QString lengthText(double seconds) {
  const QString full = timeText(seconds);
  return full.left(full.size() - 3);
}

}  // namespace

void VideoModel::setData(std::shared_ptr<const LoadedData> data) {
  beginResetModel();
  data_ = std::move(data);
  searched_.clear();
  main_label_.clear();
  marks_.clear();
  if (data_) {
    const Catalogue& catalogue = data_->catalogue;
    marks_ = marksOf(*data_);
    for (const Video& video : catalogue.videos) {
      QString text = qText(video.id);
      std::set<int64_t> labels;
      for (const Segment& segment : video.segments) labels.insert(segment.label);
      for (const int64_t label : labels) {
        if (label >= 0) text += QLatin1Char(' ') + qText(catalogue.classes[static_cast<size_t>(label)]);
      }
      searched_.push_back(text.toLower());
      main_label_.push_back(longestLabel(video));
    }
  }
  rebuild();
  endResetModel();
}

void VideoModel::setThumbnails(Thumbnails* thumbnails) {
  thumbnails_ = thumbnails;
  connect(thumbnails_, &Thumbnails::arrived, this, [this](const QString& id) {
    const int row = rowOf(id);
    if (row >= 0) Q_EMIT dataChanged(index(row, kId), index(row, kId), thumbnails_->problemOf(id).isEmpty() ? QList<int>{Qt::DecorationRole} : QList<int>{});
  });
}

// The colour of the class, with a picture of the video behind it where there is one. Only rows in sight are asked for.
QVariant VideoModel::decoration(const Video& video, int64_t label, const QString& class_name) const {
  const QColor colour = label >= 0 ? classColour(class_name) : QColor(Qt::transparent);
  const QString id = qText(video.id);
  if (!thumbnails_ || !thumbnails_->expected(id)) return label >= 0 ? QVariant(colour) : QVariant();
  constexpr int kBar = 4, kWidth = 44;
  QPixmap picture(kWidth, Thumbnails::kHeight);
  picture.fill(Qt::transparent);
  QPainter painter(&picture);
  painter.fillRect(0, 0, kBar, Thumbnails::kHeight, colour);
  const QRect place(kBar + 1, 0, kWidth - kBar - 1, Thumbnails::kHeight);
  const QImage image = thumbnails_->of(id);
  if (image.isNull()) {
    painter.fillRect(place, QColor(128, 128, 128, 60));
  } else {
    const QSize fitted = image.size().scaled(place.size(), Qt::KeepAspectRatio);
    painter.setRenderHint(QPainter::SmoothPixmapTransform);
    painter.drawImage(QRect(place.topLeft() + QPoint(0, (place.height() - fitted.height()) / 2), fitted), image);
  }
  painter.end();
  return picture;
}

void VideoModel::setFilter(const VideoFilter& filter) {
  if (filter == filter_) return;
  beginResetModel();
  filter_ = filter;
  rebuild();
  endResetModel();
}

void VideoModel::filesChanged() {
  if (filter_.state != VideoState::kWithFile && filter_.state != VideoState::kWithoutFile) return;
  beginResetModel();
  rebuild();
  endResetModel();
}

QString VideoModel::mark(int row) const {
  return row >= 0 && row < rowCount() ? markOf(static_cast<size_t>(shown_[static_cast<size_t>(row)])) : QString();
}

QString VideoModel::markOf(size_t index) const {
  const QString file = thumbnails_ ? thumbnails_->problemOf(qText(data_->catalogue.videos[index].id)) : QString();
  if (file.isEmpty() || marks_[index].isEmpty()) return marks_[index] + file;
  return marks_[index] + QStringLiteral("; ") + file;
}

bool VideoModel::passes(size_t index) const {
  const Video& video = data_->catalogue.videos[index];
  if (video.duration_seconds < filter_.from_seconds || video.duration_seconds >= filter_.to_seconds) return false;
  const auto has_file = [&] { return thumbnails_ && thumbnails_->hasFile(qText(video.id)); };
  switch (filter_.state) {
    case VideoState::kAny: break;
    case VideoState::kAnnotated: if (video.segments.empty()) return false; break;
    case VideoState::kUnannotated: if (!video.segments.empty()) return false; break;
    case VideoState::kWithFile: if (!has_file()) return false; break;
    case VideoState::kWithoutFile: if (has_file()) return false; break;
    case VideoState::kMarked: if (markOf(index).isEmpty()) return false; break;
    case VideoState::kHeldOut: if (!video.held_out) return false; break;
  }
  if (!filter_.subset.isEmpty() && qText(video.subset) != filter_.subset) return false;
  if (filter_.label >= 0) {
    const bool has = std::any_of(video.segments.begin(), video.segments.end(),
                                 [this](const Segment& segment) { return segment.label == filter_.label; });
    if (!has) return false;
  }
  const QStringList words = filter_.text.toLower().split(QLatin1Char(' '), Qt::SkipEmptyParts);
  return std::all_of(words.begin(), words.end(), [&](const QString& word) { return searched_[index].contains(word); });
}

void VideoModel::rebuild() {
  shown_.clear();
  if (!data_) return;
  const auto& videos = data_->catalogue.videos;
  for (size_t i = 0; i < videos.size(); ++i) {
    if (passes(i)) shown_.push_back(static_cast<int>(i));
  }
  const auto less = [&](int a, int b) {
    const Video& x = videos[static_cast<size_t>(a)];
    const Video& y = videos[static_cast<size_t>(b)];
    switch (sort_column_) {
      case kLength: return x.duration_seconds < y.duration_seconds;
      case kSegments: return x.segments.size() < y.segments.size();
      case kSubset: return x.subset < y.subset;
      default: return a < b;  // the catalogue is sorted by id
    }
  };
  if (order_ == Qt::AscendingOrder) {
    if (sort_column_ != kId) std::stable_sort(shown_.begin(), shown_.end(), less);
  } else {
    std::stable_sort(shown_.begin(), shown_.end(), [&](int a, int b) { return less(b, a); });
  }
}

int VideoModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(shown_.size()); }
int VideoModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : kColumns; }

const Video* VideoModel::videoAt(int row) const {
  if (row < 0 || row >= rowCount()) return nullptr;
  return &data_->catalogue.videos[static_cast<size_t>(shown_[static_cast<size_t>(row)])];
}

int VideoModel::rowOf(const QString& id) const {
  if (!data_) return -1;
  const Video* video = data_->catalogue.find(stdText(id));
  if (!video) return -1;
  const auto index = static_cast<int>(video - data_->catalogue.videos.data());
  const auto found = std::find(shown_.begin(), shown_.end(), index);
  return found == shown_.end() ? -1 : static_cast<int>(found - shown_.begin());
}

QVariant VideoModel::data(const QModelIndex& index, int role) const {
  const Video* video = index.isValid() ? videoAt(index.row()) : nullptr;
  if (!video) return {};
  const int64_t label = main_label_[static_cast<size_t>(shown_[static_cast<size_t>(index.row())])];
  const QString class_name = label >= 0 ? qText(data_->catalogue.classes[static_cast<size_t>(label)]) : tr("no label");
  switch (role) {
    case Qt::DisplayRole:
      switch (index.column()) {
        case kId: return mark(index.row()).isEmpty() ? qText(video->id) : qText(video->id) + QStringLiteral(" ⚠");
        case kLength: return lengthText(video->duration_seconds);
        case kSegments: return static_cast<int>(video->segments.size());
        case kSubset: return qText(video->subset);
        default: return {};
      }
    case Qt::DecorationRole:
      return index.column() == kId ? decoration(*video, label, class_name) : QVariant();
    case Qt::TextAlignmentRole:
      if (index.column() == kLength || index.column() == kSegments) return int(Qt::AlignRight | Qt::AlignVCenter);
      return int(Qt::AlignLeft | Qt::AlignVCenter);
    case Qt::ToolTipRole:
      return tr("%1 · %2 · %3 · %n segment(s) · %4", nullptr, static_cast<int>(video->segments.size()))
                 .arg(qText(video->id), timeText(video->duration_seconds), qText(video->subset), class_name) +
             (mark(index.row()).isEmpty() ? QString() : QStringLiteral("\n⚠ ") + mark(index.row()));
    case Qt::AccessibleTextRole:
      if (index.column() != kId) return {};
      return tr("%1, %2").arg(qText(video->id), class_name) + (mark(index.row()).isEmpty() ? QString() : QStringLiteral(", ") + mark(index.row()));
    default: return {};
  }
}

QVariant VideoModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal) return {};
  if (role == Qt::TextAlignmentRole) {
    return section == kLength || section == kSegments ? int(Qt::AlignRight | Qt::AlignVCenter) : int(Qt::AlignLeft | Qt::AlignVCenter);
  }
  if (role == Qt::ToolTipRole && section == kSegments) return tr("Segments");
  if (role != Qt::DisplayRole) return {};
  switch (section) {
    case kId: return tr("Video");
    case kLength: return tr("Length");
    case kSegments: return tr("Seg.");
    case kSubset: return tr("Subset");
    default: return {};
  }
}

void VideoModel::sort(int column, Qt::SortOrder order) {
  if (column == sort_column_ && order == order_) return;
  Q_EMIT layoutAboutToBeChanged();
  const QModelIndexList old = persistentIndexList();
  std::vector<int> videos;
  for (const QModelIndex& index : old) videos.push_back(shown_[static_cast<size_t>(index.row())]);
  sort_column_ = column;
  order_ = order;
  rebuild();
  QModelIndexList moved;
  for (qsizetype i = 0; i < old.size(); ++i) {
    const auto found = std::find(shown_.begin(), shown_.end(), videos[static_cast<size_t>(i)]);
    moved.append(found == shown_.end() ? QModelIndex() : index(static_cast<int>(found - shown_.begin()), old[i].column()));
  }
  changePersistentIndexList(old, moved);
  Q_EMIT layoutChanged();
}

}  // namespace hvlm::ui
