// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QAbstractTableModel>
#include <limits>
#include <memory>
#include <vector>

#include "ui/workspace.h"

namespace hvlm::ui {

class Thumbnails;

// What a video is worth to whoever looks for work: is it annotated, has it a file, was anything wrong with it.
enum class VideoState { kAny, kAnnotated, kUnannotated, kWithFile, kWithoutFile, kMarked, kHeldOut };

struct VideoFilter {
  QString text;    // every word must occur in the id or in a class name
  QString subset;  // empty: all
  int64_t label = -1;  // class index; -1: all
  double from_seconds = 0.0;  // length: at least this …
  double to_seconds = std::numeric_limits<double>::infinity();  // … and below this
  VideoState state = VideoState::kAny;
  bool operator==(const VideoFilter&) const = default;
};

// The videos of a data set, filtered and sorted in one pass, so that 20,000 of them answer at once. Shares the data set.
class VideoModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  enum Column { kId, kLength, kSegments, kSubset, kColumns };
  using QAbstractTableModel::QAbstractTableModel;
  void setData(std::shared_ptr<const LoadedData> data);
  void setThumbnails(Thumbnails* thumbnails);  // outlives the model
  void setFilter(const VideoFilter& filter);
  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
  void sort(int column, Qt::SortOrder order) override;

  const Video* videoAt(int row) const;
  int rowOf(const QString& id) const;  // -1: not shown
  int total() const { return data_ ? static_cast<int>(data_->catalogue.videos.size()) : 0; }
  void filesChanged();                                // by which videos are filtered, when they are
  // Why the row is marked: what was wrong with the video as it was read, its missing features, its broken file once that was looked at.
  // Empty: nothing.
  QString mark(int row) const;

 private:
  void rebuild();
  bool passes(size_t index) const;
  QString markOf(size_t index) const;

  QVariant decoration(const Video& video, int64_t label, const QString& class_name) const;

  std::shared_ptr<const LoadedData> data_;
  Thumbnails* thumbnails_ = nullptr;
  std::vector<QString> searched_;      // lower-case id and class names, by video
  std::vector<QString> marks_;         // by video
  std::vector<int64_t> main_label_;    // class with the longest total time, or -1
  std::vector<int> shown_;             // indices into videos
  VideoFilter filter_;
  int sort_column_ = kId;
  Qt::SortOrder order_ = Qt::AscendingOrder;
};

}  // namespace hvlm::ui
