// SPDX-License-Identifier: Apache-2.0
#include "data/hdf5_owner.h"

#include <hdf5.h>

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>

#include "data/feature_store.h"

namespace hvlm {
namespace {

thread_local bool reads_are_urgent = false;

struct Task {
  const std::function<void()>* work = nullptr;
  std::exception_ptr failure;
  bool done = false;
};

// Lives until the process ends, waiting for work.
class Owner {
 public:
  static Owner& instance() {
    static Owner* owner = new Owner;
    return *owner;
  }

  void run(const std::function<void()>& work) {
    if (std::this_thread::get_id() == thread_id_) {
      work();
      return;
    }
    Task task{&work};
    std::unique_lock lock(mutex_);
    (reads_are_urgent ? urgent_ : normal_).push_back(&task);
    arrived_.notify_one();
    finished_.wait(lock, [&] { return task.done; });
    if (task.failure) std::rethrow_exception(task.failure);
  }

 private:
  Owner() {
    std::unique_lock lock(mutex_);
    std::thread thread([this] { serve(); });
    thread_id_ = thread.get_id();
    thread.detach();
  }

  [[noreturn]] void serve() {
    std::unique_lock lock(mutex_);
    H5dont_atexit();  // everything is closed by its owner; after a full disk HDF5's own attempt at exit only complains
    H5open();
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);  // errors come back as exceptions, not as text on stderr
    for (;;) {
      arrived_.wait(lock, [&] { return !urgent_.empty() || !normal_.empty(); });
      std::deque<Task*>& queue = urgent_.empty() ? normal_ : urgent_;
      Task* task = queue.front();
      queue.pop_front();
      lock.unlock();
      std::exception_ptr failure;
      try {
        (*task->work)();
      } catch (...) {
        failure = std::current_exception();
      }
      lock.lock();
      task->failure = failure;
      task->done = true;
      finished_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::condition_variable finished_;
  std::deque<Task*> urgent_;
  std::deque<Task*> normal_;
  std::thread::id thread_id_;
};

}  // namespace

void onHdf5Thread(const std::function<void()>& work) { Owner::instance().run(work); }

UrgentReads::UrgentReads() : before_(reads_are_urgent) { reads_are_urgent = true; }
UrgentReads::~UrgentReads() { reads_are_urgent = before_; }

}  // namespace hvlm
