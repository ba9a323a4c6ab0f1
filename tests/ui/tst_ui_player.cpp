// SPDX-License-Identifier: GPL-3.0-or-later
// The player: its clock, the frames it shows, the cursor it shares with the timeline.
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QtTest>

#include "core/video/clips.h"
#include "ui/player/film_strip.h"
#include "ui/player/frame_source.h"
#include "ui/player/playback_clock.h"
#include "support/error.h"
#include "ui/exports/clip.h"
#include "ui/player/video_files.h"
#include "ui/player/video_panel.h"
#include "ui/player/video_view.h"
#include "ui/shell/empty_state.h"
#include "ui/window/drop.h"
#include "ui/timeline/timeline_panel.h"
#include "ui/videos/thumbnails.h"
#include "ui/workspace.h"
#include "video/thumbnails.h"

using namespace hvlm;
using namespace hvlm::ui;
using namespace hvlm::testing;

namespace {

constexpr int kLong = 20000;

ShownFrame lastExact(const QSignalSpy& spy) {
  for (qsizetype i = spy.size(); i-- > 0;) {
    const auto frame = qvariant_cast<ShownFrame>(spy.at(i).at(0));
    if (frame.exact) return frame;
  }
  return {};
}

}  // namespace

class TestPlayer : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase();
  void theClockDoublesAndTurns();
  void theClockStopsAtTheEndAndGoesRoundInItsMarks();
  void theNewestRequestIsShownExactly();
  void stepsAreByFrames();
  void aBrokenFileIsToldAndTheNextOneWorks();
  void aFileThatIsCutWhileItPlaysDoesNotStopTheWindow();
  void thePictureIsWholeAndInShape();
  void missingFramesAreHatched();
  void playingMovesTheSharedCursorAndTheCursorSeeks();
  void theVideoOfTheSelectedIdIsFoundOrAsked();
  void aClipHasTheSegmentsDrawnIn();
  void theFilmStripShowsTheVideoAndSeeks();
  void aDroppedVideoIsKnownByItsContent();

 private:
  QString clip(const char* name) const { return folder_.filePath(QString::fromLatin1(name)); }
  QTemporaryDir folder_;
};

void TestPlayer::initTestCase() {
  WriterOptions options;
  options.gop = 12;
  writeClip(clip("a.mp4").toStdString(), options, 100);
  writeFile(clip("bad.mp4").toStdString(), "not a video");
}

void TestPlayer::theClockDoublesAndTurns() {
  PlaybackClock clock;
  clock.setRange(5.0, 15.0);
  QCOMPARE(clock.position(), 5.0);
  clock.press(1);
  for (const double speed : {1.0, 2.0, 4.0, 8.0, 16.0, 16.0}) {
    QCOMPARE(clock.speed(), speed);
    clock.press(1);
  }
  clock.press(-1);
  QCOMPARE(clock.speed(), -1.0);
  clock.press(-1);
  QCOMPARE(clock.speed(), -2.0);
  clock.setSpeed(0.01);
  QCOMPARE(clock.speed(), 0.1);
  clock.seek(99.0);
  QCOMPARE(clock.position(), 15.0);
}

void TestPlayer::theClockStopsAtTheEndAndGoesRoundInItsMarks() {
  PlaybackClock clock;
  clock.setRange(0.0, 10.0);
  clock.seek(9.0);
  clock.toggle();
  clock.advance(2.0);
  QCOMPARE(clock.position(), 10.0);
  QVERIFY(!clock.isPlaying());
  QVERIFY(!clock.toggle());  // at the end it stays there
  QCOMPARE(clock.position(), 10.0);
  QVERIFY(!clock.isPlaying());
  clock.restart();
  QCOMPARE(clock.position(), 0.0);
  QVERIFY(clock.isPlaying());
  clock.seek(6.0), clock.markOut(), clock.seek(2.0), clock.markIn();
  QCOMPARE(*clock.marks(), std::pair(2.0, 6.0));
  clock.setLoop(true);
  clock.advance(5.0);
  QCOMPARE(clock.position(), 3.0);
  QVERIFY(clock.isPlaying());
  clock.clearMarks();
  QVERIFY(!clock.marks());
}

