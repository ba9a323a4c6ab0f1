// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>
#include <QString>
#include <functional>
#include <vector>

#include "ui/exports/picture.h"

namespace hvlm::ui {

// One figure of a page: `svg` gives it at a width in millimetres.
struct PageFigure {
  QString name;
  std::function<QByteArray(double width_mm)> svg;
};

// A figure as it was drawn for its place on the page.
struct DrawnFigure {
  QString name;
  QByteArray svg;
};
std::vector<DrawnFigure> drawFigures(const std::vector<PageFigure>& figures, double width_mm);  // calls each: on the thread they want

// Several figures on one page at a paper's width: one below the other at a column's (85 mm), two beside each other at a page's (180 mm), each with a
// letter (a), (b) … Vectors stay vectors. Any thread. Throws InputError when a figure cannot be drawn, or without any. `options`: dpi and style.
QByteArray figurePage(const std::vector<DrawnFigure>& figures, PictureFormat format, const PictureOptions& options);
QByteArray figurePage(const std::vector<PageFigure>& figures, PictureFormat format, double width_mm);

}  // namespace hvlm::ui
