// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "engine/entry/engine.h"
#include "engine/eval/efficiency.h"
#include "support/error.h"
#include "support/text.h"

namespace hvlm {
namespace {

constexpr int64_t kMostSteps = 1000000;

void checkSpec(const MeasureSpec& spec) {
  validateConfig(spec.config, "config");
  const auto refuse = [](const std::string& where, const std::string& expected, const std::string& found) {
    throw InputError({.where = where, .expected = expected, .found = found, .remedy = "See hvlm bench model --help."});
  };
  if (spec.lengths.empty()) refuse("lengths", "at least one length in steps", "none");
  for (const int64_t steps : spec.lengths) {
    if (steps < 1 || steps > kMostSteps) refuse("lengths", "between 1 and " + std::to_string(kMostSteps) + " steps", std::to_string(steps));
  }
  if (spec.repeats < 1) refuse("repeats", "1 or more", std::to_string(spec.repeats));
  if (spec.input_dim < 1 || spec.classes < 0) refuse("sizes", "an input width of 1 or more and classes of 0 or more", std::to_string(spec.input_dim) + " and " + std::to_string(spec.classes));
}

}  // namespace

void TorchEngine::measure(const MeasureSpec& spec, JobControl& control, JobObserver& observer) {
  requireDevice(spec.config.device);
  requireKnownDomains(spec.config);
  checkSpec(spec);
  setThreads(spec.threads);
  const nlohmann::json result = measureEfficiency(spec, [&](const std::string& phase, int64_t done, int64_t total) {
    observer.onEvent(PhaseEvent{phase, done, total});
    return !control.stopRequested();
  });
  observer.onEvent(FinishedEvent{"measured " + std::to_string(spec.lengths.size()) + " lengths", result.dump(), false});
}

}  // namespace hvlm
