// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "data/catalogue.h"

namespace hvlm {

// Adds the captions of one file (ActivityNet Captions schema) to the videos of `subset`; what does not fit becomes a
// Problem. Throws InputError for a missing file and for another schema.
void addCaptions(Catalogue& catalogue, const std::string& subset, const std::filesystem::path& file);

// The same for questions and, when a second file is given, their answers (ActivityNet-QA schema).
void addQuestions(Catalogue& catalogue, const std::string& subset, const std::vector<std::filesystem::path>& files);

// Ids of a list: one a line ('#' starts a comment), or a JSON list of texts.
std::vector<std::string> readIdList(const std::filesystem::path& file);

}  // namespace hvlm
