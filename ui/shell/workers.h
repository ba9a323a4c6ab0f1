// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace hvlm::ui {

// The few threads on which the window's files are read and written. They are made once, before the engine is loaded: making a
// thread takes the loader's lock, which the engine thread holds for a tenth of a second and more while it opens LibTorch, and
// the GUI thread would wait for it. Work begun is finished: the application's end waits for it.
class Workers {
 public:
  static Workers& instance();  // GUI thread, with a QCoreApplication
  void run(std::function<void()> work);
  void waitForDone();  // all that was asked for so far

 private:
  Workers();
  void work();
  void finish();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> waiting_;
  int busy_ = 0;
  bool closing_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace hvlm::ui
