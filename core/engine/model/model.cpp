// SPDX-License-Identifier: Apache-2.0
#include "engine/model/model.h"

#include "engine/model/edges.h"
#include "engine/model/encoder.h"
#include "engine/model/heads.h"
#include "engine/model/merging.h"
#include "support/error.h"

namespace hvlm {
namespace {

constexpr int64_t kPoolingVectors = 16;  // levels with their own; 16 levels are 18 hours of steps of one second

// The first levels of the pyramid as one pack for the detection head.
struct DetectionRows {
  std::vector<int64_t> borders{0};
  std::vector<int64_t> level;
  std::vector<double> stride;
  std::vector<DetectionNode> nodes;
};

DetectionRows detectionRows(const Pyramid& pyramid, int64_t levels) {
  DetectionRows rows;
  for (int64_t l = 0; l < std::min(levels, pyramid.levels()); ++l) {
    const int64_t width = int64_t{1} << l;
    for (int64_t b = 0; b < pyramid.videos(); ++b) {
      const int64_t steps = pyramid.offsets[0][b + 1] - pyramid.offsets[0][b];
      const int64_t count = pyramid.offsets[l][b + 1] - pyramid.offsets[l][b];
      for (int64_t j = 0; j < count; ++j) {
        DetectionNode node{b, l, j * width, std::min((j + 1) * width, steps) - 1, 0.0};
        node.position = 0.5 * static_cast<double>(node.first_step + node.last_step);
        rows.nodes.push_back(node);
        rows.level.push_back(l);
        rows.stride.push_back(static_cast<double>(width));
      }
      if (count > 0) rows.borders.push_back(rows.borders.back() + count);
    }
  }
  return rows;
}

}  // namespace

struct HierarchicalModel::Parts {
  RunConfig config;
  int64_t input_dim = 0;
  int64_t classes = 0;
  int64_t detect_levels = 1;
  at::TensorOptions options;
  ParameterSet parameters;
  Encoder encoder;
  at::Tensor pooling;  // [K, d], w_l in row l-1
  LevelBlocks blocks;
  std::vector<Linear> from_maxima;  // pooling attention_max: of each level with its own pooling vector
  VideoHead video_head;
  DetectionHead detection_head;
  EdgeHead edge_head;
  RescoreHead rescore_head;
  Linear cross;
  Linear contrast_hidden, contrast_out;  // MoCo v2's projection
  Linear shared_video, shared_text;      // into the space of text and video
  at::Tensor log_scale;
  at::Tensor calibration;  // [2]; undefined without detect.calibrate

