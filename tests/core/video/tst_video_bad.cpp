// SPDX-License-Identifier: Apache-2.0
// What is broken costs itself: a clear refusal, a placeholder with its reason, never a crash or a hang.
#include <unistd.h>

#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QtTest>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <random>

#include "clips.h"
#include "support/error.h"
#include "support/golden.h"

using namespace hvlm;
using namespace hvlm::testing;
namespace fs = std::filesystem;

namespace {

constexpr int kMutants = 500;
constexpr qint64 kLongestMs = 5000;  // issue's bound for one broken file

std::string refusal(const std::string& path) {
  try {
    VideoReader reader(path);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

// Damage of five kinds, a function of the seed alone.
std::string mutated(std::string bytes, uint32_t seed) {
  std::mt19937 random(seed);
  const auto below = [&](size_t n) { return static_cast<size_t>(random()) % std::max<size_t>(n, 1); };
  switch (seed % 5) {
    case 0:  // bits flip, as many as a hundredth of the bytes
      for (size_t i = 0; i < 1 + bytes.size() / 100; ++i) bytes[below(bytes.size())] ^= static_cast<char>(1 << below(8));
      break;
    case 1: bytes.resize(below(bytes.size())); break;  // cut short
    case 2: {  // two stretches change places
      const size_t length = 1 + below(bytes.size() / 4), a = below(bytes.size() - length), b = below(bytes.size() - length);
      const std::string first = bytes.substr(a, length), second = bytes.substr(b, length);
      bytes.replace(a, length, second);
      bytes.replace(b, length, first);
      break;
    }
    case 3:  // the head: sizes, counts, codec data
      for (int i = 0; i < 8; ++i) bytes[below(std::min<size_t>(bytes.size(), 1024))] = static_cast<char>(random());
      break;
    default: {  // a stretch of zeros or ones, anywhere and in the tail where MP4 keeps its tables
      const size_t length = 1 + below(400), at = below(2) ? below(bytes.size()) : bytes.size() - std::min(bytes.size(), size_t{2000}) + below(1600);
      for (size_t i = at; i < std::min(bytes.size(), at + length); ++i) bytes[i] = static_cast<char>(seed & 8 ? 0xFF : 0);
    }
  }
  return bytes;
}

}  // namespace

class TestVideoBad : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void refusals_data();
  void refusals();
  void aBrokenPictureIsAPlaceholder();
  void aFileThatShrinksUnderneath();
  void aFrameOutsideIsRefused();
  void theIndexMayComeLater();
  void theCacheIsBounded();
  void picturesAreScaledInTheReader();
  void mutants();
  void probedClipsAreThoseOfFfprobe();
  void readClipsHaveAllTheirFrames();
  void writersThatCannotAreRefused();

 private:
  std::string path(const char* name) const { return folder_.filePath(QString::fromLatin1(name)).toStdString(); }
  QTemporaryDir folder_;
};

void TestVideoBad::refusals_data() {
  QTest::addColumn<QString>("file");
  QTest::addColumn<QString>("fragment");
  const auto row = [&](const char* name, const char* file, const char* fragment) { QTest::newRow(name) << QString::fromStdString(path(file)) << QString::fromLatin1(fragment); };
  row("no such file", "nothing.mp4", "no such file");
  fs::create_directories(path("folder.mp4"));
  row("a folder", "folder.mp4", "a folder");
  writeFile(path("empty.mp4"), "");
  row("zero bytes", "empty.mp4", "0 bytes");
  writeFile(path("text.mp4"), "This is a shopping list, not a video.\n");
  row("text renamed", "text.mp4", "no video data");
  writeFile(path("list.m3u8"), "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n");
  row("a playlist that names other files", "list.m3u8", "");
  std::string sound = "RIFF";
  const auto put = [&](uint32_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) sound += static_cast<char>(value >> (8 * i));
  };
  put(36 + 16000, 4), sound += "WAVEfmt ", put(16, 4), put(1, 2), put(1, 2), put(8000, 4), put(16000, 4), put(2, 2), put(16, 2), sound += "data", put(16000, 4), sound += std::string(16000, '\1');
  writeFile(path("sound.mp4"), sound);
  row("sound alone", "sound.mp4", "only sound (pcm_s16le)");
  writeClip(path("whole.mp4"), {}, 20);
  const std::string whole = bytesOfFile(path("whole.mp4"));
  writeFile(path("no_moov.mp4"), whole.substr(0, whole.find("moov") - 4));
  row("missing moov", "no_moov.mp4", "no video data");
  // The size stands in the track header, in the sample description and in the decoder's own data: a claim of 8,192 x 8,192.
  std::string huge = whole;
  const size_t entry = huge.find("avc1", huge.find("stsd"));
  for (const size_t at : {entry + 4 + 24, entry + 4 + 26}) huge[at] = 0x20, huge[at + 1] = 0;
  const size_t sps = huge.find("avcC");
  for (size_t i = sps + 4; i < sps + 30; ++i) huge[i] = static_cast<char>(i * 37);
  writeFile(path("huge.mp4"), huge);
  row("8K x 8K claimed", "huge.mp4", "8192 x 8192");
  if (geteuid() != 0) {
    writeClip(path("secret.mp4"), {}, 5);
    fs::permissions(path("secret.mp4"), fs::perms::none);
    row("no permission", "secret.mp4", "ermission");
  }
}
void TestVideoBad::refusals() {
  QFETCH(QString, file);
  QFETCH(QString, fragment);
  const std::string said = refusal(file.toStdString());
  QVERIFY2(!said.empty(), "it was opened");
  QVERIFY2(said.find(file.toStdString()) != std::string::npos && said.find(fragment.toStdString()) != std::string::npos, said.c_str());
}

