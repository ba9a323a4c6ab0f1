// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace hvlm {

// All losses here compare directions: rows are made unit length first, and a row with a norm below 1e-12 has cosine 0 and
// gradient 0. Random choices draw from the generator that is passed in (one of the CPU).

// --- Two views of a video against a queue of keys (MoCo v2) ---

struct QueueInfoNce {
  at::Tensor loss;    // scalar, mean over the B rows; 0 for an empty queue
  at::Tensor logits;  // [B, 1+M] cosine over temperature, the positive first, -inf where the queue holds the same video
};
// Cross-entropy of each query against its key and the queue.
//
//   q             [B, D]  gradient flows here only
//   k             [B, D]  row i is the key of query i; no gradient
//   queue         [M, D]  negatives, no gradient; M may be 0
//   queue_videos  [M]     video of each entry; entries of the query's own video are left out
//   videos        [B]     video of each query
//
// Throws ShapeError. Source: He et al. 2020, arXiv:1911.05722, eq. 1; Chen et al. 2020, arXiv:2003.04297; method.md 3.
QueueInfoNce queueInfoNce(const at::Tensor& q, const at::Tensor& k, const at::Tensor& queue, const std::vector<int64_t>& queue_videos,
                          const std::vector<int64_t>& videos, double temperature);

// The last `capacity` keys, first in first out. All its state lies in three tensors, which a checkpoint saves and restores by
// writing into them.
class KeyQueue {
 public:
  KeyQueue(int64_t capacity, int64_t width, at::TensorOptions options = {});  // throws ShapeError for a size below 1

  // Adds keys [B, D] without their gradient; of more rows than the capacity only the last stay. Throws ShapeError.
  void push(const at::Tensor& keys, const std::vector<int64_t>& videos);
  int64_t capacity() const { return keys_.size(0); }
  int64_t pushed() const;  // keys ever given
  int64_t size() const;    // min(pushed, capacity)

  at::Tensor rows() const;               // [size, D], oldest first; a copy, later pushes do not change it
  std::vector<int64_t> videos() const;  // [size], oldest first

  const at::Tensor& keys() const { return keys_; }          // [capacity, D] as stored
  const at::Tensor& videoIds() const { return videos_; }    // [capacity] int64
  const at::Tensor& counters() const { return counters_; }  // [1] int64: keys ever given

 private:
  at::Tensor keys_;
  at::Tensor videos_;
  at::Tensor counters_;
};

// k <- m k + (1 - m) q for each pair of tensors, in place and without gradient. Throws ShapeError.
// Source: He et al. 2020, eq. 2.
void momentumUpdate(const std::vector<at::Tensor>& keys, const std::vector<at::Tensor>& queries, double momentum);

// --- Two views in one batch (SimCLR) ---

// NT-Xent over the 2B views a, b [B, D]: row i of `a` belongs to row i of `b`, all other views are negatives. Scalar, mean over
// 2B; B = 1 gives 0. Throws ShapeError. Source: Chen et al. 2020, arXiv:2002.05709, eq. 1.
at::Tensor ntXent(const at::Tensor& a, const at::Tensor& b, double temperature);

// --- Steps of packed videos against each other (method.md 4.5) ---

// InfoNCE of single steps: anchor row a against its positive row p.
//
//   h           [N, D]  steps of all videos end to end
//   offsets     [B+1]   video b owns rows offsets[b] .. offsets[b+1]-1
//   anchors     [A]     row indices
//   positives   [A]     row index for each anchor
//   candidates  [C]     row indices; for an anchor those count as negatives that belong to another video, or lie more than `gap`
//                       steps away in its own and are not its positive
//   returns     scalar  mean over the anchors; an anchor without a negative adds 0, no anchor gives 0
//
// Memory O(A C). Throws ShapeError for rows out of range.
at::Tensor stepContrast(const at::Tensor& h, const std::vector<int64_t>& offsets, const std::vector<int64_t>& anchors,
                        const std::vector<int64_t>& positives, const std::vector<int64_t>& candidates, int64_t gap, double temperature);

struct StepPairs {
  std::vector<int64_t> anchors;    // row indices, each at most once
  std::vector<int64_t> positives;  // the row before or after, with equal chance where both exist
};
// At most `count` anchors from the videos with two or more steps.
StepPairs drawStepPairs(const std::vector<int64_t>& offsets, int64_t count, at::Generator& generator);
// At most `count` different rows of all videos.
std::vector<int64_t> drawSteps(const std::vector<int64_t>& offsets, int64_t count, at::Generator& generator);

// --- Two crops of a video's nodes (persistence) ---

struct CropPair {
  at::Tensor first;   // [V, D] mean over one crop of each video
  at::Tensor second;  // [V, D] over another
  std::vector<int64_t> videos;  // [V] places in the batch; videos with fewer than two nodes are left out
};
// Contiguous crops whose length is uniform in max(1, ceil(crop_min n)) .. n and whose place is uniform. The loss is
// infoNce(first, second, temperature). Gradient flows to x [N, D]. Throws ShapeError.
CropPair twoCropVectors(const at::Tensor& x, const std::vector<int64_t>& offsets, double crop_min, at::Generator& generator);

}  // namespace hvlm
