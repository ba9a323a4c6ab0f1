// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QElapsedTimer>
#include <QTimer>
#include <QWidget>
#include <optional>

#include "ui/player/frame_source.h"
#include "ui/player/playback_clock.h"
#include "ui/timeline/time_scale.h"

class QLabel;
class QStackedWidget;
class QToolButton;
class QComboBox;

namespace hvlm::ui {

class ActionList;
class ElidedLabel;
class EmptyState;
class FilmStrip;
class NoticeStrip;
class VideoFiles;
class VideoView;
class Workspace;

// The video of the selected id with its transport; shares the time cursor with the timeline. Or a video alone: then the timeline shows its time.
class VideoPanel : public QWidget {
  Q_OBJECT
 public:
  VideoPanel(Workspace& workspace, VideoFiles& files, QWidget* parent = nullptr);
  void setHardware(bool on);  // tries the machine's video decoder; the open video is opened again where it stands
  void openFile(const QString& file);                          // a free video, or the link of a data set's video of that name
  void link(const QString& video_id, const QString& file);
  void exportClip(const QString& out);  // the marked part, else all of it, with what is known drawn in
  QString file() const { return file_; }
  bool hasVideo() const { return opened_.frames > 0; }
  int64_t frames() const { return opened_.frames; }
  void goToFrame(int64_t frame);  // by its index in presentation order, clamped; the cursor goes where the frame is
  void useActions(const ActionList& actions);  // buttons say their keys; Loop and its action are one
  const PlaybackClock& clock() const { return clock_; }
  const MarkedRange& span() const { return span_; }
  VideoView* view() { return view_; }
  FilmStrip* strip() { return strip_; }
  NoticeStrip* notice() { return notice_; }

 public Q_SLOTS:
  void togglePlay();             // at the end it stays there and says so
  void restart();
  void press(int direction);     // J and L
  void stepFrames(int64_t frames);
  void markIn();
  void markOut();
  void clearMarks();
  void setMarks(const hvlm::ui::MarkedRange& range);  // both at once, none: neither; says nothing
  void showSpan(const hvlm::ui::MarkedRange& range);  // of a chosen cell, on the film strip
  void setLoop(bool on);
  void showLabels(bool on);
  void showAttention(bool on);
  void showSimilarity(bool on);

 Q_SIGNALS:
  void linkAsked(const QString& video_id);
  void opened(const QString& file);
  void fileEnds(double cursor_seconds);  // too early for the annotations; 0: it does not, or nothing is open
  void clipWritten(const QString& file);
  void marksChanged(const hvlm::ui::MarkedRange& range);  // by the user, or gone with the file; none unless both are set
  void playingChanged(bool playing);

 private:
  void chooseFile();             // of the selected video
  void start(const QString& file);
  void cursorMoved(double seconds);
  void showFrame(const ShownFrame& frame);
  void tick();
  void tell();
  void refreshOverlay();
  void checkLength();            // against the annotations
  void refreshSpan();
  MarkedRange marks() const;     // seconds from the video's first frame
  double toVideo(double cursor) const { return opened_.start + cursor; }  // cursors count from the video's first frame
  double toCursor(double seconds) const { return seconds - opened_.start; }

  Workspace& workspace_;
  VideoFiles& files_;
  FrameSource source_;
  PlaybackClock clock_;
  MarkedRange span_;             // seconds from the video's first frame
  QTimer timer_;
  QElapsedTimer wall_;
  OpenedVideo opened_;
  QString file_, problem_;
  QString alone_;                // the file that was opened by itself, not as a video of the data set
  float attention_peak_ = 0.0f;    // of the inspection
  bool own_move_ = false;
  bool stepping_ = false;
  std::optional<int64_t> wanted_frame_;  // of goToFrame()
  bool told_playing_ = false;
  QStackedWidget* pages_;
  EmptyState* empty_;
  VideoView* view_;
  FilmStrip* strip_;
  NoticeStrip* notice_;
  ElidedLabel* read_out_;
  QToolButton *play_, *loop_, *back_, *on_;
  QComboBox* speed_;
};

}  // namespace hvlm::ui
