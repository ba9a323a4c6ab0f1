// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/workers.h"

#include <QCoreApplication>

namespace hvlm::ui {
namespace {

constexpr int kThreads = 3;

}  // namespace

Workers& Workers::instance() {
  static Workers workers;
  return workers;
}

Workers::Workers() {
  for (int i = 0; i < kThreads; ++i) threads_.emplace_back([this] { work(); });
  qAddPostRoutine([] { instance().finish(); });
}

void Workers::run(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    if (closing_) return;
    waiting_.push_back(std::move(work));
  }
  changed_.notify_one();
}

void Workers::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return closing_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    const std::function<void()> next = std::move(waiting_.front());
    waiting_.pop_front();
    ++busy_;
    lock.unlock();
    next();
    lock.lock();
    --busy_;
    changed_.notify_all();
  }
}

void Workers::waitForDone() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return waiting_.empty() && busy_ == 0; });
}

void Workers::finish() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

}  // namespace hvlm::ui
