// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "support/error.h"
#include "video/decoding.h"
#include "video/video_reader.h"

namespace hvlm {
namespace {

std::string fraction(AVRational value) { return std::to_string(value.num) + "/" + std::to_string(value.den); }

void countFrames(video::Container& container, ProbeResult& result) {
  video::Decoding decoding(container, 2, false);
  while (decoding.next()) {
    ++result.frames;
    result.facts.interlaced = result.facts.interlaced || decoding.frame()->interlaced_frame;
  }
  result.problem = container.problem();
  if (result.frames > 0) return;
  result.readable = false;
  if (result.problem.empty()) result.problem = "no frame could be decoded";
}

}  // namespace

ProbeResult probeVideo(const std::filesystem::path& path, bool count_frames) {
  ProbeResult result;
  std::error_code error;
  const auto bytes = std::filesystem::file_size(path, error);
  result.bytes = error ? 0 : static_cast<int64_t>(bytes);
  try {
    video::Container container(path, 5.0, true);
    result.facts = container.facts();
    result.readable = true;
    result.has_video = container.streamIndex() >= 0;
    if (!result.has_video) return result;
    const AVStream* stream = container.stream();
    result.average_frame_rate = fraction(stream->avg_frame_rate);
    result.real_frame_rate = fraction(stream->r_frame_rate);
    if (stream->duration != AV_NOPTS_VALUE) result.video_duration = container.seconds(stream->duration);
    const AVRational aspect = av_guess_sample_aspect_ratio(container.format(), container.stream(), nullptr);
    if (aspect.num > 0) result.sample_aspect_ratio = std::to_string(aspect.num) + ":" + std::to_string(aspect.den);
    if (count_frames) countFrames(container, result);
  } catch (const InputError& failure) {
    result.problem = failure.what();
    result.readable = false;
  }
  return result;
}

std::string probeJson(const ProbeResult& probe) {
  using Json = nlohmann::json;
  const VideoFacts& f = probe.facts;
  Json json = {{"bytes", probe.bytes}, {"readable", probe.readable}};
  if (!f.container.empty()) {
    json.update({{"container", f.container}, {"duration", f.duration}, {"start_time", f.start_time}, {"has_video", probe.has_video}, {"has_audio", f.has_audio}});
  }
  if (probe.has_video) {
    const auto orNull = [](bool known, Json value) { return known ? std::move(value) : Json(nullptr); };
    json.update({{"codec", f.codec}, {"profile", orNull(!f.profile.empty(), f.profile)}, {"pix_fmt", f.pixel_format}, {"width", f.width}, {"height", f.height},
                 {"sample_aspect_ratio", orNull(!probe.sample_aspect_ratio.empty(), probe.sample_aspect_ratio)}, {"nb_frames", probe.frames},
                 {"nb_frames_header", orNull(f.header_frames > 0, f.header_frames)}, {"avg_frame_rate", probe.average_frame_rate}, {"r_frame_rate", probe.real_frame_rate},
                 {"video_duration", orNull(probe.video_duration > 0, probe.video_duration)}, {"rotation", f.rotation}, {"display_width", f.display_width},
                 {"display_height", f.display_height}, {"interlaced", f.interlaced}});
  }
  if (f.has_audio) json.update({{"audio_codec", f.audio_codec}, {"audio_rate", f.audio_rate}, {"audio_channels", f.audio_channels}});
  if (!probe.readable) {
    json["error"] = probe.problem;
  } else if (!probe.problem.empty()) {
    json["problem"] = probe.problem;  // broke off on the way
  }
  return json.dump();
}

}  // namespace hvlm
