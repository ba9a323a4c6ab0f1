// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobs/job_dialog.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

#include "ui/jobs/job_queue.h"
#include "ui/shell/prompts.h"
#include "ui/style/icons.h"
#include "ui/style/text_size.h"

namespace hvlm::ui {

JobDialog::JobDialog(const QString& kind_id, const JobContext& context, Prompts& prompts, QWidget* parent)
    : QDialog(parent), prompts_(prompts), context_(context) {
  setObjectName(QStringLiteral("jobDialog"));
  setWindowTitle(tr("New job"));
  setMinimumWidth(withText(*this, 520));
  auto* column = new QVBoxLayout(this);
  column->setSpacing(10);
  kind_ = new QComboBox(this);
  kind_->setObjectName(QStringLiteral("jobKindCombo"));
  kind_->setAccessibleName(tr("Kind of job"));
  kind_->setMaxVisibleItems(20);
  for (const JobKind& kind : jobKinds()) kind_->addItem(icon(qPrintable(kind.icon)), kind.name, kind.id);
  what_ = new QLabel(this);
  what_->setProperty("role", "muted");
  what_->setWordWrap(true);
  form_ = new QFormLayout;
  form_->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
  line_ = new QLabel(this);
  line_->setObjectName(QStringLiteral("jobLine"));
  line_->setAccessibleName(tr("The same from the command line"));
  line_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  line_->setWordWrap(true);
  line_->setProperty("role", "muted");
  problem_ = new QLabel(this);
  problem_->setObjectName(QStringLiteral("jobProblem"));
  problem_->setWordWrap(true);
  start_ = new QPushButton(icon("play", IconTone::kOnAccent), tr("Start"), this);
  start_->setObjectName(QStringLiteral("jobStartButton"));
  start_->setProperty("primary", true);
  start_->setDefault(true);
  auto* cancel = new QPushButton(tr("Close"), this);
  auto* buttons = new QHBoxLayout;
  buttons->addWidget(problem_, 1);
  buttons->addWidget(cancel);
  buttons->addWidget(start_);
  column->addWidget(kind_);
  column->addWidget(what_);
  column->addLayout(form_);
  column->addStretch(1);
  column->addWidget(line_);
  column->addLayout(buttons);
  connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
  connect(start_, &QPushButton::clicked, this, &JobDialog::take);
  connect(kind_, &QComboBox::currentIndexChanged, this, &JobDialog::build);
  chooseKind(kind_id);
  build();
}

QString JobDialog::kindId() const { return kind_->currentData().toString(); }

void JobDialog::chooseKind(const QString& id) {
  if (const int at = kind_->findData(id); at >= 0) kind_->setCurrentIndex(at);
}

void JobDialog::build() {
  while (form_->rowCount() > 0) form_->removeRow(0);
  editors_.clear();
  const JobKind* kind = jobKind(kindId());
  if (!kind) return;
  what_->setText(kind->what);
  const QHash<QString, QString> initial = initialValues(*kind, context_);
  for (const JobField& field : kind->fields) {
    QWidget* made = editor(field, initial.value(field.label));
    if (field.kind == JobField::kSwitch) form_->addRow(QString(), made);
    else form_->addRow(field.required ? field.label : tr("%1 (optional)").arg(field.label), made);
  }
  refresh();
}

QWidget* JobDialog::editor(const JobField& field, const QString& value) {
  if (field.kind == JobField::kSwitch) {
    auto* box = new QCheckBox(field.label, this);
    connect(box, &QCheckBox::toggled, this, &JobDialog::refresh);
    editors_.insert(field.label, box);
    return box;
  }
  if (field.kind == JobField::kChoice) {
    auto* box = new QComboBox(this);
    box->setAccessibleName(field.label);
    box->addItems(field.choices);
    box->setCurrentText(value);
    connect(box, &QComboBox::currentTextChanged, this, &JobDialog::refresh);
    editors_.insert(field.label, box);
    return box;
  }
  auto* edit = new QLineEdit(value, this);
  edit->setAccessibleName(field.label);
  connect(edit, &QLineEdit::textChanged, this, &JobDialog::refresh);
  editors_.insert(field.label, edit);
  if (field.kind == JobField::kNumber || field.kind == JobField::kText) return edit;
  auto* row = new QWidget(this);
  auto* line = new QHBoxLayout(row);
  line->setContentsMargins(0, 0, 0, 0);
  auto* open = new QToolButton(row);
  open->setIcon(icon("folder"));
  open->setToolTip(tr("Choose…"));
  open->setAccessibleName(tr("Choose: %1").arg(field.label));
  connect(open, &QToolButton::clicked, this, [this, field] { browse(field); });
  line->addWidget(edit, 1);
  line->addWidget(open);
  edit->ensurePolished();  // the form asks for its height before it is shown
  row->setMinimumHeight(edit->sizeHint().height());
  return row;
}

void JobDialog::browse(const JobField& field) {
  QString chosen;
  switch (field.kind) {
    case JobField::kOpenFile: chosen = prompts_.openFile(this, field.label, field.filter); break;
    case JobField::kSaveFile: chosen = prompts_.saveFile(this, field.label, QString(), field.filter.isEmpty() ? tr("All files (*)") : field.filter); break;
    default: chosen = prompts_.openFolder(this, field.label); break;
  }
  if (!chosen.isEmpty()) setValue(field.label, chosen);
}

QString JobDialog::value(const QString& label) const {
  QWidget* widget = editors_.value(label);
  if (const auto* edit = qobject_cast<QLineEdit*>(widget)) return edit->text();
  if (const auto* combo = qobject_cast<QComboBox*>(widget)) return combo->currentText();
  if (const auto* box = qobject_cast<QCheckBox*>(widget)) return box->isChecked() ? QStringLiteral("1") : QString();
  return {};
}

void JobDialog::setValue(const QString& label, const QString& value) {
  QWidget* widget = editors_.value(label);
  if (auto* edit = qobject_cast<QLineEdit*>(widget)) edit->setText(value);
  if (auto* combo = qobject_cast<QComboBox*>(widget)) combo->setCurrentText(value);
  if (auto* box = qobject_cast<QCheckBox*>(widget)) box->setChecked(value == QLatin1String("1"));
}

QHash<QString, QString> JobDialog::values() const {
  QHash<QString, QString> all;
  for (auto it = editors_.cbegin(); it != editors_.cend(); ++it) all.insert(it.key(), value(it.key()));
  return all;
}

void JobDialog::refresh() {
  const JobKind* kind = jobKind(kindId());
  if (!kind) return;
  QString problem;
  const QStringList arguments = jobArguments(*kind, values(), &problem);
  problem_->setText(problem);
  start_->setEnabled(problem.isEmpty());
  line_->setText(problem.isEmpty() ? commandLine(QStringLiteral("hvlm"), arguments) : QString());
}

void JobDialog::take() {
  const JobKind* kind = jobKind(kindId());
  QString problem;
  const QStringList arguments = jobArguments(*kind, values(), &problem);
  if (!problem.isEmpty()) return;
  Q_EMIT asked(jobTitle(*kind, values()), arguments);
  accept();
}

}  // namespace hvlm::ui
