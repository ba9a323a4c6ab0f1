// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window/panel_pins.h"

#include <QFileInfo>

#include "ui/text.h"

namespace hvlm::ui {

Workspace& PanelPins::add() {
  auto* made = new Workspace(shared_, this);
  connect(made, &Workspace::pinnedChanged, this, &PanelPins::changed);
  return *made;
}

void PanelPins::setPanel(QWidget* panel, Workspace& workspace) { workspaces_.insert(panel, &workspace); }

bool PanelPins::pinned(const QWidget* panel) const {
  const Workspace* workspace = workspaces_.value(panel);
  return workspace && workspace->pinned();
}

void PanelPins::setPinned(const QWidget* panel, bool pinned) {
  if (Workspace* workspace = workspaces_.value(panel)) workspace->setPinned(pinned);
}

QString PanelPins::text(const QWidget* panel) const {
  const Workspace* workspace = workspaces_.value(panel);
  if (!workspace) return {};
  QStringList parts;
  if (!workspace->videoId().isEmpty()) parts.append(workspace->videoId());
  if (!workspace->run().isEmpty()) parts.append(uiText("run %1").arg(QFileInfo(workspace->run()).fileName()));
  return parts.join(QStringLiteral(" · "));
}

}  // namespace hvlm::ui
