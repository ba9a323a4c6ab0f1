// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "data/catalogue.h"

namespace hvlm {

// Everything `hvlm inspect` tells about a data set: videos, segments, classes, subsets, hours, feature widths, declared
// / present / used videos, captions, questions, and each problem, counted by kind and listed. Throws InputError when
// the data set cannot be used at all. Values are looked through for NaN until `scan_limit_bytes` of features were read
// ("values_checked"); side channels are counted among those videos.
nlohmann::json inspectDataset(const DatasetSpec& spec, double scan_limit_bytes = 2e9);

// The same for people; of each kind of problem the first few.
std::string inspectText(const nlohmann::json& report);

// Identifies what a run was trained on: content of the annotation, caption, question and list files, the meaning of a
// step, and a manifest of the features (ids, sizes, samples of the bytes; not all of them). Does not depend on where
// the files lie.
std::string datasetHash(const DatasetSpec& spec);
// Identifies the videos of one subset.
std::string splitHash(const Catalogue& catalogue, const std::string& subset);

}  // namespace hvlm