void TestPlayer::theNewestRequestIsShownExactly() {
  FrameSource source;
  QSignalSpy opened(&source, &FrameSource::opened), shown(&source, &FrameSource::shown);
  source.open(clip("a.mp4"));
  QTRY_VERIFY_WITH_TIMEOUT(!opened.isEmpty(), kLong);
  QCOMPARE(qvariant_cast<OpenedVideo>(opened.at(0).at(0)).frames, int64_t{100});
  for (int i = 0; i < 90; ++i) source.request(i * 0.04);
  source.request(77 * 0.04 + 0.01);
  QTRY_VERIFY_WITH_TIMEOUT(lastExact(shown).index == 77, kLong);
  QCOMPARE(codeOf(*lastExact(shown).frame), int64_t{77});
  for (const auto& each : shown) {  // nothing that was shown as exact was another one
    const auto frame = qvariant_cast<ShownFrame>(each.at(0));
    if (frame.exact) QCOMPARE(codeOf(*frame.frame), frame.index);
  }
}

void TestPlayer::stepsAreByFrames() {
  FrameSource source;
  QSignalSpy shown(&source, &FrameSource::shown);
  source.open(clip("a.mp4"));
  source.request(1.0);
  QTRY_VERIFY_WITH_TIMEOUT(lastExact(shown).index == 25, kLong);
  source.step(-1);
  QTRY_VERIFY_WITH_TIMEOUT(lastExact(shown).index == 24, kLong);
  QCOMPARE(codeOf(*lastExact(shown).frame), int64_t{24});
  source.step(-1000);
  QTRY_VERIFY_WITH_TIMEOUT(lastExact(shown).index == 0, kLong);
}

void TestPlayer::aBrokenFileIsToldAndTheNextOneWorks() {
  FrameSource source;
  QSignalSpy failed(&source, &FrameSource::failed), opened(&source, &FrameSource::opened);
  source.open(clip("bad.mp4"));
  QTRY_VERIFY_WITH_TIMEOUT(!failed.isEmpty(), kLong);
  QVERIFY(failed.at(0).at(1).toString().contains(QStringLiteral("bad.mp4")));
  source.open(clip("a.mp4"));
  QTRY_VERIFY_WITH_TIMEOUT(!opened.isEmpty(), kLong);
}

void TestPlayer::aFileThatIsCutWhileItPlaysDoesNotStopTheWindow() {
  QFile::copy(clip("a.mp4"), clip("gone.mp4"));
  FrameSource source;
  QSignalSpy shown(&source, &FrameSource::shown), failed(&source, &FrameSource::failed);
  source.open(clip("gone.mp4"));
  source.request(0.0);
  QTRY_VERIFY_WITH_TIMEOUT(!shown.isEmpty(), kLong);
  QVERIFY(QFile(clip("gone.mp4")).resize(100));  // what a failing disk leaves
  source.request(3.5);
  QTRY_VERIFY_WITH_TIMEOUT(lastExact(shown).index == 87, kLong);
  const ShownFrame after = lastExact(shown);
  QVERIFY(!after.frame->problem.empty() || codeOf(*after.frame) == 87);  // a reason, or a frame that was read already
  source.open(clip("gone.mp4"));
  QTRY_VERIFY_WITH_TIMEOUT(!failed.isEmpty(), kLong);
}

