// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobs/job_queue.h"

#include <QRegularExpression>
#include <algorithm>
#include <utility>

#include "ui/text.h"
#include "ui/training/job_status.h"

namespace hvlm::ui {
namespace {

constexpr int kPatience = 2000;  // ms between asking a call to end and killing it, when the window closes
constexpr qsizetype kLongestLine = 2000;

bool hasEnded(QueueState state) { return state == QueueState::kDone || state == QueueState::kStopped || state == QueueState::kFailed; }

}  // namespace

QString queueStateText(QueueState state) {
  switch (state) {
    case QueueState::kQueued: return uiText("queued");
    case QueueState::kRunning: return uiText("running");
    case QueueState::kStopping: return uiText("stopping");
    case QueueState::kDone: return uiText("done");
    case QueueState::kStopped: return uiText("stopped, kept");
    case QueueState::kFailed: return uiText("failed");
  }
  return {};
}

double shareTold(const QString& line) {
  static const QRegularExpression told(QStringLiteral("\\b(\\d{1,9})\\s*(?:of|/)\\s*(\\d{1,9})\\b"));
  const QRegularExpressionMatch match = told.match(line);
  if (!match.hasMatch()) return -1.0;
  const double done = match.captured(1).toDouble(), total = match.captured(2).toDouble();
  return total > 0.0 && done <= total ? done / total : -1.0;
}

QString commandLine(const QString& program, const QStringList& arguments) {
  static const QRegularExpression plain(QStringLiteral("^[A-Za-z0-9_@%+=:,./-]+$"));
  QStringList words = {program};
  for (QString word : arguments) {
    if (!plain.match(word).hasMatch()) word = QLatin1Char('\'') + word.replace(QLatin1Char('\''), QStringLiteral("'\\''")) + QLatin1Char('\'');
    words.append(word);
  }
  return words.join(QLatin1Char(' '));
}

JobQueue::JobQueue(const QString& program, QObject* parent) : QAbstractTableModel(parent), program_(program) {
  second_.setInterval(1000);
  connect(&second_, &QTimer::timeout, this, [this] {
    QueuedJob* job = find(running_);
    if (!job) return;
    job->seconds = static_cast<double>(clock_.elapsed()) / 1000.0;
    touch(rowOf(running_));
  });
}

JobQueue::~JobQueue() {
  if (!process_) return;
  process_->disconnect(this);
  process_->terminate();
  if (!process_->waitForFinished(kPatience)) process_->kill();
}

int64_t JobQueue::add(const QString& title, const QStringList& arguments) {
  const int row = rowCount();
  beginInsertRows({}, row, row);
  QueuedJob job;
  job.id = ++last_id_;
  job.title = title;
  job.arguments = arguments;
  jobs_.push_back(job);
  endInsertRows();
  startNext();
  return job.id;
}

void JobQueue::startNext() {
  if (process_ || held_) return;
  const auto next = std::find_if(jobs_.begin(), jobs_.end(), [](const QueuedJob& job) { return job.state == QueueState::kQueued; });
  if (next != jobs_.end()) begin(*next);
}

void JobQueue::setHeld(bool held) {
  if (std::exchange(held_, held) == held) return;
  for (int row = 0; row < rowCount(); ++row) {
    if (jobs_[static_cast<size_t>(row)].state == QueueState::kQueued) touch(row);
  }
  startNext();
}

void JobQueue::startNow(int64_t id) {
  QueuedJob* job = find(id);
  if (job && job->state == QueueState::kQueued && !process_) begin(*job);
}

int JobQueue::waiting() const {
  return static_cast<int>(std::count_if(jobs_.begin(), jobs_.end(), [](const QueuedJob& job) { return job.state == QueueState::kQueued; }));
}

void JobQueue::begin(QueuedJob& job) {
  running_ = job.id;
  job.state = QueueState::kRunning;
  rest_.clear();
  clock_.start();
  process_ = std::make_unique<QProcess>();
  process_->setProcessChannelMode(QProcess::MergedChannels);
  QProcess* process = process_.get();
  connect(process, &QProcess::readyRead, this, [this, process] { take(process->readAll()); });
  connect(process, &QProcess::finished, this, [this](int code, QProcess::ExitStatus status) { finish(code, status, {}); });
  connect(process, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
    if (error == QProcess::FailedToStart) finish(-1, QProcess::CrashExit, tr("%1 could not be started.").arg(program_));
  });
  touch(rowOf(running_));
  second_.start();
  Q_EMIT busyChanged();
  process->start(program_, find(running_)->arguments, QIODevice::ReadOnly);  // whoever heard of it may have added another
}

void JobQueue::take(const QByteArray& bytes) {
  rest_ += bytes;
  // A carriage return writes over the line, as at a terminal: the last state of it counts.
  for (qsizetype end; (end = rest_.indexOf('\n')) >= 0;) {
    const QByteArray line = rest_.left(end);
    rest_.remove(0, end + 1);
    takeLine(QString::fromUtf8(line.mid(line.lastIndexOf('\r') + 1)));
  }
  const qsizetype over = rest_.lastIndexOf('\r');
  if (over > 0) {
    const qsizetype before = rest_.lastIndexOf('\r', over - 1);
    if (QueuedJob* job = find(running_)) {
      job->line = QString::fromUtf8(rest_.mid(before + 1, over - before - 1)).trimmed();
      job->share = std::max(job->share, shareTold(job->line));
    }
    rest_.remove(0, over);
  }
  if (rest_.size() > kLongestLine) rest_ = rest_.right(kLongestLine);
  touch(rowOf(running_));
  Q_EMIT outputArrived(running_);
}

