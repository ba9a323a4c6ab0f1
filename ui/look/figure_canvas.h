// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>
#include <string>

#include "ui/exports/picture.h"
#include "ui/style/colour_map.h"
#include "ui/style/tokens.h"

namespace hvlm::ui {

// What a figure is drawn with: the theme's colours on screen, the light ones in a file.
struct FigureStyle {
  const Tokens& colours;
  const ColourMap& map;
  QFont font;
};

// A figure that is drawn by a painter: on screen in the theme's colours, in a file in the light style. Says what is under the pointer as a line of text.
class FigureCanvas : public QWidget {
  Q_OBJECT
 public:
  FigureCanvas(const QString& name, const QString& empty_text, QWidget* parent);
  virtual bool hasContent() const = 0;
  virtual void draw(QPainter& painter, const QRectF& place, const FigureStyle& style) const = 0;
  virtual std::string csv() const = 0;                    // every number that is drawn
  virtual double heightFor(double width) const = 0;       // of an exported figure, in the same unit
  QByteArray picture(PictureFormat format, double width_mm = kOneColumnMm) const;
  const QString& figureName() const { return name_; }
  void setEmptyText(const QString& text);
  void setReason(const QString& reason);  // why nothing can appear here; stands in place of the empty text until it is empty again
  const QString& emptyText() const { return reason_.isEmpty() ? empty_text_ : reason_; }
  QSize minimumSizeHint() const override { return {140, 70}; }

 Q_SIGNALS:
  void hovered(const QString& text);

 protected:
  bool event(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void leaveEvent(QEvent* event) override;
  QRectF place() const;  // where the figure is drawn on screen, in its own units: pixels over drawnAt()
  double drawnAt() const;  // larger than 1 where text is
  FigureStyle screenStyle() const;

 private:
  QString name_, empty_text_, reason_;
};

// A horizontal colour scale with numbers at its ends, `width` x 8 at the point; returns the space it took.
double drawColourScale(QPainter& painter, QPointF at, double width, const FigureStyle& style, const QString& low, const QString& high);
// Slanted lines over a rectangle: in files as lines, which every program draws (patterns of an SVG are not).
void drawHatch(QPainter& painter, const QRectF& place, const QColor& colour);
// Text that fits, cut at the end with an ellipsis.
void drawElided(QPainter& painter, const QRectF& place, int flags, const QString& text, const QFont& font);

}  // namespace hvlm::ui
