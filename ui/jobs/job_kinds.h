// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QHash>
#include <QString>
#include <QStringList>
#include <vector>

namespace hvlm::ui {

// One option of a command as a form shows it.
struct JobField {
  enum Kind { kOpenFile, kOpenFolder, kSaveFile, kSaveFolder, kChoice, kNumber, kText, kSwitch };
  QString key;      // "--out"; empty: a positional argument
  QString label;
  Kind kind = kText;
  bool required = false;
  QString initial;  // left at this, an optional field is not passed
  QStringList choices;
  QString filter;   // of the file dialog
};

// Something the command line program does that the window starts as a job.
struct JobKind {
  QString id;        // "extract"
  QString name;      // "Extract features"
  QString what;      // one sentence
  QStringList verb;  // {"bench", "video"}
  QString icon;
  std::vector<JobField> fields;
};

// What the window knows already, so that a form opens filled in.
struct JobContext {
  QString data, run;
};

const std::vector<JobKind>& jobKinds();
const JobKind* jobKind(const QString& id);  // null when there is none

// Values by label of the field; what is missing is named in `problem`.
QStringList jobArguments(const JobKind& kind, const QHash<QString, QString>& values, QString* problem);
QHash<QString, QString> initialValues(const JobKind& kind, const JobContext& context);
QString jobTitle(const JobKind& kind, const QHash<QString, QString>& values);

}  // namespace hvlm::ui
