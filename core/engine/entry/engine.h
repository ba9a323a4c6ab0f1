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

struct RetrievalIndex;  // retrieval_index.h
struct LanguageModel;   // ask_model.cpp

// The engine behind jobs/engine.h. One thread at a time.
class TorchEngine : public JobEngine {
 public:
  TorchEngine();
  ~TorchEngine() override;
  void setThreads(int64_t threads) override;
  void run(const JobSpec& spec, JobControl& control, JobObserver& observer) override;
  VideoInspection inspect(const InspectSpec& spec) override;
  RetrievalAnswer retrieve(const RetrieveSpec& spec, std::stop_token stop) override;
  VideoEvidence evidence(const EvidenceSpec& spec) override;
  AskAnswer ask(const AskSpec& spec, std::stop_token stop, const std::function<void(std::string_view)>& on_text) override;
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
  void tuneDecoder(const TuneDecoderSpec& spec, JobControl& control, JobObserver& observer);
  void bench(const BenchSpec& spec, JobControl& control, JobObserver& observer);
  std::shared_ptr<LoadedModel> cachedModel(const std::string& run_folder, const std::string& checkpoint);

  AskAnswer askHeads(const AskSpec& spec);
  AskAnswer askModel(const AskSpec& spec, std::stop_token stop, const std::function<void(std::string_view)>& on_text);

  std::map<std::string, std::shared_ptr<const RetrievalIndex>> indices_;  // of searches: run, checkpoint, data, subset -> index
  std::shared_ptr<const TextTower> tower_;
  std::shared_ptr<LanguageModel> language_model_;  // the last one asked
  std::map<std::string, std::shared_ptr<LoadedModel>> models_;  // of inspections: run folder and checkpoint -> model
};

// A training run may wait for an answer: its thread count decides the last digits of its result, so answers put it back.
class KeepThreads {
 public:
  KeepThreads();
  ~KeepThreads();
  KeepThreads(const KeepThreads&) = delete;
  KeepThreads& operator=(const KeepThreads&) = delete;

 private:
  int threads_;
};

// Threads that 0 stands for, and the check of a device text by a job that computes on the CPU only: InputError for cuda. Jobs that can
// use a device call openDevice() (engine/cuda/device.h).
int64_t resolveThreads(int64_t threads);
void requireDevice(const std::string& device);

// Throws InputError when a config's experts (head.experts) leave their number to a taxonomy, which random features have not.
void requireKnownDomains(const RunConfig& config);

// Evaluates, writes report.json and predictions/<subset>.json when asked, and returns the report.
std::string evaluateToJson(const EvaluateSpec& spec, JobControl& control, JobObserver& observer);

}  // namespace hvlm
