// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QHash>
#include <QObject>
#include <QString>

namespace hvlm::ui {

class Workspace;

// Which file belongs to which video: those that the user linked, else those of the data set's `videos:` folder whose name is an id. Links are kept
// over sessions by whoever owns this; the data set itself is never written. GUI thread; the folder is listed in the background.
class VideoFiles : public QObject {
  Q_OBJECT
 public:
  explicit VideoFiles(Workspace& workspace, QObject* parent = nullptr);

  QString fileOf(const QString& video_id) const;  // empty: none is known
  bool listing() const { return listing_; }
  bool any() const { return !links_.isEmpty() || !listed_.isEmpty(); }
  void link(const QString& video_id, const QString& file);
  void linkAll(const QHash<QString, QString>& files);  // id -> file, told once
  const QHash<QString, QString>& links() const { return links_; }
  void setLinks(const QHash<QString, QString>& links);

 Q_SIGNALS:
  void changed();

 private:
  void list();
  Workspace& workspace_;
  QHash<QString, QString> links_;   // id -> file
  QHash<QString, QString> listed_;  // of the data set's folder
  bool listing_ = false;
};

}  // namespace hvlm::ui
