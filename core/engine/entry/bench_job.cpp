// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>

#include "engine/entry/bench_text.h"
#include "engine/entry/bench_train.h"
#include "engine/entry/engine.h"
#include "engine/eval/bench.h"
#include "engine/kernels/kernels.h"
#include "support/error.h"

namespace hvlm {
namespace {

constexpr int64_t kMostSteps = 1000000, kMostVideos = 1000000, kMostWidth = 65536, kMostRepeats = 1000000;
constexpr double kMostNumbers = 4e9;  // of all features together

void checkSpec(const BenchSpec& spec) {
  validateConfig(spec.config, "config");
  const auto refuse = [&](const std::string& where, const std::string& expected, const std::string& found) {
    throw InputError({.where = where, .expected = expected, .found = found, .remedy = "See hvlm bench " + spec.part + " --help."});
  };
  const auto within = [&](const std::string& where, int64_t value, int64_t least, int64_t most) {
    if (value < least || value > most) refuse(where, "between " + std::to_string(least) + " and " + std::to_string(most), std::to_string(value));
  };
  within("videos", spec.videos, 1, kMostVideos);
  within("steps", spec.steps, 1, kMostSteps);
  within("dim", spec.dim, 0, kMostWidth);
  within("classes", spec.classes, spec.part == "train" ? 1 : 0, 100000);
  within("batch", spec.batch, 0, kMostVideos);
  within("repeats", spec.repeats, 1, kMostRepeats);
  // Random features are held in memory or written to a file: a slip of the keyboard should not fill the machine.
  const bool at_once = spec.part == "pyramid" || spec.part == "loss";
  const double videos = static_cast<double>(!at_once ? spec.videos : spec.batch > 0 ? spec.batch : 8);
  const double steps = spec.part == "text" ? 25.0 : spec.mix == "equal" ? static_cast<double>(spec.steps) : 250.0;  // text: moments of a video
  const double numbers = videos * steps * static_cast<double>(spec.dim > 0 ? spec.dim : 512);
  if (numbers > kMostNumbers) refuse("videos x steps x dim", "at most 4,000,000,000 numbers", std::to_string(static_cast<int64_t>(numbers)));
}

// The plain versions while it lives, when asked for.
class PlainKernels {
 public:
  explicit PlainKernels(bool wanted) : back_(wanted && fusedAvailable()) {
    if (back_) forcePlain(true);
  }
  ~PlainKernels() {
    if (back_) forcePlain(false);
  }
  PlainKernels(const PlainKernels&) = delete;
  PlainKernels& operator=(const PlainKernels&) = delete;

 private:
  bool back_;
};

nlohmann::json firstTensor() {
  double sum = 0.0;
  const double seconds = secondsOf([&] { sum = at::mm(at::ones({64, 64}), at::ones({64, 64})).sum().item<double>(); });
  return {{"part", "start"}, {"first_tensor_seconds", seconds}, {"sum", sum}};
}

}  // namespace

void TorchEngine::bench(const BenchSpec& spec, JobControl& control, JobObserver& observer) {
  requireDevice(spec.config.device);
  requireKnownDomains(spec.config);
  checkSpec(spec);
  const KeepThreads keep;
  setThreads(spec.threads);
  const PlainKernels plain(spec.plain);
  const BenchProgress progress = [&](const std::string& phase, int64_t done, int64_t total) {
    observer.onEvent(PhaseEvent{phase, done, total});
    return !control.stopRequested();
  };
  const auto measured = [&]() -> nlohmann::json {
    if (spec.part == "model") return benchModelOnMix(spec, progress);
    if (spec.part == "train") return benchTraining(spec, progress);
    if (spec.part == "pyramid") return benchPyramid(spec, progress);
    if (spec.part == "loss") return benchTemporalLoss(spec, progress);
    if (spec.part == "data") return benchData(spec, progress);
    if (spec.part == "text") return benchText(spec, progress);
    if (spec.part == "start") return firstTensor();
    throw InputError({.where = "part", .expected = "model, train, pyramid, loss, data, text or start", .found = spec.part, .remedy = "See hvlm bench --help."});
  };
  observer.onEvent(FinishedEvent{"measured", measured().dump(), false});
}

}  // namespace hvlm
