// SPDX-License-Identifier: Apache-2.0
// Every frame of every kind of clip is the one that was asked for: forward, backward and in random order. The numbers are burnt
// into the pictures.
#include <QTemporaryDir>
#include <QtTest>
#include <cstdio>
#include <random>

#include "clips.h"

using namespace hvlm;
using namespace hvlm::testing;

namespace {

struct Clip {
  std::string name;
  std::string suffix;
  WriterOptions options;
  int64_t frames = 60;
  std::vector<double> times = {};
  int64_t hidden = 0;  // leading frames an edit list hides
};

WriterOptions made(const std::string& codec, int gop, int b_frames, bool open_gop = false) {
  WriterOptions o;
  o.codec = codec;
  o.gop = gop;
  o.b_frames = b_frames;
  o.open_gop = open_gop;
  o.preset = codec == "hevc" ? "ultrafast" : "veryfast";
  return o;
}

// Steps of 20 to 400 ms, whole thousandths.
std::vector<double> variableTimes(int64_t frames) {
  std::mt19937 random(7);
  std::vector<double> times;
  double now = 0.0;
  for (int64_t i = 0; i < frames; ++i) {
    times.push_back(now);
    now += 0.02 * static_cast<double>(1 + random() % 20);
  }
  return times;
}

std::vector<Clip> clips() {
  std::vector<Clip> all;
  const auto add = [&](const std::string& name, const std::string& suffix, const WriterOptions& options) -> Clip& {
    all.push_back({.name = name, .suffix = suffix, .options = options});
    return all.back();
  };
  for (const char* suffix : {"mp4", "mkv", "mov", "ts"}) {
    add("h264 B-frames", suffix, made("h264", 12, 3));
    add("h264 open GOP", suffix, made("h264", 10, 2, true));
    add("h264 no B-frames", suffix, made("h264", 25, 0));
  }
  for (const char* suffix : {"mp4", "mkv", "ts"}) {
    add("hevc B-frames", suffix, made("hevc", 12, 3));
    add("hevc open GOP", suffix, made("hevc", 10, 3, true));
  }
  for (const char* suffix : {"webm", "mkv", "mp4"}) {
    add("vp9", suffix, made("vp9", 20, -1));
    add("av1", suffix, made("av1", 20, -1)).frames = 40;
  }
  for (const char* suffix : {"avi", "mp4", "mkv"}) {
    add("mpeg4", suffix, made("mpeg4", 12, 0));
    add("mjpeg", suffix, made("mjpeg", 0, -1));
  }
  add("mpeg4 B-frames", "mp4", made("mpeg4", 12, 2));
  add("mpeg4 B-frames", "mkv", made("mpeg4", 12, 2));
  add("mpeg4 B-frames", "avi", made("mpeg4", 12, 2));
  add("h264 no B-frames", "avi", made("h264", 15, 0));
  for (const char* suffix : {"mp4", "mkv", "ts"}) {
    add("h264 variable rate", suffix, made("h264", 12, 2)).times = variableTimes(60);
    add("h264 starts at 5 s", suffix, made("h264", 12, 2)).options.start_seconds = 5.0;
  }
  add("vp9 variable rate", "webm", made("vp9", 20, -1)).times = variableTimes(60);
  add("h264 edit list hides 7", "mp4", made("h264", 12, 0)).hidden = 7;
  add("h264 edit list hides 17", "mp4", made("h264", 12, 2)).hidden = 17;
  for (const int degrees : {90, -90, 180}) add("h264 turned " + std::to_string(degrees), "mp4", made("h264", 12, 2)).options.rotation = degrees;
  add("h264 interlaced", "mkv", made("h264", 12, 2)).options.interlaced = true;
  add("h264 GOP of 250", "mp4", made("h264", 250, 3)).frames = 300;
  add("h264 one frame", "mp4", made("h264", 12, 2)).frames = 1;
  add("h264 30000/1001", "mkv", made("h264", 12, 2)).options.rate_num = 30000;
  all.back().options.rate_den = 1001;
  add("mjpeg 0.5 a second", "avi", made("mjpeg", 0, -1)).options.rate_den = 50;
  return all;
}

int64_t exactFrames(VideoReader& reader, const std::vector<int64_t>& order, int64_t hidden) {
  int64_t exact = 0;
  for (const int64_t i : order) exact += codeOf(*reader.frame(i), reader.facts().rotation) == i + hidden;
  return exact;
}

}  // namespace