void TestPlayer::thePictureIsWholeAndInShape() {
  VideoView view;
  view.resize(400, 400);
  auto frame = std::make_shared<Frame>();
  frame->width = 200, frame->height = 100;
  frame->pixels.assign(200 * 100 * 4, 200);
  view.setFrame({.frame = frame, .index = 3, .frames = 9, .exact = true}, 1.0);
  QVERIFY(std::abs(view.pictureRect().width() / view.pictureRect().height() - 2.0) < 1e-6);
  view.setFrame({.frame = frame, .index = 3, .frames = 9, .exact = true}, 2.0);  // wide pixels
  QVERIFY(std::abs(view.pictureRect().width() / view.pictureRect().height() - 4.0) < 1e-6);
  QVERIFY(QRectF(view.rect()).contains(view.pictureRect()));
  const QImage picture = view.grab().toImage();
  QCOMPARE(picture.pixelColor(picture.width() / 2, picture.height() / 2), QColor(200, 200, 200));
  VideoOverlay overlay;
  overlay.attention = 1.0;
  view.setOverlay(overlay);
  const QImage framed = view.grab().toImage();
  const QPointF edge = view.pictureRect().topLeft() + QPointF(20, 3);
  QVERIFY(framed.pixelColor(edge.toPoint()).red() > framed.pixelColor(edge.toPoint()).blue() + 80);
}

void TestPlayer::missingFramesAreHatched() {
  VideoView view;
  view.resize(300, 200);
  auto hole = std::make_shared<Frame>();
  hole->problem = "the frame could not be decoded";
  view.setFrame({.frame = hole, .index = 7, .frames = 9, .exact = true}, 1.0);
  const QImage picture = view.grab().toImage();
  QSet<QRgb> colours;
  for (int x = 0; x < picture.width(); ++x) colours.insert(picture.pixel(x, 20));
  QVERIFY(colours.size() > 2);
  QVERIFY(view.accessibleDescription().contains(QStringLiteral("7")));
}

void TestPlayer::playingMovesTheSharedCursorAndTheCursorSeeks() {
  Workspace workspace;
  VideoFiles files(workspace);
  VideoPanel panel(workspace, files);
  panel.resize(400, 300);
  QSignalSpy opened(&panel, &VideoPanel::opened);
  panel.openFile(clip("a.mp4"));
  QTRY_VERIFY_WITH_TIMEOUT(!opened.isEmpty(), kLong);
  // A video alone gives the timeline its time.
  QCOMPARE(workspace.freeVideo().file, clip("a.mp4"));
  QVERIFY(std::abs(workspace.freeVideo().seconds - 4.0) < 0.1);
  TimelinePanel timeline(workspace);
  QVERIFY(std::abs(timeline.view()->content().duration_seconds - 4.0) < 0.1);
  workspace.setCursor(2.0);
  QTRY_VERIFY_WITH_TIMEOUT(panel.view()->frame().exact && panel.view()->frame().index == 50, kLong);
  QCOMPARE(panel.clock().position(), 2.0);
  panel.stepFrames(1);
  QTRY_VERIFY_WITH_TIMEOUT(std::abs(workspace.cursorSeconds() - 2.04) < 1e-6, kLong);
  panel.togglePlay();
  QVERIFY(panel.clock().isPlaying());
  QTRY_VERIFY_WITH_TIMEOUT(workspace.cursorSeconds() > 2.2, kLong);
  panel.togglePlay();
  QVERIFY(!panel.clock().isPlaying());
}

