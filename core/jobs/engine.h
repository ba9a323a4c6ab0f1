// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "jobs/bench_spec.h"
#include "jobs/events.h"
#include "jobs/extract_spec.h"
#include "jobs/inspection.h"
#include "jobs/language.h"
#include "jobs/tune_spec.h"
#include "runs/config.h"

// The engine's interface. Everything below this line is plain memory; LibTorch is behind it and loaded on first use.
namespace hvlm {

struct TrainSpec {
  RunConfig config;
  std::string data;        // dataset.yaml
  std::string run_folder;
  bool resume = false;
  bool evaluate_after = false;  // also evaluate `validation` at the end and write report.json (demo, window)
  bool controls = true;         // fit and report the control rows; `reproduce` has them as rows of their own
};
struct EvaluateSpec {
  std::string run_folder;
  std::string data;
  std::string subset = "validation";
  std::string checkpoint = "best";
  int64_t threads = 0;
  std::string device = "auto";
  bool write_report = true;  // report.json and predictions/<subset>.json in the run folder
  bool controls = true;      // the control rows too (raw features, random encoder, trivial localisation)
  std::string video_scores;  // file of class scores of whole videos in place of the run's own (jobs/external_scores.h); empty: its own
  std::string proposals;     // file of segments whose scores lift or lower the run's own; empty: none
  std::string weights = "float32";  // float32 or int8 (engine/model/int8_weights.h; on the CPU)
};
struct PredictSpec {
  std::string run_folder;
  std::string data;
  std::string subset = "validation";
  std::string out;  // predictions.json
  std::string checkpoint = "best";
  int64_t threads = 0;
  std::string device = "auto";
  std::string video_scores;  // as in EvaluateSpec
  std::string proposals;
  int64_t chunk_steps = 0;  // above 0: long videos are read and computed by stretches of so many steps (engine/eval/stream.h)
  std::string weights = "float32";  // as in EvaluateSpec
};
struct InspectSpec {
  std::string run_folder;  // the weights of a training run in this process are used when it is this run, else a checkpoint
  std::string data;
  std::string video;
  std::string checkpoint = "best";
  int64_t threads = 0;
};
// What a config costs (method.md 5.6), measured on random features: no run, no data set. The result is JSON; see
// engine/eval/efficiency.h for its keys.
struct MeasureSpec {
  RunConfig config;
  int64_t input_dim = 512;
  int64_t classes = 10;
  std::vector<int64_t> lengths = {250, 500, 1000, 2000, 4000, 8192};  // steps of one video
  int64_t repeats = 7;  // timed passes of each length, after two that are not counted
  int64_t threads = 0;
};
// Vectors of the videos of a subset and of moments in them, as a file (jobs/embedding_file.h) for maps, neighbours and confusions.
struct EmbedSpec {
  std::string run_folder;
  std::string data;
  std::string subset = "validation";
  std::string out;
  std::string checkpoint = "best";
  int64_t most_moments = 20000;  // thinned evenly to at most so many
  int64_t threads = 0;
  std::string device = "auto";
};
using JobSpec = std::variant<TrainSpec, EvaluateSpec, PredictSpec, MeasureSpec, ExtractSpec, PcaSpec, ExtractBenchSpec, EmbedSpec, BenchSpec,
                             TuneDecoderSpec>;

// How others steer a job; checked by the engine between steps. Thread-safe.
class JobControl {
 public:
  void requestStop() { stop_ = true; }
  void requestPause(bool paused) { pause_ = paused; }
  bool stopRequested() const { return stop_; }
  bool pauseRequested() const { return pause_; }

  // Set by the runner. The trainer calls it between steps and, while paused, every few milliseconds; it serves waiting
  // inspection requests. `inspect_current` answers for the model being trained.
  using InspectFn = std::function<VideoInspection(const std::string& video)>;
  std::function<void(const std::string& run_folder, const InspectFn& inspect_current)> between_steps;

 private:
  std::atomic<bool> stop_{false};
  std::atomic<bool> pause_{false};
};

// All calls on the one engine thread. All throw InputError for what a person can mend.
class JobEngine {
 public:
  virtual ~JobEngine() = default;
  virtual void setThreads(int64_t threads) = 0;
  virtual void run(const JobSpec& spec, JobControl& control, JobObserver& observer) = 0;  // sends Finished; throws on failure
  virtual VideoInspection inspect(const InspectSpec& spec) = 0;
  virtual RetrievalAnswer retrieve(const RetrieveSpec& spec, std::stop_token stop) = 0;  // throws Interrupted on a stop
  virtual VideoEvidence evidence(const EvidenceSpec& spec) = 0;
  // `on_text` gets the answer piece by piece, on this thread. Throws Interrupted on a stop.
  virtual AskAnswer ask(const AskSpec& spec, std::stop_token stop, const std::function<void(std::string_view)>& on_text) = 0;
  virtual std::vector<std::pair<std::string, std::string>> libraries() = 0;  // name, version, for run.json and doctor
};

// dlopen()s the engine on first use (sets OMP_WAIT_POLICY=PASSIVE before), then returns the same one. Throws InputError when the
// library is missing. Never call it on the GUI thread.
JobEngine& loadEngine();
bool engineIsLoaded();

}  // namespace hvlm

// The one C entry of libhvlm_engine.so: returns a hvlm::JobEngine* owned by the library.
extern "C" void* hvlm_create_engine();
using HvlmCreateEngine = void* (*)();
