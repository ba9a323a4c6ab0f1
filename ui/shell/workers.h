// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace hvlm::ui {

// The few threads on which the window's files are read and written. They are made once, before the engine is loaded: making a
// thread takes the loader's lock, which the engine thread holds for a tenth of a second and more while it opens LibTorch, and
// the GUI thread would wait for it. Work begun is finished: the application's end waits for it. What keeps the user's work has a thread of its own,
// so that no export, drawing or slow server stands before it; what goes there is done in the order it was asked for.
class Workers {
 public:
  static Workers& instance();  // GUI thread, with a QCoreApplication
  void run(std::function<void()> work) { add(shared_, std::move(work)); }
  void runJournal(std::function<void()> work) { add(journal_, std::move(work)); }
  void waitForDone();  // all that was asked for so far

 private:
  struct Queue {
    std::deque<std::function<void()>> waiting;
    int busy = 0;
    bool idle() const { return waiting.empty() && busy == 0; }
  };
  Workers();
  void add(Queue& queue, std::function<void()> work);
  void work(Queue& queue);
  void finish();

  std::mutex mutex_;
  std::condition_variable changed_;
  Queue shared_, journal_;
  bool closing_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace hvlm::ui