void TestVideoBad::aBrokenPictureIsAPlaceholder() {
  WriterOptions options;
  options.codec = "mjpeg";
  writeClip(path("hole.avi"), options, 12);
  std::string bytes = bytesOfFile(path("hole.avi"));
  // The fifth picture's data becomes zeros.
  size_t at = bytes.find("movi");
  for (int i = 0; i < 5; ++i) at = bytes.find("00dc", at + 4);
  const uint32_t size = static_cast<uint8_t>(bytes[at + 4]) | static_cast<uint32_t>(static_cast<uint8_t>(bytes[at + 5])) << 8;
  std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(at) + 8, size, '\0');
  writeFile(path("hole.avi"), bytes);
  VideoReader reader(path("hole.avi"));
  QCOMPARE(reader.frameCount(), int64_t{12});
  const FramePtr hole = reader.frame(4);
  QVERIFY(!hole->problem.empty());
  QVERIFY(hole->pixels.empty());
  QCOMPARE(hole->index, int64_t{4});
  QVERIFY(std::abs(hole->seconds - 0.16) < 1e-6);
  for (const int64_t i : {3, 5, 11, 0}) QCOMPARE(codeOf(*reader.frame(i)), i);
}

void TestVideoBad::aFileThatShrinksUnderneath() {
  WriterOptions options;
  options.gop = 5;
  options.width = 320, options.height = 240;
  options.quality = 5;
  writeClip(path("shrinks.mkv"), options, 100);
  ReaderOptions small;
  small.cache_bytes = 1;
  VideoReader reader(path("shrinks.mkv"), small);
  QCOMPARE(codeOf(*reader.frame(3)), int64_t{3});
  fs::resize_file(path("shrinks.mkv"), fs::file_size(path("shrinks.mkv")) / 3);
  const FramePtr gone = reader.frame(95);
  QVERIFY(!gone->problem.empty());
  QCOMPARE(codeOf(*reader.frame(5)), int64_t{5});
}

void TestVideoBad::aFrameOutsideIsRefused() {
  writeClip(path("short.mp4"), {}, 3);
  VideoReader reader(path("short.mp4"));
  QVERIFY_THROWS_EXCEPTION(InputError, reader.frame(3));
  QVERIFY_THROWS_EXCEPTION(InputError, reader.frame(-1));
  QCOMPARE(codeOf(*reader.frameAtTime(-4.0)), int64_t{0});
  QCOMPARE(codeOf(*reader.frameAtTime(99.0)), int64_t{2});
}

