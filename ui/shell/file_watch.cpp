// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/file_watch.h"

#include <QFileSystemWatcher>
#include <QThread>

namespace hvlm::ui {
namespace {

constexpr int kPatience = 1000;  // ms; a thread that hangs on a disk is left behind

}  // namespace

FileWatch::FileWatch(QObject* parent) : QObject(parent), thread_(new QThread), watcher_(new QFileSystemWatcher) {
  watcher_->moveToThread(thread_);
  connect(thread_, &QThread::finished, watcher_, &QObject::deleteLater);
  connect(watcher_, &QFileSystemWatcher::fileChanged, this, &FileWatch::changed);
  connect(watcher_, &QFileSystemWatcher::directoryChanged, this, &FileWatch::changed);
  thread_->start();
}

FileWatch::~FileWatch() {
  thread_->quit();
  if (thread_->wait(kPatience)) delete thread_;
}

void FileWatch::watch(const QStringList& paths) {
  QMetaObject::invokeMethod(watcher_, [watcher = watcher_, paths] {
    const QStringList now = watcher->files() + watcher->directories();
    QStringList gone, fresh;
    for (const QString& path : now) {
      if (!paths.contains(path)) gone.append(path);
    }
    for (const QString& path : paths) {
      if (!now.contains(path)) fresh.append(path);
    }
    if (!gone.isEmpty()) watcher->removePaths(gone);
    if (!fresh.isEmpty()) watcher->addPaths(fresh);
  }, Qt::QueuedConnection);
}

}  // namespace hvlm::ui
