// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/player/film_strip.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>

#include "ui/shell/background.h"
#include "ui/style/theme.h"
#include "ui/text.h"
#include "video/thumbnails.h"

namespace hvlm::ui {
namespace {

constexpr int kPictures = 12, kHeight = 40;

std::vector<QImage> imagesOf(const std::vector<FramePtr>& frames) {
  std::vector<QImage> images;
  for (const FramePtr& frame : frames) {
    if (frame->pixels.empty()) {
      images.emplace_back();
      continue;
    }
    images.push_back(QImage(frame->pixels.data(), frame->width, frame->height, frame->width * 4, QImage::Format_RGB32).copy());
  }
  return images;
}

}  // namespace

FilmStrip::FilmStrip(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("filmStrip"));
  setAccessibleName(tr("Film strip of the video"));
  setToolTip(tr("Pictures over the whole video; a click goes there"));
  setFixedHeight(kHeight);
  setFocusPolicy(Qt::StrongFocus);
}

FilmStrip::~FilmStrip() {
  if (stop_) *stop_ = true;
}

void FilmStrip::setVideo(const QString& file) {
  if (stop_) *stop_ = true;
  file_ = file;
  pictures_.clear();
  update();
  if (file.isEmpty()) return;
  stop_ = std::make_shared<std::atomic<bool>>(false);
  inBackground(
      this, [file, stop = stop_] { return imagesOf(filmStrip(pathOf(file), kPictures, kHeight, *stop)); },
      [this, file](const std::vector<QImage>& images) {
        if (file != file_) return;  // another video meanwhile
        pictures_ = images;
        update();
        Q_EMIT ready();
      },
      [](const QString&) {});  // the player has told what is wrong with the file
}

void FilmStrip::setPlace(double share) {
  place_ = share;
  update();
}

void FilmStrip::setSpan(const Span& shares) {
  span_ = shares;
  update();
}

void FilmStrip::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.fillRect(rect(), QColor(16, 16, 18));
  painter.setRenderHint(QPainter::SmoothPixmapTransform);
  const auto count = static_cast<double>(std::max<size_t>(pictures_.size(), 1));
  for (size_t i = 0; i < pictures_.size(); ++i) {
    const QRectF cell(width() * static_cast<double>(i) / count, 0, width() / count, height());
    const QImage& image = pictures_[i];
    if (image.isNull()) {
      painter.fillRect(cell.adjusted(1, 1, -1, -1), QBrush(QColor(95, 95, 100), Qt::BDiagPattern));
      continue;
    }
    // Filled, cut at the sides: no black bars between pictures.
    const double shape = cell.width() / cell.height(), own = static_cast<double>(image.width()) / image.height();
    QRectF part(image.rect());
    if (own > shape) part = QRectF((image.width() - image.height() * shape) / 2, 0, image.height() * shape, image.height());
    else part = QRectF(0, (image.height() - image.width() / shape) / 2, image.width(), image.width() / shape);
    painter.drawImage(cell.adjusted(0.5, 0, -0.5, 0), image, part);
  }
  if (hasFocus()) {
    painter.setPen(QPen(tokens().accent, 2));
    painter.drawRect(QRectF(rect()).adjusted(1, 1, -1, -1));
  }
  if (file_.isEmpty()) return;
  if (span_) {
    constexpr double kRim = 3.0;  // px: the pictures between stay as they are
    const double from = std::clamp(span_->first, 0.0, 1.0) * width(), to = std::clamp(span_->second, 0.0, 1.0) * width();
    const QRectF box(from, 0, std::max(2.0, to - from), height());
    painter.fillRect(box, tokens().range);
    for (const double y : {0.0, height() - kRim}) painter.fillRect(QRectF(box.left(), y, box.width(), kRim), tokens().accent);
  }
  const double x = std::clamp(place_, 0.0, 1.0) * width();
  painter.fillRect(QRectF(x - 1, 0, 2, height()), tokens().cursor);
}

std::optional<double> FilmStrip::shareFor(const QKeyEvent& key) const {
  const bool by_picture = key.modifiers() == Qt::ControlModifier;
  if (key.key() == Qt::Key_Home && key.modifiers() == Qt::NoModifier) return 0.0;
  if (key.key() == Qt::Key_End && key.modifiers() == Qt::NoModifier) return 1.0;
  if (key.key() == Qt::Key_Left && by_picture) return std::max(0.0, place_ - 1.0 / kPictures);
  if (key.key() == Qt::Key_Right && by_picture) return std::min(1.0, place_ + 1.0 / kPictures);
  return std::nullopt;
}

bool FilmStrip::event(QEvent* event) {
  if (event->type() == QEvent::ShortcutOverride && shareFor(*static_cast<const QKeyEvent*>(event))) event->accept();
  return QWidget::event(event);
}

void FilmStrip::keyPressEvent(QKeyEvent* event) {
  if (const auto share = shareFor(*event); share && !file_.isEmpty()) Q_EMIT sought(*share);
  else QWidget::keyPressEvent(event);
}

void FilmStrip::mousePressEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton && width() > 0) Q_EMIT sought(std::clamp(event->position().x() / width(), 0.0, 1.0));
}

void FilmStrip::mouseMoveEvent(QMouseEvent* event) {
  if ((event->buttons() & Qt::LeftButton) && width() > 0) Q_EMIT sought(std::clamp(event->position().x() / width(), 0.0, 1.0));
}

}  // namespace hvlm::ui
