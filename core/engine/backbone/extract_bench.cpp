// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <time.h>

#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "engine/backbone/extract.h"
#include "engine/backbone/frame_source.h"
#include "support/error.h"
#include "support/measure.h"
#include "support/temporary_folder.h"
#include "video/video_writer.h"

namespace hvlm {
namespace fs = std::filesystem;
namespace {

constexpr int kRate = 25;
constexpr int64_t kPasses = 3;

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }
double processSeconds() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

// Something that moves everywhere, so that the decoder has work.
Frame movingPicture(int64_t i, int width, int height) {
  Frame frame{.width = width, .height = height, .layout = PixelLayout::rgb24, .pixels = {}, .problem = {}};
  frame.pixels.resize(static_cast<size_t>(width) * static_cast<size_t>(height) * 3);
  size_t at = 0;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      frame.pixels[at++] = static_cast<uint8_t>((x * 2 + i * 3) & 255);
      frame.pixels[at++] = static_cast<uint8_t>((y * 2 + i) & 255);
      frame.pixels[at++] = static_cast<uint8_t>(((x + i) ^ (y + i * 2)) & 127);
    }
  }
  return frame;
}

}  // namespace

nlohmann::json benchExtract(const ExtractBenchSpec& spec, const ExtractProgress& progress) {
  const auto stopIfAsked = [&](const std::string& phase, int64_t done, int64_t total) {
    if (!progress(phase, done, total)) throw Interrupted("stopped");
  };
  const TemporaryFolder folder;
  ExtractSpec extract;
  extract.backbone = spec.backbone;
  for (int64_t v = 0; v < spec.videos; ++v) {
    stopIfAsked("making clips", v, spec.videos);
    const fs::path file = folder.path() / ("clip" + std::to_string(v) + ".mp4");
    VideoWriter writer(file, {.width = static_cast<int>(spec.width), .height = static_cast<int>(spec.height), .rate_num = kRate, .threads = 2});
    const auto frames = static_cast<int64_t>(spec.seconds * kRate);
    for (int64_t i = 0; i < frames; ++i) writer.write(movingPicture(i + v * 1000, static_cast<int>(spec.width), static_cast<int>(spec.height)));
    writer.close();
    extract.videos.push_back({"clip" + std::to_string(v), file.string()});
  }
  const auto network = makeBackbone({.name = spec.backbone});
  const auto cores = static_cast<double>(std::max<unsigned>(1, std::thread::hardware_concurrency()));
  std::vector<size_t> order;
  for (size_t i = 0; i < extract.videos.size(); ++i) order.push_back(i);
  // Decoding alone, with as many threads as extraction uses.
  stopIfAsked("decoding alone", 0, 0);
  double cpu = processSeconds(), start = now();
  int64_t steps = 0;
  {
    FrameSource source(extract, order, network->inputSize(), network->clipFrames(), static_cast<int64_t>(cores), 64);
    while (auto step = source.next()) steps += !step->end;
  }
  const double decode = now() - start, decode_cpu = processSeconds() - cpu;
  // The network alone, on as many batches.
  stopIfAsked("network alone", 0, 0);
  const at::Tensor frames = at::randint(0, 256, {extract.batch, network->clipFrames(), network->inputSize(), network->inputSize(), 3}, at::kLong).to(at::kByte);
  network->forward(frames);
  cpu = processSeconds(), start = now();
  for (int64_t done = 0; done < steps; done += extract.batch) network->forward(frames.narrow(0, 0, std::min(extract.batch, steps - done)));
  const double alone = now() - start, network_cpu = processSeconds() - cpu;
  std::vector<double> passes;
  resetPeakResident();
  for (int64_t pass = 0; pass < kPasses; ++pass) {
    stopIfAsked("both together", pass, kPasses);
    extract.out = (folder.path() / ("features" + std::to_string(pass) + ".h5")).string();  // what is there already is not done again
    passes.push_back(secondsOf([&] { extractFeatures(extract, progress, [](const std::string&) {}); }));
  }
  const Spread spread = spreadOf(passes);
  const double together = spread.median;
  // Either one of the two is the bottleneck, or both share the cores.
  const double shared = (decode_cpu + network_cpu) / cores;
  const double limit = std::max({decode, alone, shared});
  return {{"part", "extract"}, {"repeats", kPasses}, {"seconds", spreadJson(spread)}, {"videos", spec.videos}, {"videos_per_second", static_cast<double>(spec.videos) / together},
          {"steps_per_second", static_cast<double>(steps) / together}, {"peak_resident_bytes", peakResidentBytes()}, {"backbone", spec.backbone},
          {"steps", steps}, {"frames", steps * kRate}, {"cores", cores}, {"threads", at::get_num_threads()}, {"decode_seconds", decode}, {"network_seconds", alone},
          {"shared_seconds", shared}, {"limit_seconds", limit}, {"extract_seconds", together}, {"ratio", together / limit},
          {"limited_by", limit == shared ? "the cores that both share" : limit == decode ? "decoding" : "the network"}};
}

}  // namespace hvlm
