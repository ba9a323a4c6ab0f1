// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/timeline/timeline_accessible.h"

#include <algorithm>

#include "ui/text.h"
#include "ui/timeline/timeline_view.h"

namespace hvlm::ui {
namespace {

const TimelineRow* rowOf(const TimelineView& view, RowKind kind, int64_t level = -1) {
  for (const TimelineRow& row : view.rows()) {
    if (row.kind == kind && row.level == level) return &row;
  }
  return nullptr;
}

std::pair<double, double> spanOf(const TimelineView& view, const TimelineItem& item) {
  const TimelineContent& content = view.content();
  const auto at = static_cast<size_t>(item.index);
  if (item.kind == TimelineItem::Kind::kCell) return secondsOf(*content.inspection, {item.index, item.cell});
  if (item.kind == TimelineItem::Kind::kTruth) return {content.truth[at].start_seconds, content.truth[at].end_seconds};
  return {content.detections[at].start_seconds, content.detections[at].end_seconds};
}

bool exists(const TimelineView& view, const TimelineItem& item) {
  const TimelineContent& content = view.content();
  if (item.index < 0) return false;
  const auto at = static_cast<size_t>(item.index);
  switch (item.kind) {
    case TimelineItem::Kind::kTruth: return at < content.truth.size();
    case TimelineItem::Kind::kFound: return at < content.detections.size() && at < view.matching().detections.size();
    case TimelineItem::Kind::kCell: break;
  }
  return item.index < content.levels() && item.cell >= 0 && static_cast<size_t>(item.cell) < content.inspection->levels[at].first_step.size();
}

bool inView(const TimelineView& view, const TimelineItem& item) {
  const auto [from, to] = spanOf(view, item);
  return to >= view.scale().start_seconds && from <= view.scale().endSeconds() + view.scale().seconds_per_pixel;
}

class ItemAccessible : public QAccessibleInterface, public QAccessibleActionInterface {
 public:
  ItemAccessible(TimelineView* view, const TimelineItem& item) : view_(view), item_(item) {}
  const TimelineItem& item() const { return item_; }
  bool isValid() const override { return view_ && exists(*view_, item_); }
  QObject* object() const override { return nullptr; }
  QWindow* window() const override { return parent() ? parent()->window() : nullptr; }
  QAccessibleInterface* parent() const override { return view_ ? QAccessible::queryAccessibleInterface(view_) : nullptr; }
  QAccessibleInterface* child(int) const override { return nullptr; }
  QAccessibleInterface* childAt(int, int) const override { return nullptr; }
  int childCount() const override { return 0; }
  int indexOfChild(const QAccessibleInterface*) const override { return -1; }
  QAccessible::Role role() const override { return QAccessible::ListItem; }
  void setText(QAccessible::Text, const QString&) override {}
  QString text(QAccessible::Text text) const override { return view_ && text == QAccessible::Name ? textOf(*view_, item_) : QString(); }
  QRect rect() const override {
    if (!isValid()) return {};
    const QRect place = placeOf(*view_, item_).toAlignedRect();
    return place.isEmpty() ? QRect() : QRect(view_->mapToGlobal(place.topLeft()), place.size());
  }
  QAccessible::State state() const override {
    QAccessible::State state;
    state.selectable = state.focusable = item_.kind == TimelineItem::Kind::kCell;
    state.invalid = !isValid();
    if (state.invalid) return state;
    state.offscreen = !inView(*view_, item_);
    state.selected = item_.kind == TimelineItem::Kind::kCell && view_->selectedCell() == CellAddress{item_.index, item_.cell};
    state.focused = state.selected && view_->hasFocus();
    return state;
  }
  void* interface_cast(QAccessible::InterfaceType type) override {
    return type == QAccessible::ActionInterface ? static_cast<QAccessibleActionInterface*>(this) : nullptr;
  }
  QStringList actionNames() const override { return {pressAction()}; }
  void doAction(const QString& name) override {
    if (name == pressAction() && isValid()) pressItem(*view_, item_);
  }
  QStringList keyBindingsForAction(const QString&) const override { return {}; }

