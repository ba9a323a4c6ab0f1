// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QHash>
#include <QSet>
#include <QTimer>
#include <QWidget>
#include <map>

#include "ui/curves/curve_card.h"
#include "ui/curves/run_colours.h"

class QComboBox;
class QGridLayout;
class QSlider;
class QStackedWidget;

namespace hvlm::ui {

class EmptyState;
class NoticeStrip;

// The cards of all runs shown, in a page that scrolls. Redraws one card at a time, so that no turn of the event loop is long.
class CurvesView : public QWidget {
  Q_OBJECT
 public:
  explicit CurvesView(CurveStore& store, QWidget* parent = nullptr);
  // The first is the run shown, the others lie over it: RunTable::kMostRuns at most, and what is left out is said.
  void setRuns(const QStringList& folders);
  void setOptions(const CurveOptions& options);
  const CurveOptions& options() const { return options_; }
  const QSet<CardKind>& logCards() const { return log_cards_; }  // with a logarithmic value axis, also those that have no lines yet
  void setLogCards(const QSet<CardKind>& cards);
  QList<CardKind> cards() const;  // that have lines, in order
  CurveCard* card(CardKind kind) const { return cards_.value(kind); }
  QList<CurveLine> linesOf(CardKind kind, const Tokens& tokens) const;
  NoticeStrip* notice() { return notice_; }
  QToolButton* followButton() { return follow_; }
  QToolButton* logXButton() { return log_x_; }
  QToolButton* clipButton() { return clip_; }
  void setAxis(CurveAxis axis);
  const RunColours& runColours() const { return colours_; }
  void setRunColours(const QHash<QString, QColor>& chosen);  // by folder, in place of the standard ones
  int64_t regroupings() const { return regroupings_; }  // how often all tags were sorted onto cards; bounded by time, not by runs
  void setEmptyText(const QString& text);

 Q_SIGNALS:
  void runColoursChanged();
  void exportAsked(const QString& card);  // empty: the whole page

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  void markAllDirty();
  void refreshSome();
  void refresh(CurveCard* card);
  void arrange();
  void regroup();
  void tellLeftOut(qsizetype left_out);

  CurveStore& store_;
  CurveOptions options_;
  RunColours colours_;
  QHash<CardKind, CurveCard*> cards_;
  QSet<CardKind> log_cards_;
  std::map<CardKind, QList<std::pair<QString, std::string>>> tags_;  // by card: run, tag
  QList<CardKind> dirty_;
  QTimer refresh_timer_, regroup_timer_;
  QStackedWidget* pages_;
  QWidget* page_;
  QGridLayout* grid_;
  EmptyState* empty_;
  NoticeStrip* notice_;
  QComboBox* axis_;
  QSlider* smoothing_;
  class QLabel* smoothing_text_;
  QToolButton* follow_;
  QToolButton* log_x_;
  QToolButton* clip_;
  int columns_ = 2;
  int64_t known_tags_ = -1, regroupings_ = 0;
  qsizetype left_out_ = 0;
  QString left_out_text_;
};

}  // namespace hvlm::ui
