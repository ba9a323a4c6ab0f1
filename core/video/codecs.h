// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <utility>
#include <vector>

namespace hvlm {

// What this build of FFmpeg can do, for reports.
std::vector<std::pair<std::string, std::string>> ffmpegVersions();  // library, version of the one that is loaded: ("libavcodec", "59.37.100")
std::vector<std::pair<std::string, bool>> videoDecoders();          // codecs that data sets come in: ("h264", it can be decoded)

}  // namespace hvlm
