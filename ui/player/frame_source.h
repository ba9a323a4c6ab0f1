// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QMetaType>
#include <QObject>
#include <QString>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "video/frame.h"

namespace hvlm::ui {

// What the window knows of an opened video.
struct OpenedVideo {
  QString file;
  double start = 0.0, end = 0.0;  // presentation times of the first and behind the last frame
  int64_t frames = 0;
  int width = 0, height = 0;
  double pixel_aspect = 1.0;
  QString sound;                  // codec of the sound, which is not played; empty without
  QString problem;                // the file broke off
};
struct ShownFrame {
  std::shared_ptr<const Frame> frame;  // null: nothing nearer is known yet
  int64_t index = 0, frames = 0;
  bool exact = false;             // false: the nearest one at hand, while the mouse moves
};

// Decodes one video in a thread of its own. Of the requests that wait only the newest counts, so dragging never queues up; a frame that
// is near and at hand is shown at once, the exact one when it is decoded.
class FrameSource : public QObject {
  Q_OBJECT
 public:
  explicit FrameSource(QObject* parent = nullptr);
  ~FrameSource() override;
  bool setHardware(bool on);      // for videos opened from now on; false when it is so already
  void open(const QString& file);
  void close();
  void request(double seconds);
  void step(int64_t frames);      // from the frame that was shown last, by its index: never by time
  void goTo(int64_t frame);       // by its index, clamped

 Q_SIGNALS:
  void opened(const hvlm::ui::OpenedVideo& video);
  void failed(const QString& file, const QString& message);
  void shown(const hvlm::ui::ShownFrame& frame);

 private:
  struct Wish {
    std::optional<QString> file;  // open this first; empty text = close
    std::optional<double> seconds;
    std::optional<int64_t> frame;
    int64_t steps = 0;
    bool moves() const { return seconds || frame || steps != 0; }
  };
  void work();
  std::mutex mutex_;
  std::condition_variable changed_;
  Wish wish_;
  bool stop_ = false;
  bool hardware_ = false;
  std::thread thread_;
};

}  // namespace hvlm::ui

Q_DECLARE_METATYPE(hvlm::ui::OpenedVideo)
Q_DECLARE_METATYPE(hvlm::ui::ShownFrame)
