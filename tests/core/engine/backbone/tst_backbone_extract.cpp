// SPDX-License-Identifier: Apache-2.0
// From clips to a feature store: the same vectors whatever the batch, the threads or the stops on the way; what is broken costs itself.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <signal.h>
#include <sys/resource.h>

#include <QTemporaryDir>
#include <QtTest>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/video/clips.h"
#include "data/catalogue.h"
#include "data/feature_store.h"
#include "engine/backbone/backbone.h"
#include "engine/backbone/c3d.h"
#include "engine/backbone/extract.h"
#include "engine/backbone/pca.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "video/side_channels.h"

using namespace hvlm;
using namespace hvlm::testing;
namespace fs = std::filesystem;

namespace {

std::unique_ptr<FeatureStore> opened(const std::string& file) {
  FeatureSpec spec;
  spec.store = file;
  spec.steps_per_second = 1.0;
  return FeatureStore::open(spec);
}

nlohmann::json extracted(const ExtractSpec& spec, int stop_after = -1) {
  int calls = 0;
  return extractFeatures(spec, [&](const std::string&, int64_t, int64_t) { return stop_after < 0 || calls++ < stop_after; }, [](const std::string&) {});
}

Frame square(int left, int side = 64) {
  Frame frame{.width = side, .height = side, .layout = PixelLayout::rgb24, .pixels = std::vector<uint8_t>(static_cast<size_t>(side * side * 3), 30), .problem = {}};
  for (int y = 20; y < 44; ++y) {
    for (int x = left; x < left + 24; ++x) {
      for (int c = 0; c < 3; ++c) frame.pixels[static_cast<size_t>((y * side + x) * 3 + c)] = static_cast<uint8_t>(100 + ((x - left) * 7 + y * 13) % 150);
    }
  }
  return frame;
}

}  // namespace

class TestBackboneExtract : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase();
  void batchesAndThreadsChangeNothing();
  void aStoppedExtractionGoesOn();
  void aBrokenVideoCostsItself();
  void aVideoThatVanishesCostsItself();
  void aFullDiskKeepsWhatIsDone();
  void twoFilesOfOneIdAreRefused();
  void otherOptionsAreExtractedAnew();
  void sideChannelsAndLocalFeatures();
  void reducedVectorsAreThoseOfThePca();
  void motionIsTheDistance_data();
  void motionIsTheDistance();
  void codeNeedsTrustAndWeightsMustFit();
  void c3dIsItsLayers();

 private:
  ExtractSpec spec(const char* out) const {
    ExtractSpec s;
    s.backbone = "hog";
    s.out = path(out);
    s.videos = {{"a", path("a.mp4")}, {"b", path("b.mkv")}, {"c", path("c.mp4")}};
    s.threads = 1;
    return s;
  }
  std::string path(const std::string& name) const { return (fs::path(folder_.path().toStdString()) / name).string(); }
  QTemporaryDir folder_;
};

void TestBackboneExtract::initTestCase() {
  at::set_num_threads(1);
  WriterOptions options;
  options.gop = 10;
  writeClip(path("a.mp4"), options, 75);
  writeClip(path("b.mkv"), options, 130);
  writeClip(path("c.mp4"), options, 25);
}

void TestBackboneExtract::batchesAndThreadsChangeNothing() {
  ExtractSpec one = spec("one.h5"), other = spec("other.h5");
  one.batch = 1, one.decoders = 1;
  other.batch = 64, other.decoders = 3;
  const nlohmann::json result = extracted(one);
  QCOMPARE(result.at("videos").size(), size_t{3});
  QCOMPARE(result.at("steps").get<int64_t>(), int64_t{3 + 5 + 1});
  extracted(other);
  const auto a = opened(one.out), b = opened(other.out);
  for (const char* id : {"a", "b", "c"}) QVERIFY(a->read(id).values == b->read(id).values);
  // A step is the frame in its middle.
  const auto network = makeBackbone({.name = "hog"});
  ReaderOptions reading;
  reading.layout = PixelLayout::rgb24;
  reading.square = static_cast<int>(network->inputSize());
  VideoReader reader(path("a.mp4"), reading);
  const FramePtr frame = reader.frame(reader.frameAt(1.5));
  const at::Tensor bytes = at::from_blob(const_cast<uint8_t*>(frame->pixels.data()), {1, 1, 128, 128, 3}, at::kByte).clone();
  const at::Tensor row = network->forward(bytes)[0];
  const FeatureMatrix stored = a->read("a");
  for (int64_t k = 0; k < stored.columns; ++k) QVERIFY(std::abs(stored.values[static_cast<size_t>(stored.columns + k)] - row[k].item<float>()) < 1e-3f);
  const nlohmann::json manifest = nlohmann::json::parse(readFile(one.out + ".manifest.json"));
  QCOMPARE(manifest.at("width").get<int64_t>(), network->width());
  QCOMPARE(manifest.at("videos").at("b").at("steps").get<int64_t>(), int64_t{5});
}