void TestVideoBad::theIndexMayComeLater() {
  WriterOptions options;
  options.gop = 12;
  writeClip(path("later.mp4"), options, 80);
  ReaderOptions background;
  background.background_index = true;
  VideoReader reader(path("later.mp4"), background);
  QCOMPARE(codeOf(*reader.frameAtTime(1.0)), int64_t{25});  // with or without it
  QCOMPARE(reader.frameCount(), int64_t{80});
  QVERIFY(reader.indexReady());
  QCOMPARE(codeOf(*reader.frame(79)), int64_t{79});
  const FramePtr key = reader.keyFrameNear(1.0);
  QCOMPARE(codeOf(*key) % 12, int64_t{0});
  QVERIFY(std::abs(key->seconds - 1.0) <= 0.25);
}

void TestVideoBad::theCacheIsBounded() {
  WriterOptions options;
  options.gop = 30;
  writeClip(path("cache.mp4"), options, 90);
  ReaderOptions small;
  small.cache_bytes = 10 * kClipWidth * kClipHeight * 4;
  VideoReader reader(path("cache.mp4"), small);
  for (int64_t i = 89; i >= 0; --i) {
    QCOMPARE(codeOf(*reader.frame(i)), i);
    QVERIFY(reader.cachedBytes() <= small.cache_bytes);
  }
  const FramePtr near = reader.nearestCached(3);
  QVERIFY(near && std::abs(near->index - 3) <= 3);
}

void TestVideoBad::picturesAreScaledInTheReader() {
  WriterOptions options;
  options.width = 256, options.height = 192;
  writeClip(path("scaled.mp4"), options, 3);
  ReaderOptions fit;
  fit.max_width = 100;
  fit.max_height = 100;
  VideoReader reader(path("scaled.mp4"), fit);
  QCOMPARE(reader.frame(0)->width, 100);
  QCOMPARE(reader.frame(0)->height, 75);
  ReaderOptions exact;
  exact.layout = PixelLayout::rgb24;
  exact.exact_width = 64, exact.exact_height = 64;
  VideoReader square(path("scaled.mp4"), exact);
  QCOMPARE(square.frame(1)->pixels.size(), size_t{64 * 64 * 3});
}

void TestVideoBad::mutants() {
  std::vector<std::string> bases;
  const auto base = [&](const char* name, const char* codec, int frames) {
    if (!canEncode(codec)) return;
    WriterOptions options;
    options.codec = codec;
    options.gop = 8;
    writeClip(path(name), options, frames);
    bases.push_back(bytesOfFile(path(name)));
  };
  base("a.mp4", "h264", 30), base("b.ts", "h264", 30), base("c.webm", "vp9", 20), base("d.avi", "mjpeg", 15), base("e.mkv", "hevc", 20), base("f.mp4", "mpeg4", 20), base("g.webm", "av1", 12);
  QVERIFY(bases.size() >= 4);
  int refused = 0, with_holes = 0, whole = 0;
  for (int i = 0; i < kMutants; ++i) {
    const std::string file = path("mutant");
    writeFile(file, mutated(bases[static_cast<size_t>(i) % bases.size()], static_cast<uint32_t>(i / 7 * 5 + i)));
    QElapsedTimer clock;
    clock.start();
    bool hole = false;
    try {
      ReaderOptions options;
      options.threads = 1;
      VideoReader reader(file, options);
      const int64_t frames = reader.frameCount();
      if (frames == 0) hole = true;
      for (const int64_t at : {int64_t{0}, frames / 2, frames - 1, frames / 3}) {
        if (at < 0 || at >= frames) continue;
        const FramePtr frame = reader.frame(at);
        QVERIFY(frame != nullptr);
        QVERIFY(frame->problem.empty() != frame->pixels.empty());  // a picture or a reason
        hole = hole || !frame->problem.empty();
      }
      ++(hole ? with_holes : whole);
    } catch (const InputError& error) {
      QVERIFY(std::string(error.what()).find(file) != std::string::npos);
      ++refused;
    }
    QVERIFY2(clock.elapsed() < kLongestMs, qPrintable(QStringLiteral("mutant %1 took %2 ms").arg(i).arg(clock.elapsed())));
  }
  std::printf("%d mutants: %d refused, %d with missing frames, %d read\n", kMutants, refused, with_holes, whole);
  QCOMPARE(refused + with_holes + whole, kMutants);
  QVERIFY(refused > 0 && whole > 0);  // the damage is neither all nor nothing
}

