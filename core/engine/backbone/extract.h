// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "engine/backbone/backbone.h"
#include "jobs/extract_spec.h"

namespace hvlm {

using ExtractProgress = std::function<bool(const std::string& phase, int64_t done, int64_t total)>;  // false = stop
using ExtractWarning = std::function<void(const std::string& text)>;

// Does what an ExtractSpec asks for. Decoders run in threads of their own, the network on the calling one; both overlap. A video that
// cannot be read costs itself. Returns {out, manifest, videos, kept, steps, width, seconds, failed: [{id, file, reason}], stopped}.
// Throws InputError for what stops everything: no backbone, a full disk (finished videos stay in OUT.parts/).
nlohmann::json extractFeatures(const ExtractSpec& spec, const ExtractProgress& progress, const ExtractWarning& warn);

// Decode alone, network alone, both overlapped, on clips made in a temporary folder; the ratio to the machine's limit.
nlohmann::json benchExtract(const ExtractBenchSpec& spec, const ExtractProgress& progress);

// Fits or applies a PCA; returns {file or out, dims, rows, explained}.
nlohmann::json runPca(const PcaSpec& spec, const ExtractProgress& progress);

}  // namespace hvlm
