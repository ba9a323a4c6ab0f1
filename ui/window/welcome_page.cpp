// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window/welcome_page.h"

#include <QIcon>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/shell/notice_strip.h"
#include "ui/style/icons.h"
#include "ui/style/text_size.h"

namespace hvlm::ui {
namespace {

constexpr int kWidth = 440;

}  // namespace

WelcomePage::WelcomePage(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("welcomePage"));
  auto* outer = new QHBoxLayout(this);
  auto* column = new QVBoxLayout;
  column->setSpacing(10);
  auto* mark = new QLabel(this);
  mark->setPixmap(QIcon(QStringLiteral(":/icons/hvlm.svg")).pixmap(56, 56));
  auto* title = new QLabel(tr("HierarchicalVLM Workbench"), this);
  QFont big = title->font();
  big.setPointSizeF(big.pointSizeF() * 1.5);
  big.setWeight(QFont::Medium);
  title->setFont(big);
  auto* line = new QLabel(tr("Train, evaluate and look into models of long video. Everything runs on this machine."), this);
  line->setProperty("role", "muted");
  line->setWordWrap(true);
  column->addStretch(2);
  column->addWidget(mark);
  column->addWidget(title);
  column->addWidget(line);
  column->addSpacing(8);
  const auto choice = [&](const char* name, const char* icon_name, const QString& text, const QString& help, bool primary) {
    auto* button = new QPushButton(icon(icon_name, primary ? IconTone::kOnAccent : IconTone::kText), text, this);
    button->setObjectName(QLatin1String(name));
    button->setProperty("primary", primary);
    button->setAccessibleDescription(help);
    button->setMinimumHeight(withText(*this, 34));
    button->setFixedWidth(withText(*this, kWidth));
    button->setStyleSheet(QStringLiteral("text-align: left; padding-left: 12px;"));
    auto* below = new QLabel(help, this);
    below->setProperty("role", "muted");
    below->setWordWrap(true);
    below->setFixedWidth(withText(*this, kWidth));
    below->setContentsMargins(14, 0, 0, 4);
    column->addWidget(button);
    column->addWidget(below);
    return button;
  };
  connect(choice("openDemoButton", "demo", tr("Open the demo"),
                 tr("A small finished run with its videos, at once and offline; from there it can be made anew."), true),
          &QPushButton::clicked, this, &WelcomePage::demoAsked);
  connect(choice("openDataButton", "folder", tr("Open a data set…"),
                 tr("A dataset.yaml with annotations in ActivityNet's format and features in HDF5 or .npy files."), false),
          &QPushButton::clicked, this, &WelcomePage::dataAsked);
  connect(choice("openRunsButton", "runs", tr("Open runs…"), tr("A run folder, or a folder of runs, finished or still training."), false),
          &QPushButton::clicked, this, &WelcomePage::runsAsked);
  work_ = new QLabel(this);
  work_->setObjectName(QStringLiteral("welcomeWork"));
  work_->setProperty("role", "muted");
  progress_ = new QProgressBar(this);
  progress_->setTextVisible(false);
  QSizePolicy keep = progress_->sizePolicy();
  keep.setRetainSizeWhenHidden(true);
  progress_->setSizePolicy(keep);
  notice_ = new NoticeStrip(this);
  notice_->setFixedWidth(withText(*this, kWidth));
  column->addWidget(work_);
  column->addWidget(progress_);
  column->addWidget(notice_);
  column->addStretch(3);
  outer->addStretch(1);
  outer->addLayout(column);
  outer->addStretch(1);
  showWork(QString(), 0, 0);
}

void WelcomePage::showWork(const QString& text, int64_t done, int64_t total) {
  work_->setText(text);
  progress_->setVisible(!text.isEmpty());
  progress_->setRange(0, static_cast<int>(total));
  progress_->setValue(static_cast<int>(done));
}

}  // namespace hvlm::ui
