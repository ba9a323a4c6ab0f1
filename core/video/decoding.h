// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>

#include "video/container.h"
#include "video/packet_index.h"

namespace hvlm::video {

// Decodes the shown frames of one container in order of presentation, from the start or from a key frame. Frames that lean on
// something before the key frame (open GOPs) are left out: they belong to the key frame before.
class Decoding {
 public:
  Decoding(Container& container, int threads, bool hardware);

  // Starts anew at a key frame whose time is at most `stamp`; true when that was possible. `index` helps when it is there.
  bool start(int64_t stamp, const PacketIndex* index);
  void restart();  // at the very beginning of the file

  // The next shown frame; its time is `stamp()`. False at the end. Frames before `skip_before` that nothing leans on are not decoded.
  bool next(int64_t skip_before = INT64_MIN);
  AVFrame* frame() const { return shown_; }
  int64_t stamp() const { return stamp_; }
  int64_t ordinal() const { return ordinal_; }  // frames since restart(), 0-based; -1 after start()
  bool isStarted() const { return started_; }

 private:
  bool seekTo(int64_t stamp, const IndexEntry* key);
  bool firstKey(int64_t stamp);
  void send(const AVPacket* packet);
  bool receive();

  Container& container_;
  CodecOwner codec_;
  PacketOwner packet_;
  FrameOwner frame_, copied_;
  AVFrame* shown_ = nullptr;
  bool has_packet_ = false;  // the key packet that a seek has read already
  bool draining_ = false;
  bool started_ = false;
  int64_t floor_ = INT64_MIN;
  int64_t stamp_ = 0, last_stamp_ = INT64_MIN;
  int64_t ordinal_ = -1;
};

}  // namespace hvlm::video