void TestBackboneExtract::aStoppedExtractionGoesOn() {
  ExtractSpec s = spec("stopped.h5");
  s.batch = 1, s.decoders = 1;
  const nlohmann::json first = extracted(s, 5);
  QVERIFY(first.at("stopped").get<bool>());
  QVERIFY(!fs::exists(s.out));
  QVERIFY(fs::exists(s.out + ".parts/a.safetensors"));
  const nlohmann::json second = extracted(s);
  QVERIFY(second.at("kept").get<int64_t>() >= 1);
  QCOMPARE(second.at("videos").size(), size_t{3});
  const nlohmann::json third = extracted(s);
  QCOMPARE(third.at("kept").get<int64_t>(), int64_t{3});
  QCOMPARE(third.at("extracted_steps").get<int64_t>(), int64_t{0});
  const auto resumed = opened(s.out), plain = opened(path("one.h5"));
  for (const char* id : {"a", "b", "c"}) QVERIFY(resumed->read(id).values == plain->read(id).values);
}

void TestBackboneExtract::aBrokenVideoCostsItself() {
  testing::writeFile(path("broken.mp4"), bytesOfFile(path("a.mp4")).substr(0, 900));
  ExtractSpec s = spec("broken.h5");
  s.videos.insert(s.videos.begin() + 1, {{"broken", path("broken.mp4")}, {"gone", path("gone.mp4")}});
  const nlohmann::json result = extracted(s);
  QCOMPARE(result.at("videos").size(), size_t{3});
  QCOMPARE(result.at("failed").size(), size_t{2});
  for (const auto& failure : result.at("failed")) QVERIFY(failure.at("reason").get<std::string>().find(failure.at("id").get<std::string>()) != std::string::npos);
  ExtractSpec none = spec("none.h5");
  none.videos = {{"broken", path("broken.mp4")}};
  QVERIFY_THROWS_EXCEPTION(InputError, extracted(none));
  QVERIFY(!fs::exists(none.out));
}

// One file goes and one shrinks while the first is being read: both are told, the first is whole.
void TestBackboneExtract::aVideoThatVanishesCostsItself() {
  ExtractSpec s = spec("vanishing.h5");
  s.decoders = 1;
  s.batch = 1;
  for (auto& video : s.videos) {
    const std::string copy = path("vanishing-" + video.id + fs::path(video.file).extension().string());
    fs::copy_file(video.file, copy);
    video.file = copy;
  }
  std::sort(s.videos.begin(), s.videos.end(), [](const ExtractVideo& x, const ExtractVideo& y) { return fs::file_size(x.file) < fs::file_size(y.file); });
  bool gone = false;
  int warnings = 0;
  const nlohmann::json result = extractFeatures(
      s,
      [&](const std::string&, int64_t, int64_t) {
        if (!std::exchange(gone, true)) {
          fs::remove(s.videos[2].file);
          fs::resize_file(s.videos[1].file, 200);
        }
        return true;
      },
      [&](const std::string&) { ++warnings; });
  QVERIFY(gone);
  QCOMPARE(result.at("videos").size() + result.at("failed").size(), size_t{3});
  QVERIFY(result.at("videos").size() >= 1);
  QVERIFY2(!result.at("failed").empty(), qPrintable(QString::fromStdString(result.dump())));
  QVERIFY(warnings >= 1);
  for (const auto& failed : result.at("failed")) QVERIFY(!failed.at("reason").get<std::string>().empty());
  const auto store = opened(s.out);
  for (const auto& id : result.at("videos")) QVERIFY(store->read(id.get<std::string>()).rows > 0);
}

