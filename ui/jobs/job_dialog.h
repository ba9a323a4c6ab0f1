// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QDialog>
#include <QHash>

#include "ui/jobs/job_kinds.h"

class QComboBox;
class QFormLayout;
class QLabel;
class QPushButton;

namespace hvlm::ui {

class Prompts;

// A form for one call of the command line program, with the line itself below it. Opens filled in with what the window knows.
class JobDialog : public QDialog {
  Q_OBJECT
 public:
  JobDialog(const QString& kind_id, const JobContext& context, Prompts& prompts, QWidget* parent = nullptr);
  void setValue(const QString& label, const QString& value);
  QString value(const QString& label) const;
  QString kindId() const;
  void chooseKind(const QString& id);

 Q_SIGNALS:
  void asked(const QString& title, const QStringList& arguments);

 private:
  void build();
  void refresh();
  QHash<QString, QString> values() const;
  QWidget* editor(const JobField& field, const QString& value);
  void browse(const JobField& field);
  void take();

  Prompts& prompts_;
  JobContext context_;
  QComboBox* kind_;
  QLabel* what_;
  QLabel* line_;
  QLabel* problem_;
  QPushButton* start_;
  QFormLayout* form_;
  QHash<QString, QWidget*> editors_;
};

}  // namespace hvlm::ui