class TestVideoExact : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void everyFrame_data();
  void everyFrame();
  void cleanupTestCase();

 private:
  QTemporaryDir folder_;
  QStringList table_;
  int clips_ = 0;
};

void TestVideoExact::everyFrame_data() {
  QTest::addColumn<int>("place");
  int place = 0;
  for (const Clip& clip : clips()) QTest::newRow((clip.name + " in " + clip.suffix).c_str()) << place++;
}

void TestVideoExact::everyFrame() {
  QFETCH(int, place);
  const Clip clip = clips()[static_cast<size_t>(place)];
  if (!canEncode(clip.options.codec)) QSKIP("this build of FFmpeg has no encoder for the codec");
  const std::string path = folder_.filePath(QStringLiteral("clip-%1.%2").arg(place).arg(QString::fromStdString(clip.suffix))).toStdString();
  writeClip(path, clip.options, clip.frames, clip.times);
  if (clip.hidden > 0) {
    std::string bytes = bytesOfFile(path);
    QVERIFY(moveEditList(bytes, clip.hidden * 90000 / 25));
    writeFile(path, bytes);
  }
  ReaderOptions options;
  options.threads = 2;
  options.cache_bytes = 8 * kClipWidth * kClipHeight * 4;  // little, so that seeking is really done
  VideoReader forward(path, options), backward(path, options), jumping(path, options);
  const int64_t shown = clip.frames - clip.hidden;
  QCOMPARE(forward.frameCount(), shown);
  std::vector<int64_t> order(static_cast<size_t>(shown));
  for (int64_t i = 0; i < shown; ++i) order[static_cast<size_t>(i)] = i;
  const int64_t there = exactFrames(forward, order, clip.hidden);
  std::reverse(order.begin(), order.end());
  const int64_t back = exactFrames(backward, order, clip.hidden);
  std::mt19937 random(static_cast<unsigned>(place));
  std::shuffle(order.begin(), order.end(), random);
  const int64_t jumped = exactFrames(jumping, order, clip.hidden);
  table_ << QStringLiteral("%1 %2 %3 %4 / %5 / %6 of %7").arg(QString::fromStdString(clip.name), -26).arg(QString::fromStdString(clip.suffix), -5)
                .arg(QString::fromStdString(forward.facts().codec), -6).arg(there).arg(back).arg(jumped).arg(shown);
  ++clips_;
  QCOMPARE(there, shown);
  QCOMPARE(back, shown);
  QCOMPARE(jumped, shown);
  QVERIFY(jumping.cachedBytes() <= options.cache_bytes + kClipWidth * kClipHeight * 4);
  // Times are those that were written.
  for (int64_t i = 0; i < shown; ++i) {
    const double written = clip.times.empty() ? static_cast<double>(i + clip.hidden) * clip.options.rate_den / clip.options.rate_num : clip.times[static_cast<size_t>(i + clip.hidden)];
    const double first = clip.times.empty() ? static_cast<double>(clip.hidden) * clip.options.rate_den / clip.options.rate_num : clip.times[static_cast<size_t>(clip.hidden)];
    QVERIFY2(std::abs((forward.timeOf(i) - forward.timeOf(0)) - (written - first)) < 0.0021, qPrintable(QString::number(forward.timeOf(i))));
    QCOMPARE(forward.frameAt(forward.timeOf(i) + 0.0005), i);
  }
  // Between MPEG-TS and AVI, which have ideas of their own, a start time is kept.
  if (clip.options.start_seconds > 0.0) QVERIFY2(std::abs(forward.timeOf(0) - clip.options.start_seconds) < 0.2, qPrintable(QString::number(forward.timeOf(0))));
}

void TestVideoExact::cleanupTestCase() {
  std::printf("exact frames: forward / backward / random\n");
  for (const QString& row : table_) std::printf("  %s\n", qPrintable(row));
  std::fflush(stdout);
  QVERIFY2(clips_ >= 40, qPrintable(QStringLiteral("only %1 clips could be made here").arg(clips_)));
}

QTEST_GUILESS_MAIN(TestVideoExact)
#include "tst_video_exact.moc"
