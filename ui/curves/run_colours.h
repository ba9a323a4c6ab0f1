// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QColor>
#include <QHash>
#include <QIcon>
#include <QStringList>

#include "ui/style/tokens.h"

namespace hvlm::ui {

Qt::PenStyle dashOf(int index);  // one of five, in turn

// Which colour a run's lines have: the first that is free when it comes, kept as long as the run is shown; past the ten colours the dashes change.
// A chosen one takes its place. A plain value.
class RunColours {
 public:
  void show(const QStringList& runs);  // those that are gone give their place free
  void choose(const QString& run, const QColor& colour);  // an invalid one: the standard one again
  const QHash<QString, QColor>& chosen() const { return chosen_; }
  void setChosen(const QHash<QString, QColor>& chosen) { chosen_ = chosen; }
  QColor colour(const QString& run, const Tokens& tokens) const;
  int dash(const QString& run) const;  // index for dashOf()
  QIcon swatch(const QString& run, const Tokens& tokens) const;  // its line, small

 private:
  QHash<QString, int> place_;  // by run shown
  QHash<QString, QColor> chosen_;
};

}  // namespace hvlm::ui
