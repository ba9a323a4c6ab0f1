// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>
#include <QSizeF>
#include <QString>
#include <functional>
#include <optional>

#include "ui/curves/qcp.h"

namespace hvlm::ui {

enum class PictureFormat { kSvg, kPdf, kPng };
std::optional<PictureFormat> pictureFormat(const QString& suffix);  // "svg", "pdf", "png"

constexpr double kPointsPerMm = 72.0 / 25.4;
constexpr double kOneColumnMm = 85.0;
constexpr double kTwoColumnsMm = 180.0;
constexpr int kPngDpi = 300;

// Calls `draw` with a painter whose unit is one point (1/72 inch) on a page of the given size, and gives the file's bytes.
QByteArray renderPicture(PictureFormat format, QSizeF points, const QString& title, const std::function<void(QCPPainter&)>& draw);

QFont exportFont();  // 8 pt in the painter's unit

}  // namespace hvlm::ui
