// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/entry/session.h"
#include "jobs/engine.h"

namespace hvlm {

// The engine behind jobs/engine.h. One thread at a time.
class TorchEngine : public JobEngine {
 public:
  TorchEngine();
  void setThreads(int64_t threads) override;
  void run(const JobSpec& spec, JobControl& control, JobObserver& observer) override;
  VideoInspection inspect(const InspectSpec& spec) override;
  std::vector<std::pair<std::string, std::string>> libraries() override;

 private:
  void train(const TrainSpec& spec, JobControl& control, JobObserver& observer);
  void evaluate(const EvaluateSpec& spec, JobControl& control, JobObserver& observer);
  void predict(const PredictSpec& spec, JobControl& control, JobObserver& observer);
  void measure(const MeasureSpec& spec, JobControl& control, JobObserver& observer);
  void extract(const ExtractSpec& spec, JobControl& control, JobObserver& observer);
  void pca(const PcaSpec& spec, JobControl& control, JobObserver& observer);
  void embed(const EmbedSpec& spec, JobControl& control, JobObserver& observer);
  void benchExtraction(const ExtractBenchSpec& spec, JobControl& control, JobObserver& observer);
  std::shared_ptr<LoadedModel> cachedModel(const std::string& run_folder, const std::string& checkpoint);

  std::map<std::string, std::shared_ptr<LoadedModel>> models_;  // of inspections: run folder and checkpoint -> model
};

// Threads that 0 stands for, and the check of a device text; throws InputError when it is not to be had.
int64_t resolveThreads(int64_t threads);
void requireDevice(const std::string& device);

// Evaluates, writes report.json and predictions/<subset>.json when asked, and returns the report.
std::string evaluateToJson(const EvaluateSpec& spec, JobControl& control, JobObserver& observer);

}  // namespace hvlm
