// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "video/container.h"

namespace hvlm::video {

// One shown frame, found from its packet.
struct IndexEntry {
  int64_t stamp = 0;         // presentation time, time base of the stream
  bool key = false;          // a decoder can start at its packet
  int64_t decode_stamp = 0;  // of the packet; for seeking
  int64_t position = -1;     // byte position of the packet, -1 unknown
};

struct PacketIndex {
  std::vector<IndexEntry> frames;  // by stamp, rising
  std::vector<int64_t> keys;       // indices into frames
  bool without_times = false;      // the packets carry no presentation times: made by decoding, frames are found by counting
  std::string problem;

  int64_t find(int64_t stamp) const;        // index of exactly that stamp, -1 when none
  int64_t lastAtOrBefore(int64_t stamp) const;  // -1 when all are later
  int64_t keyAtOrBefore(int64_t frame) const;   // index into `keys`, -1 when none
};

// Reads all packets; nothing is decoded unless they carry no times. `stop` ends it early; `progress` is 0..1.
PacketIndex buildIndex(Container& container, const std::atomic<bool>& stop, std::atomic<double>& progress);

}  // namespace hvlm::video
