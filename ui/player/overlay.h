// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QRectF>
#include <QStringList>
#include <string>
#include <vector>

#include "data/catalogue.h"
#include "jobs/inspection.h"
#include "ui/detections/stored_detections.h"

class QPainter;

namespace hvlm::ui {

// What is written over the picture at its time.
struct VideoOverlay {
  QStringList truth, predictions;  // labels of the segments at this time
  double attention = -1.0;         // share of the largest at this step, 0..1; below 0: none known
  double place = 0.0;              // of the cursor in the video, 0..1
};

// Of a moment of a video: `video` (or null) with its class names, what a model saw of it (or null), the largest of its attention, and
// without a model what the run has stored (or null).
VideoOverlay overlayAt(const Video* video, const std::vector<std::string>& classes, const VideoInspection* seen, float attention_peak, double seconds,
                       const StoredDetections* stored = nullptr);
float attentionPeak(const VideoInspection* seen);

// Attention as a border, the wider and brighter the more the step weighs.
void drawAttention(QPainter& painter, const QRectF& picture, const VideoOverlay& overlay);
// Labels of truth and predictions in the upper left corner, in the painter's font.
void drawLabels(QPainter& painter, const QRectF& picture, const VideoOverlay& overlay);

}  // namespace hvlm::ui
