// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace hvlm::cli {

// One line about many children on stderr: redrawn on a terminal, else one line for each that ends.
class ReproduceProgress {
 public:
  ReproduceProgress(int64_t total, int64_t jobs);
  ~ReproduceProgress();
  void started(const std::string& name);
  void ended(const std::string& name, bool good, double seconds, const std::string& problem);
  void tick();
  void say(const std::string& text);

 private:
  // Of what is left: a child takes as long as others of its row took, else as long as one took on average.
  double secondsLeft() const;
  double expected(const std::string& row) const;
  std::string line() const;
  void clear();

  using Clock = std::chrono::steady_clock;
  const bool terminal_;
  const int64_t total_, jobs_;
  int64_t done_ = 0;
  double sum_seconds_ = 0.0;
  std::map<std::string, std::vector<double>> by_row_;
  std::vector<std::pair<std::string, Clock::time_point>> running_;
  const Clock::time_point start_ = Clock::now();
  Clock::time_point last_draw_;
  bool drawn_ = false;
};

}  // namespace hvlm::cli
