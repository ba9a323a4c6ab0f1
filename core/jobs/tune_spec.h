// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>

namespace hvlm {

// Teaching a user's language model of LLaMA's architecture to see a run's videos, by the recipe of LLaVA. Stage "projector" trains
// only the projector from pyramid nodes to the model's embeddings, on the captions of the data set; stage "lora" starts from `init` and
// trains the projector and low-rank adapters of the model, on instructions (or the captions again). The run's own weights and the
// model's never change. Source: Liu et al. 2023, arXiv:2304.08485, section 4.2.
struct TuneDecoderSpec {
  std::string run_folder;
  std::string data;
  std::string subset = "training";
  std::string checkpoint = "best";
  std::string model_folder;     // config.json, weights, tokenizer.json of the user's model
  std::string chat_template;    // "" is the model's own; else single, two, llama or chatml
  std::string instructions;     // file of talks about videos (language/instructions.h); empty: the data set's captions
  std::string stage = "projector";
  std::string init;             // folder of an earlier stage; needed by "lora", goes on from its projector
  std::string out;              // folder that is written
  int64_t epochs = 1;
  int64_t batch_size = 8;       // talks of a step of the optimiser
  double lr = 0.0;              // peak learning rate; 0: 1e-3 for "projector", 2e-4 for "lora"
  int64_t lora_rank = 8;
  double lora_alpha = 16.0;
  std::string visual_levels = "auto";  // pyramid levels that are seen, as "0,2,4"; auto: from the top down as far as they fit
  int64_t visual_tokens = 32;   // most visual tokens of a talk; with "lora" those of `init`
  int64_t max_tokens = 512;     // longest talk, visual tokens included; what is longer is left out, and counted
  double holdout = 0.1;         // share of the videos kept out, by whose loss the best epoch is taken
  uint64_t seed = 1;
  int64_t threads = 0;
  std::string device = "auto";

  template <class Fields>
  void describe(Fields& f) {
    f("stage", stage, {"projector", "lora"}, "What is trained: the projector alone, or it and low-rank adapters");
    f("epochs", epochs, {1, 10000}, "Times that all talks are seen");
    f("batch_size", batch_size, {1, 4096}, "Talks of a step");
    f("lr", lr, {0, 1}, "Peak learning rate; 0 takes the stage's own");
    f("lora_rank", lora_rank, {1, 4096}, "Rank of the adapters (stage lora)");
    f("lora_alpha", lora_alpha, {1e-6, 1e6}, "Adapters are scaled by alpha / rank (stage lora)");
    f("visual_tokens", visual_tokens, {1, 4096}, "Most visual tokens of a talk");
    f("max_tokens", max_tokens, {8, 1 << 20}, "Longest talk in tokens, visual ones included");
    f("holdout", holdout, {0, 0.9}, "Share of the videos kept out for selection");
  }
};

}  // namespace hvlm