void JobQueue::takeLine(const QString& line) {
  QueuedJob* job = find(running_);
  if (!job) return;
  QString shown = line.left(kLongestLine);
  while (shown.endsWith(QLatin1Char(' ')) || shown.endsWith(QLatin1Char('\r'))) shown.chop(1);
  job->output.append(shown);
  ++job->told;
  if (job->output.size() > kMostLines) job->output.removeFirst();
  if (shown.isEmpty()) return;
  job->line = shown.trimmed();
  job->share = shareTold(shown);  // a stage that tells none has none
}

void JobQueue::finish(int code, QProcess::ExitStatus status, const QString& problem) {
  constexpr int kInterrupted = 130;  // the program's code for "stopped with everything saved"
  if (process_->state() == QProcess::NotRunning && problem.isEmpty()) take(process_->readAll());
  if (!rest_.isEmpty()) takeLine(QString::fromUtf8(std::exchange(rest_, {})));
  second_.stop();
  process_.release()->deleteLater();
  const int64_t id = std::exchange(running_, 0);
  if (QueuedJob* job = find(id)) {
    job->seconds = static_cast<double>(clock_.elapsed()) / 1000.0;
    const bool asked = job->state == QueueState::kStopping;
    job->state = status == QProcess::NormalExit && code == 0 ? QueueState::kDone
                 : asked || code == kInterrupted             ? QueueState::kStopped
                                                             : QueueState::kFailed;
    if (job->state == QueueState::kDone) job->share = 1.0;
    if (!problem.isEmpty()) {
      job->line = problem;
      job->output.append(problem);
      ++job->told;
    } else if (job->state == QueueState::kFailed && status == QProcess::CrashExit) {
      job->line = tr("The program ended unexpectedly. Last line: %1").arg(job->line);
      job->output.append(job->line);
      ++job->told;
    }
    touch(rowOf(id));
  }
  Q_EMIT outputArrived(id);
  Q_EMIT ended(id);
  startNext();
  if (!process_) Q_EMIT busyChanged();
}

void JobQueue::stop(int64_t id) {
  QueuedJob* job = find(id);
  if (!job) return;
  if (job->state == QueueState::kQueued) {
    job->state = QueueState::kStopped;
    touch(rowOf(id));
    Q_EMIT ended(id);
  } else if (job->state == QueueState::kRunning) {
    job->state = QueueState::kStopping;
    touch(rowOf(id));
    process_->terminate();
  } else if (job->state == QueueState::kStopping) {
    process_->kill();
  }
}

void JobQueue::remove(int64_t id) {
  const int row = rowOf(id);
  if (row < 0 || !hasEnded(jobs_[static_cast<size_t>(row)].state)) return;
  beginRemoveRows({}, row, row);
  jobs_.erase(jobs_.begin() + row);
  endRemoveRows();
}

void JobQueue::clearEnded() {
  for (int row = rowCount() - 1; row >= 0; --row) remove(jobs_[static_cast<size_t>(row)].id);
}

int64_t JobQueue::again(int64_t id) {
  const QueuedJob* job = find(id);
  if (!job) return 0;
  const QString title = job->title;
  const QStringList arguments = job->arguments;
  return add(title, arguments);
}

QueuedJob* JobQueue::find(int64_t id) {
  const auto found = std::find_if(jobs_.begin(), jobs_.end(), [id](const QueuedJob& job) { return job.id == id; });
  return found == jobs_.end() ? nullptr : &*found;
}
const QueuedJob* JobQueue::job(int64_t id) const { return const_cast<JobQueue*>(this)->find(id); }
const QueuedJob* JobQueue::jobAt(int row) const { return row >= 0 && row < rowCount() ? &jobs_[static_cast<size_t>(row)] : nullptr; }

int JobQueue::rowOf(int64_t id) const {
  const auto found = std::find_if(jobs_.begin(), jobs_.end(), [id](const QueuedJob& job) { return job.id == id; });
  return found == jobs_.end() ? -1 : static_cast<int>(found - jobs_.begin());
}

void JobQueue::touch(int row) {
  if (row >= 0) Q_EMIT dataChanged(index(row, 0), index(row, kColumns - 1));
}

int JobQueue::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(jobs_.size()); }
int JobQueue::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : kColumns; }

QVariant JobQueue::data(const QModelIndex& index, int role) const {
  const QueuedJob* job = index.isValid() ? jobAt(index.row()) : nullptr;
  if (!job) return {};
  if (role == Qt::TextAlignmentRole) return int((index.column() == kTime ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
  if (role == Qt::ToolTipRole) return QStringLiteral("%1\n%2").arg(commandLine(QStringLiteral("hvlm"), job->arguments), job->line);
  if (role == Qt::UserRole) return job->share;
  if (role != Qt::DisplayRole) return {};
  switch (index.column()) {
    case kTitle: return job->title;
    case kState: return queueStateText(job->state);
    case kProgress:
      if (held_ && job->state == QueueState::kQueued) return tr("waits for the training in the window");
      return job->share >= 0.0 && !hasEnded(job->state) ? QStringLiteral("%1 %").arg(static_cast<int>(job->share * 100.0)) : job->line;
    case kTime: return job->state == QueueState::kQueued ? QVariant() : QVariant(durationText(job->seconds));
    default: return {};
  }
}

QVariant JobQueue::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal) return {};
  if (role == Qt::TextAlignmentRole) return int((section == kTime ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
  if (role != Qt::DisplayRole) return {};
  switch (section) {
    case kTitle: return tr("Job");
    case kState: return tr("State");
    case kProgress: return tr("Progress");
    case kTime: return tr("Time");
    default: return {};
  }
}

}  // namespace hvlm::ui
