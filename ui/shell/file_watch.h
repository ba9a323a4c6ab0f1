// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <QStringList>

class QFileSystemWatcher;
class QThread;

namespace hvlm::ui {

// Tells when files or folders change. They are looked at on a thread of its own, since a path on a slow or lost disk makes whoever asks wait.
// GUI thread.
class FileWatch : public QObject {
  Q_OBJECT
 public:
  explicit FileWatch(QObject* parent = nullptr);
  ~FileWatch() override;
  void watch(const QStringList& paths);  // these alone; one that was replaced meanwhile is taken up again

 Q_SIGNALS:
  void changed();

 private:
  QThread* thread_;              // ends by itself when it hangs on a disk at the end
  QFileSystemWatcher* watcher_;  // lives there
};

}  // namespace hvlm::ui
