// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>

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
  static ThemeKind systemKind();  // what the platform's own palette suggests; ask before install()

  ThemeKind kind() const { return kind_; }
  const Tokens& tokens() const { return tokensOf(kind_); }
  void setKind(ThemeKind kind);

 Q_SIGNALS:
  void changed();

 private:
  Theme() = default;
  void apply();
  ThemeKind kind_ = ThemeKind::kLight;
};

inline const Tokens& tokens() { return Theme::instance().tokens(); }

}  // namespace hvlm::ui
