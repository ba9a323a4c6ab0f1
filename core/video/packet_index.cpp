// SPDX-License-Identifier: Apache-2.0
#include "video/packet_index.h"

#include <algorithm>

namespace hvlm::video {
namespace {

constexpr size_t kMostFrames = size_t{1} << 26;  // two weeks at 50 a second

// VP8 stores its hidden reference frames as packets of their own; the bit tells.
bool isHidden(const AVCodecParameters* parameters, const AVPacket* packet) {
  return parameters->codec_id == AV_CODEC_ID_VP8 && packet->size > 0 && ((packet->data[0] >> 4) & 1) == 0;
}

// Without presentation times in the packets the decoder's order is the only truth.
void indexByDecoding(Container& container, PacketIndex& index, const std::atomic<bool>& stop) {
  index.without_times = true;
  index.frames.clear();
  const CodecOwner codec = container.openDecoder(1, false);
  const PacketOwner packet = newPacket();
  const FrameOwner frame = newFrame();
  container.rewind();
  int64_t last = INT64_MIN;
  const AVRational rate = av_guess_frame_rate(container.format(), container.stream(), nullptr);
  const int64_t step = rate.num > 0 && rate.den > 0 ? std::max<int64_t>(1, av_rescale_q(1, av_inv_q(rate), container.stream()->time_base)) : 1;
  const auto drain = [&] {
    while (avcodec_receive_frame(codec.get(), frame.get()) == 0) {
      int64_t stamp = frame->best_effort_timestamp;
      if (stamp == AV_NOPTS_VALUE || stamp <= last) stamp = last == INT64_MIN ? 0 : last + step;
      last = stamp;
      index.frames.push_back({.stamp = stamp, .key = index.frames.empty(), .decode_stamp = stamp, .position = -1});
    }
  };
  while (!stop && index.frames.size() < kMostFrames && container.read(packet.get())) {
    avcodec_send_packet(codec.get(), packet.get());
    drain();
  }
  avcodec_send_packet(codec.get(), nullptr);
  drain();
}

}  // namespace

int64_t PacketIndex::find(int64_t stamp) const {
  const int64_t i = lastAtOrBefore(stamp);
  return i >= 0 && frames[static_cast<size_t>(i)].stamp == stamp ? i : -1;
}

int64_t PacketIndex::lastAtOrBefore(int64_t stamp) const {
  const auto after = std::upper_bound(frames.begin(), frames.end(), stamp, [](int64_t s, const IndexEntry& e) { return s < e.stamp; });
  return static_cast<int64_t>(after - frames.begin()) - 1;
}

int64_t PacketIndex::keyAtOrBefore(int64_t frame) const { return static_cast<int64_t>(std::upper_bound(keys.begin(), keys.end(), frame) - keys.begin()) - 1; }

PacketIndex buildIndex(Container& container, const std::atomic<bool>& stop, std::atomic<double>& progress) {
  PacketIndex index;
  const PacketOwner packet = newPacket();
  const AVCodecParameters* parameters = container.stream()->codecpar;
  const int64_t bytes = container.format()->pb ? avio_size(container.format()->pb) : 0;
  size_t without = 0;
  bool ordered = true;
  int64_t last_decode = INT64_MIN;
  while (!stop && container.read(packet.get())) {
    if (bytes > 0 && packet->pos > 0) progress = std::min(1.0, static_cast<double>(packet->pos) / static_cast<double>(bytes));
    if (packet->size == 0 || (packet->flags & AV_PKT_FLAG_DISCARD) || isHidden(parameters, packet.get())) continue;
    const bool timeless = packet->pts == AV_NOPTS_VALUE;
    without += timeless;
    const int64_t decode = packet->dts != AV_NOPTS_VALUE ? packet->dts : packet->pts;
    const int64_t stamp = timeless ? decode : packet->pts;
    if (stamp == AV_NOPTS_VALUE) continue;
    ordered = ordered && decode >= last_decode;
    last_decode = decode;
    index.frames.push_back({.stamp = stamp, .key = (packet->flags & AV_PKT_FLAG_KEY) != 0, .decode_stamp = decode, .position = packet->pos});
    if (index.frames.size() >= kMostFrames) break;
  }
  index.problem = container.problem();
  // Without reordering the decoding times are the presentation times.
  if (without > 0 && (container.stream()->codecpar->video_delay > 0 || !ordered || index.frames.empty())) indexByDecoding(container, index, stop);
  std::stable_sort(index.frames.begin(), index.frames.end(), [](const IndexEntry& a, const IndexEntry& b) { return a.stamp < b.stamp; });
  const auto same = std::unique(index.frames.begin(), index.frames.end(), [](const IndexEntry& a, const IndexEntry& b) { return a.stamp == b.stamp; });
  index.frames.erase(same, index.frames.end());
  for (size_t i = 0; i < index.frames.size(); ++i) {
    if (index.frames[i].key) index.keys.push_back(static_cast<int64_t>(i));
  }
  progress = 1.0;
  return index;
}

}  // namespace hvlm::video
