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

// Chooses figures and their order (drag) for one page, with a preview.
class FigurePageDialog : public QDialog {
  Q_OBJECT
 public:
  explicit FigurePageDialog(std::vector<PageFigure> figures, QWidget* parent = nullptr);
  std::vector<PageFigure> chosen() const;
  double widthMm() const;
  void tick(int row, bool on);

 Q_SIGNALS:
  void exportAsked();

 private:
  void preview();
  std::vector<PageFigure> figures_;
  QListWidget* list_;
  QComboBox* width_;
  QLabel* preview_;
  QPushButton* export_;
};

}  // namespace hvlm::ui
