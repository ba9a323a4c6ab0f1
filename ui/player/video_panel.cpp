// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/player/video_panel.h"

#include <QComboBox>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <utility>

#include "ui/exports/clip.h"
#include "ui/player/film_strip.h"
#include "ui/player/video_files.h"
#include "ui/player/video_view.h"
#include "ui/shell/action_list.h"
#include "ui/shell/background.h"
#include "ui/shell/elided_label.h"
#include "ui/shell/empty_state.h"
#include "ui/shell/notice_strip.h"
#include "ui/style/icons.h"
#include "ui/text.h"
#include "ui/workspace.h"

namespace hvlm::ui {
namespace {

constexpr int kTickMs = 15;
constexpr double kSpeeds[] = {0.1, 0.25, 0.5, 1, 2, 4, 8, 16};

QString speedText(double speed) { return QStringLiteral("%1x").arg(speed); }

QToolButton* button(const QString& text, const QString& tip, QWidget* parent) {
  auto* made = new QToolButton(parent);
  made->setText(text);
  made->setToolTip(tip);
  made->setAccessibleName(tip);
  made->setAutoRaise(true);
  return made;
}

}  // namespace

VideoPanel::VideoPanel(Workspace& workspace, VideoFiles& files, QWidget* parent) : QWidget(parent), workspace_(workspace), files_(files) {
  setObjectName(QStringLiteral("videoPanel"));
  view_ = new VideoView(this);
  strip_ = new FilmStrip(this);
  empty_ = new EmptyState(tr("The video of the selected id appears here, in step with the timeline."), QString(), this);
  notice_ = new NoticeStrip(this);
  read_out_ = new ElidedLabel(this);
  read_out_->setObjectName(QStringLiteral("videoReadOut"));
  play_ = button(tr("Play"), tr("Play or pause"), this);
  play_->setObjectName(QStringLiteral("playButton"));
  back_ = button(QStringLiteral("◂|"), tr("One frame back"), this);
  on_ = button(QStringLiteral("|▸"), tr("One frame on"), this);
  loop_ = button(tr("Loop"), tr("Go round within the marks"), this);
  loop_->setObjectName(QStringLiteral("loopButton"));
  loop_->setCheckable(true);
  speed_ = new QComboBox(this);
  speed_->setAccessibleName(tr("Speed"));
  speed_->setToolTip(tr("Speed; playing on or backward again doubles it"));
  for (const double speed : kSpeeds) speed_->addItem(speedText(speed), speed);
  speed_->setCurrentIndex(3);

  auto* bar = new QHBoxLayout;
  bar->setContentsMargins(8, 2, 8, 4);
  bar->setSpacing(4);
  for (QWidget* each : {static_cast<QWidget*>(back_), static_cast<QWidget*>(play_), static_cast<QWidget*>(on_), static_cast<QWidget*>(speed_), static_cast<QWidget*>(loop_)}) bar->addWidget(each);
  bar->addWidget(read_out_, 1);
  auto* player = new QWidget(this);
  auto* inner = new QVBoxLayout(player);
  inner->setContentsMargins(0, 0, 0, 0);
  inner->setSpacing(0);
  inner->addWidget(view_, 1);
  inner->addWidget(strip_);
  inner->addLayout(bar);
  pages_ = new QStackedWidget(this);
  pages_->addWidget(empty_);
  pages_->addWidget(player);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addWidget(notice_);
  layout->addWidget(pages_, 1);

  connect(play_, &QToolButton::clicked, this, &VideoPanel::togglePlay);
  connect(strip_, &FilmStrip::sought, this, [this](double share) {
    if (hasVideo()) workspace_.setCursor(share * (clock_.end() - clock_.start()));
  });
  connect(view_, &VideoView::pressed, this, &VideoPanel::togglePlay);
  connect(back_, &QToolButton::clicked, this, [this] { stepFrames(-1); });
  connect(on_, &QToolButton::clicked, this, [this] { stepFrames(1); });
  connect(loop_, &QToolButton::toggled, this, &VideoPanel::setLoop);
  connect(speed_, &QComboBox::activated, this, [this] { clock_.setSpeed(std::copysign(speed_->currentData().toDouble(), clock_.speed())); });
  connect(empty_, &EmptyState::pressed, this, [this] { Q_EMIT linkAsked(workspace_.videoId()); });
  connect(&source_, &FrameSource::shown, this, &VideoPanel::showFrame);
  connect(&source_, &FrameSource::opened, this, [this](const OpenedVideo& video) {
    if (video.file != file_) return;  // another one was chosen meanwhile
    const MarkedRange kept = marks();  // made while it was being opened
    opened_ = video;
    clock_.setRange(video.start, video.end);
    setMarks(kept);
    clock_.seek(toVideo(workspace_.cursorSeconds()));
    pages_->setCurrentIndex(1);
    strip_->setVideo(video.file);
    refreshSpan();
    if (video.file == alone_) workspace_.setFreeVideo(video.file, video.end - video.start);
    if (!video.problem.isEmpty()) notice_->show(NoticeLevel::kWarning, tr("%1 breaks off: %2. What can be read is shown.").arg(QFileInfo(video.file).fileName(), video.problem));
    checkLength();
    source_.request(clock_.position());
    refreshOverlay();
    Q_EMIT opened(video.file);
  });
  connect(&source_, &FrameSource::failed, this, [this](const QString& file, const QString& message) {
    if (file != file_) return;
    opened_ = {};
    problem_ = message;
    pages_->setCurrentIndex(0);
    empty_->setText(message);
    const qsizetype line = message.indexOf(QLatin1String("ffmpeg -i "));
    empty_->setCopy(line < 0 ? QString() : tr("Copy the ffmpeg line"), message.mid(line < 0 ? 0 : line).section(QLatin1Char('\n'), 0, 0).trimmed());
    if (workspace_.videoId().isEmpty()) empty_->offer(lacking(workspace_, false));
    else empty_->setButton(tr("Link another file…"));
  });
  connect(&workspace_, &Workspace::videoChanged, this, &VideoPanel::chooseFile);
  for (const auto signal : {&Workspace::dataChanged, &Workspace::loadingChanged}) {
    connect(&workspace_, signal, this, [this] {
      if (workspace_.videoId().isEmpty() && file_.isEmpty()) chooseFile();
    });
  }
  connect(&files_, &VideoFiles::changed, this, &VideoPanel::chooseFile);
  connect(&workspace_, &Workspace::inspectionChanged, this, [this] {
    const auto inspection = workspace_.inspection();
    attention_peak_ = attentionPeak(inspection.get());
    view_->setSimilarity(inspection ? inspection->neighbour_similarity : std::vector<float>());
    refreshOverlay();
  });
  connect(&workspace_, &Workspace::cursorChanged, this, &VideoPanel::cursorMoved);
  timer_.setInterval(kTickMs);
  timer_.setTimerType(Qt::PreciseTimer);
  connect(&timer_, &QTimer::timeout, this, &VideoPanel::tick);
  chooseFile();
}

void VideoPanel::chooseFile() {
  const QString id = workspace_.videoId();
  if (id.isEmpty() && !file_.isEmpty() && workspace_.freeVideo().file == file_) return;  // looked at alone
  const QString file = id.isEmpty() ? QString() : files_.fileOf(id);
  if (!file.isEmpty()) {
    start(file);
    return;
  }
  clock_.pause();
  file_.clear();
  opened_ = {};
  Q_EMIT fileEnds(0.0);
  source_.close();
  view_->clear();
  strip_->setVideo(QString());
  pages_->setCurrentIndex(0);
  empty_->setText(id.isEmpty() ? tr("The video of the selected id appears here, in step with the timeline. Drop a video file to look at it alone.")
              : files_.listing()     ? tr("Looking for the video file of %1 …").arg(id)
                             : tr("There is no video file for %1: the timeline works from its features alone.").arg(id));
  empty_->setCopy(QString(), QString());
  empty_->setButton(id.isEmpty() || files_.listing() ? QString() : tr("Link a video file…"));
  if (id.isEmpty()) empty_->offer(lacking(workspace_, false));
  tell();
}

// A file that ends before its annotations do was cut off, or is another one.
void VideoPanel::checkLength() {
  constexpr double kRounding = 1.0;  // s that annotations may reach past the last frame
  const Video* video = workspace_.video();
  if (!video || file_ != files_.fileOf(workspace_.videoId())) return;
  double reach = 0.0;
  for (const Segment& segment : video->segments) reach = std::max(reach, segment.end_seconds);
  const double length = opened_.end - opened_.start;
  if (reach <= length + kRounding) return;
  Q_EMIT fileEnds(length);
  const QString text = tr("%1 ends after %2 s; its annotations reach %3 s. Segments past the end are shown hatched.").arg(QFileInfo(file_).fileName()).arg(uiNumber(length, 1), uiNumber(reach, 1));
  const auto again = [this] {
    if (file_.isEmpty()) return;
    opened_ = {};
    Q_EMIT fileEnds(0.0);
    source_.open(file_);
    tell();
  };
  notice_->show(NoticeLevel::kWarning, text, {{tr("Re-check file"), again}, {tr("Link another file…"), [this] { Q_EMIT linkAsked(workspace_.videoId()); }}});
}

void VideoPanel::setHardware(bool on) {
  if (!source_.setHardware(on) || file_.isEmpty() || !hasVideo()) return;
  source_.open(file_);
  source_.request(clock_.position());
}

void VideoPanel::start(const QString& file) {
  if (file == file_ && hasVideo()) return;
  clock_.pause();
  clearMarks();
  stepping_ = false;
  wanted_frame_.reset();
  opened_ = {};
  file_ = file;
  view_->clear();
  notice_->clear();
  Q_EMIT fileEnds(0.0);
  source_.open(file);
  tell();
}

void VideoPanel::openFile(const QString& file) {
  const QString stem = qText(bareId(stdText(QFileInfo(file).completeBaseName())));
  const auto loaded = workspace_.data();
  const bool known = loaded && std::any_of(loaded->catalogue.videos.begin(), loaded->catalogue.videos.end(), [&](const Video& v) { return qText(v.id) == stem; });
  if (known) {
    if (workspace_.videoId() == stem) {
      files_.link(stem, file);  // shows it
    } else {
      files_.link(stem, file);
      workspace_.selectVideo(stem);
    }
    return;
  }
  alone_ = file;
  start(file);
}

void VideoPanel::link(const QString& id, const QString& file) {
  files_.link(id, file);
}

void VideoPanel::cursorMoved(double seconds) {
  if (own_move_ || !hasVideo()) return;
  stepping_ = false;  // the frame that was asked for before is no longer where the cursor belongs
  wanted_frame_.reset();
  clock_.seek(toVideo(seconds));
  source_.request(clock_.position());
  refreshOverlay();
}

void VideoPanel::showFrame(const ShownFrame& frame) {
  if (!hasVideo()) return;
  view_->setFrame(frame, opened_.pixel_aspect);
  if (stepping_ && frame.exact && frame.frame && frame.index == wanted_frame_.value_or(frame.index)) {
    // A step by frames: the cursor goes where the frame is.
    stepping_ = false;
    wanted_frame_.reset();
    clock_.seek(frame.frame->seconds);
    own_move_ = true;
    workspace_.setCursor(toCursor(frame.frame->seconds));
    own_move_ = false;
  }
  tell();
}

void VideoPanel::tick() {
  clock_.advance(static_cast<double>(wall_.nsecsElapsed()) * 1e-9);
  wall_.restart();
  source_.request(clock_.position());
  own_move_ = true;
  workspace_.setCursor(toCursor(clock_.position()));
  own_move_ = false;
  refreshOverlay();
  if (!clock_.isPlaying()) timer_.stop();
  tell();
}

void VideoPanel::togglePlay() {
  if (!hasVideo()) return;
  if (!clock_.toggle()) {
    notice_->show(NoticeLevel::kInfo, tr("The video is at its end."), tr("From the start"), [this] { restart(); });
    return;
  }
  wall_.start();
  if (clock_.isPlaying()) timer_.start();
  tell();
}

void VideoPanel::restart() {
  if (!hasVideo()) return;
  notice_->clear();
  clock_.restart();
  wall_.start();
  timer_.start();
  tell();
}

void VideoPanel::goToFrame(int64_t frame) {
  if (!hasVideo()) return;
  clock_.pause();
  timer_.stop();
  stepping_ = true;
  wanted_frame_ = std::clamp<int64_t>(frame, 0, opened_.frames - 1);
  source_.goTo(*wanted_frame_);
  tell();
}

void VideoPanel::useActions(const ActionList& actions) {
  actions.tip(play_, {QStringLiteral("playHere"), QStringLiteral("playPause")});
  actions.tip(back_, {QStringLiteral("frameBack")});
  actions.tip(on_, {QStringLiteral("frameOn")});
  actions.tip(loop_, {QStringLiteral("loopMarks")});
  actions.tip(speed_, {QStringLiteral("playOn"), QStringLiteral("playBack")});
  actions.tie(loop_, "loopMarks");
}

void VideoPanel::press(int direction) {
  if (!hasVideo()) return;
  clock_.press(direction);
  wall_.start();
  timer_.start();
  tell();
}

void VideoPanel::stepFrames(int64_t frames) {
  if (!hasVideo()) return;
  clock_.pause();
  timer_.stop();
  stepping_ = true;
  wanted_frame_.reset();
  source_.step(frames);
}

// Without a video the marks are of the timeline alone.
void VideoPanel::markIn() {
  clock_.markIn(hasVideo() ? clock_.position() : workspace_.cursorSeconds());
  tell();
  Q_EMIT marksChanged(marks());
}
void VideoPanel::markOut() {
  clock_.markOut(hasVideo() ? clock_.position() : workspace_.cursorSeconds());
  tell();
  Q_EMIT marksChanged(marks());
}
void VideoPanel::clearMarks() {
  clock_.clearMarks();
  tell();
  Q_EMIT marksChanged({});
}

void VideoPanel::setMarks(const MarkedRange& range) {
  clock_.clearMarks();
  const auto inVideo = [this](double seconds) { return hasVideo() ? std::clamp(toVideo(seconds), clock_.start(), clock_.end()) : seconds; };
  if (range) clock_.markIn(inVideo(range->first)), clock_.markOut(inVideo(range->second));
  tell();
}

MarkedRange VideoPanel::marks() const {
  const auto both = clock_.marks();
  return both ? MarkedRange(std::pair(toCursor(both->first), toCursor(both->second))) : std::nullopt;
}

void VideoPanel::showSpan(const MarkedRange& range) {
  span_ = range;
  refreshSpan();
}

void VideoPanel::refreshSpan() {
  const double length = clock_.end() - clock_.start();
  strip_->setSpan(span_ && hasVideo() && length > 0.0 ? FilmStrip::Span(std::pair(span_->first / length, span_->second / length)) : std::nullopt);
}

void VideoPanel::setLoop(bool on) {
  clock_.setLoop(on);
  loop_->setChecked(on);
}
void VideoPanel::showLabels(bool on) { view_->showLabels(on); }
void VideoPanel::showAttention(bool on) { view_->showAttention(on); }
void VideoPanel::showSimilarity(bool on) { view_->showSimilarity(on); }

void VideoPanel::exportClip(const QString& out) {
  if (!hasVideo() || out.isEmpty()) return;
  ClipRequest request;
  request.file = file_;
  request.out = out;
  if (const Video* video = workspace_.video()) request.video = *video;
  if (const auto loaded = workspace_.data()) request.classes = loaded->catalogue.classes;
  if (const auto seen = workspace_.inspection(); seen && qText(seen->video) == workspace_.videoId()) request.inspection = seen;
  if (const auto stored = workspace_.stored(); stored && stored->video == workspace_.videoId()) request.stored = stored;
  if (const auto marks = clock_.marks()) request.from_seconds = toCursor(marks->first), request.to_seconds = toCursor(marks->second);
  notice_->show(NoticeLevel::kInfo, tr("Writing the clip …"));
  const auto tell = [alive = QPointer<VideoPanel>(this)](int64_t done, int64_t total) {  // on the worker
    constexpr int64_t kEvery = 50;
    if (done % kEvery == 0) {
      QMetaObject::invokeMethod(QCoreApplication::instance(), [alive, done, total] {
        if (alive) alive->notice_->show(NoticeLevel::kInfo, tr("Writing the clip: frame %1 of %2").arg(done).arg(total));
      }, Qt::QueuedConnection);
    }
    return !alive.isNull();
  };
  inBackground(
      this, [request, tell] { return writeClip(request, tell); },
      [this, out](const ClipResult& result) {
        notice_->show(NoticeLevel::kGood, result.missing == 0 ? tr("Exported %1 frames as %2.").arg(result.frames).arg(out) : tr("Exported %1 frames as %2; %3 could not be decoded and were left out.").arg(result.frames).arg(out).arg(result.missing));
        Q_EMIT clipWritten(out);
      },
      [this](const QString& message) { notice_->show(NoticeLevel::kBad, message); });
}

void VideoPanel::tell() {
  if (std::exchange(told_playing_, clock_.isPlaying()) != clock_.isPlaying()) Q_EMIT playingChanged(clock_.isPlaying());
  play_->setText(clock_.isPlaying() ? tr("Pause") : tr("Play"));
  if (!hasVideo()) {
    read_out_->setText(file_.isEmpty() ? QString() : tr("opening %1 …").arg(QFileInfo(file_).fileName()));
    return;
  }
  const ShownFrame& frame = view_->frame();
  QString text = tr("%1 s   frame %2 / %3").arg(uiNumber(clock_.position(), 3)).arg(frame.index).arg(opened_.frames);
  if (clock_.isPlaying() && std::abs(clock_.speed()) != 1.0) text += QStringLiteral("   ") + speedText(clock_.speed());
  if (const auto marks = clock_.marks()) text += tr("   marks %1 to %2 s").arg(uiNumber(marks->first, 2)).arg(uiNumber(marks->second, 2));
  if (!opened_.sound.isEmpty()) text += tr("   sound (%1) is not played").arg(opened_.sound);
  read_out_->setText(text + QStringLiteral("   ") + QFileInfo(file_).fileName());
}

void VideoPanel::refreshOverlay() {
  const double cursor = toCursor(clock_.position());
  const auto loaded = workspace_.data();
  const auto seen = workspace_.inspection();
  const auto stored = workspace_.stored();
  const bool of_this = seen && qText(seen->video) == workspace_.videoId();
  VideoOverlay overlay = overlayAt(workspace_.video(), loaded ? loaded->catalogue.classes : std::vector<std::string>(), of_this ? seen.get() : nullptr, attention_peak_, cursor,
                                   stored && stored->video == workspace_.videoId() ? stored.get() : nullptr);
  const double length = clock_.end() - clock_.start();
  strip_->setPlace(length > 0.0 ? cursor / length : 0.0);
  overlay.place = length > 0.0 ? cursor / length : 0.0;
  view_->setOverlay(overlay);
}

}  // namespace hvlm::ui
