// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>
#include <memory>

#include "ui/compare/reproduction_figure.h"

namespace hvlm::ui {

// A figure of a reproduction in the colours of the theme, as large as its place allows.
class FigureView : public QWidget {
  Q_OBJECT
 public:
  explicit FigureView(FigureKind kind, QWidget* parent = nullptr);
  void setTables(std::shared_ptr<const ReproductionTables> tables, const std::string& budget);
  FigureKind kind() const { return kind_; }
  bool hasContent() const;

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  FigureKind kind_;
  std::shared_ptr<const ReproductionTables> tables_;
  std::string budget_;
};

}  // namespace hvlm::ui