void TestVideoBad::probedClipsAreThoseOfFfprobe() {
  const std::string folder = sharedFolder("data/clips");
  if (folder.empty()) QSKIP("../shared/data/clips is not here");
  const nlohmann::json expected = nlohmann::json::parse(bytesOfFile(folder + "/expected.json")).at("clips");
  QVERIFY(expected.size() >= 20);
  for (const auto& [name, facts] : expected.items()) {
    const nlohmann::json found = nlohmann::json::parse(probeJson(probeVideo(folder + "/" + name)));
    for (const auto& [key, value] : facts.items()) {
      if (key.starts_with("ffprobe")) continue;
      const std::string what = name + ": " + key + " is " + (found.contains(key) ? found.at(key).dump() : "missing") + ", not " + value.dump();
      QVERIFY2(found.contains(key), what.c_str());
      const bool same = value.is_number_float() ? found.at(key).is_number() && std::abs(found.at(key).get<double>() - value.get<double>()) < 1e-3 : found.at(key) == value;
      QVERIFY2(same, what.c_str());
    }
    QCOMPARE(found.contains("error"), !facts.at("readable").get<bool>());
  }
}

void TestVideoBad::readClipsHaveAllTheirFrames() {
  const std::string folder = sharedFolder("data/clips");
  if (folder.empty()) QSKIP("../shared/data/clips is not here");
  const nlohmann::json expected = nlohmann::json::parse(bytesOfFile(folder + "/expected.json")).at("clips");
  for (const auto& [name, facts] : expected.items()) {
    if (!facts.contains("nb_frames")) continue;
    VideoReader reader(folder + "/" + name);
    QVERIFY2(reader.frameCount() == facts.at("nb_frames").get<int64_t>(), (name + ": " + std::to_string(reader.frameCount())).c_str());
    for (const int64_t i : {reader.frameCount() - 1, int64_t{0}, reader.frameCount() / 2}) {
      const FramePtr frame = reader.frame(i);
      QVERIFY2(frame->problem.empty(), (name + ": " + frame->problem).c_str());
      QCOMPARE(frame->width, facts.at("display_width").get<int>());
      QCOMPARE(frame->height, facts.at("display_height").get<int>());
    }
  }
}

void TestVideoBad::writersThatCannotAreRefused() {
  WriterOptions options;
  options.width = 64, options.height = 64;
  options.codec = "h263000";
  QVERIFY_THROWS_EXCEPTION(InputError, VideoWriter(path("x.mp4"), options));
  options.codec = "h264";
  QVERIFY_THROWS_EXCEPTION(InputError, VideoWriter(path("x.unheard"), options));
  QVERIFY_THROWS_EXCEPTION(InputError, VideoWriter(path("text.mp4") + "/x.mp4", options));
  options.width = 63;
  QVERIFY_THROWS_EXCEPTION(InputError, VideoWriter(path("x.mp4"), options));
  options.width = 64;
  {
    VideoWriter writer(path("unfinished.mp4"), options);
    writer.write(codedFrame(0, 64, 64));
  }
  QVERIFY(!fs::exists(path("unfinished.mp4")));
  for (const auto& entry : fs::directory_iterator(folder_.path().toStdString())) QVERIFY2(entry.path().filename().string().find(".tmp-") == std::string::npos, entry.path().c_str());
}

QTEST_GUILESS_MAIN(TestVideoBad)
#include "tst_video_bad.moc"
