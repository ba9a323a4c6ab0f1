// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobs/jobs_panel.h"

#include <QApplication>
#include <QClipboard>
#include <QFontDatabase>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPainter>
#include <QPlainTextEdit>
#include <QScrollBar>
#include <QSplitter>
#include <QStackedWidget>
#include <QStyledItemDelegate>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>

#include "ui/jobs/job_queue.h"
#include "ui/shell/empty_state.h"
#include "ui/style/icons.h"
#include "ui/style/text_size.h"
#include "ui/style/theme.h"

namespace hvlm::ui {
namespace {

// The share of the work as a bar behind the words.
class ProgressDelegate : public QStyledItemDelegate {
 public:
  using QStyledItemDelegate::QStyledItemDelegate;
  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    const double share = index.data(Qt::UserRole).toDouble();
    if (share > 0.0 && share < 1.0) {
      QColor colour = tokens().accent;
      colour.setAlphaF(0.25f);
      painter->fillRect(QRectF(option.rect.x(), option.rect.y() + 3, option.rect.width() * share, option.rect.height() - 6), colour);
    }
    QStyledItemDelegate::paint(painter, option, index);
  }
};

}  // namespace

JobsPanel::JobsPanel(JobQueue& queue, QWidget* parent) : QWidget(parent), queue_(queue) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(8, 2, 4, 4);
  column->setSpacing(4);
  const auto button = [this](const char* name, const char* icon_name, const QString& tip) {
    auto* made = new QToolButton(this);
    made->setObjectName(QLatin1String(name));
    made->setIcon(icon(icon_name));
    made->setToolTip(tip);
    made->setAccessibleName(tip);
    made->setAutoRaise(true);
    return made;
  };
  auto* add = button("jobNewButton", "play", tr("New job…"));
  stop_ = button("jobStopButton", "stop", tr("Stop and keep what is done"));
  again_ = button("jobAgainButton", "refresh", tr("Run again"));
  now_ = button("jobNowButton", "forward", tr("Start it now, beside the training in the window"));
  copy_ = button("jobCopyButton", "copy", tr("Copy the command line"));
  remove_ = button("jobRemoveButton", "close", tr("Take from the list"));
  auto* bar = new QHBoxLayout;
  bar->setSpacing(2);
  for (QToolButton* each : {add, stop_, again_, now_, copy_, remove_}) bar->addWidget(each);
  bar->addStretch(1);
  held_ = new QLabel(this);
  held_->setObjectName(QStringLiteral("jobsHeldLabel"));
  held_->setProperty("role", "muted");
  held_->setWordWrap(true);
  table_ = new QTableView(this);
  table_->setObjectName(QStringLiteral("jobTable"));
  table_->setAccessibleName(tr("Jobs"));
  table_->setModel(&queue_);
  table_->setSelectionBehavior(QAbstractItemView::SelectRows);
  table_->setSelectionMode(QAbstractItemView::SingleSelection);
  table_->setShowGrid(false);
  table_->setWordWrap(false);
  table_->setTabKeyNavigation(false);
  table_->verticalHeader()->hide();
  table_->verticalHeader()->setDefaultSectionSize(withText(*this, 24));
  table_->horizontalHeader()->setHighlightSections(false);
  table_->horizontalHeader()->setSectionResizeMode(JobQueue::kTitle, QHeaderView::Stretch);
  table_->setColumnWidth(JobQueue::kState, 76);
  table_->setColumnWidth(JobQueue::kProgress, 84);
  table_->setColumnWidth(JobQueue::kTime, 64);
  table_->setItemDelegateForColumn(JobQueue::kProgress, new ProgressDelegate(table_));
  output_ = new QPlainTextEdit(this);
  output_->setObjectName(QStringLiteral("jobOutput"));
  output_->setAccessibleName(tr("What the job printed"));
  output_->setReadOnly(true);
  output_->setMaximumBlockCount(JobQueue::kMostLines);
  output_->setTabChangesFocus(true);
  output_->setLineWrapMode(QPlainTextEdit::NoWrap);
  output_->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
  auto* split = new QSplitter(Qt::Vertical, this);
  split->addWidget(table_);
  split->addWidget(output_);
  split->setChildrenCollapsible(false);
  split->setStretchFactor(0, 1);
  split->setStretchFactor(1, 1);
  empty_ = new EmptyState(tr("Extraction, evaluation, prediction, reproduction, benchmarks and exports run here, one after the other. Nothing has been started."), tr("New job…"));
  pages_ = new QStackedWidget(this);
  pages_->addWidget(empty_);
  pages_->addWidget(split);
  column->addLayout(bar);
  column->addWidget(held_);
  column->addWidget(pages_, 1);

  connect(add, &QToolButton::clicked, this, &JobsPanel::newJobAsked);
  connect(empty_, &EmptyState::pressed, this, &JobsPanel::newJobAsked);
  connect(stop_, &QToolButton::clicked, this, [this] { queue_.stop(chosen_); });
  connect(again_, &QToolButton::clicked, this, &JobsPanel::runAgain);
  connect(now_, &QToolButton::clicked, this, [this] { queue_.startNow(chosen_); });
  connect(remove_, &QToolButton::clicked, this, &JobsPanel::removeChosen);
  connect(copy_, &QToolButton::clicked, this, &JobsPanel::copyCommand);
  connect(table_->selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this](const QModelIndex& current) {
    const QueuedJob* job = queue_.jobAt(current.row());
    chosen_ = job ? job->id : 0;
    showOutput();
    refresh();
  });
  connect(&queue_, &JobQueue::rowsInserted, this, [this](const QModelIndex&, int first) {
    pages_->setCurrentIndex(1);
    table_->selectRow(first);
    refresh();
  });
  connect(&queue_, &JobQueue::rowsRemoved, this, &JobsPanel::refresh);
  connect(&queue_, &JobQueue::dataChanged, this, &JobsPanel::refresh);
  connect(&queue_, &JobQueue::outputArrived, this, [this](qint64 id) {
    if (id == chosen_) showOutput();
  });
  refresh();
}

