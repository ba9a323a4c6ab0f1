// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QAccessibleWidget>
#include <QRectF>
#include <map>
#include <vector>

namespace hvlm::ui {

class TimelineView;

// One thing of the timeline that assistive tools can go to.
struct TimelineItem {
  enum class Kind { kTruth, kFound, kCell };
  Kind kind = Kind::kTruth;
  int64_t index = -1;  // into truth or detections; of a cell its level
  int64_t cell = -1;
  auto operator<=>(const TimelineItem&) const = default;
};
constexpr size_t kMostTimelineItems = 500;

// What is in view: true segments by start, shown predictions by falling score, the selected cell last. At most kMostTimelineItems.
std::vector<TimelineItem> visibleItems(const TimelineView& view);
QString textOf(const TimelineView& view, const TimelineItem& item);   // as the read-out says it, without the time under the pointer; empty when it is gone
QRectF placeOf(const TimelineView& view, const TimelineItem& item);   // in the widget's pixels, cut to the lanes; empty out of view
void pressItem(TimelineView& view, const TimelineItem& item);         // the cursor goes to its start; a cell is selected

// The timeline for assistive tools: a list with a child for each visible item. Made by Qt's factory, which it is put into by installTimelineAccessible().
class TimelineAccessible : public QAccessibleWidget {
 public:
  explicit TimelineAccessible(TimelineView* view);
  ~TimelineAccessible() override;
  int childCount() const override;
  QAccessibleInterface* child(int index) const override;
  QAccessibleInterface* childAt(int x, int y) const override;  // screen pixels
  int indexOfChild(const QAccessibleInterface* child) const override;
  QAccessibleInterface* focusChild() const override;

 private:
  const std::vector<TimelineItem>& items() const;
  TimelineView& view() const;
  mutable std::vector<TimelineItem> items_;
  mutable std::map<TimelineItem, QAccessible::Id> made_;  // children handed out and still in view
};
void installTimelineAccessible();           // once per process; again does nothing
void tellCellFocus(TimelineView& view);     // the selected cell has the focus now

}  // namespace hvlm::ui
