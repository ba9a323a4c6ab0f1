// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <memory>
#include <random>

#include "command.h"
#include "console.h"
#include "support/error.h"
#include "support/json_file.h"
#include "support/temporary_folder.h"
#include "support/text.h"
#include "video/video_reader.h"
#include "video/video_writer.h"

namespace hvlm::cli {
namespace {

namespace fs = std::filesystem;

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

// A still room with something that moves through it; with grain it is as hard to decode as a film, without as a recorded talk.
Frame picture(int64_t i, int width, int height, bool with_grain) {
  Frame frame{.width = width, .height = height, .layout = PixelLayout::bgra32, .pixels = {}, .problem = {}};
  frame.pixels.resize(static_cast<size_t>(width) * static_cast<size_t>(height) * 4);
  uint64_t noise = static_cast<uint64_t>(i) * 0x9E3779B97F4A7C15ull + 1;
  const int left = static_cast<int>((i * 7) % width), top = static_cast<int>((i * 3) % height);
  size_t at = 0;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x, at += 4) {
      noise = noise * 6364136223846793005ull + 1442695040888963407ull;
      const bool inside = x >= left && x < left + width / 5 && y >= top && y < top + height / 4;
      const int grain = with_grain ? static_cast<int>(noise >> 62) : 0;
      frame.pixels[at] = static_cast<uint8_t>((inside ? 200 - (x - left) / 4 : 60 + x * 80 / width) + grain);
      frame.pixels[at + 1] = static_cast<uint8_t>((inside ? 90 + (y - top) / 3 : 80 + y * 90 / height) + grain);
      frame.pixels[at + 2] = static_cast<uint8_t>((inside ? 70 : 110 + ((x >> 5) ^ (y >> 5)) % 20) + grain);
      frame.pixels[at + 3] = 255;
    }
  }
  return frame;
}

double percentile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0.0 : values[std::min(values.size() - 1, static_cast<size_t>(share * static_cast<double>(values.size())))];
}

nlohmann::json measureClip(const fs::path& clip, bool with_grain, int threads) {
  std::fprintf(stderr, "making a clip of 1920 x 1080, H.264, groups of 250 frames%s\n", with_grain ? ", with grain" : "");
  {
    VideoWriter writer(clip, {.width = 1920, .height = 1080, .rate_num = 30, .gop = 250, .threads = 2});
    for (int64_t i = 0; i < 600; ++i) writer.write(picture(i, 1920, 1080, with_grain));
    writer.close();
  }
  ReaderOptions options;
  options.threads = threads;
  VideoReader reader(clip, options);
  std::mt19937 random(1);
  std::vector<double> seeks;
  for (int i = 0; i < 60; ++i) {
    const double start = now();
    reader.frame(static_cast<int64_t>(random() % 600));
    seeks.push_back(now() - start);
  }
  VideoReader playing(clip, options);
  const double start = now();
  for (int64_t i = 0; i < 600; ++i) playing.frame(i);
  return {{"seek_ms", {{"p50", percentile(seeks, 0.5) * 1e3}, {"p95", percentile(seeks, 0.95) * 1e3}}}, {"decode_fps", 600.0 / (now() - start)}};
}

nlohmann::json measureVideo(int64_t threads) {
  const TemporaryFolder folder;
  const std::string lengthy = (folder.path() / "ten-hours.mp4").string();
  const nlohmann::json plain = measureClip(folder.path() / "plain.mp4", false, static_cast<int>(threads)), grain = measureClip(folder.path() / "grain.mp4", true, static_cast<int>(threads));
  ReaderOptions options;
  options.threads = static_cast<int>(threads);
  std::fprintf(stderr, "making a clip of ten hours, 5 frames a second\n");
  {
    VideoWriter writer(lengthy, {.width = 64, .height = 48, .rate_num = 5, .gop = 250, .threads = 2});
    const Frame still = picture(0, 64, 48, false);
    for (int64_t i = 0; i < 10 * 3600 * 5; ++i) writer.write(still);
    writer.close();
  }
  options.background_index = true;
  const double opening = now();
  VideoReader hours(lengthy, options);
  const double opened = now() - opening;
  hours.frameAtTime(18000.0);
  const double first_picture = now() - opening;
  hours.index();
  return {{"plain_1080p", plain}, {"grain_1080p", grain}, {"ten_hours", {{"open_ms", opened * 1e3}, {"first_picture_ms", first_picture * 1e3}, {"index_ms", (now() - opening) * 1e3}}},
          {"threads", threads}};
}

int benchVideo(const Session& session) {
  const nlohmann::json result = measureVideo(session.threads > 0 ? session.threads : 2);
  if (session.json) {
    printJson(result);
    return kDone;
  }
  const auto number = [&](const char* pointer) { return result.at(nlohmann::json::json_pointer(pointer)).get<double>(); };
  const auto line = [&](const std::string& name, const std::string& key) {
    return name + ": seek p50 " + fixedNumber(number(("/" + key + "/seek_ms/p50").c_str()), 0) + " ms, p95 " + fixedNumber(number(("/" + key + "/seek_ms/p95").c_str()), 0) + " ms; forward " +
           fixedNumber(number(("/" + key + "/decode_fps").c_str()), 0) + " frames/s\n";
  };
  printText(line("1080p H.264, 250-frame groups, no grain", "plain_1080p") + line("the same with grain", "grain_1080p") + "Ten hours: opened after " + fixedNumber(number("/ten_hours/open_ms"), 0) + " ms, a picture from its middle after " +
            fixedNumber(number("/ten_hours/first_picture_ms"), 0) + " ms, index whole after " + fixedNumber(number("/ten_hours/index_ms"), 0) + " ms\n");
  return kDone;
}

int benchExtract(const Session& session, ExtractBenchSpec spec) {
  spec.threads = session.threads;
  Console console;
  const JobOutcome outcome = console.run(spec);
  const nlohmann::json result = parseJson(outcome.finished.result_json, "the engine's result");
  if (session.json) {
    printJson(result);
    return kDone;
  }
  const auto seconds = [&](const char* key) { return fixedNumber(result.at(key).get<double>(), 2) + " s"; };
  printText(result.at("steps").dump() + " steps of " + result.at("frames").dump() + " frames, " + result.at("backbone").get<std::string>() + ", " + result.at("threads").dump() + " threads\nDecoding alone " + seconds("decode_seconds") +
            ", network alone " + seconds("network_seconds") + ", both on shared cores " + seconds("shared_seconds") + "\nExtraction " + seconds("extract_seconds") + ": " + fixedNumber(result.at("ratio").get<double>(), 2) +
            " of the machine's limit (" + result.at("limited_by").get<std::string>() + ")\n");
  return kDone;
}

}  // namespace

void addMediaBenches(CLI::App& bench, Session& session) {
  addCommand(bench, session, "video", "Seeking in a 1080p clip with groups of 250 frames, decoding it, opening one of ten hours", [&session] { return benchVideo(session); });
  auto spec = std::make_shared<ExtractBenchSpec>();
  CLI::App* command = addCommand(bench, session, "extract", "Feature extraction beside the machine's limit: decoding alone, the network alone, both", [&session, spec] { return benchExtract(session, *spec); });
  command->add_option("--backbone", spec->backbone, "efficientnet-lite0 or hog [efficientnet-lite0]")->type_name("NAME");
  command->add_option("--videos", spec->videos, "Clips to make [4]")->check(CLI::Range(1, 1000))->type_name("N");
  command->add_option("--seconds", spec->seconds, "Length of each [40]")->check(CLI::Range(1.0, 3600.0))->type_name("S");
}

}  // namespace hvlm::cli