 private:
  QPointer<TimelineView> view_;
  TimelineItem item_;
};

QAccessibleInterface* makeAccessible(const QString&, QObject* object) {
  auto* view = qobject_cast<TimelineView*>(object);
  return view ? new TimelineAccessible(view) : nullptr;
}

}  // namespace

std::vector<TimelineItem> visibleItems(const TimelineView& view) {
  std::vector<TimelineItem> items;
  const CellAddress selected = view.selectedCell();
  const TimelineItem cell{TimelineItem::Kind::kCell, selected.level, selected.cell};
  const bool with_cell = selected.valid() && exists(view, cell) && rowOf(view, RowKind::kLevel, selected.level);
  const size_t most = kMostTimelineItems - (with_cell ? 1 : 0);
  const auto add = [&](const TimelineItem& item) {
    if (items.size() < most && inView(view, item)) items.push_back(item);
  };
  if (rowOf(view, RowKind::kTruth)) {
    for (size_t i = 0; i < view.content().truth.size(); ++i) add({TimelineItem::Kind::kTruth, static_cast<int64_t>(i)});
  }
  if (rowOf(view, RowKind::kPredictions)) {
    for (size_t i = 0; i < view.matching().detections.size(); ++i) {
      if (view.matching().detections[i].shown) add({TimelineItem::Kind::kFound, static_cast<int64_t>(i)});
    }
  }
  if (with_cell) items.push_back(cell);
  return items;
}

QString textOf(const TimelineView& view, const TimelineItem& item) {
  if (!exists(view, item)) return {};
  switch (item.kind) {
    case TimelineItem::Kind::kTruth: return truthText(view.content(), view.matching(), item.index);
    case TimelineItem::Kind::kFound: return detectionText(view.content(), view.matching(), item.index);
    case TimelineItem::Kind::kCell: break;
  }
  return cellText(view.content(), {item.index, item.cell});
}

QRectF placeOf(const TimelineView& view, const TimelineItem& item) {
  if (!exists(view, item)) return {};
  const RowKind kind = item.kind == TimelineItem::Kind::kTruth ? RowKind::kTruth : item.kind == TimelineItem::Kind::kFound ? RowKind::kPredictions : RowKind::kLevel;
  const TimelineRow* row = rowOf(view, kind, kind == RowKind::kLevel ? item.index : -1);
  if (!row || !inView(view, item)) return {};
  const TimeScale& scale = view.scale();
  const auto [from, to] = spanOf(view, item);
  const double first = scale.left, last = scale.left + scale.width;
  const double left = std::clamp(scale.pixelAt(from), first, last), right = std::clamp(scale.pixelAt(to), left, last);
  double top = row->top, height = row->height;
  if (kind == RowKind::kPredictions) {
    top += view.matching().detections[static_cast<size_t>(item.index)].lane * (kLaneHeight + 1);
    height = kLaneHeight;
  }
  const double by = view.drawnAt();
  return {left * by, top * by, std::max(1.0, right - left) * by, height * by};
}

void pressItem(TimelineView& view, const TimelineItem& item) {
  if (!exists(view, item)) return;
  view.moveCursor(spanOf(view, item).first - view.cursorSeconds());
  if (item.kind == TimelineItem::Kind::kCell) view.selectCell({item.index, item.cell});
}

TimelineAccessible::TimelineAccessible(TimelineView* view) : QAccessibleWidget(view, QAccessible::List) {}

TimelineAccessible::~TimelineAccessible() {
  for (const auto& [item, id] : made_) QAccessible::deleteAccessibleInterface(id);
}

TimelineView& TimelineAccessible::view() const { return *static_cast<TimelineView*>(widget()); }

// Children out of view are let go.
const std::vector<TimelineItem>& TimelineAccessible::items() const {
  std::vector<TimelineItem> now = visibleItems(view());
  if (now == items_) return items_;
  items_ = std::move(now);
  std::vector<TimelineItem> sorted = items_;
  std::sort(sorted.begin(), sorted.end());
  std::erase_if(made_, [&](const auto& made) {
    if (std::binary_search(sorted.begin(), sorted.end(), made.first)) return false;
    QAccessible::deleteAccessibleInterface(made.second);
    return true;
  });
  return items_;
}

int TimelineAccessible::childCount() const { return static_cast<int>(items().size()); }

QAccessibleInterface* TimelineAccessible::child(int index) const {
  const std::vector<TimelineItem>& all = items();
  if (index < 0 || index >= static_cast<int>(all.size())) return nullptr;
  const TimelineItem& item = all[static_cast<size_t>(index)];
  const auto found = made_.find(item);
  if (found != made_.end()) return QAccessible::accessibleInterface(found->second);
  auto* made = new ItemAccessible(&view(), item);
  made_[item] = QAccessible::registerAccessibleInterface(made);
  return made;
}

QAccessibleInterface* TimelineAccessible::childAt(int x, int y) const {
  const QPointF at = view().mapFromGlobal(QPointF(x, y));
  const std::vector<TimelineItem>& all = items();
  for (size_t i = 0; i < all.size(); ++i) {  // predictions come best first
    if (placeOf(view(), all[i]).contains(at)) return child(static_cast<int>(i));
  }
  return nullptr;
}

int TimelineAccessible::indexOfChild(const QAccessibleInterface* child) const {
  const auto* item = dynamic_cast<const ItemAccessible*>(child);
  if (!item) return -1;
  const TimelineItem wanted = item->item();  // items() lets children out of view go, this one among them
  const std::vector<TimelineItem>& all = items();
  const auto found = std::find(all.begin(), all.end(), wanted);
  return found == all.end() ? -1 : static_cast<int>(found - all.begin());
}

QAccessibleInterface* TimelineAccessible::focusChild() const {
  if (!view().hasFocus()) return nullptr;
  const std::vector<TimelineItem>& all = items();
  if (!all.empty() && all.back().kind == TimelineItem::Kind::kCell) return child(static_cast<int>(all.size()) - 1);
  return QAccessibleWidget::focusChild();
}

void installTimelineAccessible() {
  static const bool installed = [] {
    QAccessible::installFactory(makeAccessible);
    return true;
  }();
  Q_UNUSED(installed)
}

void tellCellFocus(TimelineView& view) {
  if (!QAccessible::isActive() || !view.hasFocus()) return;
  const std::vector<TimelineItem> items = visibleItems(view);
  if (items.empty() || items.back().kind != TimelineItem::Kind::kCell) return;
  QAccessibleEvent event(&view, QAccessible::Focus);
  event.setChild(static_cast<int>(items.size()) - 1);
  QAccessible::updateAccessibility(&event);
}

}  // namespace hvlm::ui
