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
  return workspace ? workspace->pinned() : keepers_.value(panel).pinned;
}

void PanelPins::setPinned(const QWidget* panel, bool pinned) {
  if (Workspace* workspace = workspaces_.value(panel)) return workspace->setPinned(pinned);
  const auto keeper = keepers_.find(panel);
  if (keeper == keepers_.end() || keeper->pinned == pinned) return;
  *keeper = {pinned, pinned ? shared_.run() : QString()};
  Q_EMIT changed();
}

QString PanelPins::text(const QWidget* panel) const {
  const Workspace* workspace = workspaces_.value(panel);
  const auto run_text = [](const QString& folder) { return uiText("run %1").arg(QFileInfo(folder).fileName()); };
  if (!workspace) {
    const Kept kept = keepers_.value(panel);
    return kept.run.isEmpty() ? uiText("what it shows") : run_text(kept.run);
  }
  QStringList parts;
  if (!workspace->videoId().isEmpty()) parts.append(workspace->videoId());
  if (!workspace->run().isEmpty()) parts.append(run_text(workspace->run()));
  return parts.join(QStringLiteral(" · "));
}

}  // namespace hvlm::ui
