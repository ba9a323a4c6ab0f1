// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QDialog>
#include <vector>

#include "ui/shell/project.h"

class QTreeWidget;

namespace hvlm::ui {

// When versions were saved, now at the right, further back ever denser (logarithmic age). GUI thread.
class VersionStrip : public QWidget {
  Q_OBJECT
 public:
  explicit VersionStrip(std::vector<QDateTime> times, QWidget* parent = nullptr);  // the newest first
  void setChosen(int version);
  int versionAt(QPointF place) const;  // -1: none near
  double placeOf(const QDateTime& time) const;  // x in pixels
  QSize sizeHint() const override;

 Q_SIGNALS:
  void pressed(int version);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;

 private:
  double placeOfAge(double seconds) const;
  std::vector<QDateTime> times_;
  QDateTime now_;
  double oldest_ = 3600.0;  // seconds
  int chosen_ = -1;
};

// The versions of a project, with their dates on a small timeline; one can be opened. Nothing saved is changed by that.
class VersionsDialog : public QDialog {
  Q_OBJECT
 public:
  VersionsDialog(const QString& project, std::vector<ProjectVersion> versions, QWidget* parent = nullptr);
  VersionStrip* strip() { return strip_; }

 Q_SIGNALS:
  void versionChosen(const hvlm::ui::ProjectVersion& version);

 private:
  std::vector<ProjectVersion> versions_;
  VersionStrip* strip_;
  QTreeWidget* list_;
};

}  // namespace hvlm::ui
