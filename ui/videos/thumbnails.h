// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QCache>
#include <QHash>
#include <QImage>
#include <QObject>
#include <QString>
#include <atomic>
#include <memory>
#include <vector>

namespace hvlm::ui {

class VideoFiles;

// One small picture of each video, drawn when a row that needs it comes into sight. Pictures are read one after the other on a worker, the newest
// wish first, and kept: the newest 2,000 in memory, all on disk by content (video/thumbnails.h). GUI thread.
class Thumbnails : public QObject {
  Q_OBJECT
 public:
  explicit Thumbnails(const VideoFiles& files, QObject* parent = nullptr);
  ~Thumbnails() override;
  static constexpr int kHeight = 28;  // pixels; the width follows the video's shape

  // Null when it is not there: the first call asks for it and `arrived` tells. A file that cannot be read gives a null image and is not asked for again.
  QImage of(const QString& video_id);
  bool expected(const QString& video_id) const;  // there is a file that may give one
  bool hasFile(const QString& video_id) const;   // also a broken one
  QString problemOf(const QString& video_id) const;  // why its file gave no picture; empty: it did, was not read yet, or there is none

 Q_SIGNALS:
  void arrived(const QString& video_id);

 private:
  void readNext();
  const VideoFiles& files_;
  QCache<QString, QImage> kept_;       // by file
  QHash<QString, QString> problems_;   // by file
  std::vector<std::pair<QString, QString>> wanted_;  // id, file; the last is the newest
  bool reading_ = false;
  std::shared_ptr<std::atomic<bool>> stop_;
};

}  // namespace hvlm::ui
