// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "engine/backbone/extract.h"
#include "engine/entry/engine.h"

namespace hvlm {
namespace {

ExtractProgress progressTo(JobControl& control, JobObserver& observer) {
  return [&](const std::string& phase, int64_t done, int64_t total) {
    observer.onEvent(PhaseEvent{phase, done, total});
    return !control.stopRequested();
  };
}

}  // namespace

void TorchEngine::extract(const ExtractSpec& spec, JobControl& control, JobObserver& observer) {
  setThreads(spec.threads);
  const nlohmann::json result = extractFeatures(spec, progressTo(control, observer), [&](const std::string& text) { observer.onEvent(WarningEvent{text}); });
  const bool stopped = result.at("stopped").get<bool>();
  const auto failed = result.at("failed").size();
  std::string summary = stopped ? "stopped with finished videos kept" : "extracted " + std::to_string(result.at("videos").size()) + " videos into " + spec.out;
  if (failed > 0) summary += ", " + std::to_string(failed) + " failed";
  observer.onEvent(FinishedEvent{summary, result.dump(), stopped});
}

void TorchEngine::pca(const PcaSpec& spec, JobControl& control, JobObserver& observer) {
  setThreads(spec.threads);
  const nlohmann::json result = runPca(spec, progressTo(control, observer));
  observer.onEvent(FinishedEvent{spec.apply ? "wrote " + spec.out : "wrote " + spec.file, result.dump(), false});
}

void TorchEngine::benchExtraction(const ExtractBenchSpec& spec, JobControl& control, JobObserver& observer) {
  setThreads(spec.threads);
  observer.onEvent(FinishedEvent{"measured", benchExtract(spec, progressTo(control, observer)).dump(), false});
}

}  // namespace hvlm
