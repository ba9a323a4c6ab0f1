// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <filesystem>
#include <vector>

#include "video/frame.h"

namespace hvlm {

// Small pictures (bgra32) of key frames near evenly spread times, for film strips and lists. Kept on disk by the content of the file, so that
// a second look costs nothing; the oldest go when the cache passes its bound. Any thread; `stop` ends it early (the strip is then shorter and not
// kept). Throws InputError like VideoReader. A frame that cannot be decoded is a placeholder.
std::vector<FramePtr> filmStrip(const std::filesystem::path& video, int count, int height, const std::atomic<bool>& stop);

// Where strips are kept: <cache>/strips.
std::filesystem::path stripFolder();
constexpr int64_t kStripCacheBytes = int64_t{128} << 20;

}  // namespace hvlm
