// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "engine/entry/session.h"
#include "jobs/language.h"

namespace hvlm {

// Videos and moments of a subset as unit vectors in the space of text and video. Kept with the run as index/<subset>.safetensors.
// Moments are the nodes of the pyramid levels with at most eight nodes, and the run's best detections.
struct RetrievalIndex {
  std::string key;                       // what it was made of: dataset hash and checkpoint step
  std::vector<std::string> videos;       // ids, B of them
  std::vector<double> durations;         // [B] seconds
  at::Tensor video_vectors;              // [B, D] float
  at::Tensor moment_vectors;             // [M, D] float16: a search reads all of them, and half the bytes are half its time
  std::vector<int64_t> moment_video;     // [M]
  std::vector<double> moment_start, moment_end;  // [M] seconds
};

// Done, total; false stops (then Interrupted is thrown).
using IndexProgress = std::function<bool(int64_t, int64_t)>;
RetrievalIndex makeRetrievalIndex(const LoadedModel& loaded, const Dataset& data, const std::vector<int64_t>& videos, std::string key, const IndexProgress& progress);

void writeRetrievalIndex(const std::filesystem::path& file, const RetrievalIndex& index);  // atomic; throws InputError
// Nothing when there is no such file, when it is damaged or of another key: it is to be made anew.
std::shared_ptr<const RetrievalIndex> readRetrievalIndex(const std::filesystem::path& file, const std::string& key);

// The `most` best videos and moments for a unit vector [D]; of moments of one video that overlap by more than half only the best.
void searchIndex(const RetrievalIndex& index, const at::Tensor& query, int64_t most, RetrievalAnswer& answer);

}  // namespace hvlm
