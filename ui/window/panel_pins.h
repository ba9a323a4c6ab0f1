// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QHash>
#include <QObject>

#include "ui/workspace.h"

class QWidget;

namespace hvlm::ui {

// The panels that can be pinned: each has a workspace that follows the shared one until it is pinned, so that a panel can go on showing
// one video under one run while another is looked at beside it. GUI thread; owned by the window.
class PanelPins : public QObject {
  Q_OBJECT
 public:
  PanelPins(Workspace& shared, QObject* parent) : QObject(parent), shared_(shared) {}
  Workspace& add();                          // for a panel that is made with it
  void setPanel(QWidget* panel, Workspace& workspace);
  // A panel that shows runs only and has no workspace: whoever feeds it leaves it alone while it is pinned.
  void addKeeper(QWidget* panel) { keepers_.insert(panel, {}); }
  Workspace& workspaceOf(const QWidget* panel) const { return *workspaces_.value(panel); }  // of one that was set with it
  bool canPin(const QWidget* panel) const { return workspaces_.contains(panel) || keepers_.contains(panel); }
  bool pinned(const QWidget* panel) const;
  void setPinned(const QWidget* panel, bool pinned);
  QString text(const QWidget* panel) const;  // what a pinned panel keeps: "v_one · run 0142"

 Q_SIGNALS:
  void changed();

 private:
  Workspace& shared_;
  struct Kept {
    bool pinned = false;
    QString run;  // folder, of the moment it was pinned
  };
  QHash<const QWidget*, Workspace*> workspaces_;
  QHash<const QWidget*, Kept> keepers_;
};

}  // namespace hvlm::ui
