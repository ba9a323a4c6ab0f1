// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/curves/run_colours.h"

#include <QPainter>
#include <QPixmap>
#include <QSet>

namespace hvlm::ui {

Qt::PenStyle dashOf(int index) {
  static constexpr Qt::PenStyle styles[] = {Qt::SolidLine, Qt::DashLine, Qt::DotLine, Qt::DashDotLine, Qt::DashDotDotLine};
  return styles[index % 5];
}

void RunColours::show(const QStringList& runs) {
  const QSet<QString> wanted(runs.begin(), runs.end());
  place_.removeIf([&wanted](const auto& shown) { return !wanted.contains(shown.key()); });
  QSet<int> taken(place_.begin(), place_.end());
  int free = 0;
  for (const QString& run : runs) {
    if (place_.contains(run)) continue;
    while (taken.contains(free)) ++free;
    place_.insert(run, free);
    taken.insert(free);
  }
}

void RunColours::choose(const QString& run, const QColor& colour) {
  if (colour.isValid()) chosen_.insert(run, colour);
  else chosen_.remove(run);
}

QColor RunColours::colour(const QString& run, const Tokens& tokens) const {
  if (const auto chosen = chosen_.constFind(run); chosen != chosen_.cend()) return *chosen;
  return tokens.series[static_cast<size_t>(place_.value(run)) % tokens.series.size()];
}

int RunColours::dash(const QString& run) const { return place_.value(run) / static_cast<int>(std::tuple_size_v<decltype(Tokens::series)>); }

QIcon RunColours::swatch(const QString& run, const Tokens& tokens) const {
  constexpr int kWidth = 24, kHeight = 12;  // twice what is shown, for sharp edges
  QPixmap picture(kWidth, kHeight * 2);
  picture.fill(Qt::transparent);
  QPainter painter(&picture);
  painter.setPen(QPen(colour(run, tokens), 6, dashOf(dash(run)), Qt::FlatCap));
  painter.drawLine(0, kHeight, kWidth, kHeight);
  painter.end();
  return QIcon(picture);
}

}  // namespace hvlm::ui
