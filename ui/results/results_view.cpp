// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/results/results_view.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QScrollArea>
#include <QStackedWidget>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>
#include <nlohmann/json.hpp>

#include "runs/run_record.h"
#include "ui/results/result_model.h"
#include "ui/shell/background.h"
#include "ui/shell/empty_state.h"
#include "ui/shell/notice_strip.h"
#include "ui/style/icons.h"
#include "ui/style/text_size.h"
#include "ui/style/theme.h"
#include "ui/core_words.h"
#include "ui/text.h"

namespace hvlm::ui {

ResultsView::ResultsView(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("resultsView"));
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(8, 6, 8, 6);
  column->setSpacing(6);
  notice_ = new NoticeStrip(this);
  auto* bar = new QHBoxLayout;
  bar->setSpacing(6);
  title_ = new QLabel(this);
  title_->setProperty("role", "title");
  verdict_ = new QLabel(this);
  verdict_->setObjectName(QStringLiteral("verdictLabel"));
  verdict_->setTextFormat(Qt::RichText);
  evaluate_ = new QToolButton(this);
  evaluate_->setObjectName(QStringLiteral("evaluateButton"));
  evaluate_->setIcon(icon("refresh"));
  evaluate_->setText(tr("Evaluate"));
  evaluate_->setToolTip(tr("Evaluate the best checkpoint on the validation subset"));
  evaluate_->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
  evaluate_->setMinimumHeight(28);
  auto* save = new QToolButton(this);
  save->setObjectName(QStringLiteral("exportTableButton"));
  save->setIcon(icon("export"));
  save->setToolTip(tr("Export table…"));
  save->setAccessibleName(tr("Export table"));
  save->setFixedSize(28, 28);
  bar->addWidget(title_);
  bar->addWidget(verdict_, 1);
  bar->addWidget(evaluate_);
  bar->addWidget(save);
  model_ = new ResultModel(this);
  view_ = new QTableView(this);
  view_->setObjectName(QStringLiteral("resultTable"));
  view_->setAccessibleName(tr("Results"));
  view_->setModel(model_);
  view_->setShowGrid(false);
  view_->setWordWrap(false);
  view_->setTabKeyNavigation(false);
  view_->setSelectionBehavior(QAbstractItemView::SelectRows);
  view_->verticalHeader()->hide();
  view_->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
  view_->verticalHeader()->setDefaultSectionSize(withText(*this, 24));
  view_->horizontalHeader()->setHighlightSections(false);
  notes_ = new QLabel;
  notes_->setWordWrap(true);
  notes_->setProperty("role", "muted");
  notes_->setAlignment(Qt::AlignTop | Qt::AlignLeft);
  notes_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  auto* notes_scroll = new QScrollArea(this);
  notes_scroll->setWidget(notes_);
  notes_scroll->setWidgetResizable(true);
  notes_scroll->setMaximumHeight(withText(*this, 58));
  notes_scroll->setFocusPolicy(Qt::NoFocus);
  auto* page = new QWidget;
  auto* page_column = new QVBoxLayout(page);
  page_column->setContentsMargins(0, 0, 0, 0);
  page_column->setSpacing(6);
  page_column->addLayout(bar);
  page_column->addWidget(view_, 1);
  page_column->addWidget(notes_scroll);
  empty_ = new EmptyState(QString());
  pages_ = new QStackedWidget(this);
  pages_->addWidget(empty_);
  pages_->addWidget(page);
  column->addWidget(notice_);
  column->addWidget(pages_, 1);
  connect(evaluate_, &QToolButton::clicked, this, &ResultsView::evaluateAsked);
  connect(empty_, &EmptyState::pressed, this, &ResultsView::evaluateAsked);
  connect(save, &QToolButton::clicked, this, &ResultsView::exportAsked);
  connect(&Theme::instance(), &Theme::changed, this, &ResultsView::refresh);
  arrive(QString(), std::nullopt, QString());
}

void ResultsView::setRun(const QString& folder) {
  run_ = folder;
  refresh();
}

void ResultsView::setCanEvaluate(bool can) {
  if (can == can_evaluate_) return;
  can_evaluate_ = can;
  offerEvaluation();
}

void ResultsView::offerEvaluation() {
  evaluate_->setEnabled(can_evaluate_);
  if (run_.isEmpty()) empty_->offer(EmptyAsk::kRuns);
  else empty_->setButton(can_evaluate_ ? tr("Evaluate on validation") : QString());
}

bool ResultsView::hasTable() const { return !model_->table().columns.empty(); }
const ResultTable& ResultsView::table() const { return model_->table(); }

void ResultsView::refresh() {
  if (run_.isEmpty()) {
    arrive(run_, std::nullopt, QString());
    return;
  }
  struct Read {
    std::optional<ResultTable> table;
    QString verdict;
  };
  inBackground(
      this,
      [folder = run_] {
        Read read;
        if (const auto report = readReport(pathOf(folder))) {
          read.table = reportTable(*report);
          const auto verdict = report->find("verdict");
          if (verdict != report->end() && verdict->is_string()) read.verdict = qText(verdict->get<std::string>());
        }
        return read;
      },
      [this, folder = run_](Read read) { arrive(folder, std::move(read.table), read.verdict); },
      [this](const QString& message) { notice_->show(NoticeLevel::kBad, message); });
}

void ResultsView::arrive(const QString& folder, std::optional<ResultTable> table, const QString& verdict) {
  if (folder != run_) return;
  pages_->setCurrentIndex(table ? 1 : 0);
  empty_->setText(folder.isEmpty() ? tr("The measured figures of a run appear here, beside its controls and the paper's claims. "
                                        "No run is shown.")
                                   : tr("The measured figures of this run appear here, beside its controls and the paper's claims. "
                                        "It has no report yet."));
  offerEvaluation();
  model_->setTable(table ? std::move(*table) : ResultTable{});
  title_->setText(qText(model_->table().title));
  const bool healthy = verdict == QLatin1String("healthy");
  verdict_->setText(verdict.isEmpty() ? QString()
                                      : QStringLiteral("<span style='color:%1'>%2 %3</span>")
                                            .arg((healthy ? tokens().good : tokens().bad).name(),
                                                 healthy ? QStringLiteral("✓") : QStringLiteral("✕"), verdict.toHtmlEscaped()));
  QString notes;
  for (const std::string& note : model_->table().notes) notes += coreWord(note) + QLatin1Char('\n');
  notes_->setText(notes.trimmed());
  view_->resizeColumnsToContents();
  for (int i = 0; i < model_->columnCount(); ++i) {
    view_->setColumnWidth(i, std::clamp(view_->columnWidth(i), 52, i == 0 ? 210 : 150));
  }
  Q_EMIT tableChanged();
}

}  // namespace hvlm::ui
