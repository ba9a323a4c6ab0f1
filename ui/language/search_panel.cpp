// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/language/search_panel.h"

#include <QComboBox>
#include <QElapsedTimer>
#include <QKeyEvent>
#include <QLineEdit>
#include <QProgressBar>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "ui/language/engine_call.h"
#include "ui/language/found_lists.h"
#include "ui/shell/empty_state.h"
#include "ui/style/icons.h"
#include "ui/text.h"
#include "ui/workspace.h"

namespace hvlm::ui {
namespace {

constexpr int kTypingPause = 450;  // ms after the last letter until the engine is asked
constexpr int64_t kMost = 50;      // videos and moments asked for

}  // namespace

SearchPanel::SearchPanel(Workspace& workspace, VideoFiles& files, QWidget* parent) : QWidget(parent), workspace_(workspace) {
  setObjectName(QStringLiteral("searchPanel"));
  words_ = new QLineEdit(this);
  words_->setObjectName(QStringLiteral("wordSearchEdit"));
  words_->setPlaceholderText(tr("Search by words"));
  words_->setAccessibleName(tr("Search by words"));
  words_->setToolTip(tr("What is seen, in plain words. Enter searches at once, Esc clears."));
  words_->setClearButtonEnabled(true);
  words_->addAction(icon("search", IconTone::kMuted), QLineEdit::LeadingPosition);
  subset_ = new QComboBox(this);
  subset_->setObjectName(QStringLiteral("searchSubsetCombo"));
  subset_->setAccessibleName(tr("Subset that is searched"));
  subset_->setToolTip(tr("Subset that is searched"));
  subset_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  subset_->setMinimumContentsLength(6);
  progress_ = new QProgressBar(this);
  progress_->setObjectName(QStringLiteral("searchProgress"));
  progress_->setAccessibleName(tr("Searching"));
  progress_->setRange(0, 0);
  progress_->setTextVisible(false);
  progress_->setFixedHeight(3);
  QSizePolicy kept = progress_->sizePolicy();  // its coming and going moves nothing
  kept.setRetainSizeWhenHidden(true);
  progress_->setSizePolicy(kept);
  progress_->hide();
  found_ = new FoundLists(files, this);
  empty_ = new EmptyState(QString());
  pages_ = new QStackedWidget(this);
  pages_->addWidget(empty_);
  pages_->addWidget(found_);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(8, 6, 4, 4);
  column->setSpacing(6);
  column->addWidget(words_);
  column->addWidget(subset_);
  column->addWidget(progress_);
  column->addWidget(pages_, 1);

  typing_.setSingleShot(true);
  typing_.setInterval(kTypingPause);
  connect(&typing_, &QTimer::timeout, this, &SearchPanel::ask);
  connect(words_, &QLineEdit::textEdited, this, [this] { typing_.start(); });
  connect(words_, &QLineEdit::textChanged, this, [this](const QString& text) {
    if (text.trimmed().isEmpty() && (has_found_ || busy_ || !problem_.isEmpty())) clear();
  });
  connect(words_, &QLineEdit::returnPressed, this, &SearchPanel::ask);
  connect(subset_, &QComboBox::activated, this, &SearchPanel::ask);
  connect(empty_, &EmptyState::pressed, this, [this] {
    if (workspace_.data()) focusSearch();
    else Q_EMIT openDataAsked();
  });
  connect(found_, &FoundLists::chosen, this, &SearchPanel::momentChosen);
  connect(&workspace_, &Workspace::dataChanged, this, &SearchPanel::dataArrived);
  connect(&workspace_, &Workspace::runChanged, this, &SearchPanel::forget);
  connect(&workspace_, &Workspace::loadingChanged, this, &SearchPanel::showState);
  showState();
}

SearchPanel::~SearchPanel() { stop_.request_stop(); }

void SearchPanel::keyPressEvent(QKeyEvent* event) {
  if (event->key() != Qt::Key_Escape) {
    QWidget::keyPressEvent(event);
    return;
  }
  words_->clear();
  clear();
}

void SearchPanel::setRunner(JobRunner* runner) {
  stop();
  runner_ = runner;
  showState();
}

void SearchPanel::focusSearch() {
  words_->setFocus(Qt::ShortcutFocusReason);
  words_->selectAll();
}

void SearchPanel::search(const QString& words) {
  words_->setText(words);
  ask();
}

void SearchPanel::dataArrived() {
  const QString before = subset_->currentData().toString();
  subset_->clear();
  for (const std::string& name : workspace_.data()->catalogue.subsetNames()) subset_->addItem(qText(name), qText(name));
  int row = subset_->findData(before);
  if (row < 0) row = subset_->findData(QStringLiteral("validation"));
  subset_->setCurrentIndex(std::max(row, 0));
  forget();
}

void SearchPanel::ask() {
  typing_.stop();
  const QString words = words_->text().simplified();
  if (words.isEmpty() || !runner_ || !workspace_.data() || workspace_.run().isEmpty()) return;
  stop_.request_stop();
  stop_ = std::stop_source();
  RetrieveSpec spec;
  spec.run_folder = stdText(workspace_.run());
  spec.data = stdText(workspace_.data()->file);
  spec.subset = stdText(subset_->currentData().toString());
  spec.query = stdText(words);
  spec.most = kMost;
  const int64_t number = ++newest_;
  setBusy(true);
  QElapsedTimer clock;
  clock.start();
  askEngine(
      *runner_, "search", this, [spec, stop = stop_.get_token()](JobEngine& engine) { return engine.retrieve(spec, stop); },
      [this, number, clock](const RetrievalAnswer& answer) {
        if (number == newest_) show(answer, static_cast<double>(clock.elapsed()) / 1000.0);
      },
      [this, number](const QString& message) {
        if (number != newest_) return;
        forget();
        problem_ = message;
        showState();
        Q_EMIT failed(message);
      });
}

void SearchPanel::show(const RetrievalAnswer& answer, double waited_seconds) {
  setBusy(false);
  problem_.clear();
  found_->show(answer, waited_seconds);
  has_found_ = true;
  showState();
}

void SearchPanel::setBusy(bool busy) {
  busy_ = busy;
  progress_->setVisible(busy);
  found_->setDimmed(busy);
  showState();
}

void SearchPanel::stop() {
  typing_.stop();
  stop_.request_stop();
  ++newest_;
  if (busy_) setBusy(false);
}

void SearchPanel::forget() {
  stop();
  has_found_ = false;
  problem_.clear();
  found_->clear();
  showState();
}

void SearchPanel::clear() {
  forget();
  Q_EMIT cleared();
}

QString SearchPanel::stateText() const { return pages_->currentIndex() == 0 ? empty_->text() : QString(); }

void SearchPanel::showState() {
  subset_->setEnabled(workspace_.data() != nullptr);
  pages_->setCurrentIndex(has_found_ ? 1 : 0);
  if (has_found_) return;
  const QString what = tr("Videos and moments that words describe appear here, "
                          "found in the space of text and video that a run has learned.");
  const auto say = [&](const QString& why) { empty_->setText(what + QLatin1Char(' ') + why); };
  const bool no_data = !workspace_.data() && !workspace_.loading();
  empty_->setButton(no_data ? tr("Open data set…") : QString());
  if (!no_data && !workspace_.loading() && workspace_.run().isEmpty()) empty_->offer(EmptyAsk::kRuns);
  else if (!no_data && !workspace_.loading() && !busy_) empty_->setButton(tr("Type words"));
  if (!problem_.isEmpty()) empty_->setText(problem_);
  else if (busy_) empty_->setText(tr("Searching … The first search of a run makes its index."));
  else if (workspace_.loading()) empty_->setText(tr("Reading the data set …"));
  else if (no_data) say(tr("No data set is open."));
  else if (workspace_.run().isEmpty()) say(tr("No run is shown: choose one that was trained with text."));
  else if (!runner_) say(tr("The engine is not connected to this window."));
  else say(tr("Type what you look for."));
}

}  // namespace hvlm::ui
