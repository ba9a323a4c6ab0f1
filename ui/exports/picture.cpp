// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/exports/picture.h"

#include <QBuffer>
#include <QGuiApplication>
#include <QImage>
#include <QPageLayout>
#include <QPageSize>
#include <QPdfWriter>
#include <QSvgGenerator>
#include <cmath>

namespace hvlm::ui {

std::optional<PictureFormat> pictureFormat(const QString& suffix) {
  const QString lower = suffix.toLower();
  if (lower == QLatin1String("svg")) return PictureFormat::kSvg;
  if (lower == QLatin1String("pdf")) return PictureFormat::kPdf;
  if (lower == QLatin1String("png")) return PictureFormat::kPng;
  return std::nullopt;
}

QFont exportFont() {
  QFont font = QGuiApplication::font();
  font.setPixelSize(8);
  return font;
}

QByteArray renderPicture(PictureFormat format, QSizeF points, const QString& title, const std::function<void(QCPPainter&)>& draw) {
  QByteArray bytes;
  QBuffer buffer(&bytes);
  buffer.open(QIODevice::WriteOnly);
  const auto paint = [&](QPaintDevice* device, double scale) {
    QCPPainter painter(device);
    painter.setMode(QCPPainter::pmVectorized);
    painter.scale(scale, scale);
    painter.setFont(exportFont());
    draw(painter);
  };
  switch (format) {
    case PictureFormat::kSvg: {
      QSvgGenerator generator;
      generator.setOutputDevice(&buffer);
      generator.setResolution(72);
      generator.setSize(QSize(static_cast<int>(std::lround(points.width())), static_cast<int>(std::lround(points.height()))));
      generator.setViewBox(QRectF(QPointF(0, 0), points));
      generator.setTitle(title);
      paint(&generator, 1.0);
      break;
    }
    case PictureFormat::kPdf: {
      QPdfWriter writer(&buffer);
      writer.setPageLayout(QPageLayout(QPageSize(points, QPageSize::Point, QString(), QPageSize::ExactMatch), QPageLayout::Portrait,
                                       QMarginsF()));
      writer.setTitle(title);
      writer.setResolution(720);
      paint(&writer, 10.0);
      break;
    }
    case PictureFormat::kPng: {
      const double scale = kPngDpi / 72.0;
      QImage image((points * scale).toSize(), QImage::Format_RGB32);
      image.setDotsPerMeterX(static_cast<int>(kPngDpi / 0.0254));
      image.setDotsPerMeterY(static_cast<int>(kPngDpi / 0.0254));
      image.fill(Qt::white);
      paint(&image, scale);
      image.save(&buffer, "PNG");
      break;
    }
  }
  buffer.close();
  return bytes;
}

}  // namespace hvlm::ui
