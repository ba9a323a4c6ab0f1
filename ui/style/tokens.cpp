// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/style/tokens.h"

#include <algorithm>
#include <cmath>

namespace hvlm::ui {
namespace {

QColor hex(const char* text) { return QColor(QLatin1String(text)); }
QColor faded(const char* text, double alpha) {
  QColor colour = hex(text);
  colour.setAlphaF(static_cast<float>(alpha));
  return colour;
}

Tokens lightTokens() {
  Tokens t;
  t.window = hex("#f5f6f8"), t.base = hex("#ffffff"), t.raised = hex("#eceff3");
  t.text = hex("#1b1f24"), t.muted = hex("#57606c"), t.disabled = hex("#9aa2ad");
  t.border = hex("#d4d9e0"), t.grid = hex("#e6e9ee");
  t.accent = hex("#1f5fd6"), t.on_accent = hex("#ffffff");
  t.good = hex("#1d7f3a"), t.warning = hex("#a45a00"), t.bad = hex("#c42b2b");
  t.cursor = hex("#d6336c"), t.range = faded("#1f5fd6", 0.18);
  t.series = {hex("#1f5fd6"), hex("#c8591a"), hex("#1d7f3a"), hex("#8a3ab9"), hex("#b3261e"),
              hex("#0b7f8c"), hex("#8a6500"), hex("#c2307d"), hex("#4b5563"), hex("#5a7d1e")};
  return t;
}

Tokens darkTokens() {
  Tokens t;
  t.dark = true;
  t.window = hex("#15171c"), t.base = hex("#1c1f26"), t.raised = hex("#262a33");
  t.text = hex("#e6e9ee"), t.muted = hex("#a0a9b6"), t.disabled = hex("#626b78");
  t.border = hex("#333945"), t.grid = hex("#292e37");
  t.accent = hex("#76a9ff"), t.on_accent = hex("#0d1420");
  t.good = hex("#5fce82"), t.warning = hex("#f0a94a"), t.bad = hex("#ff7b72");
  t.cursor = hex("#ff6b9d"), t.range = faded("#76a9ff", 0.22);
  t.series = {hex("#76a9ff"), hex("#f59e5b"), hex("#5fce82"), hex("#c79bf2"), hex("#ff8a80"),
              hex("#4fc7d4"), hex("#d9b64a"), hex("#f289bd"), hex("#b3bcc9"), hex("#a8cc66")};
  return t;
}

Tokens contrastTokens() {
  Tokens t;
  t.dark = true;
  t.window = hex("#000000"), t.base = hex("#000000"), t.raised = hex("#141414");
  t.text = hex("#ffffff"), t.muted = hex("#e0e0e0"), t.disabled = hex("#9a9a9a");
  t.border = hex("#ffffff"), t.grid = hex("#4d4d4d");
  t.accent = hex("#ffd400"), t.on_accent = hex("#000000");
  t.good = hex("#7dff9b"), t.warning = hex("#ffc14d"), t.bad = hex("#ff9d95");
  t.cursor = hex("#ff8fd0"), t.range = faded("#ffd400", 0.3);
  t.series = {hex("#6fc3ff"), hex("#ffb347"), hex("#7dff9b"), hex("#e0b3ff"), hex("#ff9d95"),
              hex("#5ff0ff"), hex("#ffe45c"), hex("#ff9fd6"), hex("#ffffff"), hex("#c8f57a")};
  return t;
}

double channel(float value) {
  const double v = static_cast<double>(value);
  return v <= 0.03928 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4);
}
double luminance(const QColor& c) {
  return 0.2126 * channel(c.redF()) + 0.7152 * channel(c.greenF()) + 0.0722 * channel(c.blueF());
}

}  // namespace

const Tokens& tokensOf(ThemeKind kind) {
  static const Tokens light = lightTokens();
  static const Tokens dark = darkTokens();
  static const Tokens contrast = contrastTokens();
  switch (kind) {
    case ThemeKind::kDark: return dark;
    case ThemeKind::kHighContrast: return contrast;
    case ThemeKind::kLight: break;
  }
  return light;
}

QString themeName(ThemeKind kind) {
  switch (kind) {
    case ThemeKind::kDark: return QStringLiteral("dark");
    case ThemeKind::kHighContrast: return QStringLiteral("contrast");
    case ThemeKind::kLight: break;
  }
  return QStringLiteral("light");
}

ThemeKind themeNamed(const QString& name) {
  for (const ThemeKind kind : {ThemeKind::kDark, ThemeKind::kHighContrast}) {
    if (themeName(kind) == name) return kind;
  }
  return ThemeKind::kLight;
}

double contrastRatio(const QColor& a, const QColor& b) {
  const double la = luminance(a);
  const double lb = luminance(b);
  return (std::max(la, lb) + 0.05) / (std::min(la, lb) + 0.05);
}

QColor readableOn(const QColor& background) {
  const QColor ink = hex("#14171b");
  const QColor best = contrastRatio(background, ink) >= contrastRatio(background, Qt::white) ? ink : QColor(Qt::white);
  // On a middling colour neither may reach 4.5:1; then black does.
  return contrastRatio(background, best) >= 4.5 ? best : QColor(Qt::black);
}

ThemeKind kindOf(const QPalette& platform) {
  constexpr double kHighContrastRatio = 19.0;  // black on the usual light grey has 18
  constexpr int kNearlyPure = 8;               // of 255
  const QColor window = platform.color(QPalette::Active, QPalette::Window), text = platform.color(QPalette::Active, QPalette::WindowText);
  const auto pure = [](const QColor& c) {
    const auto whole = [](int channel) { return channel <= kNearlyPure || channel >= 255 - kNearlyPure; };
    return whole(c.red()) && whole(c.green()) && whole(c.blue());
  };
  if (pure(window) && pure(text) && contrastRatio(window, text) >= kHighContrastRatio) return ThemeKind::kHighContrast;
  return window.lightness() < 128 ? ThemeKind::kDark : ThemeKind::kLight;
}

QPalette paletteOf(const Tokens& t) {
  QPalette p;
  p.setColor(QPalette::Window, t.window);
  p.setColor(QPalette::WindowText, t.text);
  p.setColor(QPalette::Base, t.base);
  p.setColor(QPalette::AlternateBase, t.window);
  p.setColor(QPalette::Text, t.text);
  p.setColor(QPalette::Button, t.raised);
  p.setColor(QPalette::ButtonText, t.text);
  p.setColor(QPalette::BrightText, t.bad);
  p.setColor(QPalette::ToolTipBase, t.raised);
  p.setColor(QPalette::ToolTipText, t.text);
  p.setColor(QPalette::PlaceholderText, t.muted);
  p.setColor(QPalette::Highlight, t.accent);
  p.setColor(QPalette::HighlightedText, t.on_accent);
  p.setColor(QPalette::Link, t.accent);
  p.setColor(QPalette::LinkVisited, t.accent);
  p.setColor(QPalette::Light, t.dark ? t.raised.lighter(120) : t.base);
  p.setColor(QPalette::Midlight, t.raised);
  p.setColor(QPalette::Mid, t.border);
  p.setColor(QPalette::Dark, t.border.darker(120));
  p.setColor(QPalette::Shadow, t.dark ? QColor(Qt::black) : t.border.darker(150));
  for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText, QPalette::PlaceholderText}) {
    p.setColor(QPalette::Disabled, role, t.disabled);
  }
  p.setColor(QPalette::Disabled, QPalette::Highlight, t.raised);
  p.setColor(QPalette::Disabled, QPalette::HighlightedText, t.disabled);
  return p;
}

}  // namespace hvlm::ui
