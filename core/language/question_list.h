// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace hvlm {

// A question of a list, with its answer once there is one. A second wording of it has an answer of its own.
struct ListedQuestion {
  std::string id, video, question, second_question;
  std::string reference;  // the true answer; may be empty
  std::string answer, second_answer;
};

// Reads a list of
//   {id, video, question[, second_question][, reference]}   this program's form; video may be video_name or video_id
//   {Q, A, video_name} or {Q1, Q2, A, video_name}           Video-ChatGPT's benchmark (Maaz et al. 2024, arXiv:2306.05424)
// An id that is missing is "<video>_<index>"; answers are not read. Throws InputError naming the item for anything
// else, for an id that comes twice, for an empty list and for a file larger than 200 MB.
std::vector<ListedQuestion> readQuestionList(const std::filesystem::path& path);

// {id, video, question, reference, answer[, second_question, second_answer]}: what `hvlm score judged` reads. Written atomically;
// unanswered questions are left out.
void writeAnswerList(const std::filesystem::path& path, std::span<const ListedQuestion> items);

}  // namespace hvlm
