// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/entry/tune_talks.h"
#include "engine/language/seeing_decoder.h"
#include "engine/language/tuned_files.h"
#include "engine/train/optimizer.h"
#include "jobs/engine.h"
#include "language/tokenizer.h"

namespace hvlm {

// A user's decoder learns to see a run's videos (jobs/tune_spec.h). One thread; work() once.
class TuneDecoderJob {
 public:
  TuneDecoderJob(const TuneDecoderSpec& spec, JobControl& control, JobObserver& observer)
      : spec_(spec), control_(control), observer_(observer) {}

  // Throws InputError before any training for what a person can mend; the output folder is then as it was. On a stop the folder of the
  // best epoch so far stays, if one has ended.
  void work();

 private:
  static constexpr int64_t kTokensAtOnce = 2048;  // padded tokens of one forward pass; a step adds up as many passes as it needs

  void checkSpec();
  void openModel();  // shape, memory, tokenizer, template; the weights come last
  void openVideos();
  void readTalks();
  void loadWeights();
  void train();

  double trainStep(AdamW& optimizer, const std::vector<size_t>& batch, double lr, at::Generator& generator);
  double heldOutLoss();  // mean a token; NaN without held-out talks
  std::pair<double, int64_t> lossOf(const std::vector<size_t>& batch, bool learn, const ForwardOptions& forward);
  bool goOn(int64_t step);
  void write(int64_t best_epoch);
  std::vector<std::vector<size_t>> batchesOf(const std::vector<size_t>& order) const;
  void finish(int64_t best_epoch, bool stopped);
  void warn(const std::string& text);

  const TuneDecoderSpec& spec_;
  JobControl& control_;
  JobObserver& observer_;
  TunedRecord record_;
  std::shared_ptr<const TunedRecord> init_;
  DecoderShape shape_;
  double lr_ = 0.0;
  std::unique_ptr<Tokenizer> tokenizer_;
  std::unique_ptr<TalkReader> reader_;
  LoadedModel run_;
  std::shared_ptr<const Dataset> data_;
  std::vector<int64_t> videos_;
  TuneTalks talks_;
  std::vector<size_t> trained_, held_out_;  // places in talks_.talks
  std::unique_ptr<TalkSight> sight_;
  SeeingDecoder model_;
  nlohmann::json epochs_ = nlohmann::json::array();
  double first_held_out_ = 0.0;
};

}  // namespace hvlm
