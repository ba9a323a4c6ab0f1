// SPDX-License-Identifier: Apache-2.0
#include "engine/entry/engine.h"

#include <ATen/ATen.h>
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <torch/version.h>

#include <algorithm>
#include <filesystem>
#include <thread>

#include "engine/cuda/device.h"
#include "engine/entry/inspect_video.h"
#include "support/error.h"
#include "support/log.h"

namespace hvlm {

TorchEngine::TorchEngine() {
  // Some backward kernels sum in the order threads finish unless told not to; a resumed run must equal an uninterrupted one.
  at::globalContext().setDeterministicAlgorithms(true, /*warn_only=*/true);
  at::globalContext().setDeterministicFillUninitializedMemory(false);
  at::set_num_interop_threads(1);
}

KeepThreads::KeepThreads() : threads_(at::get_num_threads()) {}
KeepThreads::~KeepThreads() { at::set_num_threads(threads_); }

int64_t resolveThreads(int64_t threads) {
  return threads > 0 ? threads : std::max<int64_t>(1, std::thread::hardware_concurrency());
}

void requireDevice(const std::string& device) {
  if (deviceIndex(device) >= 0) {
    throw InputError({.where = "device", .expected = "cpu or auto", .found = device,
                      .remedy = "This job computes on the CPU only: use --device cpu."});
  }
  openDevice(device);  // auto: a later job of this process may want CUDA, which has to be there before the first backward pass
}

void requireKnownDomains(const RunConfig& config) {
  if (config.head.experts == "none" || config.head.domains > 0) return;
  throw InputError({.where = "head.domains", .expected = "1 or more: a benchmark has no taxonomy that names the domains (head.experts = " + config.head.experts + ")", .found = "0",
                    .remedy = "Add --set head.domains=4, or as many as your data set has."});
}

void TorchEngine::setThreads(int64_t threads) { at::set_num_threads(static_cast<int>(resolveThreads(threads))); }

void TorchEngine::run(const JobSpec& spec, JobControl& control, JobObserver& observer) {
  struct Visitor {
    TorchEngine& engine;
    JobControl& control;
    JobObserver& observer;
    void operator()(const TrainSpec& s) const { engine.train(s, control, observer); }
    void operator()(const EvaluateSpec& s) const { engine.evaluate(s, control, observer); }
    void operator()(const PredictSpec& s) const { engine.predict(s, control, observer); }
    void operator()(const MeasureSpec& s) const { engine.measure(s, control, observer); }
    void operator()(const ExtractSpec& s) const { engine.extract(s, control, observer); }
    void operator()(const PcaSpec& s) const { engine.pca(s, control, observer); }
    void operator()(const EmbedSpec& s) const { engine.embed(s, control, observer); }
    void operator()(const ExtractBenchSpec& s) const { engine.benchExtraction(s, control, observer); }
    void operator()(const TuneDecoderSpec& s) const { engine.tuneDecoder(s, control, observer); }
    void operator()(const BenchSpec& s) const { engine.bench(s, control, observer); }
  };
  try {
    std::visit(Visitor{*this, control, observer}, spec);
  } catch (const c10::OutOfMemoryError& error) {
    throw deviceError(error, "cuda");
  }
}

// The newest model of a run is read again when its checkpoint moved on, or another run took the folder.
std::shared_ptr<LoadedModel> TorchEngine::cachedModel(const std::string& run_folder, const std::string& checkpoint) {
  std::string target = checkpointLink(run_folder, checkpoint);
  if (target.empty()) target = checkpointLink(run_folder, "last");
  if (target.empty()) target = checkpoint;
  const std::filesystem::path folder = std::filesystem::weakly_canonical(run_folder);
  std::error_code error;
  const auto written = std::filesystem::last_write_time(folder / "checkpoints" / target, error).time_since_epoch().count();
  const std::string key = folder.string() + "|" + target + "|" + std::to_string(written);
  if (const auto found = models_.find(key); found != models_.end()) return found->second;
  auto loaded = std::make_shared<LoadedModel>(loadModel(run_folder, checkpoint));
  if (models_.size() >= 4) models_.clear();
  models_[key] = loaded;
  return loaded;
}

VideoInspection TorchEngine::inspect(const InspectSpec& spec) {
  const KeepThreads keep;
  if (spec.threads > 0) setThreads(spec.threads);
  const auto loaded = cachedModel(spec.run_folder, spec.checkpoint);
  for (const std::string& warning : loaded->warnings) logWarning(warning);
  const auto data = inClassesOf(loaded->state, openDataset(spec.data), spec.run_folder);
  return inspectVideo(*loaded->model, *data, spec.video, loaded->state.step, spec.run_folder);
}

std::vector<std::pair<std::string, std::string>> TorchEngine::libraries() {
  return {{"LibTorch", TORCH_VERSION}, {"CPU capability", at::get_cpu_capability()}, {"MKL", at::hasMKL() ? "yes" : "no"}};
}

}  // namespace hvlm
