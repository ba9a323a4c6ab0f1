// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QAbstractTableModel>
#include <QElapsedTimer>
#include <QProcess>
#include <QStringList>
#include <QTimer>
#include <memory>
#include <vector>

namespace hvlm::ui {

enum class QueueState { kQueued, kRunning, kStopping, kDone, kStopped, kFailed };
QString queueStateText(QueueState state);

// One call of the command line program, as the queue knows it.
struct QueuedJob {
  int64_t id = 0;
  QString title;          // "Extract features of videos/"
  QStringList arguments;  // of hvlm
  QueueState state = QueueState::kQueued;
  double share = -1.0;    // of the work done, from "12 of 200" in its last line; -1 = not told
  QString line;           // its last line
  QStringList output;     // its last lines, oldest first
  int64_t told = 0;       // lines it has told altogether, also those that are gone
  double seconds = 0.0;   // since it began, or altogether
};

// Share of the work that a line tells ("  20 of 200 videos", "epoch 3/30"), or -1.
double shareTold(const QString& line);
// The line as a shell takes it; arguments with blanks and the like are quoted.
QString commandLine(const QString& program, const QStringList& arguments);

// Calls of the command line program that wait, run one after the other and keep what they printed. Everything is event-driven; the GUI thread never
// waits. A row each, the newest last.
class JobQueue : public QAbstractTableModel {
  Q_OBJECT
 public:
  enum Column { kTitle, kState, kProgress, kTime, kColumns };
  static constexpr int kMostLines = 2000;

  // `program`: the executable called; tests give another one.
  explicit JobQueue(const QString& program, QObject* parent = nullptr);
  ~JobQueue() override;  // ends what runs: asked first, killed after two seconds

  int64_t add(const QString& title, const QStringList& arguments);  // starts it when nothing runs and nothing holds the queue
  // Held, what runs goes on and nothing new begins: the window itself computes on the same cores.
  void setHeld(bool held);
  bool held() const { return held_; }
  void startNow(int64_t id);  // one that waits, held or not, when nothing runs
  int waiting() const;        // jobs that have not begun
  void stop(int64_t id);    // queued: taken out; running: asked to keep everything and end; asked twice: killed
  void remove(int64_t id);  // one that has ended
  int64_t again(int64_t id);  // the same call, as a new row
  void clearEnded();

  const QueuedJob* job(int64_t id) const;
  const QueuedJob* jobAt(int row) const;
  int rowOf(int64_t id) const;
  bool busy() const { return process_ != nullptr; }
  const QString& program() const { return program_; }

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 Q_SIGNALS:
  void busyChanged();
  void outputArrived(qint64 id);
  void ended(qint64 id);

 private:
  void startNext();
  void begin(QueuedJob& job);
  void take(const QByteArray& bytes);
  void takeLine(const QString& line);
  void finish(int code, QProcess::ExitStatus status, const QString& problem);
  QueuedJob* find(int64_t id);
  void touch(int row);

  QString program_;
  std::vector<QueuedJob> jobs_;
  int64_t last_id_ = 0;
  int64_t running_ = 0;
  bool held_ = false;
  std::unique_ptr<QProcess> process_;
  QByteArray rest_;  // a line that has not ended
  QElapsedTimer clock_;
  QTimer second_;
};

}  // namespace hvlm::ui