void TestPlayer::theVideoOfTheSelectedIdIsFoundOrAsked() {
  QDir().mkpath(clip("set/videos"));
  QFile::copy(clip("a.mp4"), clip("set/videos/v_first.mp4"));
  writeFile(clip("set/videos/v_first.txt").toStdString(), "a note beside it");
  QFile::copy(clip("bad.mp4"), clip("set/videos/broken.mp4"));
  writeFile(clip("set/annotations.json").toStdString(), R"({"version": "x", "taxonomy": [], "database": {
    "first": {"duration": 4, "subset": "validation", "annotations": [{"label": "one", "segment": [0, 1]}]},
    "broken": {"duration": 4, "subset": "training", "annotations": []},
    "other": {"duration": 4, "subset": "training", "annotations": []}}})");
  writeFile(clip("set/dataset.yaml").toStdString(), "name: s\nannotations: annotations.json\nfeatures: {store: none.h5, steps_per_second: 1}\nvideos: videos/\n");
  Workspace workspace;
  VideoFiles files(workspace);
  VideoPanel panel(workspace, files);
  panel.resize(400, 300);
  QSignalSpy asked(&panel, &VideoPanel::linkAsked);
  workspace.openData(clip("set/dataset.yaml"));
  QTRY_VERIFY_WITH_TIMEOUT(panel.hasVideo(), kLong);
  QVERIFY(panel.file().endsWith(QStringLiteral("v_first.mp4")));
  workspace.selectVideo(QStringLiteral("other"));
  QVERIFY(!panel.hasVideo());
  auto* empty = panel.findChild<EmptyState*>();
  QVERIFY(empty->text().contains(QStringLiteral("other")));
  auto* link = empty->findChild<QPushButton*>();
  QTest::mouseClick(link, Qt::LeftButton);
  QCOMPARE(asked.size(), 1);
  panel.link(QStringLiteral("other"), clip("a.mp4"));
  QTRY_VERIFY_WITH_TIMEOUT(panel.hasVideo(), kLong);
  QCOMPARE(files.links().value(QStringLiteral("other")), clip("a.mp4"));
  // Pictures for the list: one that has a file, one that has none, one whose file is broken.
  Thumbnails thumbnails(files);
  QSignalSpy arrived(&thumbnails, &Thumbnails::arrived);
  QVERIFY(thumbnails.of(QStringLiteral("first")).isNull());
  QVERIFY(thumbnails.of(QStringLiteral("broken")).isNull());
  QVERIFY(!thumbnails.expected(QStringLiteral("nobody")));
  QTRY_COMPARE_WITH_TIMEOUT(arrived.size(), 2, kLong);
  QCOMPARE(thumbnails.of(QStringLiteral("first")).height(), Thumbnails::kHeight);
  QVERIFY(!thumbnails.expected(QStringLiteral("broken")));
  workspace.selectVideo(QStringLiteral("broken"));
  QTRY_VERIFY_WITH_TIMEOUT(empty->text().contains(QStringLiteral("broken.mp4")) && empty->text().contains(QStringLiteral("no video data")), kLong);
}

void TestPlayer::aClipHasTheSegmentsDrawnIn() {
  ClipRequest request;
  request.file = clip("a.mp4");
  request.out = clip("out.mkv");
  request.video.segments = {{1.0, 2.0, 0}};
  request.classes = {"Archery"};
  request.from_seconds = 0.5;
  request.to_seconds = 2.5;
  int64_t told = 0;
  const ClipResult result = writeClip(request, [&](int64_t done, int64_t total) {
    told = done;
    return total == 51;
  });
  QCOMPARE(result.frames, int64_t{51});
  QCOMPARE(result.missing, int64_t{0});
  QCOMPARE(told, int64_t{50});
  VideoReader before(clip("a.mp4").toStdString()), after(clip("out.mkv").toStdString());
  QCOMPARE(after.frameCount(), int64_t{51});
  QVERIFY(std::abs(after.timeOf(50) - after.timeOf(0) - 2.0) < 0.03);
  // Within the segment a dark box lies in the corner, outside it does not; the rest is the video's own picture.
  const auto difference = [&](int64_t frame, int x, int y) {
    const FramePtr a = before.frame(frame + 12), b = after.frame(frame);
    const auto at = static_cast<size_t>((y * a->width + x) * 4);
    return std::abs(int(a->pixels[at]) - int(b->pixels[at])) + std::abs(int(a->pixels[at + 1]) - int(b->pixels[at + 1])) + std::abs(int(a->pixels[at + 2]) - int(b->pixels[at + 2]));
  };
  const FramePtr one = before.frame(0);
  int inside = 0, outside = 0, middle = 0;
  for (int x = 16; x < one->width - 16; x += 4) {
    inside += difference(25, x, 18);
    outside += difference(2, x, 18);
    middle += difference(25, x, one->height * 3 / 4);
  }
  QVERIFY2(inside > 3 * outside && inside > 3 * middle, qPrintable(QString("%1 %2 %3").arg(inside).arg(outside).arg(middle)));
  // Broken off, nothing is left; a name nobody can write is refused.
  request.out = clip("stopped.mp4");
  QVERIFY_THROWS_EXCEPTION(Interrupted, writeClip(request, [](int64_t done, int64_t) { return done < 5; }));
  QVERIFY(!QFile::exists(clip("stopped.mp4")));
  request.out = clip("out.txt");
  QVERIFY_THROWS_EXCEPTION(InputError, writeClip(request, {}));
}

