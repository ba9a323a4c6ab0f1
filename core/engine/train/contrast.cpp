// SPDX-License-Identifier: Apache-2.0
#include "engine/train/contrast.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "data/labels.h"
#include "support/random.h"
#include "engine/objective/text.h"
#include "engine/objective/views.h"
#include "support/error.h"
#include "support/hash.h"

namespace hvlm {
namespace {

// A number in [0, 1) from the generator of the pass.
double uniform(at::Generator& generator) {
  return at::empty({}, at::kDouble).uniform_(0.0, 1.0, generator).item<double>();
}

std::vector<int64_t> evenOffsets(int64_t videos, int64_t steps) {
  std::vector<int64_t> offsets;
  for (int64_t b = 0; b <= videos; ++b) offsets.push_back(b * steps);
  return offsets;
}

// Steps of a clip whose centre lies in the text's span; its length is uniform between the two limits (VideoCLIP, Xu et al. 2021,
// arXiv:2109.14084, section 3.2: overlap is required, alignment is not).
StepRange drawClip(const VideoText& text, int64_t steps, double step_seconds, const ContrastOptions& o, at::Generator& generator) {
  const double centre = text.start_seconds + uniform(generator) * (text.end_seconds - text.start_seconds);
  const double length = o.clip_min_seconds + uniform(generator) * (o.clip_max_seconds - o.clip_min_seconds);
  auto first = static_cast<int64_t>(std::llround((centre - 0.5 * length) / step_seconds));
  auto last = static_cast<int64_t>(std::llround((centre + 0.5 * length) / step_seconds));
  first = std::clamp<int64_t>(first, 0, steps - 1);
  last = std::clamp<int64_t>(last, first + 1, steps);
  return {first, last};
}

}  // namespace

ContrastTask::ContrastTask(const RunConfig& config, const HierarchicalModel& model, const TextTower* tower, int64_t videos)
    : config_(config), tower_(tower) {
  if (config.contrast.method == "moco") {
    const at::TensorOptions place = at::TensorOptions().device(model.buffers().front().value.device());
    key_ = std::make_unique<HierarchicalModel>(config, model.inputDim(), model.classes(), config.seed, place);
    key_->parameters().copyFrom(model.parameters());
    for (const at::Tensor& tensor : key_->parameters().tensors()) tensor.requires_grad_(false);
    queue_ = std::make_unique<KeyQueue>(config.contrast.queue, config.contrast.dim, place);
  }
  if (wantsNeighbours()) neighbours_ = at::zeros({videos, model.width()});  // on the CPU, which orders them
}

ContrastTask::~ContrastTask() = default;

// The encoder's mean step of each view, [videos, d].
at::Tensor ContrastTask::viewVectors(const HierarchicalModel& model, const at::Tensor& view, int64_t videos, const ForwardOptions& forward,
                                     at::Tensor* steps) const {
  const Packed packed{view, evenOffsets(videos, config_.contrast.steps), {}, {}};
  const at::Tensor h = model.encode(packed, forward);
  if (steps) *steps = h;
  return h.view({videos, config_.contrast.steps, h.size(1)}).mean(1);
}

std::vector<LossTerm> ContrastTask::viewTerms(const HierarchicalModel& model, const Packed& batch, const std::vector<int64_t>& videos,
                                              const at::Tensor& channel_deviation, const ForwardOptions& forward) {
  const ContrastOptions& o = config_.contrast;
  at::Generator generator = *forward.generator;
  const auto view = [&] {
    return makeView(batch.x, batch.offsets, {.steps = o.steps, .crop_min = o.crop_min, .crop_max = o.crop_max, .step_mask = o.step_mask, .noise = o.noise,
                                             .channel_drop = o.channel_drop}, channel_deviation, generator);
  };
  const at::Tensor first = view();
  const at::Tensor second = view();
  at::Tensor steps;
  const at::Tensor q = model.contrastVectors(viewVectors(model, first, batch.videos(), forward, &steps));
  if (o.method == "simclr") {
    const at::Tensor k = model.contrastVectors(viewVectors(model, second, batch.videos(), forward, nullptr));
    return {{"contrast", 1.0, ntXent(q, k, o.temperature), steps}};
  }
  {
    const at::NoGradGuard no_grad;
    const auto from = model.buffers();  // channel statistics, known once training has begun
    const auto to = key_->buffers();
    for (size_t i = 0; i < from.size(); ++i) to[i].value.copy_(from[i].value);
    pending_keys_ = key_->contrastVectors(viewVectors(*key_, second, batch.videos(), forward, nullptr));
    pending_videos_ = videos;
  }
  return {{"contrast", 1.0, queueInfoNce(q, pending_keys_, queue_->rows(), queue_->videos(), videos, o.temperature).loss, steps}};
}

std::vector<LossTerm> ContrastTask::clipTerms(const HierarchicalModel& model, const Packed& batch, const std::vector<std::vector<VideoText>>& texts,
                                              const FeatureSpec& spec, const ForwardOptions& forward) const {
  at::Generator generator = *forward.generator;
  std::vector<at::Tensor> clips;
  std::vector<int64_t> offsets{0};
  std::vector<int64_t> places;
  std::vector<std::string> sentences;
  for (size_t b = 0; b < texts.size(); ++b) {
    if (texts[b].empty()) continue;
    const auto chosen = std::min(static_cast<size_t>(uniform(generator) * static_cast<double>(texts[b].size())), texts[b].size() - 1);
    const StepRange clip = drawClip(texts[b][chosen], batch.offsets[b + 1] - batch.offsets[b], spec.stepSeconds(), config_.contrast, generator);
    clips.push_back(batch.x.slice(0, batch.offsets[b] + clip.first, batch.offsets[b] + clip.last));
    offsets.push_back(offsets.back() + clip.size());
    places.push_back(static_cast<int64_t>(b));
    sentences.push_back(texts[b][chosen].text);
  }
  if (places.size() < 2) return {};
  const Packed packed{at::cat(clips), offsets, {}, {}};
  const at::Tensor h = model.encode(packed, forward);
  const at::Tensor vectors = runMean(h, makeRunIndex(offsets, h.device()));
  const TextRows rows = textRows(*tower_, sentences);
  const at::Tensor loss = textInfoNce(model.sharedVideo(vectors), model.sharedText(rows.vectors.to(vectors.options())), model.logLogitScale(), places,
                                      rows.groups, TextDirection::kBoth);
  return {{"contrast", 1.0, loss, h}};
}

std::vector<LossTerm> ContrastTask::terms(const HierarchicalModel& model, const Packed& batch, const std::vector<int64_t>& videos,
                                          const std::vector<std::vector<VideoText>>& texts, const FeatureSpec& spec,
                                          const at::Tensor& channel_deviation, const ForwardOptions& forward) {
  if (config_.contrast.method == "videoclip") return clipTerms(model, batch, texts, spec, forward);
  return viewTerms(model, batch, videos, channel_deviation, forward);
}

void ContrastTask::afterStep(const HierarchicalModel& model) {
  if (!key_ || !pending_keys_.defined()) return;
  momentumUpdate(key_->parameters().tensors(), model.parameters().tensors(), config_.contrast.momentum);
  queue_->push(pending_keys_, pending_videos_);
  pending_keys_.reset();
}

bool ContrastTask::wantsNeighbours() const { return config_.contrast.method == "videoclip" && config_.contrast.neighbour_share > 0.0; }

void ContrastTask::setNeighbourVectors(const at::Tensor& vectors) { neighbours_.copy_(vectors); }

std::vector<std::vector<int64_t>> ContrastTask::neighbourBatches(int64_t batch_size, uint64_t seed, int64_t epoch) const {
  const int64_t videos = neighbours_.size(0);
  const at::Tensor unit = neighbours_ / neighbours_.norm(2, 1, true).clamp_min(1e-12);
  std::vector<int64_t> order(static_cast<size_t>(videos));
  std::iota(order.begin(), order.end(), int64_t{0});
  SplitMix random(mixSeed(seed, static_cast<uint64_t>(epoch), 0x6e656172ull));
  random.shuffle(order);
  const bool known = neighbours_.abs().sum().item<double>() > 0.0;
  const auto near = known ? static_cast<int64_t>(std::llround(config_.contrast.neighbour_share * static_cast<double>(batch_size))) : 0;
  std::vector<bool> used(static_cast<size_t>(videos), false);
  size_t next = 0;
  const auto draw = [&] {
    while (next < order.size() && used[static_cast<size_t>(order[next])]) ++next;
    if (next == order.size()) return int64_t{-1};
    used[static_cast<size_t>(order[next])] = true;
    return order[next];
  };
  std::vector<std::vector<int64_t>> batches;
  for (int64_t seed_video = draw(); seed_video >= 0; seed_video = draw()) {
    std::vector<int64_t> batch{seed_video};
    if (near > 0) {
      const at::Tensor nearest = at::mv(unit, unit[seed_video]).argsort(/*stable=*/true, 0, /*descending=*/true).contiguous();
      for (int64_t i = 0; i < videos && static_cast<int64_t>(batch.size()) <= near && static_cast<int64_t>(batch.size()) < batch_size; ++i) {
        const int64_t v = nearest.const_data_ptr<int64_t>()[i];
        if (used[static_cast<size_t>(v)]) continue;
        used[static_cast<size_t>(v)] = true;
        batch.push_back(v);
      }
    }
    while (static_cast<int64_t>(batch.size()) < batch_size) {
      const int64_t v = draw();
      if (v < 0) break;
      batch.push_back(v);
    }
    batches.push_back(std::move(batch));
  }
  return batches;
}

std::vector<NamedTensor> ContrastTask::state() const {
  std::vector<NamedTensor> all;
  if (key_) {
    for (const Parameter& p : key_->parameters().all()) all.push_back({"key." + p.name, p.value});
    for (const NamedTensor& b : key_->buffers()) all.push_back({"key." + b.name, b.value});
    all.push_back({"queue.keys", queue_->keys()});
    all.push_back({"queue.videos", queue_->videoIds()});
    all.push_back({"queue.counters", queue_->counters()});
  }
  if (neighbours_.defined()) all.push_back({"neighbours", neighbours_});
  return all;
}

}  // namespace hvlm
