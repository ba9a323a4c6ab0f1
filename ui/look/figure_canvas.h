// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>
#include <string>
#include <utility>
#include <vector>

#include "ui/exports/picture.h"
#include "ui/style/colour_map.h"
#include "ui/style/tokens.h"

namespace hvlm::ui {

enum class EmptyAsk;
class EmptyState;

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
  PaintedPicture painted(PictureFormat format, const PictureOptions& options) const;
  virtual QString leftOut([[maybe_unused]] bool picture) const { return {}; }  // what the picture, or the numbers, do not hold; empty: nothing
  const QString& figureName() const { return name_; }
  void setEmptyText(const QString& text);
  void setReason(const QString& reason);  // why nothing can appear here; stands in place of the empty text until it is empty again
  const QString& emptyText() const { return reason_.isEmpty() ? empty_text_ : reason_; }
  void offer(EmptyAsk lacks);  // says while it is empty what is lacking, with the button that fills it
  void setDimmed(bool dimmed);  // what it shows is of before: the new is on its way
  bool dimmed() const { return dimmed_; }
  QString wholeTextAt(QPointF pixel) const;  // of a text that was cut there when it was last painted; empty without
  void update();               // repaints; what it says while it is empty comes and goes with its content
  QSize minimumSizeHint() const override { return {140, 70}; }
  int64_t currentItem() const { return item_ < itemCount() ? item_ : -1; }  // -1: none yet

 Q_SIGNALS:
  void hovered(const QString& text);

 protected:
  bool event(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void leaveEvent(QEvent* event) override;
  // Arrows move the current item, Home and End go to the first and last, Enter or Space is a click on it, + - and 0 zoom where there is a zoom.
  void keyPressEvent(QKeyEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;
  void paintFocus(QPainter& painter);  // the ring, and a frame about the current item; over the figure, in pixels of the widget
  // What the keyboard goes through, numbered from 0 in reading order; none by default.
  virtual int64_t itemCount() const { return 0; }
  virtual int64_t itemColumns() const { return 1; }  // of a grid: up and down go by as many
  virtual QRectF itemPlace([[maybe_unused]] int64_t item) const { return {}; }  // as draw() places it on screen
  virtual int64_t itemBeside(int64_t item, int across, int down) const;  // one of them is -1 or 1; `item` where there is none
  virtual void tellItem(int64_t item);     // hovered() for it; as the pointer over its middle
  virtual void chooseItem(int64_t item);   // as a click on its middle
  virtual bool zoomByKey([[maybe_unused]] double factor) { return false; }  // 0: everything
  void drawOnScreen(QPainter& painter);  // draw() at the widget's scale, with its font; keeps the whole of texts that are cut
  QRectF place() const;  // where the figure is drawn on screen, in its own units: pixels over drawnAt()
  double drawnAt() const;  // larger than 1 where text is
  FigureStyle screenStyle() const;

 private:
  void goToItem(int64_t item);
  QString name_, empty_text_, reason_;
  bool dimmed_ = false;
  std::vector<std::pair<QRectF, QString>> cut_;  // in pixels
  int64_t item_ = -1;  // the keyboard's current one
  EmptyState* empty_ = nullptr;  // of a figure that was given something to offer
  EmptyAsk lacks_{};
};

// A horizontal colour scale with numbers at its ends, `width` x 8 at the point; returns the space it took.
double drawColourScale(QPainter& painter, QPointF at, double width, const FigureStyle& style, const QString& low, const QString& high);
// Slanted lines over a rectangle: in files as lines, which every program draws (patterns of an SVG are not).
void drawHatch(QPainter& painter, const QRectF& place, const QColor& colour);
// Text that fits, cut at the end with an ellipsis.
void drawElided(QPainter& painter, const QRectF& place, int flags, const QString& text, const QFont& font);

}  // namespace hvlm::ui
