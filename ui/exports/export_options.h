// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QDialog>
#include <QJsonObject>
#include <optional>

#include "ui/exports/picture.h"

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QSpinBox;

namespace hvlm::ui {

// What the first export asks for, and every later one takes.
struct ExportOptions {
  double width_mm = kTwoColumnsMm;
  int dpi = kPngDpi;           // of a PNG
  bool as_on_screen = false;   // the theme in force instead of the light style
  bool visible_only = false;   // points of curves and rows of a timeline that the view shows, instead of all
  bool title = false;          // above the picture
  bool operator==(const ExportOptions&) const = default;
  PictureOptions picture() const;  // GUI thread: asks the theme
};
inline constexpr double kLeastWidthMm = 20.0, kMostWidthMm = 1000.0;
inline constexpr int kLeastDpi = 36, kMostDpi = 1200;

// As a session keeps them; nothing: they were never chosen, or are none that can be drawn.
QJsonObject exportOptionsState(const ExportOptions& options);
std::optional<ExportOptions> exportOptionsFrom(const QJsonObject& state);

class ExportOptionsDialog : public QDialog {
  Q_OBJECT
 public:
  explicit ExportOptionsDialog(const ExportOptions& now, QWidget* parent = nullptr);
  ExportOptions options() const;

 private:
  QDoubleSpinBox* width_;
  QSpinBox* dpi_;
  QComboBox *style_, *points_;
  QCheckBox* title_;
};

}  // namespace hvlm::ui