void TestBackboneExtract::aFullDiskKeepsWhatIsDone() {
  ExtractSpec s = spec("full.h5");
  s.decoders = 1, s.batch = 1;
  rlimit before{};
  QCOMPARE(::getrlimit(RLIMIT_FSIZE, &before), 0);
  ::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{.rlim_cur = 6500, .rlim_max = before.rlim_max};  // room for a's three steps, not for b's five
  QCOMPARE(::setrlimit(RLIMIT_FSIZE, &small), 0);
  std::string said;
  try {
    extracted(s);
  } catch (const InputError& error) {
    said = error.what();
  }
  ::setrlimit(RLIMIT_FSIZE, &before);
  QVERIFY2(said.find("b.safetensors") != std::string::npos, said.c_str());
  QVERIFY(fs::exists(s.out + ".parts/a.safetensors"));
  QVERIFY(!fs::exists(s.out));
  const nlohmann::json later = extracted(s);  // with room again
  QVERIFY(later.at("kept").get<int64_t>() >= 1);
  QCOMPARE(later.at("videos").size(), size_t{3});
  for (const auto& entry : fs::directory_iterator(s.out + ".parts")) QVERIFY2(entry.path().filename().string().find(".tmp-") == std::string::npos, entry.path().c_str());
}

void TestBackboneExtract::twoFilesOfOneIdAreRefused() {
  ExtractSpec s = spec("twice.h5");
  s.videos.push_back({"a", path("c.mp4")});
  try {
    extracted(s);
    QFAIL("it was taken");
  } catch (const InputError& error) {
    QVERIFY2(std::string(error.what()).find(path("a.mp4")) != std::string::npos && std::string(error.what()).find(path("c.mp4")) != std::string::npos, error.what());
  }
}

void TestBackboneExtract::otherOptionsAreExtractedAnew() {
  ExtractSpec s = spec("options.h5");
  extracted(s);
  s.fps = 2.0;
  const nlohmann::json result = extracted(s);
  QCOMPARE(result.at("kept").get<int64_t>(), int64_t{0});
  QCOMPARE(opened(s.out)->shape("a")->rows, int64_t{6});
}

void TestBackboneExtract::sideChannelsAndLocalFeatures() {
  ExtractSpec s = spec("channels.h5");
  s.channels = true;
  s.npy = path("npy");
  s.local_memory = path("lm");
  extracted(s);
  const auto store = opened(s.out);
  const auto motion = store->channel("b", "motion", 5), saliency = store->channel("b", "saliency", 5);
  QVERIFY(motion && saliency);
  for (const float value : *motion) QVERIFY(value > 0.0f);  // the picture moves all the time
  for (const float value : *saliency) QVERIFY(value > 0.0f);
  FeatureSpec folder;
  folder.store = path("npy");
  folder.steps_per_second = 1.0;
  QCOMPARE(FeatureStore::open(folder)->shape("c")->rows, int64_t{1});
  folder.store = path("lm") + "/local";
  const FeatureMatrix local = FeatureStore::open(folder)->read("a");
  QCOMPARE(local.rows, int64_t{100});
  folder.store = path("lm") + "/memory";
  const FeatureMatrix memory = FeatureStore::open(folder)->read("a");
  QCOMPARE(memory.rows, int64_t{5});
  float mean = 0.0f;
  for (int64_t i = 0; i < 20; ++i) mean += local.values[static_cast<size_t>(i * local.columns)] / 20.0f;
  QVERIFY(std::abs(mean - memory.values[0]) < 1e-4f);
}

void TestBackboneExtract::reducedVectorsAreThoseOfThePca() {
  PcaSpec fit;
  fit.features = path("one.h5");
  fit.file = path("pca.safetensors");
  fit.dims = 4;
  const auto go = [](const std::string&, int64_t, int64_t) { return true; };
  QCOMPARE(runPca(fit, go).at("rows").get<int64_t>(), int64_t{9});
  PcaSpec apply = fit;
  apply.apply = true;
  apply.out = path("reduced.h5");
  runPca(apply, go);
  ExtractSpec s = spec("reduced-at-once.h5");
  s.pca = fit.file;
  extracted(s);
  const FeatureMatrix later = opened(apply.out)->read("b"), at_once = opened(s.out)->read("b");
  QCOMPARE(later.columns, int64_t{4});
  QCOMPARE(at_once.columns, int64_t{4});
  for (size_t i = 0; i < later.values.size(); ++i) QVERIFY(std::abs(later.values[i] - at_once.values[i]) < 5e-3f);
  fit.dims = 100000;
  QVERIFY_THROWS_EXCEPTION(InputError, runPca(fit, go));
}

