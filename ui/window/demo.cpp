// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window/demo.h"

#include "data/synth.h"
#include "runs/run_record.h"
#include "support/paths.h"
#include "ui/text.h"

namespace hvlm::ui {
namespace {

constexpr int64_t kVideos = 160;

}  // namespace

DemoPlace prepareDemo(const std::function<void(int64_t, int64_t)>& progress) {
  // What `hvlm demo` made of MP4 files; until it has, a set of made-up vectors that is there at once.
  const std::filesystem::path of_videos = dataFolder() / "demo";
  const bool has_videos = std::filesystem::exists(of_videos / "data" / "features.h5");
  const std::filesystem::path folder = has_videos ? of_videos : dataFolder() / "demo-vectors";
  const std::filesystem::path dataset = folder / "data" / "dataset.yaml";
  const std::filesystem::path run = folder / "run";
  if (!std::filesystem::exists(dataset)) {
    SynthOptions options;
    options.videos = kVideos;
    writeSynthetic(options, folder / "data", progress);
  }
  DemoPlace place{qText(folder), qText(dataset), qText(run)};
  place.has_run = std::filesystem::exists(run / "run.json");
  if (place.has_run) place.finished = readRunRecord(run).state == "done";
  return place;
}

}  // namespace hvlm::ui
