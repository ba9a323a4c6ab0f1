// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/style/theme.h"

#include <QApplication>
#include <QPixmapCache>
#include <QStyleFactory>
#include <QToolTip>
#include <utility>

namespace hvlm::ui {

Theme& Theme::instance() {
  static Theme theme;
  return theme;
}

ThemeKind Theme::systemKind() { return kindOf(platformPalette()); }

QPalette Theme::platformPalette() {
  if (platform_) return platform_();
  const QPalette ours = QGuiApplication::palette();
  if (!installed_) return ours;
  const bool before = std::exchange(working_, true);
  QApplication::setPalette(QPalette());  // one without any role set: the platform's comes through
  const QPalette theirs = QGuiApplication::palette();
  QApplication::setPalette(ours);
  applied_ = QGuiApplication::palette();
  working_ = before;
  return theirs;
}

bool Theme::othersChanged() const { return installed_ && !working_ && QGuiApplication::palette() != applied_; }

void Theme::install(QApplication& application, ThemeKind kind) {
  // Titles and small texts are shares of the program's font.
  // By name: the headers of Qt 6 hide the signal, and the event that takes its place goes to widgets alone.
  connect(&application, SIGNAL(fontChanged(QFont)), this, SLOT(apply()), Qt::UniqueConnection);
  QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
  kind_ = kind;
  installed_ = true;
  apply();
}

void Theme::setKind(ThemeKind kind) {
  if (kind == kind_) return;
  kind_ = kind;
  apply();
  Q_EMIT changed();
}

void Theme::apply() {
  const bool before = std::exchange(working_, true);
  QPixmapCache::clear();
  const QPalette palette = paletteOf(tokens());
  QApplication::setPalette(palette);
  QToolTip::setPalette(palette);
  if (qApp) qApp->setStyleSheet(styleSheetOf(tokens(), kind_, QApplication::font().pointSizeF()));
  applied_ = QGuiApplication::palette();
  working_ = before;
}

}  // namespace hvlm::ui
