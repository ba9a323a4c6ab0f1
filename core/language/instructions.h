// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "language/chat_template.h"

namespace hvlm {

inline constexpr std::string_view kVideoToken = "<video>";  // where the video comes in, in the text of a question

// One talk about one video, to train on: questions of "user" and answers of "assistant" by turns, maybe a "system" text before.
struct Instruction {
  std::string id;
  std::string video;  // as the file names it
  std::vector<ChatMessage> messages;
};
struct InstructionSet {
  std::vector<Instruction> items;
  std::map<std::string, int64_t> dropped;  // items that are not in `items`, by reason: "no answer", "no features" …
};

// Reads either form, told apart item by item:
//   [{q, a, video_id}]                                                        VideoInstruct's pairs
//   [{id, video, conversations: [{from: human, value}, {from: gpt, value}]}]  the training form
// A pair becomes one turn with <video> on its own line, after the question for even indices in the file and before it for odd ones,
// so that a model learns both; its id is "<video_id>_<index>". Unusable items are counted, not fatal. Throws InputError when the
// file is no list, is larger than 2 GB or holds nothing usable.
InstructionSet readInstructions(const std::filesystem::path& path);

// "folder/v_abc.mp4" -> "abc": what names of videos in such files and of features have in common.
std::string bareVideo(std::string_view name);

// Keeps items whose video has features. "v_" in front and a file's ending (.mp4, .npy, .pkl …) make no difference.
InstructionSet filterInstructions(InstructionSet set, const std::set<std::string>& feature_ids);

// The training form, written atomically.
void writeInstructions(const std::filesystem::path& path, std::span<const Instruction> items);

}  // namespace hvlm