void TestBackboneExtract::motionIsTheDistance_data() {
  QTest::addColumn<int>("pixels");
  for (const int pixels : {0, 1, 2, 3, 4}) QTest::addRow("%d", pixels) << pixels;
}
void TestBackboneExtract::motionIsTheDistance() {
  QFETCH(int, pixels);
  // Only the square moves; the ground has no texture, so it has no say.
  const double motion = motionBetween(square(20), square(20 + pixels));
  QVERIFY2(std::abs(motion - pixels) < 0.35 * std::max(1, pixels), qPrintable(QString::number(motion)));
  if (pixels == 0) QCOMPARE(motion, 0.0);
  Frame flat = square(20);
  std::fill(flat.pixels.begin(), flat.pixels.end(), uint8_t{90});
  QCOMPARE(saliencyOf(flat), 0.0);
  QVERIFY(saliencyOf(square(20)) > 0.01);
}

void TestBackboneExtract::codeNeedsTrustAndWeightsMustFit() {
  testing::writeFile(path("net.pt"), "PK\x03\x04 something");
  const auto said = [&](const BackboneOptions& options) -> std::string {
    try {
      makeBackbone(options);
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  QVERIFY(said({.name = path("net.pt")}).find("--trust") != std::string::npos);
  QVERIFY(said({.name = path("net.pt"), .trust = true}).find("TorchScript") != std::string::npos);
  QVERIFY(said({.name = "resnet"}).find("hog") != std::string::npos);
  QVERIFY(said({.name = "c3d"}).find("--weights") != std::string::npos);
  writeSafetensors(path("wrong.safetensors"), {{"conv1a.weight", {.dtype = "F32", .shape = {2}, .bytes = std::vector<std::byte>(8)}}});
  const std::string narrow = said({.name = "c3d", .weights = path("wrong.safetensors")});
  QVERIFY2(narrow.find("[64, 3, 3, 3, 3]") != std::string::npos, narrow.c_str());
  QVERIFY(said({.name = "efficientnet-lite0", .weights = path("wrong.safetensors")}).find("_conv_stem") != std::string::npos);
  QVERIFY(said({.name = "efficientnet-lite0", .weights = path("absent.safetensors")}).find("./run") != std::string::npos);
}

void TestBackboneExtract::c3dIsItsLayers() {
  // Sparse weights with a closed form: each convolution copies channel 0 by its centre tap, fc6 sums its input scaled.
  TensorMap weights;
  const auto add = [&](const std::string& name, const std::vector<int64_t>& shape, float first, int64_t at) {
    int64_t count = 1;
    for (const int64_t n : shape) count *= n;
    std::vector<float> values(static_cast<size_t>(count), 0.0f);
    if (at >= 0) values[static_cast<size_t>(at)] = first;
    PlainTensor tensor{.dtype = "F32", .shape = shape, .bytes = std::vector<std::byte>(values.size() * 4)};
    std::memcpy(tensor.bytes.data(), values.data(), tensor.bytes.size());
    weights["module." + name] = std::move(tensor);
  };
  const char* names[] = {"conv1a", "conv2a", "conv3a", "conv3b", "conv4a", "conv4b", "conv5a", "conv5b"};
  const int64_t in[] = {3, 64, 128, 256, 256, 512, 512, 512}, out[] = {64, 128, 256, 256, 512, 512, 512, 512};
  for (int i = 0; i < 8; ++i) add(std::string(names[i]) + ".weight", {out[i], in[i], 3, 3, 3}, 1.0f, 13), add(std::string(names[i]) + ".bias", {out[i]}, 0.0f, -1);
  add("fc6.weight", {4096, 8192}, 0.5f, 5);
  add("fc6.bias", {4096}, 2.0f, 7);
  const auto network = makeC3d(weights, "test", "", "hash");
  QCOMPARE(network->name(), std::string("c3d-fc6"));
  at::Tensor frames = at::zeros({1, 16, 112, 112, 3}, at::kByte);
  frames.select(4, 2).fill_(204);  // blue: channel 0 of BGR, 204 - 104 = 100 after the mean
  const at::Tensor features = network->forward(frames);
  QCOMPARE(features.size(1), int64_t{4096});
  QVERIFY(std::abs(features[0][0].item<float>() - 50.0f) < 1e-3f);  // 0.5 x place 5 of the pooled 4 x 4
  QVERIFY(std::abs(features[0][7].item<float>() - 2.0f) < 1e-6f);
  QCOMPARE(at::count_nonzero(features).item<int64_t>(), int64_t{2});
}

QTEST_GUILESS_MAIN(TestBackboneExtract)
#include "tst_backbone_extract.moc"
