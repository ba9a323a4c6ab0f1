// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>

class QLabel;
class QPushButton;

namespace hvlm::ui {

class Workspace;

// What would fill an empty panel.
enum class EmptyAsk { kNothing, kData, kRuns, kVideos };
// What the workspace lacks for a panel that shows its video, or what its run makes of it; nothing while it reads or computes.
EmptyAsk lacking(const Workspace& workspace, bool needs_run);
QString lackingText(EmptyAsk ask);  // why the panel is empty, as a sentence; empty for nothing

// What an empty panel shows: what will appear, why it is empty now, and the one button that fills it. The text can be selected.
class EmptyState : public QWidget {
  Q_OBJECT
 public:
  explicit EmptyState(const QString& text, const QString& button = {}, QWidget* parent = nullptr);
  void setText(const QString& text);
  void setButton(const QString& text);  // emits pressed()
  void offer(EmptyAsk ask);             // the button's text is the request's; emits asked()
  void setCopy(const QString& button, const QString& text);  // a second button that copies `text`; empty: none
  QString text() const;

 Q_SIGNALS:
  void pressed();
  void asked(hvlm::ui::EmptyAsk ask);

 private:
  QLabel* label_;
  QPushButton* button_;
  QPushButton* copy_ = nullptr;
  EmptyAsk ask_ = EmptyAsk::kNothing;
  QString copied_;
};

}  // namespace hvlm::ui
