// SPDX-License-Identifier: Apache-2.0
#include "reproduce_progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "console.h"

namespace hvlm::cli {
namespace {

constexpr double kDrawSeconds = 0.5;

// "quick/moco/seed-1" -> "quick/moco"
std::string rowOf(const std::string& name) { return name.substr(0, name.rfind('/')); }

double secondsSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

ReproduceProgress::ReproduceProgress(int64_t total, int64_t jobs) : terminal_(isatty(STDERR_FILENO) != 0), total_(total), jobs_(jobs) {}
ReproduceProgress::~ReproduceProgress() { clear(); }

void ReproduceProgress::started(const std::string& name) { running_.emplace_back(name, Clock::now()); }

void ReproduceProgress::ended(const std::string& name, bool good, double seconds, const std::string& problem) {
  std::erase_if(running_, [&](const auto& entry) { return entry.first == name; });
  ++done_;
  sum_seconds_ += seconds;
  by_row_[rowOf(name)].push_back(seconds);
  if (!good) {
    say("[" + std::to_string(done_) + "/" + std::to_string(total_) + "] " + name + " failed: " + problem);
  } else if (!terminal_) {
    say("[" + std::to_string(done_) + "/" + std::to_string(total_) + "] " + name + " done in " + durationText(seconds) + "; " + line());
  }
}

void ReproduceProgress::tick() {
  if (!terminal_ || secondsSince(last_draw_) < kDrawSeconds) return;
  std::fprintf(stderr, "\r\033[K[%lld/%lld] %s", static_cast<long long>(done_), static_cast<long long>(total_), line().c_str());
  last_draw_ = Clock::now();
  drawn_ = true;
}

void ReproduceProgress::say(const std::string& text) {
  clear();
  std::fprintf(stderr, "%s\n", text.c_str());
}

double ReproduceProgress::expected(const std::string& row) const {
  const auto known = by_row_.find(row);
  if (known == by_row_.end()) return done_ > 0 ? sum_seconds_ / static_cast<double>(done_) : 0.0;
  double sum = 0.0;
  for (const double seconds : known->second) sum += seconds;
  return sum / static_cast<double>(known->second.size());
}

double ReproduceProgress::secondsLeft() const {
  const auto waiting = total_ - done_ - static_cast<int64_t>(running_.size());
  double left = static_cast<double>(waiting) * expected("");
  for (const auto& [name, since] : running_) left += std::max(0.0, expected(rowOf(name)) - secondsSince(since));
  return left / static_cast<double>(std::max<int64_t>(1, std::min(jobs_, total_ - done_)));
}

std::string ReproduceProgress::line() const {
  std::string text;
  for (const auto& [name, since] : running_) text += (text.empty() ? "running " : ", ") + name;
  text += (text.empty() ? "" : "; ") + durationText(secondsSince(start_)) + " so far";
  if (done_ > 0 && done_ < total_) text += ", about " + durationText(secondsLeft()) + " left";
  return text;
}

void ReproduceProgress::clear() {
  if (drawn_) std::fputs("\r\033[K", stderr);
  drawn_ = false;
}

}  // namespace hvlm::cli
