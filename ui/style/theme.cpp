// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/style/theme.h"

#include <QApplication>
#include <QPixmapCache>
#include <QStyleFactory>
#include <QToolTip>

namespace hvlm::ui {

Theme& Theme::instance() {
  static Theme theme;
  return theme;
}

ThemeKind Theme::systemKind() {
  return QGuiApplication::palette().color(QPalette::Window).lightness() < 128 ? ThemeKind::kDark : ThemeKind::kLight;
}

void Theme::install(QApplication&, ThemeKind kind) {
  QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
  kind_ = kind;
  apply();
}

void Theme::setKind(ThemeKind kind) {
  if (kind == kind_) return;
  kind_ = kind;
  apply();
  Q_EMIT changed();
}

void Theme::apply() {
  QPixmapCache::clear();
  const QPalette palette = paletteOf(tokens());
  QApplication::setPalette(palette);
  QToolTip::setPalette(palette);
  if (qApp) qApp->setStyleSheet(styleSheetOf(tokens(), kind_));
}

}  // namespace hvlm::ui
