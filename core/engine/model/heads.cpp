// SPDX-License-Identifier: Apache-2.0
#include "engine/model/heads.h"

#include <set>

#include "engine/model/consensus.h"
#include "engine/model/mixers/mixer.h"
#include "engine/model/recompute.h"
#include "engine/model/trident.h"

namespace hvlm {
namespace {

constexpr int64_t kOwnBlocks = 8;
constexpr double kForegroundPrior = 0.01;      // share of positives the class scores start from (Lin et al. 2017, 3.3)
constexpr double kStartDistanceStrides = 2.0;  // distances start here, the lower end of a level's range

at::Tensor plainNorm(const at::Tensor& x) { return LayerNorm()(x); }

}  // namespace

LevelBlocks::LevelBlocks(ParameterSet& set, int64_t levels, const PyramidOptions& pyramid, const EncoderOptions& encoder,
                         int64_t width, at::Generator& generator, at::TensorOptions options)
    : dropout_(encoder.dropout) {
  EncoderOptions mixer = encoder;
  mixer.mixer = "window";
  mixer.mixer_window = pyramid.block_window;
  TransformerOptions layer;
  layer.width = width;
  layer.hidden = std::max<int64_t>(1, std::llround(encoder.ffn_factor * static_cast<double>(width)));
  layer.pre_norm = encoder.pre_norm;
  layer.activation = encoder.activation;
  layer.dropout = encoder.dropout;
  layer.drop_path = encoder.drop_path;
  for (int64_t l = 1; l <= std::min(levels, kOwnBlocks); ++l) {
    const std::string name = "pyramid.blocks." + std::to_string(l);
    const size_t before = set.all().size();
    if (pyramid.block == "window") {
      auto window = makeMixer(set, name, mixer, generator, options);
      windows_.push_back(TransformerLayer::create(set, name, layer, std::move(window), generator, options));
      weights_.push_back(set.tensorsFrom(before));
      continue;
    }
    Block block;
    block.norm = LayerNorm::create(set, name + ".norm", width, options);
    block.convolution = Convolution3::create(set, name + ".convolution", width, width, generator, options);
    block.out = Linear::create(set, name + ".out", width, width, generator, options);
    blocks_.push_back(std::move(block));
    weights_.push_back(set.tensorsFrom(before));
  }
}

at::Tensor LevelBlocks::operator()(const at::Tensor& pooled, int64_t level, const RunIndex& index, const ForwardOptions& forward) const {
  const auto own = static_cast<int64_t>(std::max(blocks_.size(), windows_.size()));
  const auto place = static_cast<size_t>(std::min(level, own) - 1);
  RecomputedLayer layer;
  if (!windows_.empty()) {
    layer = [&window = windows_.at(place), index](const at::Tensor& x, const ForwardOptions& f) { return window(x, index, f); };
  } else {
    layer = [&block = blocks_.at(place), index, share = dropout_](const at::Tensor& x, const ForwardOptions& f) {
      return x + dropout(block.out(at::gelu(block.convolution(block.norm(x), index))), share, f);
    };
  }
  return recomputed(layer, pooled, weights_.at(place), forward);
}

VideoHead::VideoHead(ParameterSet& set, const HeadOptions& o, int64_t width, int64_t classes, at::Generator& generator,
                     at::TensorOptions options)
    : options_(o), kind_(o.video_vector), classes_(classes), dropout_(o.dropout) {
  if (kind_ == "attention") pooling_ = set.add("head.pooling", at::zeros({width}, options), false);
  if (classes == 0) return;
  experts_ = DomainExperts(set, o, width, generator, options);
  classifier_ = Linear::create(set, "head.classifier", width, classes, generator, options);
  if (kind_ == "attention")
    step_classifier_ = Linear::create(set, "head.step_classifier", width, classes, generator, options);
  if (kind_ == "segments" && o.consensus == "attention")
    segment_attention_ = Linear::create(set, "head.segment_attention", width, 1, generator, options);
}

std::vector<int64_t> attentionRows(const Pyramid& pyramid, int64_t video) {
  const int64_t last = pyramid.last_level[video];
  std::vector<int64_t> rows;
  for (const int64_t l : std::set<int64_t>{0, std::min<int64_t>(3, last), last}) {
    for (int64_t i = pyramid.offsets[l][video]; i < pyramid.offsets[l][video + 1]; ++i) {
      rows.push_back(pyramid.level_start[l] + i);
    }
  }
  return rows;
}

// One softmax over the nodes of levels 0, 3 and top of a video together.
at::Tensor VideoHead::attentionVector(const Pyramid& pyramid) const {
  std::vector<int64_t> rows;
  std::vector<int64_t> counts;
  for (int64_t b = 0; b < pyramid.videos(); ++b) {
    const std::vector<int64_t> own = attentionRows(pyramid, b);
    rows.insert(rows.end(), own.begin(), own.end());
    counts.push_back(static_cast<int64_t>(own.size()));
  }
  const at::Tensor nodes = pyramid.nodes.index_select(0, indexTensor(rows, pyramid.nodes.device()));
  const auto scores = at::mv(nodes, pooling_).split_with_sizes(counts);
  const auto parts = nodes.split_with_sizes(counts);
  std::vector<at::Tensor> vectors;
  for (size_t b = 0; b < parts.size(); ++b) vectors.push_back(at::matmul(scores[b].softmax(0), parts[b]));
  return at::stack(vectors);
}

at::Tensor VideoHead::attentionVector(const GivenLevels& given, const Pyramid& above) const {
  const auto first_above = static_cast<int64_t>(given.nodes.size()) - 1;
  const int64_t last = first_above + above.last_level.front();
  std::vector<at::Tensor> nodes, scores;
  std::vector<int64_t> counts;
  for (const int64_t l : std::set<int64_t>{0, std::min<int64_t>(3, last), last}) {
    nodes.push_back(l <= first_above ? given.nodes[static_cast<size_t>(l)] : above.levels_of_nodes[static_cast<size_t>(l - first_above)]);
    scores.push_back(at::mv(nodes.back(), pooling_));
    counts.push_back(nodes.back().size(0));
  }
  const auto weights = at::cat(scores).softmax(0).split_with_sizes(counts);
  at::Tensor vector;
  for (size_t i = 0; i < nodes.size(); ++i) {
    const at::Tensor part = at::matmul(weights[i], nodes[i]);
    vector = vector.defined() ? vector + part : part;
  }
  return vector.unsqueeze(0);
}

// Mean of each class's highest scores of the steps of a video, an eighth of its steps.
at::Tensor VideoHead::topStepLogits(const at::Tensor& h, const RunIndex& index, const ForwardOptions& forward) const {
  std::vector<at::Tensor> means;
  for (const at::Tensor& steps : step_classifier_(dropout(h, dropout_, forward)).split_with_sizes(index.lengths, 0)) {
    means.push_back(std::get<0>(steps.topk((steps.size(0) + 7) / 8, 0)).mean(0));
  }
  return at::stack(means);
}

VideoScores VideoHead::segmentScores(const at::Tensor& h, const RunIndex& index, const ForwardOptions& forward) const {
  std::vector<int64_t> rows;
  std::vector<int64_t> counts;
  for (int64_t b = 0; b < index.runs(); ++b) {
    const auto steps = forward.training ? segmentSteps(index.lengths[static_cast<size_t>(b)], options_.segments, forward.generator)
                                        : segmentSteps(index.lengths[static_cast<size_t>(b)], options_.test_segments, std::nullopt);
    for (const int64_t step : steps) rows.push_back(index.offsets[static_cast<size_t>(b)] + step);
    counts.push_back(static_cast<int64_t>(steps.size()));
  }
  const at::Tensor chosen = h.index_select(0, indexTensor(rows, h.device()));  // [S, d]
  VideoScores scores;
  std::vector<at::Tensor> vectors;
  for (const at::Tensor& own : chosen.split_with_sizes(counts)) vectors.push_back(own.mean(0));
  scores.vector = at::stack(vectors);
  if (classes_ == 0) return scores;
  const at::Tensor attention = segment_attention_.weight.defined() ? segment_attention_(plainNorm(chosen)).squeeze(1) : at::Tensor();
  scores.logits = segmentConsensus(classifier_(dropout(plainNorm(chosen), dropout_, forward)), counts, options_.consensus,
                                   options_.consensus_top, attention);
  return scores;
}

VideoScores VideoHead::operator()(const at::Tensor& h, const Pyramid& pyramid, const RunIndex& index,
                                  const ForwardOptions& forward) const {
  if (kind_ == "segments") return segmentScores(h, index, forward);
  if (kind_ == "attention") return scored(attentionVector(pyramid), h, index, forward);
  const bool mean = kind_ == "mean" || pyramid.levels() == 1;
  return scored(mean ? runMean(h, index) : topVectors(pyramid), h, index, forward);
}

VideoScores VideoHead::operator()(const GivenLevels& given, const Pyramid& above, const RunIndex& index, const ForwardOptions& forward) const {
  const at::Tensor& h = given.nodes.front();
  if (kind_ == "segments") return segmentScores(h, index, forward);
  if (kind_ == "attention") return scored(attentionVector(given, above), h, index, forward);
  const bool mean = kind_ == "mean" || given.nodes.size() + static_cast<size_t>(above.levels()) == 2;  // the steps alone
  return scored(mean ? runMean(h, index) : topVectors(above), h, index, forward);
}

VideoScores VideoHead::scored(const at::Tensor& vector, const at::Tensor& h, const RunIndex& index, const ForwardOptions& forward) const {
  VideoScores scores;
  scores.vector = vector;
  if (classes_ == 0) return scores;
  at::Tensor read = plainNorm(scores.vector);
  if (experts_.used()) {
    DomainExperts::Output chosen = experts_(read);
    read = chosen.vectors;
    scores.router = chosen.router;
  }
  scores.logits = classifier_(dropout(read, dropout_, forward));
  if (kind_ == "attention") scores.logits = 0.5 * (scores.logits + topStepLogits(h, index, forward));
  return scores;
}

DetectionHead::DetectionHead(ParameterSet& set, const HeadOptions& o, const std::string& activation, int64_t width,
                             int64_t levels, int64_t classes, at::Generator& generator, at::TensorOptions options)
    : activation_(activation), dropout_(o.dropout), layers_(o.detect_layers), bins_(o.boundary == "trident" ? o.trident_bins : 0) {
  const int64_t inner = o.width > 0 ? o.width : width;
  const int64_t out_width = layers_ > 0 ? inner : width;
  if (layers_ > 0) {
    first_ = Convolution3::create(set, "detect.first", width, 2 * inner, generator, options);
    class_norm_ = LayerNorm::create(set, "detect.class.0.norm", inner, options);
    boundary_norm_ = LayerNorm::create(set, "detect.boundary.0.norm", inner, options);
  }
  const auto branch = [&](const std::string& name) {
    Branch layers;
    for (int64_t i = 1; i < layers_; ++i) {
      const std::string layer = name + "." + std::to_string(i);
      Layer next;
      next.convolution = Convolution3::create(set, layer + ".convolution", inner, inner, generator, options);
      next.norm = LayerNorm::create(set, layer + ".norm", inner, options);
      layers.push_back(std::move(next));
    }
    return layers;
  };
  class_branch_ = branch("detect.class");
  boundary_branch_ = branch("detect.boundary");
  class_out_.weight = set.add("detect.class.out.weight", normalInit({classes, out_width}, 0.01, generator, options));
  class_out_.bias =
      set.add("detect.class.out.bias",
              at::full({classes}, -std::log((1.0 - kForegroundPrior) / kForegroundPrior), options), false);
  if (bins_ > 0) {
    boundary_out_ = Linear::create(set, "detect.boundary.out", out_width, 2 + 2 * (bins_ + 1), generator, options);
    return;
  }
  boundary_out_.weight = set.add("detect.boundary.out.weight", normalInit({2, out_width}, 0.01, generator, options));
  boundary_out_.bias =
      set.add("detect.boundary.out.bias", at::full({2}, std::log(std::expm1(kStartDistanceStrides)), options), false);
  scale_ = set.add("detect.scale", at::ones({levels}, options), false);
}

at::Tensor DetectionHead::next(const Layer& layer, const at::Tensor& x, const RunIndex& index, const ForwardOptions& forward) const {
  const auto step = [this, &layer, index](const at::Tensor& rows, const ForwardOptions&) { return activate(layer.norm(layer.convolution(rows, index)), activation_); };
  const Linear& taps = layer.convolution.taps;
  return recomputed(step, x, {taps.weight, taps.bias, layer.norm.weight, layer.norm.bias}, forward);
}

DetectionScores DetectionHead::operator()(const at::Tensor& nodes, const RunIndex& index,
                                          const at::Tensor& level_of_row, const at::Tensor& stride_of_row,
                                          const ForwardOptions& forward) const {
  at::Tensor for_class, for_boundary;
  if (layers_ > 0) {
    const auto both = [this, index](const at::Tensor& x, const ForwardOptions&) { return first_(plainNorm(x), index); };
    const std::vector<at::Tensor> halves = recomputed(both, nodes, {first_.taps.weight, first_.taps.bias}, forward).chunk(2, 1);  // 2 of [M, width]
    for_class = activate(class_norm_(halves[0]), activation_);
    for_boundary = activate(boundary_norm_(halves[1]), activation_);
  } else {
    for_class = for_boundary = plainNorm(nodes);  // [M, d]; levels differ in norm: pooling shortens
  }
  for (const Layer& layer : class_branch_) for_class = next(layer, for_class, index, forward);
  for (const Layer& layer : boundary_branch_) for_boundary = next(layer, for_boundary, index, forward);
  DetectionScores scores;
  scores.class_logits = class_out_(dropout(for_class, dropout_, forward));
  if (bins_ > 0) {
    const at::Tensor read = boundary_out_(for_boundary);
    scores.boundaries = tridentDistances(read.narrow(1, 0, 2), read.narrow(1, 2, 2 * (bins_ + 1)), bins_, index) * stride_of_row;
    return scores;
  }
  const at::Tensor scale = scale_.index_select(0, level_of_row).unsqueeze(1);  // [M, 1]
  scores.boundaries = at::softplus(scale * boundary_out_(for_boundary)) * stride_of_row;
  return scores;
}

}  // namespace hvlm
