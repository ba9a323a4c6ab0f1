// SPDX-License-Identifier: Apache-2.0
#include "video/codecs.h"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libswscale/swscale.h>
}

namespace hvlm {

std::vector<std::pair<std::string, std::string>> ffmpegVersions() {
  const auto text = [](unsigned version) {
    return std::to_string(AV_VERSION_MAJOR(version)) + "." + std::to_string(AV_VERSION_MINOR(version)) + "." + std::to_string(AV_VERSION_MICRO(version));
  };
  return {{"libavcodec", text(avcodec_version())}, {"libavformat", text(avformat_version())}, {"libavutil", text(avutil_version())}, {"libswscale", text(swscale_version())}};
}

std::vector<std::pair<std::string, bool>> videoDecoders() {
  std::vector<std::pair<std::string, bool>> decoders;
  for (const auto& [name, id] : {std::pair("h264", AV_CODEC_ID_H264), {"hevc", AV_CODEC_ID_HEVC}, {"vp9", AV_CODEC_ID_VP9}, {"av1", AV_CODEC_ID_AV1}, {"mpeg4", AV_CODEC_ID_MPEG4}}) {
    decoders.emplace_back(name, avcodec_find_decoder(id) != nullptr);
  }
  return decoders;
}

}  // namespace hvlm
