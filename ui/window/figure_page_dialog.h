// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QDialog>
#include <vector>

#include "ui/exports/figure_page.h"

class QComboBox;
class QLabel;
class QListWidget;
class QPushButton;

namespace hvlm::ui {

class NoticeStrip;

// Chooses figures and their order (drag, or Alt+Up and Alt+Down) for one page, with a preview.
class FigurePageDialog : public QDialog {
  Q_OBJECT
 public:
  explicit FigurePageDialog(std::vector<PageFigure> figures, const PictureOptions& options = {}, QWidget* parent = nullptr);
  std::vector<PageFigure> chosen() const;
  double widthMm() const;
  PictureOptions pictureOptions() const;  // at the width chosen here
  void tick(int row, bool on);
  int count() const;
  void moveChosen(int rows);  // the current figure, up (below 0) or down
  NoticeStrip* notice() { return notice_; }

 Q_SIGNALS:
  void exportAsked();

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void preview();
  std::vector<PageFigure> figures_;
  PictureOptions options_;
  NoticeStrip* notice_;
  QListWidget* list_;
  QComboBox* width_;
  QLabel* preview_;
  QPushButton* export_;
};

}  // namespace hvlm::ui
