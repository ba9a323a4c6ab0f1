// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "language/chat_template.h"
#include "language/evidence.h"

namespace hvlm {

// Finding videos and moments of a subset by words, in the space of text and video that a run has learned.
struct RetrieveSpec {
  std::string run_folder;
  std::string data;
  std::string subset = "validation";
  std::string query;
  std::string checkpoint = "best";
  int64_t most = 10;     // videos and moments given back
  int64_t threads = 0;
};
struct RetrievalHit {
  std::string video;
  double start_seconds = 0.0;
  double end_seconds = 0.0;     // of a whole video: its duration
  double similarity = 0.0;      // cosine, in [-1, 1]
};
struct RetrievalAnswer {
  std::vector<RetrievalHit> videos;   // falling similarity
  std::vector<RetrievalHit> moments;  // the same over the windows of all videos, of overlapping ones the best
  int64_t videos_searched = 0;
  int64_t moments_searched = 0;
  double index_seconds = 0.0;   // making or reading the index; about 0 when it was in memory
  double text_seconds = 0.0;    // the query through the text tower
  double search_seconds = 0.0;  // the search itself
  std::string text_tower;       // "minilm" or "hashed"
};

// What a run finds in one video: what a language model gets to know of it.
struct EvidenceSpec {
  std::string run_folder;
  std::string data;
  std::string video;
  std::string checkpoint = "best";
  int64_t threads = 0;
};

// A question about one video to what this program has itself. Without `model_folder`, the run's own heads: the answer of the answer
// head, with moments from grounding and descriptions of the caption head as far as the run has them. With it, a language model of
// LLaMA's architecture in Hugging Face's files reads `messages` by its own template (or `chat_template`).
struct AskSpec {
  std::string run_folder;
  std::string data;
  std::string video;
  std::string question;
  std::string checkpoint = "best";
  int64_t threads = 0;
  std::string model_folder;   // or a folder of `hvlm tune`, which names its model
  std::string tuned_folder;   // folder of `hvlm tune` whose projector and adapters go with model_folder; "": none
  std::string chat_template;  // "" is the model's own; else single, two, llama or chatml
  std::vector<ChatMessage> messages;  // system text, history and the question; for model_folder
  int64_t max_tokens = 256;
  double temperature = 0.2;   // 0: always the likeliest token
  double top_p = 0.95;
  uint64_t seed = 1;
};
struct AskAnswer {
  std::string text;           // moments as [mm:ss] or [mm:ss-mm:ss]
  std::string by;             // what answered: "answer head", "captions", the name of the model
  double confidence = 0.0;    // of the answer head, 0 without one
  int64_t tokens = 0;
  double seconds = 0.0;
};

}  // namespace hvlm
