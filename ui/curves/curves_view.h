// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QHash>
#include <QSet>
#include <QTimer>
#include <QWidget>
#include <map>

#include "ui/curves/curve_card.h"

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
  void setRuns(const QStringList& folders);  // the first is the run shown, the others lie over it
  void setOptions(const CurveOptions& options);
  const CurveOptions& options() const { return options_; }
  QList<CardKind> cards() const;  // that have lines, in order
  CurveCard* card(CardKind kind) const { return cards_.value(kind); }
  QList<CurveLine> linesOf(CardKind kind, const Tokens& tokens) const;
  NoticeStrip* notice() { return notice_; }
  QToolButton* followButton() { return follow_; }
  void setEmptyText(const QString& text);

 Q_SIGNALS:
  void exportAsked(const QString& card);  // empty: the whole page

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  void markAllDirty();
  void refreshSome();
  void refresh(CurveCard* card);
  void arrange();
  void regroup();

  CurveStore& store_;
  CurveOptions options_;
  QHash<CardKind, CurveCard*> cards_;
  std::map<CardKind, QList<std::pair<QString, std::string>>> tags_;  // by card: run, tag
  QList<CardKind> dirty_;
  QTimer refresh_timer_;
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
  int64_t known_tags_ = -1;
};

}  // namespace hvlm::ui
