// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <QPalette>
#include <functional>

#include "ui/style/tokens.h"

class QApplication;

namespace hvlm::ui {

// The colours in force. One object per process, GUI thread; widgets that paint themselves repaint on changed().
class Theme : public QObject {
  Q_OBJECT
 public:
  static Theme& instance();
  // Puts Fusion, palette and style sheet on the application. Call once, before the first window.
  void install(QApplication& application, ThemeKind kind);
  // What the platform's own palette suggests, now. Once installed, finding it out touches every widget: ask when the platform has said
  // that it changed, or the user asks for it.
  ThemeKind systemKind();
  // Where that palette comes from, in place of the platform. Null: the platform again.
  void setPlatformPalette(std::function<QPalette()> platform) { platform_ = std::move(platform); }
  bool othersChanged() const;  // the application's palette is no longer the one this put there

  ThemeKind kind() const { return kind_; }
  const Tokens& tokens() const { return tokensOf(kind_); }
  void setKind(ThemeKind kind);

 Q_SIGNALS:
  void changed();

 private:
  Theme() = default;
  Q_SLOT void apply();
  QPalette platformPalette();
  ThemeKind kind_ = ThemeKind::kLight;
  std::function<QPalette()> platform_;
  bool installed_ = false;
  bool working_ = false;
  QPalette applied_;
};

inline const Tokens& tokens() { return Theme::instance().tokens(); }

}  // namespace hvlm::ui
