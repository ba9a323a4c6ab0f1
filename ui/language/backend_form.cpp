// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/language/backend_form.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QStyle>
#include <QUrl>
#include <QVBoxLayout>

#include "language/chat_template.h"
#include "ui/shell/elided_label.h"
#include "ui/shell/prompts.h"
#include "ui/text.h"

namespace hvlm::ui {
namespace {

bool onThisComputer(const QString& url) {
  const QString host = QUrl(url).host();
  return host == QLatin1String("localhost") || host == QLatin1String("::1") || host.startsWith(QLatin1String("127."));
}

void restyle(QWidget* widget, const char* name, const QVariant& value) {
  if (widget->property(name) == value) return;
  widget->setProperty(name, value);
  widget->style()->unpolish(widget);  // the style sheet looks at it again
  widget->style()->polish(widget);
}

}  // namespace

BackendForm::BackendForm(Prompts& prompts, QWidget* parent) : QWidget(parent), prompts_(prompts) {
  kind_ = new QComboBox(this);
  kind_->setObjectName(QStringLiteral("backendCombo"));
  kind_->setAccessibleName(tr("Who answers"));
  kind_->setToolTip(tr("Who answers: the heads of this run, a language model on this computer, or a server. "
                       "The last two read what the run finds in the video."));
  kind_->addItems({tr("This run"), tr("Language model…"), tr("Server…")});
  model_ = modelBox();
  server_ = serverBox();
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(6);
  column->addWidget(kind_);
  column->addWidget(model_);
  column->addWidget(server_);
  connect(kind_, &QComboBox::currentIndexChanged, this, &BackendForm::refresh);
  connect(kind_, &QComboBox::activated, this, [this](int index) {
    if (index == static_cast<int>(BackendKind::kModel) && model_folder_.isEmpty()) chooseModel();
  });
  refresh();
}

QWidget* BackendForm::modelBox() {
  auto* box = new QWidget(this);
  folder_ = new ElidedLabel(box, Qt::ElideMiddle);
  folder_->setObjectName(QStringLiteral("modelFolderLabel"));
  folder_->setProperty("role", "muted");
  auto* choose = new QPushButton(tr("Choose…"), box);
  choose->setObjectName(QStringLiteral("modelFolderButton"));
  choose->setAccessibleName(tr("Choose the folder of a language model"));
  template_ = new QComboBox(box);
  template_->setObjectName(QStringLiteral("chatTemplateCombo"));
  template_->setAccessibleName(tr("Chat template"));
  template_->setToolTip(tr("How the talk becomes the one text that the model reads"));
  template_->addItem(tr("template: the model's own"), QString());
  for (const std::string& name : ChatTemplate::names()) template_->addItem(tr("template: %1").arg(qText(name)), qText(name));
  auto* row = new QHBoxLayout;
  row->setSpacing(6);
  row->addWidget(folder_, 1);
  row->addWidget(choose);
  auto* column = new QVBoxLayout(box);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(6);
  column->addLayout(row);
  column->addWidget(template_);
  connect(choose, &QPushButton::clicked, this, &BackendForm::chooseModel);
  connect(template_, &QComboBox::currentIndexChanged, this, &BackendForm::changed);
  return box;
}

QLineEdit* BackendForm::edit(const char* name, const QString& text) {
  auto* made = new QLineEdit(this);
  made->setObjectName(QLatin1String(name));
  made->setPlaceholderText(text);
  made->setAccessibleName(text);
  connect(made, &QLineEdit::textChanged, this, &BackendForm::refresh);
  return made;
}

QWidget* BackendForm::serverBox() {
  auto* box = new QWidget(this);
  address_ = edit("serverAddressEdit", tr("Address, e.g. http://127.0.0.1:8080/v1"));
  name_ = edit("serverModelEdit", tr("Name of the model; may be left out"));
  key_ = edit("serverKeyEdit", tr("Key, if the server wants one"));
  key_->setEchoMode(QLineEdit::Password);
  key_->setToolTip(tr("Kept in memory until the program ends, never saved; goes into the request's header only."));
  where_ = new QLabel(box);
  where_->setObjectName(QStringLiteral("serverWhereLabel"));
  where_->setProperty("role", "muted");
  where_->setTextFormat(Qt::PlainText);
  where_->setWordWrap(true);
  auto* column = new QVBoxLayout(box);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(6);
  for (QLineEdit* each : {address_, name_, key_}) column->addWidget(each);
  column->addWidget(where_);
  return box;
}

Backend BackendForm::backend() const {
  Backend chosen;
  chosen.kind = static_cast<BackendKind>(kind_->currentIndex());
  chosen.model_folder = model_folder_;
  chosen.chat_template = template_->currentData().toString();
  chosen.server.address = stdText(address_->text().trimmed());
  chosen.server.model = stdText(name_->text().trimmed());
  chosen.server.key = stdText(key_->text().trimmed());
  return chosen;
}

void BackendForm::setBackend(BackendKind kind) { kind_->setCurrentIndex(static_cast<int>(kind)); }

void BackendForm::chooseModel() {
  const QString folder = prompts_.openFolder(this, tr("The folder of a language model: config.json, tokenizer and weights"));
  if (folder.isEmpty()) return;
  model_folder_ = folder;
  refresh();
}

void BackendForm::refresh() {
  const Backend chosen = backend();
  model_->setVisible(chosen.kind == BackendKind::kModel);
  server_->setVisible(chosen.kind == BackendKind::kServer);
  folder_->setText(model_folder_.isEmpty() ? tr("no folder chosen") : model_folder_);
  const QString problem = chosen.kind == BackendKind::kServer ? backendProblem(chosen) : QString();
  const bool invalid = !problem.isEmpty() && !chosen.server.address.empty();
  restyle(address_, "invalid", invalid);
  bool leaves = false;
  if (chosen.server.address.empty()) {
    where_->setText(tr("Off: no address is given, nothing is sent."));
  } else if (invalid) {
    where_->setText(problem);
  } else if (chosen.kind == BackendKind::kServer) {
    const QString url = qText(chatEndpoint(chosen.server.address));
    const QString what = tr("Each question sends this talk and what the run finds in the video to %1.").arg(url);
    leaves = !onThisComputer(url);
    where_->setText(what + QLatin1Char(' ') + (leaves ? tr("They leave this computer.") : tr("That is on this computer.")));
  }
  restyle(where_, "role", leaves ? QStringLiteral("plain") : QStringLiteral("muted"));
  Q_EMIT changed();
}

}  // namespace hvlm::ui
