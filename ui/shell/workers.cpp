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
  for (int i = 0; i < kThreads; ++i) threads_.emplace_back([this] { work(shared_); });
  threads_.emplace_back([this] { work(journal_); });
  qAddPostRoutine([] { instance().finish(); });
}

void Workers::add(Queue& queue, std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    if (closing_) return;
    queue.waiting.push_back(std::move(work));
  }
  changed_.notify_all();
}

void Workers::work(Queue& queue) {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return closing_ || !queue.waiting.empty(); });
    if (queue.waiting.empty()) return;
    const std::function<void()> next = std::move(queue.waiting.front());
    queue.waiting.pop_front();
    ++queue.busy;
    lock.unlock();
    next();
    lock.lock();
    --queue.busy;
    changed_.notify_all();
  }
}

void Workers::waitForDone() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return shared_.idle() && journal_.idle(); });
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
