// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>

#include "ui/look/pyramid_view.h"

class QComboBox;

namespace hvlm::ui {

class ElidedLabel;
class NoticeStrip;
class Workspace;

// The pyramid of the chosen video with its controls and a read-out line.
class PyramidPanel : public QWidget {
  Q_OBJECT
 public:
  explicit PyramidPanel(Workspace& workspace, QWidget* parent = nullptr);
  PyramidView* view() { return view_; }
  NoticeStrip* notice() { return notice_; }

 Q_SIGNALS:
  void exportAsked();

 private:
  void reload();
  Workspace& workspace_;
  PyramidView* view_;
  NoticeStrip* notice_;
  QComboBox* layout_;
  QComboBox* value_;
  ElidedLabel* read_out_;
};

}  // namespace hvlm::ui
