// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/model/experts.h"
#include "engine/model/layers.h"
#include "engine/model/pyramid.h"
#include "runs/config.h"

namespace hvlm {

// What follows the pooling of a level (PyramidOptions::block): "conv" is a residual block of LayerNorm, convolution over
// three nodes, GELU, linear; "window" a transformer layer whose nodes see a window of their level (method.md 4.2). Each level
// has its own up to the eighth; higher ones (a few nodes each) use the eighth's.
class LevelBlocks {
 public:
  LevelBlocks() = default;
  LevelBlocks(ParameterSet& set, int64_t levels, const PyramidOptions& pyramid, const EncoderOptions& encoder, int64_t width,
              at::Generator& generator, at::TensorOptions options);
  at::Tensor operator()(const at::Tensor& pooled, int64_t level, const RunIndex& index, const ForwardOptions& forward) const;

 private:
  struct Block {
    LayerNorm norm;
    Convolution3 convolution;
    Linear out;
  };
  std::vector<Block> blocks_;               // "conv"
  std::vector<TransformerLayer> windows_;   // "window"
  std::vector<std::vector<at::Tensor>> weights_;  // leaves of each, for recomputed()
  double dropout_ = 0.0;
};

// Rows of pyramid.nodes that the "attention" vector of a video reads: its nodes of levels 0, 3 and top, in that order.
std::vector<int64_t> attentionRows(const Pyramid& pyramid, int64_t video);

// The vector of each video and its class scores.
struct VideoScores {
  at::Tensor vector;  // [B, d]
  at::Tensor logits;  // [B, C]; undefined without a classifier
  at::Tensor router;  // [B, D]; undefined without a router
};
class VideoHead {
 public:
  VideoHead() = default;
  // `classes` = 0: vectors only. The kind is HeadOptions::video_vector. With "segments" (TSN, Wang et al. 2016,
  // arXiv:1608.00859) the vector is the mean of one step of each equal segment, and the scores are the consensus of the
  // steps' own: a random step while training, else the centre one.
  VideoHead(ParameterSet& set, const HeadOptions& options, int64_t width, int64_t classes, at::Generator& generator,
            at::TensorOptions tensor_options);
  VideoScores operator()(const at::Tensor& h, const Pyramid& pyramid, const RunIndex& index,
                         const ForwardOptions& forward) const;
  // The same of one video whose levels below `above` (its level 0 being level K) the stretches gave. Level 0 is read unless the kind is
  // "top", level 3 by "attention".
  VideoScores operator()(const GivenLevels& given, const Pyramid& above, const RunIndex& index, const ForwardOptions& forward) const;

 private:
  at::Tensor attentionVector(const Pyramid& pyramid) const;
  at::Tensor attentionVector(const GivenLevels& given, const Pyramid& above) const;
  VideoScores scored(const at::Tensor& vector, const at::Tensor& h, const RunIndex& index, const ForwardOptions& forward) const;
  at::Tensor topStepLogits(const at::Tensor& h, const RunIndex& index, const ForwardOptions& forward) const;

  VideoScores segmentScores(const at::Tensor& h, const RunIndex& index, const ForwardOptions& forward) const;

  HeadOptions options_;
  std::string kind_;
  int64_t classes_ = 0;
  double dropout_ = 0.0;
  Linear segment_attention_;  // consensus attention: [1, d]
  at::Tensor pooling_;  // [d], "attention" only; zeros pool the mean
  DomainExperts experts_;
  Linear classifier_;
  Linear step_classifier_;
};

// Class scores and two distances for every node of the first levels. One set of weights for all levels; a learned scale
// per level. method.md 4.3. HeadOptions::boundary "trident" takes the distances from bins instead (trident.h), without scales.
struct DetectionScores {
  at::Tensor class_logits;  // [M, C]
  at::Tensor boundaries;    // [M, 2] in input steps, >= 0
};
class DetectionHead {
 public:
  DetectionHead() = default;
  DetectionHead(ParameterSet& set, const HeadOptions& options, const std::string& activation, int64_t width,
                int64_t levels, int64_t classes, at::Generator& generator, at::TensorOptions tensor_options);
  // nodes [M, d]; `index` has a run for each level of each video; `level_of_row` [M] int64; `stride_of_row` [M, 1] =
  // 2^level.
  DetectionScores operator()(const at::Tensor& nodes, const RunIndex& index, const at::Tensor& level_of_row,
                             const at::Tensor& stride_of_row, const ForwardOptions& forward) const;

 private:
  struct Layer {
    Convolution3 convolution;
    LayerNorm norm;
  };
  at::Tensor next(const Layer& layer, const at::Tensor& x, const RunIndex& index, const ForwardOptions& forward) const;
  using Branch = std::vector<Layer>;  // after the first convolution, which both branches share as one matrix product
  std::string activation_;
  double dropout_ = 0.0;
  int64_t layers_ = 0;
  int64_t bins_ = 0;  // of the trident; 0: one number a distance
  Convolution3 first_;  // [2 width, 3 d]: rows of the class branch, then of the boundary branch
  LayerNorm class_norm_, boundary_norm_;
  Branch class_branch_, boundary_branch_;
  Linear class_out_, boundary_out_;
  at::Tensor scale_;  // [levels]; undefined with the trident
};

}  // namespace hvlm
