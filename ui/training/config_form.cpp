// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/training/config_form.h"

#include <QCheckBox>
#include <QComboBox>
#include <QEvent>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QScrollArea>
#include <QStyle>
#include <QToolButton>

#include "support/error.h"
#include "support/text.h"
#include "ui/shell/elided_label.h"
#include "ui/style/icons.h"
#include "ui/style/text_size.h"
#include "ui/text.h"

namespace hvlm::ui {
namespace {

QString leafOf(const std::string& path) { return qText(path.substr(path.find_last_of('.') + 1)).replace(QLatin1Char('_'), QLatin1Char(' ')); }

QString rangeOf(const Field& field) {
  const bool low = std::isfinite(field.range.lowest);
  const bool high = std::isfinite(field.range.highest);
  if (low && high) return uiText("%1 to %2").arg(qText(exactNumber(field.range.lowest)), qText(exactNumber(field.range.highest)));
  if (low) return uiText("at least %1").arg(qText(exactNumber(field.range.lowest)));
  return {};
}

bool isNumber(const Field& field) {
  return std::holds_alternative<int64_t*>(field.value) || std::holds_alternative<uint64_t*>(field.value) ||
         std::holds_alternative<double*>(field.value);
}

}  // namespace

ConfigForm::ConfigForm(QWidget* parent)
    : QWidget(parent), config_(std::make_unique<RunConfig>()), fields_(std::make_unique<Fields>(*config_)) {
  setObjectName(QStringLiteral("configForm"));
  auto* grid = new QGridLayout(this);
  grid->setContentsMargins(0, 0, 4, 0);
  grid->setHorizontalSpacing(6);
  grid->setVerticalSpacing(3);
  grid->setColumnStretch(0, 1);
  grid->setColumnMinimumWidth(1, 20);
  int at = 0;
  QString open;
  groups_.append(Group{});
  rows_.reserve(fields_->all().size());
  for (const Field& field : fields_->all()) {
    const size_t dot = field.path.find_last_of('.');
    const QString group = dot == std::string::npos ? QString() : qText(field.path.substr(0, dot));
    if (group != open) {
      open = group;
      auto* title = new QLabel(group, this);
      title->setProperty("role", "group");
      for (const auto& [path, help] : fields_->groups()) {
        if (qText(path) == group) title->setToolTip(qText(help));
      }
      grid->addWidget(title, at++, 0, 1, 3);
      groups_.append(Group{group, title, {}});
    }
    groups_.last().rows.append(static_cast<int>(rows_.size()));
    makeRow(field, grid, at++);
  }
  nothing_ = new QLabel(tr("No option has these words"), this);
  nothing_->setProperty("role", "muted");
  nothing_->setAlignment(Qt::AlignCenter);
  nothing_->hide();
  grid->addWidget(nothing_, at++, 0, 1, 3);
  grid->setRowStretch(at, 1);
  for (size_t i = 0; i < rows_.size(); ++i) show(static_cast<int>(i));
}

void ConfigForm::makeRow(const Field& field, QGridLayout* grid, int at) {
  const int index = static_cast<int>(rows_.size());
  Row row;
  row.field = &field;
  row.standard = qText(fieldText(field));
  auto* label = new ElidedLabel(this, Qt::ElideMiddle);
  label->setText(leafOf(field.path));
  row.label = label;
  const QString path = qText(field.path);
  QString tip = tr("%1\n%2").arg(qText(field.help), path);
  if (const QString range = rangeOf(field); !range.isEmpty()) tip += QStringLiteral(" · ") + range;
  tip += tr(" · standard %1").arg(row.standard);
  if (std::holds_alternative<bool*>(field.value)) {
    auto* box = new QCheckBox(this);
    connect(box, &QCheckBox::toggled, this, [this, index](bool on) { take(index, on ? QStringLiteral("true") : QStringLiteral("false")); });
    row.editor = box;
  } else if (!field.choices.empty() && std::holds_alternative<std::string*>(field.value)) {
    auto* box = new QComboBox(this);
    for (const std::string& choice : field.choices) box->addItem(qText(choice));
    connect(box, &QComboBox::currentTextChanged, this, [this, index](const QString& text) { take(index, text); });
    box->installEventFilter(this);  // the wheel scrolls the form, it does not change values
    row.editor = box;
  } else {
    auto* edit = new QLineEdit(this);
    if (isNumber(field)) edit->setAlignment(Qt::AlignRight);
    connect(edit, &QLineEdit::textEdited, this, [this, index](const QString& text) { take(index, text); });
    row.editor = edit;
  }
  row.editor->setObjectName(QStringLiteral("option:") + path);
  row.editor->setAccessibleName(path);
  row.editor->setAccessibleDescription(qText(field.help));
  row.editor->setFixedWidth(withText(*this, qobject_cast<QComboBox*>(row.editor) ? 112 : 94));
  row.editor->setToolTip(tip);
  row.label->setToolTip(tip);
  row.label->setBuddy(row.editor);
  row.label->setMinimumWidth(withText(*this, 40));
  row.reset = new QToolButton(this);
  row.reset->setIcon(icon("reset", IconTone::kMuted));
  row.reset->setIconSize(QSize(12, 12));
  row.reset->setFixedSize(20, 20);
  row.reset->setToolTip(tr("Back to %1").arg(row.standard));
  row.reset->setAccessibleName(tr("Reset %1").arg(path));
  connect(row.reset, &QToolButton::clicked, this, [this, index] {
    take(index, rows_[static_cast<size_t>(index)].standard);
    show(index);
  });
  grid->addWidget(row.label, at, 0);
  grid->addWidget(row.reset, at, 1);
  grid->addWidget(row.editor, at, 2, Qt::AlignRight);
  rows_.push_back(row);
}

void ConfigForm::take(int index, const QString& text) {
  if (filling_) return;
  Row& row = rows_[static_cast<size_t>(index)];
  try {
    fields_->set(row.field->path, stdText(text.trimmed()), "config");
    row.problem.clear();
  } catch (const InputError& error) {
    row.problem = qText(error.what());
  }
  mark(index);
  Q_EMIT changed();
}

void ConfigForm::show(int index) {
  Row& row = rows_[static_cast<size_t>(index)];
  filling_ = true;
  const QString text = qText(fieldText(*row.field));
  if (auto* box = qobject_cast<QCheckBox*>(row.editor)) box->setChecked(text == QLatin1String("true"));
  if (auto* combo = qobject_cast<QComboBox*>(row.editor)) combo->setCurrentText(text);
  if (auto* edit = qobject_cast<QLineEdit*>(row.editor)) edit->setText(text);
  row.problem.clear();
  filling_ = false;
  mark(index);
}

void ConfigForm::mark(int index) {
  Row& row = rows_[static_cast<size_t>(index)];
  const bool other = qText(fieldText(*row.field)) != row.standard;
  QFont font = row.label->font();
  if (font.bold() != other) {
    font.setBold(other);
    row.label->setFont(font);
  }
  row.reset->setVisible((other || !row.problem.isEmpty()) && row.editor->isEnabled() && !row.editor->isHidden());
  const bool invalid = !row.problem.isEmpty();
  if (row.editor->property("invalid").toBool() == invalid) return;
  row.editor->setProperty("invalid", invalid);
  row.editor->style()->unpolish(row.editor);
  row.editor->style()->polish(row.editor);
}

void ConfigForm::setConfig(const RunConfig& config) {
  *config_ = config;
  for (size_t i = 0; i < rows_.size(); ++i) show(static_cast<int>(i));
  Q_EMIT changed();
}

QString ConfigForm::problem() const {
  for (const Row& row : rows_) {
    if (!row.problem.isEmpty()) return row.problem;
  }
  return {};
}

void ConfigForm::setSearch(const QString& text) {
  const QStringList words = text.split(QLatin1Char(' '), Qt::SkipEmptyParts);
  int shown = 0;
  for (const Group& group : groups_) {
    int in_group = 0;
    for (const int index : group.rows) {
      const Row& row = rows_[static_cast<size_t>(index)];
      const QString searched = qText(row.field->path).replace(QLatin1Char('_'), QLatin1Char(' ')) + QLatin1Char(' ') +
                               qText(row.field->path) + QLatin1Char(' ') + qText(row.field->help);
      const bool fits = std::all_of(words.begin(), words.end(),
                                    [&](const QString& word) { return searched.contains(word, Qt::CaseInsensitive); });
      row.label->setVisible(fits);
      row.editor->setVisible(fits);
      mark(index);
      in_group += fits;
    }
    if (group.title) group.title->setVisible(in_group > 0);
    shown += in_group;
  }
  nothing_->setVisible(shown == 0);
}

void ConfigForm::setLocked(bool locked) {
  if (std::exchange(locked_, locked) == locked) return;
  for (size_t i = 0; i < rows_.size(); ++i) {
    rows_[i].editor->setEnabled(!locked);
    if (!rows_[i].editor->isHidden()) mark(static_cast<int>(i));
  }
}

QWidget* ConfigForm::editorOf(const QString& path) const { return findChild<QWidget*>(QStringLiteral("option:") + path); }

int ConfigForm::shownRows() const {
  int shown = 0;
  for (const Row& row : rows_) shown += !row.editor->isHidden();
  return shown;
}

bool ConfigForm::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::Wheel) {
    event->ignore();
    return true;
  }
  return QWidget::eventFilter(watched, event);
}

}  // namespace hvlm::ui
