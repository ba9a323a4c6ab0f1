// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/player/video_files.h"

#include "ui/shell/background.h"
#include "ui/text.h"
#include "ui/workspace.h"

namespace hvlm::ui {

VideoFiles::VideoFiles(Workspace& workspace, QObject* parent) : QObject(parent), workspace_(workspace) {
  connect(&workspace_, &Workspace::dataChanged, this, &VideoFiles::list);
  list();
}

QString VideoFiles::fileOf(const QString& video_id) const {
  if (const auto linked = links_.constFind(video_id); linked != links_.cend()) return *linked;
  return listed_.value(video_id);
}

void VideoFiles::link(const QString& video_id, const QString& file) {
  links_[video_id] = file;
  Q_EMIT changed();
}

void VideoFiles::linkAll(const QHash<QString, QString>& files) {
  links_.insert(files);
  Q_EMIT changed();
}

void VideoFiles::setLinks(const QHash<QString, QString>& links) {
  links_ = links;
  Q_EMIT changed();
}

// Files whose name is an id, with or without "v_"; of two, the one with a usual suffix.
void VideoFiles::list() {
  listed_.clear();
  const auto loaded = workspace_.data();
  listing_ = loaded && !loaded->spec.videos.empty();
  Q_EMIT changed();
  if (!listing_) return;
  const auto read = [folder = loaded->spec.videos] {
    QHash<QString, QString> files;
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(folder, none)) {
      if (!entry.is_regular_file(none)) continue;
      const std::string suffix = entry.path().extension().string();
      const bool usual = suffix == ".mp4" || suffix == ".mkv" || suffix == ".webm" || suffix == ".avi" || suffix == ".mov" || suffix == ".ts" || suffix == ".m4v";
      const QString id = qText(bareId(entry.path().stem().string()));
      if (usual || !files.contains(id)) files[id] = qText(entry.path());
    }
    return files;
  };
  inBackground(this, read, [this, loaded](const QHash<QString, QString>& files) {
    if (loaded != workspace_.data()) return;  // another one was opened meanwhile
    listed_ = files;
    listing_ = false;
    Q_EMIT changed();
  });
}

}  // namespace hvlm::ui
