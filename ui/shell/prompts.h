// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <QStringList>
#include <optional>

#include "ui/exports/export_options.h"

class QWidget;

namespace hvlm::ui {

// Everything the window asks the user goes through here, so that a test can queue the answers. GUI thread.
class Prompts {
 public:
  virtual ~Prompts() = default;
  // An empty text means that the user thought better of it.
  virtual QString openFile(QWidget* parent, const QString& title, const QString& filter) = 0;
  virtual QString openFolder(QWidget* parent, const QString& title) = 0;
  virtual QString saveFile(QWidget* parent, const QString& title, const QString& name, const QString& filter) = 0;
  virtual QString line(QWidget* parent, const QString& title, const QString& label, const QString& now = {}) = 0;
  // Buttons are verbs; returns the index of the one pressed, or -1 for Esc and for closing the question, which must do nothing. The first is
  // the default: it loses nothing.
  virtual int choose(QWidget* parent, const QString& question, const QString& detail, const QStringList& buttons) = 0;
  // Nothing: thought better of it. Who does not ask takes what is in force.
  virtual std::optional<ExportOptions> exportOptions(QWidget* parent, const ExportOptions& now);
};

class DialogPrompts : public Prompts {
 public:
  QString openFile(QWidget* parent, const QString& title, const QString& filter) override;
  QString openFolder(QWidget* parent, const QString& title) override;
  QString saveFile(QWidget* parent, const QString& title, const QString& name, const QString& filter) override;
  QString line(QWidget* parent, const QString& title, const QString& label, const QString& now) override;
  int choose(QWidget* parent, const QString& question, const QString& detail, const QStringList& buttons) override;
  std::optional<ExportOptions> exportOptions(QWidget* parent, const ExportOptions& now) override;
};

}  // namespace hvlm::ui