  at::Tensor block(const at::Tensor& pooled, int64_t level, const RunIndex& index, const ForwardOptions& forward) const;
  void addHeads(at::Generator& generator);
  int64_t pyramidLevels() const { return config.pyramid.enabled ? config.pyramid.levels : 0; }
  RunIndex checkedIndex(const Packed& batch) const;
  Pyramid pyramidOf(const at::Tensor& rows, const std::vector<int64_t>& offsets, int64_t level, const ForwardOptions& forward) const;
  ModelOutput above(const GivenLevels& given, const ForwardOptions& forward) const;
  void detect(ModelOutput& out, const ForwardOptions& forward) const;
  void crossTerms(ModelOutput& out) const;
};

RunIndex HierarchicalModel::Parts::checkedIndex(const Packed& batch) const {
  if (batch.x.dim() != 2 || batch.x.size(1) != input_dim || batch.offsets.empty() ||
      batch.offsets.back() != batch.x.size(0)) {
    throw ShapeError("model of input width " + std::to_string(input_dim) + ": batch of " +
                     std::to_string(batch.x.size(0)) + " x " +
                     std::to_string(batch.x.dim() == 2 ? batch.x.size(1) : 0) + ", offsets up to " +
                     std::to_string(batch.offsets.empty() ? 0 : batch.offsets.back()));
  }
  return makeRunIndex(batch.offsets, options.device());
}

// What follows the pooling of a level: the block, on merged nodes when asked for, and the norm.
at::Tensor HierarchicalModel::Parts::block(const at::Tensor& pooled, int64_t level, const RunIndex& index,
                                           const ForwardOptions& forward) const {
  at::Tensor nodes = pooled;
  if (config.pyramid.block != "none" && config.merge.where == "between") {
    const MergePlan plan = planMerge(pooled.detach(), index.offsets, config.merge, {}, {});
    const at::Tensor tokens = mergeRows(pooled, plan);
    const at::Tensor mixed = blocks(tokens, level, makeRunIndex(plan.offsets, pooled.device()), forward);
    nodes = pooled + unmergeRows(mixed - tokens, plan);
  } else if (config.pyramid.block != "none") {
    nodes = blocks(pooled, level, index, forward);
  }
  return config.pyramid.level_norm ? LayerNorm()(nodes) : nodes;
}

// The levels from `level` on, whose rows these are: 0 for the steps.
Pyramid HierarchicalModel::Parts::pyramidOf(const at::Tensor& rows, const std::vector<int64_t>& offsets, int64_t level,
                                            const ForwardOptions& forward) const {
  LevelBlock after;
  if (config.pyramid.block != "none" || config.pyramid.level_norm) {
    after = [this, level, &forward](const at::Tensor& pooled, int64_t up, const RunIndex& index) {
      return block(pooled, level + up, index, forward);
    };
  }
  LevelPooling how{config.pyramid.pooling, {}};
  if (!from_maxima.empty()) {
    how.from_maxima = [this, level](const at::Tensor& maxima, int64_t up) {
      return from_maxima[static_cast<size_t>(std::min(level + up, static_cast<int64_t>(from_maxima.size())) - 1)](maxima);
    };
  }
  const at::Tensor own = level > 0 && pooling.defined() ? pooling.slice(0, std::min(level, pooling.size(0) - 1)) : pooling;
  const int64_t limit = pyramidLevels();
  return buildPyramid(rows, own, planPyramid(offsets, config.pyramid.mode, limit < 0 ? limit : limit - level), after, how);
}

// What stands on the levels that the stretches of a long video gave: the higher ones, with the highest given one as level 0, and the
// video's vector and scores.
ModelOutput HierarchicalModel::Parts::above(const GivenLevels& given, const ForwardOptions& forward) const {
  if (given.nodes.empty() || !given.nodes.back().defined() || given.steps < 1) throw ShapeError("given levels without the rows of the highest one");
  const at::Tensor& rows = given.nodes.back();
  ModelOutput out;
  out.offsets = {0, given.steps};
  out.h = given.nodes.front();
  out.pyramid = pyramidOf(rows, {0, rows.size(0)}, static_cast<int64_t>(given.nodes.size()) - 1, forward);
  VideoScores video = video_head(given, out.pyramid, makeRunIndex(out.offsets, options.device()), forward);
  out.video_vector = video.vector;
  out.video_logits = video.logits;
  out.router_logits = video.router;
  return out;
}

void HierarchicalModel::Parts::addHeads(at::Generator& generator) {
  const int64_t width = encoder.width();
  if (config.contrast.method == "moco" || config.contrast.method == "simclr") {
    contrast_hidden = Linear::create(parameters, "contrast.hidden", width, width, generator, options);
    contrast_out = Linear::create(parameters, "contrast.out", width, config.contrast.dim, generator, options);
  }
  if (!usesText(config)) return;
  shared_video = Linear::create(parameters, "text.video", width, config.text.dim, generator, options);
  shared_text = Linear::create(parameters, "text.text", textWidth(config.text), config.text.dim, generator, options);
  log_scale = parameters.add("text.log_scale", at::full({}, std::log(1.0 / config.text.temperature), options), false);
}

void HierarchicalModel::Parts::detect(ModelOutput& out, const ForwardOptions& forward) const {
  DetectionRows rows = detectionRows(out.pyramid, detect_levels);
  const at::Device device = options.device();
  at::Tensor stride = at::empty({static_cast<int64_t>(rows.stride.size()), 1}, at::kDouble);
  std::copy(rows.stride.begin(), rows.stride.end(), stride.data_ptr<double>());
  const DetectionScores scores =
      detection_head(out.pyramid.nodes.narrow(0, 0, static_cast<int64_t>(rows.nodes.size())),
                     makeRunIndex(rows.borders, device), indexTensor(rows.level, device), stride.to(options), forward);
  out.class_logits = scores.class_logits;
  out.boundaries = scores.boundaries;
  out.detection_nodes = std::move(rows.nodes);
}

void HierarchicalModel::Parts::crossTerms(ModelOutput& out) const {
  if (out.pyramid.levels() < 2) return;
  const int64_t steps = out.pyramid.level_start[1];
  out.cross_projection = cross(out.pyramid.nodes.narrow(0, steps, out.pyramid.level_start.back() - steps));
  out.cross_target = at::cat(out.pyramid.pooled, 0).detach();
}

HierarchicalModel::HierarchicalModel(const RunConfig& config, int64_t input_dim, int64_t classes, uint64_t seed,
                                     at::TensorOptions options)
    : parts_(std::make_unique<Parts>()) {
  Parts& p = *parts_;
  p.config = config;
  p.input_dim = input_dim;
  p.classes = classes;
  p.options = at::TensorOptions()
                  .dtype(options.has_dtype() ? options.dtype() : caffe2::TypeMeta::Make<float>())
                  .device(options.has_device() ? options.device() : at::Device(at::kCPU));
  const int64_t limit = p.pyramidLevels();
  p.detect_levels = limit < 0 ? config.head.detect_levels : std::min(config.head.detect_levels, limit + 1);
  at::Generator generator = makeGenerator(seed);
  p.encoder = Encoder(p.parameters, config.encoder, input_dim, generator, p.options, config.merge);
  const int64_t width = p.encoder.width();
  const int64_t own_levels = limit < 0 ? kPoolingVectors : std::min(limit, kPoolingVectors);
  const bool attends = config.pyramid.pooling == "attention" || config.pyramid.pooling == "attention_max";
  if (own_levels > 0 && attends) p.pooling = p.parameters.add("pyramid.pooling", at::zeros({own_levels, width}, p.options), false);
  if (own_levels > 0 && config.pyramid.block != "none")
    p.blocks = LevelBlocks(p.parameters, own_levels, config.pyramid, config.encoder, width, generator, p.options);
  for (int64_t l = 1; config.pyramid.pooling == "attention_max" && l <= std::min<int64_t>(own_levels, 8); ++l) {
    p.from_maxima.push_back(Linear::create(p.parameters, "pyramid.maxima." + std::to_string(l), width, width, generator, p.options));
  }
  const HeadOptions& head = config.head;
  p.video_head = VideoHead(p.parameters, head, width, head.classify ? classes : 0, generator, p.options);
  if (head.detect && classes > 0) {
    p.detection_head = DetectionHead(p.parameters, head, config.encoder.activation, width, p.detect_levels, classes,
                                     generator, p.options);
  }
  const int64_t head_width = head.width > 0 ? head.width : width;
  if (head.detect && classes > 0 && head.edges) p.edge_head = EdgeHead(p.parameters, width, head_width, head.dropout, generator, p.options);
  if (head.detect && classes > 0 && head.rescore)
    p.rescore_head = RescoreHead(p.parameters, width, 2 * head_width, classes, head.dropout, head.edges, generator, p.options);
  if (head.detect && config.detect.calibrate) {
    p.calibration = at::zeros({2}, p.options);
    p.calibration[0].fill_(1.0);
  }
  if (config.loss.cross > 0.0) p.cross = Linear::create(p.parameters, "cross", width, width, generator, p.options);
  p.addHeads(generator);
}

HierarchicalModel::~HierarchicalModel() = default;

at::Tensor HierarchicalModel::encode(const Packed& batch, const ForwardOptions& options) const {
  return parts_->encoder(batch, parts_->checkedIndex(batch), options);
}

RescoreHead::Scores HierarchicalModel::rescore(const ModelOutput& output, std::span<const BorderSpan> spans, const ForwardOptions& options) const {
  const Parts& p = *parts_;
  if (!p.config.head.detect || !p.config.head.rescore || p.classes == 0) throw ShapeError("this config has no second look (head.rescore)");
  return p.rescore_head(output.h, output.edge_logits, makeRunIndex(output.offsets, p.options.device()), spans, options);
}

at::Tensor HierarchicalModel::contrastVectors(const at::Tensor& vectors) const {
  if (!parts_->contrast_out.weight.defined()) throw ShapeError("this config has no contrast head (contrast.method)");
  return parts_->contrast_out(at::relu(parts_->contrast_hidden(vectors)));
}
at::Tensor HierarchicalModel::sharedVideo(const at::Tensor& vectors) const {
  if (!parts_->shared_video.weight.defined()) throw ShapeError("this config has no text head (loss.text, loss.segment_text)");
  return parts_->shared_video(vectors);
}
at::Tensor HierarchicalModel::sharedText(const at::Tensor& text) const {
  if (!parts_->shared_text.weight.defined()) throw ShapeError("this config has no text head (loss.text, loss.segment_text)");
  return parts_->shared_text(text);
}
const at::Tensor& HierarchicalModel::logLogitScale() const { return parts_->log_scale; }

ModelOutput HierarchicalModel::forward(const Packed& batch, const ForwardOptions& options) const {
  const Parts& p = *parts_;
  if (batch.given) return p.above(*batch.given, options);
  const RunIndex index = p.checkedIndex(batch);
  ModelOutput out;
  out.h = p.encoder(batch, index, options);
  out.pyramid = p.pyramidOf(out.h, batch.offsets, 0, options);
  VideoScores video = p.video_head(out.h, out.pyramid, index, options);
  out.video_vector = video.vector;
  out.video_logits = video.logits;
  out.router_logits = video.router;
  out.offsets = batch.offsets;
  if (p.config.head.detect && p.classes > 0) p.detect(out, options);
  if (p.config.head.detect && p.classes > 0 && p.config.head.edges) out.edge_logits = p.edge_head(out.h, p.encoder.normalised(batch.x), index, options);
  if (p.config.loss.cross > 0.0) p.crossTerms(out);
  return out;
}

ParameterSet& HierarchicalModel::parameters() { return parts_->parameters; }
const ParameterSet& HierarchicalModel::parameters() const { return parts_->parameters; }

void HierarchicalModel::setChannelStatistics(const at::Tensor& mean, const at::Tensor& deviation) {
  if (mean.numel() != parts_->input_dim || deviation.numel() != parts_->input_dim) {
    throw ShapeError("channel statistics of " + std::to_string(mean.numel()) + " and " +
                     std::to_string(deviation.numel()) + " numbers for an input width of " +
                     std::to_string(parts_->input_dim));
  }
  parts_->encoder.mean.copy_(mean.detach().reshape({-1}));
  parts_->encoder.deviation.copy_(deviation.detach().reshape({-1}));
}

void HierarchicalModel::setScoreCalibration(double slope, double offset) {
  if (!parts_->calibration.defined()) return;
  parts_->calibration[0].fill_(slope);
  parts_->calibration[1].fill_(offset);
}
std::pair<double, double> HierarchicalModel::scoreCalibration() const {
  if (!parts_->calibration.defined()) return {1.0, 0.0};
  return {parts_->calibration[0].item<double>(), parts_->calibration[1].item<double>()};
}

std::vector<NamedTensor> HierarchicalModel::buffers() const {
  std::vector<NamedTensor> all{{"buffers.channel_mean", parts_->encoder.mean},
                               {"buffers.channel_deviation", parts_->encoder.deviation}};
  if (parts_->calibration.defined()) all.push_back({"buffers.score_calibration", parts_->calibration});
  for (NamedTensor& buffer : parts_->encoder.mixerBuffers()) all.push_back(std::move(buffer));
  return all;
}

int64_t HierarchicalModel::inputDim() const { return parts_->input_dim; }
int64_t HierarchicalModel::width() const { return parts_->encoder.width(); }
int64_t HierarchicalModel::classes() const { return parts_->classes; }
int64_t HierarchicalModel::detectLevels() const { return parts_->detect_levels; }
const RunConfig& HierarchicalModel::config() const { return parts_->config; }

}  // namespace hvlm
