// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/exports/picture.h"

#include <QBuffer>
#include <QGuiApplication>
#include <QPageLayout>
#include <QPageSize>
#include <QPdfWriter>
#include <QSvgGenerator>
#include <cmath>

#include "support/error.h"
#include "ui/text.h"

namespace hvlm::ui {
namespace {

constexpr double kTitleHeight = 14.0;  // points

}  // namespace

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

QByteArray PaintedPicture::bytes() const {
  if (image_.isNull()) {
    if (bytes_.isEmpty()) {
      throw InputError({.where = "picture", .expected = "a size that memory holds", .found = "too many dots",
                        .remedy = "Take fewer dots an inch or a smaller width (File > Export options)."});
    }
    return bytes_;
  }
  QByteArray bytes;
  QBuffer buffer(&bytes);
  buffer.open(QIODevice::WriteOnly);
  image_.save(&buffer, "PNG");
  return bytes;
}

PaintedPicture paintPicture(PictureFormat format, QSizeF content, const QString& title, const std::function<void(QCPPainter&)>& draw, const PictureOptions& options) {
  const PlainNumbers plain;
  const bool titled = options.title && !title.isEmpty();
  const QSizeF points(content.width(), content.height() + (titled ? kTitleHeight : 0.0));
  const Tokens& colours = tokensOf(options.style);
  const bool light = options.style == ThemeKind::kLight;
  QByteArray bytes;
  QBuffer buffer(&bytes);
  buffer.open(QIODevice::WriteOnly);
  const auto paint = [&](QPaintDevice* device, double scale) {
    QCPPainter painter(device);
    painter.setMode(QCPPainter::pmVectorized);
    painter.scale(scale, scale);
    painter.setFont(exportFont());
    if (!light) painter.fillRect(QRectF(QPointF(0, 0), points), colours.base);
    if (titled) {
      painter.setPen(colours.text);
      painter.drawText(QRectF(4, 0, points.width() - 8, kTitleHeight), Qt::AlignLeft | Qt::AlignVCenter, title);
      painter.translate(0, kTitleHeight);
    }
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
      const double scale = options.dpi / 72.0;
      QImage image((points * scale).toSize(), QImage::Format_RGB32);
      if (image.isNull()) return PaintedPicture(std::move(image));  // bytes() says so
      image.setDotsPerMeterX(static_cast<int>(options.dpi / 0.0254));
      image.setDotsPerMeterY(static_cast<int>(options.dpi / 0.0254));
      image.fill(light ? QColor(Qt::white) : colours.base);
      paint(&image, scale);
      return PaintedPicture(std::move(image));
    }
  }
  buffer.close();
  return PaintedPicture(std::move(bytes));
}

QByteArray renderPicture(PictureFormat format, QSizeF points, const QString& title, const std::function<void(QCPPainter&)>& draw, const PictureOptions& options) {
  return paintPicture(format, points, title, draw, options).bytes();
}

}  // namespace hvlm::ui