void JobsPanel::choose(qint64 id) {
  if (const int row = queue_.rowOf(id); row >= 0) table_->selectRow(row);
}

void JobsPanel::runAgain() {
  if (again_->isEnabled()) choose(queue_.again(chosen_));
}

void JobsPanel::copyCommand() {
  if (const QueuedJob* job = queue_.job(chosen_)) QApplication::clipboard()->setText(commandLine(QStringLiteral("hvlm"), job->arguments));
}

void JobsPanel::removeChosen() {
  if (remove_->isEnabled()) queue_.remove(chosen_);
}

void JobsPanel::refresh() {
  pages_->setCurrentIndex(queue_.rowCount() > 0 ? 1 : 0);
  const QueuedJob* job = queue_.job(chosen_);
  const bool active = job && (job->state == QueueState::kQueued || job->state == QueueState::kRunning || job->state == QueueState::kStopping);
  stop_->setEnabled(active);
  stop_->setToolTip(job && job->state == QueueState::kStopping ? tr("End it at once") : tr("Stop and keep what is done"));
  again_->setEnabled(job && !active);
  remove_->setEnabled(job && !active);
  copy_->setEnabled(job != nullptr);
  now_->setEnabled(job && job->state == QueueState::kQueued && queue_.held() && !queue_.busy());
  const int waiting = queue_.held() ? queue_.waiting() : 0;
  held_->setText(tr("%n job(s) wait until the training in the window has ended.", nullptr, waiting));
  held_->setVisible(waiting > 0);
}

void JobsPanel::showOutput() {
  const QueuedJob* job = queue_.job(chosen_);
  QScrollBar* bar = output_->verticalScrollBar();
  const bool at_end = bar->value() >= bar->maximum() - 2;
  const int before = bar->value();
  // Only what is new is laid out: a job that prints much would otherwise cost its two thousand lines each time.
  const qint64 fresh = job ? job->told - shown_told_ : 0;
  if (!job || shown_job_ != chosen_ || fresh < 0 || fresh >= job->output.size()) {
    output_->setPlainText(job ? job->output.join(QLatin1Char('\n')) : QString());
  } else {
    for (qsizetype i = job->output.size() - fresh; i < job->output.size(); ++i) output_->appendPlainText(job->output[i]);
  }
  shown_job_ = job ? chosen_ : 0;
  shown_told_ = job ? job->told : 0;
  bar->setValue(at_end ? bar->maximum() : before);  // whoever scrolled back stays there
}

QString JobsPanel::outputText() const { return output_->toPlainText(); }

}  // namespace hvlm::ui
