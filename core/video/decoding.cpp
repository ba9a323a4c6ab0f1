// SPDX-License-Identifier: Apache-2.0
#include "video/decoding.h"

extern "C" {
#include <libavutil/hwcontext.h>
}

#include <algorithm>

namespace hvlm::video {
namespace {
constexpr int kMostPacketsToKey = 20000;  // a stream without a key frame in so many packets is read from its start
}

Decoding::Decoding(Container& container, int threads, bool hardware)
    : container_(container), codec_(container.openDecoder(threads, hardware)), packet_(newPacket()), frame_(newFrame()), copied_(newFrame()) {}

void Decoding::restart() {
  container_.rewind();
  avcodec_flush_buffers(codec_.get());
  has_packet_ = draining_ = false;
  floor_ = last_stamp_ = INT64_MIN;
  ordinal_ = -1;
  started_ = true;
}

// Reads on to the first key packet; true when its time is at most `stamp`.
bool Decoding::firstKey(int64_t stamp) {
  for (int i = 0; i < kMostPacketsToKey && container_.read(packet_.get()); ++i) {
    if (!(packet_->flags & AV_PKT_FLAG_KEY)) continue;
    const int64_t time = packet_->pts != AV_NOPTS_VALUE ? packet_->pts : packet_->dts;
    if (time == AV_NOPTS_VALUE || time > stamp) return false;
    floor_ = time;
    has_packet_ = true;
    return true;
  }
  return false;
}

bool Decoding::seekTo(int64_t stamp, const IndexEntry* key) {
  AVFormatContext* format = container_.format();
  const bool by_bytes = key && key->position >= 0 && (format->iformat->flags & AVFMT_TS_DISCONT) && !(format->iformat->flags & AVFMT_NO_BYTE_SEEK);
  const int64_t wanted = key ? std::min(key->stamp, key->decode_stamp) : stamp;
  const int error = by_bytes ? av_seek_frame(format, -1, key->position, AVSEEK_FLAG_BYTE) : av_seek_frame(format, container_.streamIndex(), wanted, AVSEEK_FLAG_BACKWARD);
  if (error < 0) return false;
  avcodec_flush_buffers(codec_.get());
  container_.clearProblem();
  has_packet_ = draining_ = false;
  last_stamp_ = INT64_MIN;
  ordinal_ = -1;
  started_ = true;
  return firstKey(stamp);
}

bool Decoding::start(int64_t stamp, const PacketIndex* index) {
  if (index && !index->without_times) {
    // A container may land after the key frame it was asked for: then from the ones before.
    int64_t key = index->keyAtOrBefore(index->lastAtOrBefore(stamp));
    for (int64_t back = 1; key >= 0; key -= back, back *= 2) {
      if (seekTo(stamp, &index->frames[static_cast<size_t>(index->keys[static_cast<size_t>(key)])])) return true;
      if (key == 0) break;
      if (key < back) back = key;
    }
    return false;
  }
  const int64_t second = std::max<int64_t>(1, container_.stamp(1.0));
  for (int64_t back = 0, n = 0; n < 6; back = back == 0 ? second : back * 4, ++n) {
    if (seekTo(stamp - back, nullptr) && floor_ <= stamp) return true;
  }
  return false;
}

void Decoding::send(const AVPacket* packet) { avcodec_send_packet(codec_.get(), packet); }  // what it refuses is lost, and missed by its time

bool Decoding::receive() {
  while (avcodec_receive_frame(codec_.get(), frame_.get()) == 0) {
    int64_t stamp = frame_->best_effort_timestamp;
    if (stamp == AV_NOPTS_VALUE) stamp = last_stamp_ == INT64_MIN ? 0 : last_stamp_ + 1;
    if (stamp < floor_) continue;
    shown_ = frame_.get();
    if (frame_->hw_frames_ctx) {
      av_frame_unref(copied_.get());
      if (av_hwframe_transfer_data(copied_.get(), frame_.get(), 0) < 0) continue;
      av_frame_copy_props(copied_.get(), frame_.get());
      shown_ = copied_.get();
    }
    stamp_ = last_stamp_ = stamp;
    ++ordinal_;
    return true;
  }
  return false;
}

bool Decoding::next(int64_t skip_before) {
  started_ = true;  // a fresh container stands at its beginning
  while (true) {
    if (receive()) return true;
    if (draining_) return false;
    if (!has_packet_ && !container_.read(packet_.get())) {
      draining_ = true;
      codec_->skip_frame = AVDISCARD_DEFAULT;
      send(nullptr);
      continue;
    }
    has_packet_ = false;
    const int64_t time = packet_->pts != AV_NOPTS_VALUE ? packet_->pts : packet_->dts;
    codec_->skip_frame = time != AV_NOPTS_VALUE && time < skip_before ? AVDISCARD_NONREF : AVDISCARD_DEFAULT;
    send(packet_.get());
    av_packet_unref(packet_.get());
  }
}

}  // namespace hvlm::video