void TestPlayer::theFilmStripShowsTheVideoAndSeeks() {
  qputenv("XDG_CACHE_HOME", folder_.filePath(QStringLiteral("cache")).toUtf8());
  std::atomic<bool> go{false};
  const auto made = filmStrip(clip("a.mp4").toStdString(), 8, 40, go);
  QCOMPARE(made.size(), size_t{8});
  QCOMPARE(QDir(folder_.filePath(QStringLiteral("cache/hvlm/strips"))).entryList(QDir::Files).size(), 1);
  const auto again = filmStrip(clip("a.mp4").toStdString(), 8, 40, go);  // from the disk
  QCOMPARE(again.size(), size_t{8});
  for (size_t i = 0; i < 8; ++i) {
    QCOMPARE(again[i]->pixels.size(), made[i]->pixels.size());
    double difference = 0.0;
    for (size_t k = 0; k < made[i]->pixels.size(); ++k) difference += std::abs(int(made[i]->pixels[k]) - int(again[i]->pixels[k]));
    const double mean = difference / static_cast<double>(made[i]->pixels.size());
    QVERIFY2(mean < 20.0, qPrintable(QString::number(mean)));  // JPEG of a busy little picture
  }
  Workspace workspace;
  VideoFiles files(workspace);
  VideoPanel panel(workspace, files);
  panel.resize(400, 300);
  panel.show();
  QSignalSpy ready(panel.strip(), &FilmStrip::ready);
  panel.openFile(clip("a.mp4"));
  QTRY_VERIFY_WITH_TIMEOUT(!ready.isEmpty(), kLong);
  QVERIFY(!panel.strip()->pictures().empty() && !panel.strip()->pictures().front().isNull());
  const double length = panel.clock().end() - panel.clock().start();
  panel.showSpan(std::pair(1.0, 2.0));  // what a chosen cell covers, in seconds
  QVERIFY(panel.strip()->span() && std::abs(panel.strip()->span()->first - 1.0 / length) < 1e-9 && std::abs(panel.strip()->span()->second - 2.0 / length) < 1e-9);
  QSignalSpy marks(&panel, &VideoPanel::marksChanged);
  panel.setMarks(std::pair(1.0, 99.0));  // cut to the video
  QCOMPARE(*panel.clock().marks(), std::pair(panel.clock().start() + 1.0, panel.clock().end()));
  QCOMPARE(marks.size(), 0);
  panel.clearMarks();
  QCOMPARE(marks.size(), 1);
  QTest::mouseClick(panel.strip(), Qt::LeftButton, {}, QPoint(panel.strip()->width() / 2, 10));
  QTRY_VERIFY_WITH_TIMEOUT(std::abs(workspace.cursorSeconds() - 2.0) < 0.1, kLong);
}

void TestPlayer::aDroppedVideoIsKnownByItsContent() {
  QFile::copy(clip("a.mp4"), clip("renamed.dat"));
  QCOMPARE(recognise(clip("renamed.dat")).kind, DropKind::kVideo);
  QCOMPARE(recognise(clip("bad.mp4")).kind, DropKind::kUnknown);
  QCOMPARE(recognise(folder_.path()).kind, DropKind::kVideo);  // a folder opens on its first one
  QVERIFY(recognise(folder_.path()).path.endsWith(QStringLiteral("a.mp4")));
}

QTEST_MAIN(TestPlayer)
#include "tst_ui_player.moc"
