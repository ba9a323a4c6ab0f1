// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>
#include <QImage>
#include <QSizeF>
#include <QString>
#include <functional>
#include <optional>

#include "ui/curves/qcp.h"
#include "ui/style/tokens.h"

namespace hvlm::ui {

enum class PictureFormat { kSvg, kPdf, kPng };
std::optional<PictureFormat> pictureFormat(const QString& suffix);  // "svg", "pdf", "png"

constexpr double kPointsPerMm = 72.0 / 25.4;
constexpr double kOneColumnMm = 85.0;
constexpr double kTwoColumnsMm = 180.0;
constexpr int kPngDpi = 300;

// How a picture is made.
struct PictureOptions {
  double width_mm = kTwoColumnsMm;
  int dpi = kPngDpi;                      // of a PNG
  ThemeKind style = ThemeKind::kLight;    // whose colours
  bool title = false;                     // its name above it
  bool operator==(const PictureOptions&) const = default;
};

// A picture that is drawn. A PNG is encoded by bytes(), which any thread may call.
class PaintedPicture {
 public:
  explicit PaintedPicture(QByteArray written) : bytes_(std::move(written)) {}
  explicit PaintedPicture(QImage drawn) : image_(std::move(drawn)) {}
  QByteArray bytes() const;  // throws InputError when the picture was too large to be drawn

 private:
  QByteArray bytes_;
  QImage image_;  // of a PNG
};

// Calls `draw` with a painter whose unit is one point (1/72 inch) on a page of the given size; a title makes the page higher.
PaintedPicture paintPicture(PictureFormat format, QSizeF points, const QString& title, const std::function<void(QCPPainter&)>& draw, const PictureOptions& options = {});
// The file's bytes at once.
QByteArray renderPicture(PictureFormat format, QSizeF points, const QString& title, const std::function<void(QCPPainter&)>& draw, const PictureOptions& options = {});

QFont exportFont();  // 8 pt in the painter's unit

}  // namespace hvlm::ui
