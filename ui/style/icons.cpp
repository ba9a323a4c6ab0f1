// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/style/icons.h"

#include <QFile>
#include <QIconEngine>
#include <QPainter>
#include <QPixmap>
#include <QSvgRenderer>

#include "ui/style/theme.h"

static void registerFiles() {
  Q_INIT_RESOURCE(hvlm);
#ifdef HVLM_HAS_TRANSLATIONS
  Q_INIT_RESOURCE(i18n);
#endif
}

namespace hvlm::ui {
namespace {

QColor toneColour(IconTone tone, QIcon::Mode mode) {
  const Tokens& t = tokens();
  if (mode == QIcon::Disabled) return t.disabled;
  if (mode == QIcon::Selected) return t.on_accent;
  switch (tone) {
    case IconTone::kAccent: return t.accent;
    case IconTone::kOnAccent: return t.on_accent;
    case IconTone::kGood: return t.good;
    case IconTone::kWarning: return t.warning;
    case IconTone::kBad: return t.bad;
    case IconTone::kMuted: return t.muted;
    case IconTone::kText: break;
  }
  return t.text;
}

class TokenIconEngine : public QIconEngine {
 public:
  TokenIconEngine(QByteArray svg, IconTone tone) : svg_(std::move(svg)), tone_(tone) {}
  void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State) override {
    QByteArray coloured = svg_;
    coloured.replace("#000000", toneColour(tone_, mode).name().toLatin1());
    QSvgRenderer renderer(coloured);
    renderer.render(painter, QRectF(rect));
  }
  QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override {
    QPixmap picture(size);
    picture.fill(Qt::transparent);
    QPainter painter(&picture);
    paint(&painter, QRect(QPoint(0, 0), size), mode, state);
    return picture;
  }
  QIconEngine* clone() const override { return new TokenIconEngine(*this); }

 private:
  QByteArray svg_;
  IconTone tone_;
};

}  // namespace

QIcon icon(const char* name, IconTone tone) {
  QFile file(QStringLiteral(":/icons/%1.svg").arg(QLatin1String(name)));
  if (!file.open(QIODevice::ReadOnly)) {
    qWarning("no icon named %s", name);
    return {};
  }
  return QIcon(new TokenIconEngine(file.readAll(), tone));
}

QIcon icon(const char* name) { return icon(name, IconTone::kText); }

void initResources() { registerFiles(); }

}  // namespace hvlm::ui
