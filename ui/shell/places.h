// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <optional>
#include <vector>

namespace hvlm::ui {

// Where somebody looked: a video at a time, under a run, in a tab of the centre.
struct Place {
  QString run;    // folder, or empty
  QString video;  // id, or empty
  int tab = 0;
  double seconds = 0.0;  // the time cursor
};

// The places visited, as a browser keeps them: going elsewhere after having gone back forgets what lay ahead. The newest 100.
class Places {
 public:
  static constexpr size_t kMost = 100;
  // At the same run, video and tab as now, the cursor only moves there; a `jump` within the video is a place of its own.
  void visit(const Place& place, bool jump = false);
  std::optional<Place> back();     // none: there is nothing before
  std::optional<Place> forward();
  bool canGoBack() const { return at_ > 0; }
  bool canGoForward() const { return at_ + 1 < visited_.size(); }
  void clear();  // another data set: its videos are others

 private:
  std::vector<Place> visited_;
  size_t at_ = 0;
};

}  // namespace hvlm::ui
