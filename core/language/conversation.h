// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "language/chat_template.h"

namespace hvlm {

// One talk about a video: a system text, then messages of "user" and "assistant" by turns, the user first. Its length is bounded:
// when the texts together exceed the budget, the oldest question goes with its answer; the system text and the last message stay.
// A plain value; one thread at a time.
class Conversation {
 public:
  // `character_budget` counts Unicode characters of the system text and all messages.
  explicit Conversation(std::string system = {}, size_t character_budget = kHistoryCharacters);

  const std::string& system() const { return system_; }
  void setSystem(std::string text);
  const std::vector<ChatMessage>& messages() const { return messages_; }
  size_t droppedTurns() const { return dropped_turns_; }  // questions that went with their answers since it was made or loaded

  // Throws InputError for another role, or for one out of turn.
  void append(std::string role, std::string content);
  // Takes back a last question that got no answer (the server failed, the user stopped) and returns it; "" when there is none.
  std::string takeBackQuestion();
  void clear();  // the messages; the system text stays

  // What a model is asked with: the system text, unless empty, and as many of the last messages as fit, from a question on.
  std::vector<ChatMessage> prompt(size_t character_budget = kHistoryCharacters) const;

  // JSON, written atomically. load() throws InputError for a file that is broken, too large (16 MB) or of another kind.
  void save(const std::filesystem::path& path) const;
  static Conversation load(const std::filesystem::path& path, size_t character_budget = kHistoryCharacters);

  static constexpr size_t kHistoryCharacters = 1'000'000;

 private:
  void dropOldest();

  std::string system_;
  size_t character_budget_;
  std::vector<ChatMessage> messages_;
  size_t dropped_turns_ = 0;
};

// A place of an answer that names a moment of the video: bytes [begin, end) of the text, brackets included. A single moment has
// end_seconds = start_seconds.
struct MomentLink {
  size_t begin = 0;
  size_t end = 0;
  double start_seconds = 0.0;
  double end_seconds = 0.0;
};

// Moments are written [mm:ss], [mm:ss-mm:ss] (also with an en dash) or with hours, [h:mm:ss]. What is no time, runs backwards or
// lies past the end of the video is no link. An end in the last, broken second is taken as the end of the video.
std::vector<MomentLink> momentsIn(std::string_view answer, double duration_seconds);

// "01:05", from an hour on "1:01:05"; whole seconds, rounded down.
std::string momentText(double seconds);

}  // namespace hvlm
