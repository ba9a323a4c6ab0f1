// SPDX-License-Identifier: Apache-2.0
#include "engine/train/trainer.h"

#include <ATen/ATen.h>
#include <malloc.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <thread>

#include "data/augment.h"
#include "data/batch.h"
#include "engine/language/text_tower.h"
#include "engine/objective/spectrum.h"
#include "engine/objective/collapse.h"
#include "engine/model/plain_tensor.h"
#include "engine/train/detection_terms.h"
#include "engine/train/language_terms.h"
#include "engine/train/level_terms.h"
#include "engine/train/loss_scale.h"
#include "engine/train/schedule.h"
#include "runs/checkpoint.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/hash.h"
#include "support/text.h"

namespace hvlm {
namespace {

constexpr int64_t kSpectrumEvery = 10;  // steps between effective ranks of the batch
// Steps between returns of freed memory to the system: batches differ in size, so what one frees seldom fits the next, and the heap would grow to
// several times what is in use.
constexpr int64_t kTrimEvery = 4;

at::ScalarType productFormat(const std::string& precision) { return precision == "bfloat16" ? at::kBFloat16 : precision == "float16" ? at::kHalf : at::kFloat; }

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

// Mean cosine of two random steps of two different videos of the batch, exactly: from the mean unit vectors of the videos. NaN
// for one video.
double crossVideoCosine(const at::Tensor& unit, const std::vector<int64_t>& offsets) {
  const auto videos = static_cast<int64_t>(offsets.size()) - 1;
  if (videos < 2) return std::nan("");
  std::vector<at::Tensor> means;
  for (int64_t b = 0; b < videos; ++b) means.push_back(unit.slice(0, offsets[b], offsets[b + 1]).mean(0));
  const at::Tensor m = at::stack(means);
  const double all = m.sum(0).pow(2).sum().item<double>();
  const double own = m.pow(2).sum().item<double>();
  return (all - own) / static_cast<double>(videos * (videos - 1));
}

// Mean neighbour cosine, macro over videos; NaN when none has two steps.
double neighbourCosine(const at::Tensor& unit, const std::vector<int64_t>& offsets) {
  const at::Tensor cosines = (unit.narrow(0, 0, unit.size(0) - 1) * unit.narrow(0, 1, unit.size(0) - 1)).sum(1);
  double sum = 0.0;
  int64_t videos = 0;
  for (size_t b = 0; b + 1 < offsets.size(); ++b) {
    if (offsets[b + 1] - offsets[b] < 2) continue;
    sum += cosines.slice(0, offsets[b], offsets[b + 1] - 1).mean().item<double>();
    ++videos;
  }
  return videos > 0 ? sum / static_cast<double>(videos) : std::nan("");
}

// Videos of the batch; -1 for one that was remade, whose captions and questions do not apply.
std::vector<int64_t> untouchedVideos(const Batch& batch) {
  std::vector<int64_t> videos = batch.videos;
  for (size_t b = 0; b < batch.remade.size(); ++b) {
    if (batch.remade[b].changed) videos[b] = -1;
  }
  return videos;
}

}  // namespace

std::pair<std::vector<int64_t>, std::vector<int64_t>> splitHoldout(const Catalogue& catalogue, const std::vector<int64_t>& videos,
                                                                   double share) {
  std::vector<int64_t> listed, others;
  for (const int64_t v : videos) (catalogue.videos[static_cast<size_t>(v)].held_out ? listed : others).push_back(v);
  if (share > 0.0 && !listed.empty() && !others.empty()) {
    std::sort(others.begin(), others.end());
    std::sort(listed.begin(), listed.end());
    return {others, listed};
  }
  std::vector<std::pair<uint64_t, int64_t>> hashed;
  for (const int64_t v : videos) hashed.emplace_back(hash64(catalogue.videos[static_cast<size_t>(v)].id, 10), v);
  std::sort(hashed.begin(), hashed.end());
  auto held = static_cast<size_t>(std::llround(share * static_cast<double>(videos.size())));
  if (share > 0.0) held = std::max<size_t>(held, 1);
  held = std::min(held, videos.empty() ? 0 : videos.size() - 1);  // one video at least is trained on
  std::vector<int64_t> kept, held_out;
  for (size_t i = 0; i < hashed.size(); ++i) (i < held ? held_out : kept).push_back(hashed[i].second);
  std::sort(kept.begin(), kept.end());
  std::sort(held_out.begin(), held_out.end());
  return {kept, held_out};
}

Trainer::Trainer(const RunConfig& config, TrainingData data, std::string run_folder, RunRecord& record, int64_t segment,
                 JobControl& control, JobObserver& observer, TrainerHooks hooks)
    : config_(config), data_(std::move(data)), run_folder_(std::move(run_folder)), record_(record), control_(control), observer_(observer),
      hooks_(std::move(hooks)), metrics_(run_folder_, segment), control_file_(run_folder_), segment_(segment) {
  const auto& first = data_.catalogue.videos[static_cast<size_t>(data_.videos.at(0))];
  state_.input_dim = data_.store.shape(first.id).value().columns;
  state_.classes = data_.catalogue.classes;
  state_.seed = config_.seed;
  state_.step_seconds = data_.spec.stepSeconds();
  state_.config_hash = configHash(config_);
  const auto classes = static_cast<int64_t>(state_.classes.size());
  const auto on_device = at::TensorOptions().device(data_.device);
  model_ = std::make_unique<HierarchicalModel>(config_, state_.input_dim, classes, config_.seed, on_device);
  if (usesLanguage(config_)) {
    state_.vocabulary = vocabularyOf(data_.catalogue, data_.videos, config_);
    heads_ = std::make_unique<LanguageHeads>(*model_, state_.vocabulary, config_.seed);
  }
  if (hooks_.initialise) hooks_.initialise(*model_, state_);
  shadow_ = std::make_unique<HierarchicalModel>(config_, state_.input_dim, classes, config_.seed, on_device);
  if (heads_) shadow_heads_ = std::make_unique<LanguageHeads>(*shadow_, state_.vocabulary, config_.seed);
  if (usesTower(config_)) tower_ = heads_ ? heads_->tower() : openTextTower(config_.text);
  if (config_.contrast.method != "none") contrast_ = std::make_unique<ContrastTask>(config_, *model_, tower_.get(), static_cast<int64_t>(data_.videos.size()));
  std::vector<OptimizedTensor> tensors;
  for (const Parameter& p : model_->parameters().all()) tensors.push_back({p.name, p.value, p.decay ? config_.train.weight_decay : 0.0});
  optimizer_ = std::make_unique<AdamW>(std::move(tensors), AdamWOptions{});
  if (config_.train.ema > 0.0) average_ = std::make_unique<MovingAverage>(model_->parameters().tensors(), config_.train.ema);
  if (config_.train.recompose > 0.0 || config_.train.stretch > 0.0) {
    augmenter_ = std::make_unique<VideoAugmenter>(data_.store, data_.catalogue, data_.spec, data_.videos,
                                                  AugmentOptions{.recompose = config_.train.recompose, .stretch = config_.train.stretch});
  }
  batches_per_epoch_ = static_cast<int64_t>(batchesOf(0).size());
  total_steps_ = batches_per_epoch_ * config_.train.epochs;
}

Trainer::~Trainer() = default;

// Every text of the training videos through the frozen tower, by batches of like length, and onto its disk cache.
bool Trainer::prepareTexts() const {
  if (!usesText(config_) || config_.text.tuning != "none") return true;
  std::vector<std::string> all;
  for (const int64_t v : data_.videos) {
    const Video& video = data_.catalogue.videos[static_cast<size_t>(v)];
    const auto texts = textsOf(video, data_.catalogue, data_.spec, data_.store.shape(video.id).value().rows, config_.text);
    if (texts.empty()) continue;
    all.push_back(paragraphOf(texts));
    for (const VideoText& text : texts) all.push_back(text.text);
  }
  constexpr size_t kAtOnce = 256;
  for (size_t first = 0; first < all.size(); first += kAtOnce) {
    const size_t last = std::min(all.size(), first + kAtOnce);
    tower_->encodeAll({all.begin() + static_cast<std::ptrdiff_t>(first), all.begin() + static_cast<std::ptrdiff_t>(last)});
    observer_.onEvent(PhaseEvent{"reading texts", static_cast<int64_t>(last), static_cast<int64_t>(all.size())});
    if (control_.stopRequested()) return false;
  }
  tower_->save();
  return true;
}

std::vector<std::vector<int64_t>> Trainer::batchesOf(int64_t epoch) const {
  std::vector<int64_t> lengths;
  for (const int64_t v : data_.videos) lengths.push_back(data_.store.shape(data_.catalogue.videos[static_cast<size_t>(v)].id).value().rows);
  auto batches = contrast_ && contrast_->wantsNeighbours() ? contrast_->neighbourBatches(config_.train.batch_size, config_.seed, epoch)
                                                           : epochOrder(lengths, config_.train.batch_size, config_.seed, epoch);
  for (auto& batch : batches) {
    for (int64_t& index : batch) index = data_.videos[static_cast<size_t>(index)];
  }
  return batches;
}

double Trainer::wallSeconds() const { return wall_before_ + now() - start_time_; }
double Trainer::epochPosition() const {
  return batches_per_epoch_ > 0 ? static_cast<double>(state_.step) / static_cast<double>(batches_per_epoch_) : 0.0;
}

// Mean and deviation of each channel over the training steps; also finds rows that are not finite before any work is lost.
bool Trainer::prepareStatistics() {
  const auto total = static_cast<int64_t>(data_.videos.size() + data_.holdout.size());
  at::Tensor sum = at::zeros({state_.input_dim}, at::kDouble);
  at::Tensor squares = at::zeros({state_.input_dim}, at::kDouble);
  int64_t rows = 0, done = 0;
  BatchPrefetcher prefetcher(data_.store, data_.catalogue, batchesOf(0), state_.input_dim);
  Batch batch;
  while (prefetcher.next(batch)) {
    const at::Tensor x = at::from_blob(batch.steps.data(), {batch.rows(), batch.columns}, at::kFloat).to(at::kDouble);
    sum += x.sum(0);
    squares += x.pow(2).sum(0);
    rows += batch.rows();
    done += batch.size();
    observer_.onEvent(PhaseEvent{"reading features", done, total});
    if (control_.stopRequested()) return false;
  }
  std::vector<std::vector<int64_t>> held_out;
  for (const int64_t v : data_.holdout) held_out.push_back({v});
  BatchPrefetcher checker(data_.store, data_.catalogue, std::move(held_out), state_.input_dim);
  while (checker.next(batch)) {
    observer_.onEvent(PhaseEvent{"reading features", ++done, total});
    if (control_.stopRequested()) return false;
  }
  const at::Tensor mean = sum / static_cast<double>(rows);
  const at::Tensor deviation = (squares / static_cast<double>(rows) - mean.pow(2)).clamp_min(0.0).sqrt();
  model_->setChannelStatistics(mean.to(at::kFloat), deviation.to(at::kFloat));
  return true;
}

int64_t Trainer::restore(const CheckpointContent& content, const std::string& where) {
  const TrainState saved = parseState(content.state_json, where + "/state.json");
  if (saved.classes != state_.classes || saved.input_dim != state_.input_dim) {
    throw InputError({.where = where, .expected = std::to_string(saved.input_dim) + " columns and " + std::to_string(saved.classes.size()) + " classes (the run's)",
                      .found = std::to_string(state_.input_dim) + " columns and " + std::to_string(state_.classes.size()) + " classes",
                      .remedy = "Resume with the data set the run was started on."});
  }
  if (saved.vocabulary != state_.vocabulary) {
    throw InputError({.where = where, .expected = "the answers and caption words of the run's training videos", .found = "other ones",
                      .remedy = "Resume with the data set the run was started on."});
  }
  restoreCheckpoint(content, where, *model_, *optimizer_, average_.get());
  if (contrast_) {
    for (NamedTensor& own : contrast_->state()) {
      const auto file = content.files.find("contrast");
      const PlainTensor* found = nullptr;
      if (file != content.files.end() && file->second.contains(own.name)) found = &file->second.at(own.name);
      if (!found) {
        throw InputError({.where = where + "/contrast.safetensors", .expected = "a tensor named " + own.name, .found = "none",
                          .remedy = "The checkpoint belongs to another config: use the config.yaml of its run."});
      }
      copyInto(own.value, *found, where + ": " + own.name);
    }
  }
  state_ = saved;
  optimizer_->setSteps(saved.step - saved.still_steps);
  positives_.value = saved.running_positives;
  if (average_) average_->setUpdates(saved.average_updates);
  saved_step_ = state_.step;
  saved_epoch_ = state_.epoch;
  // A writer that died between saving its best checkpoint and saying so leaves an older name behind `best`.
  if (state_.best_step >= 0 && checkpointLink(run_folder_, "best") != checkpointName(state_.best_step)) {
    const std::filesystem::path checkpoints = std::filesystem::path(run_folder_) / "checkpoints";
    if (std::filesystem::exists(checkpoints / checkpointName(state_.best_step))) replaceSymlink(checkpoints / "best", checkpointName(state_.best_step));
  }
  MetricReader reader(run_folder_);
  for (const MetricPoint& point : reader.poll()) {
    if (point.step <= state_.step) wall_before_ = std::max(wall_before_, point.wall_seconds);
  }
  return state_.step;
}

void Trainer::emitPoints(const NamedValues& values) {
  std::vector<MetricPoint> points;
  for (const auto& [tag, value] : values) points.push_back({segment_, state_.step, epochPosition(), wallSeconds(), tag, value});
  metrics_.write(points);
}

bool Trainer::keepGoing() {
  const auto serve = [&] {
    if (control_.between_steps && hooks_.inspect) {
      control_.between_steps(run_folder_, [&](const std::string& video) { return hooks_.inspect(*model_, state_.step, video); });
    }
    switch (control_file_.poll()) {
      case ControlRequest::kPause: paused_by_file_ = true; break;
      case ControlRequest::kResume: paused_by_file_ = false; break;
      case ControlRequest::kStop: control_.requestStop(); break;
      case ControlRequest::kNone: break;
    }
  };
  serve();
  bool said = false;
  const double paused_at = now();
  while ((control_.pauseRequested() || paused_by_file_) && !control_.stopRequested()) {
    if (!said) {
      observer_.onEvent(StateEvent{"paused", state_.step});
      record_.state = "paused";
      writeRunRecord(run_folder_, record_);
      said = true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    serve();
  }
  if (said) start_time_ += now() - paused_at;  // a pause is no training time
  if (said && !control_.stopRequested()) {
    record_.state = "running";
    writeRunRecord(run_folder_, record_);
    observer_.onEvent(StateEvent{"running", state_.step});
  }
  return !control_.stopRequested();
}

void Trainer::checkFinite(const char* what, double value) const {
  if (std::isfinite(value)) return;
  const std::string kept = saved_step_ >= 0 ? "The checkpoint of step " + std::to_string(saved_step_) + " is kept. " : "";
  throw InputError({.where = std::string(what) + " at step " + std::to_string(state_.step), .expected = "a finite number",
                    .found = exactNumber(value),
                    .remedy = kept + "Lower train.lr or this term's weight, or set train.clip" + (config_.train.precision == "float16" ? ", or set train.precision to bfloat16." : ".")});
}

std::vector<std::vector<VideoText>> Trainer::textsOfBatch(const Batch& batch) const {
  std::vector<std::vector<VideoText>> texts;
  for (size_t b = 0; usesText(config_) && b < batch.videos.size(); ++b) {
    if (b < batch.remade.size() && batch.remade[b].changed) {
      texts.emplace_back();
      continue;
    }
    const Video& video = data_.catalogue.videos[static_cast<size_t>(batch.videos[b])];
    texts.push_back(textsOf(video, data_.catalogue, data_.spec, batch.offsets[b + 1] - batch.offsets[b], config_.text));
  }
  return texts;
}

// All terms of the config for one batch; `output` is empty when none of them reads whole videos.
TotalLoss Trainer::lossOf(const ModelOutput& output, const Packed& packed, const Batch& batch, const ForwardOptions& forward) {
  at::Generator generator = *forward.generator;
  const auto texts = textsOfBatch(batch);
  std::vector<LossTerm> more;
  const auto take = [&more](std::vector<LossTerm> terms) { more.insert(more.end(), terms.begin(), terms.end()); };
  const bool whole = output.h.defined();
  const BatchTargets targets = batchTargets(data_.catalogue, data_.spec, batch.videos, batch.remade);
  if (whole) take(detectorTerms(*model_, output, targets, config_.loss, forward));
  if (whole) take(levelTerms(output, config_.loss, generator));
  if (whole && usesText(config_)) take(textTerms(*model_, *tower_, output, texts, packed.offsets, config_.loss));
  if (whole && heads_) take(languageTerms(*heads_, tower_.get(), output, packed.offsets, untouchedVideos(batch), data_.catalogue, data_.spec, config_.loss, forward));
  if (contrast_) take(contrast_->terms(*model_, packed, batch.videos, texts, data_.spec, model_->buffers()[1].value, forward));
  const LossOptions none{.temporal = 0.0, .regulariser = 0.0, .classification = 0.0, .focal = 0.0, .diou = 0.0};
  TotalLoss loss = totalLoss(output, packed, targets, whole ? config_.loss : none,
                             static_cast<int64_t>(state_.classes.size()), model_->detectLevels(), positives_, std::move(more));
  if (heads_ && heads_->taskLogVariance().defined()) weighTasks(loss, heads_->taskLogVariance());
  return loss;
}

// Norm of each term's gradient, weight included, on the step vectors it acts on.
void Trainer::addTermGradients(const TotalLoss& loss, const at::Tensor& h, NamedValues& values) const {
  for (const LossTerm& term : loss.terms) {
    const at::Tensor& on = term.at.defined() ? term.at : h;
    if (!term.value.requires_grad() || !on.defined() || !on.requires_grad()) continue;
    const auto gradient = torch::autograd::grad({term.value}, {on}, {}, /*retain_graph=*/true, false, /*allow_unused=*/true);
    if (gradient[0].defined()) values.emplace_back("grad/" + term.name, gradient[0].norm().item<double>() * term.weight);
  }
}

void Trainer::addConsistency(const at::Tensor& h, const std::vector<int64_t>& offsets, NamedValues& values) const {
  const at::NoGradGuard no_grad;
  const at::Tensor unit = h / h.norm(2, 1, true).clamp_min(1e-8);
  const double tc = neighbourCosine(unit, offsets);
  const double r_x = crossVideoCosine(unit, offsets);
  if (std::isfinite(tc)) values.emplace_back("train/tc", tc);
  if (std::isfinite(r_x)) values.emplace_back("train/r_x", r_x);
  values.emplace_back("train/mean_std", columnDeviation(h).mean().item<double>());
  if (state_.step % kSpectrumEvery == 0) values.emplace_back("train/effective_rank", effectiveRank(singularValuesByGram(h, true)));
}

void Trainer::unscaleGradients() const {
  const at::NoGradGuard no_grad;
  for (const OptimizedTensor& tensor : optimizer_->tensors()) {
    if (tensor.value.grad().defined()) tensor.value.mutable_grad().mul_(1.0 / state_.loss_scale);
  }
}

NamedValues Trainer::trainStep(Batch& batch, bool with_term_gradients) {
  Packed packed{at::from_blob(batch.steps.data(), {batch.rows(), batch.columns}, at::kFloat).to(data_.device), batch.offsets, {}, {}};
  if (!batch.motion.empty()) packed.motion = at::tensor(batch.motion);
  if (!batch.saliency.empty()) packed.saliency = at::tensor(batch.saliency);
  ForwardOptions forward{.training = true, .generator = makeGenerator(mixSeed(config_.seed, static_cast<uint64_t>(state_.step), 7)),
                         .recompute = config_.train.checkpoint_activations};
  optimizer_->zeroGrad();
  const bool whole = readsWholeVideos(config_);
  std::optional<ProductPrecision> precision(std::in_place, productFormat(config_.train.precision));
  ModelOutput output;
  if (whole) output = model_->forward(packed, forward);
  const TotalLoss loss = lossOf(output, packed, batch, forward);
  NamedValues values;
  if (!loss.total.defined() && contrast_) {  // too few captions in this batch to contrast: nothing to learn from it
    ++state_.still_steps;
    return values;
  }
  if (!loss.total.defined()) {
    throw InputError({.where = "loss", .expected = "a term with a weight above 0", .found = "none that applies",
                      .remedy = "Turn on one of loss.temporal, loss.classification, loss.focal."});
  }
  for (const LossTerm& term : loss.terms) {
    const double value = term.value.item<double>();
    checkFinite(("loss." + term.name).c_str(), value);
    values.emplace_back("loss/" + term.name, value);
  }
  // The consistency terms count a step that is not finite as one without direction, so their values do not show it.
  if (whole) checkFinite("the encoder's output (loss.temporal, loss.regulariser)", output.h.detach().sum(at::kDouble).item<double>());
  values.emplace_back("loss/total", loss.total.item<double>());
  if (with_term_gradients) addTermGradients(loss, output.h, values);
  precision.reset();  // the way back keeps the formats of the way there
  const bool scaled = config_.train.precision == "float16";
  if (scaled) values.emplace_back("train/loss_scale", state_.loss_scale);
  (scaled ? loss.total * state_.loss_scale : loss.total).backward();
  if (scaled) unscaleGradients();
  const double gradient_norm = optimizer_->clipGradients(config_.train.clip);
  if (scaled && !moveLossScale(state_, std::isfinite(gradient_norm))) {  // this step moves nothing; the next one has a smaller scale
    ++state_.still_steps;
    return values;
  }
  checkFinite("the gradient of loss.total", gradient_norm);
  values.emplace_back("train/grad_norm", gradient_norm);
  const auto warmup = static_cast<int64_t>(std::llround(config_.train.warmup_epochs * static_cast<double>(batches_per_epoch_)));
  const double lr = learningRate(state_.step, total_steps_, std::min(warmup, total_steps_), config_.train.lr, config_.train.min_lr);
  optimizer_->step(lr, average_.get());
  if (contrast_) contrast_->afterStep(*model_);
  values.emplace_back("train/lr", lr);
  if (whole) {
    addConsistency(output.h.detach().to(at::kCPU, at::kFloat), batch.offsets, values);
  } else if (state_.step % kSpectrumEvery == 0) {  // no term needed this pass
    const at::NoGradGuard no_grad;
    addConsistency(model_->encode(packed).to(at::kCPU, at::kFloat), batch.offsets, values);
  }
  if (loss.segments > 0) {
    values.emplace_back("train/segments_without_positive", static_cast<double>(loss.segments_without_positive) / static_cast<double>(loss.segments));
  }
  return values;
}

// Mean step of every training video under the weights of now, for the batches of the epoch that begins.
bool Trainer::refreshNeighbours() {
  const at::NoGradGuard no_grad;
  std::vector<std::vector<int64_t>> singles;
  for (const int64_t v : data_.videos) singles.push_back({v});
  BatchPrefetcher prefetcher(data_.store, data_.catalogue, std::move(singles), state_.input_dim);
  std::vector<at::Tensor> vectors;
  Batch batch;
  while (prefetcher.next(batch)) {
    if (!keepGoing()) return false;
    const Packed packed{at::from_blob(batch.steps.data(), {batch.rows(), batch.columns}, at::kFloat).to(data_.device), batch.offsets, {}, {}};
    vectors.push_back(model_->encode(packed).mean(0));
  }
  contrast_->setNeighbourVectors(at::stack(vectors));
  return true;
}

void Trainer::saveNow(bool is_best) {
  // Finite gradients can still take weights out of range; such weights must never take the place of the last good ones.
  for (const Parameter& p : model_->parameters().all()) {
    checkFinite(("weight " + p.name + " (after a step of loss.total)").c_str(), p.value.detach().sum(at::kDouble).item<double>());
  }
  state_.running_positives = positives_.value;
  if (average_) state_.average_updates = average_->updates();
  CheckpointContent content = makeCheckpoint(state_, *model_, *optimizer_, average_.get());
  if (contrast_) {
    for (const NamedTensor& own : contrast_->state()) content.files["contrast"][own.name] = toPlain(own.value);
  }
  const auto folder = saveCheckpoint(run_folder_, content, is_best);
  last_checkpoint_time_ = now();
  saved_step_ = state_.step;
  saved_epoch_ = state_.epoch;
  record_.step = state_.step;
  record_.epochs_done = state_.epoch;
  writeRunRecord(run_folder_, record_);
  observer_.onEvent(CheckpointEvent{state_.step, folder.string(), is_best});
}

void Trainer::evaluateHoldout() {
  if (!hooks_.evaluate || data_.holdout.empty()) return;
  shadow_->parameters().copyFrom(model_->parameters());
  if (average_) {
    const at::NoGradGuard no_grad;
    const auto targets = shadow_->parameters().tensors();
    for (size_t i = 0; i < targets.size(); ++i) targets[i].detach().copy_(average_->averages()[i]);
  }
  const auto from = model_->buffers();
  const auto to = shadow_->buffers();
  for (size_t i = 0; i < from.size(); ++i) to[i].value.detach().copy_(from[i].value);
  shadow_->setScoreCalibration(1.0, 0.0);  // it is fitted to scores as the heads give them
  NamedValues values;
  double score = std::nan(""), slope = 1.0;
  for (const auto& [name, value] : hooks_.evaluate(*shadow_, shadow_heads_.get())) {
    if (name == "score") score = value;
    if (name == "calibration_slope") slope = value;
    if (name == "calibration_offset") model_->setScoreCalibration(slope, value);
    values.emplace_back("holdout/" + name, value);
  }
  emitPoints(values);
  const bool last = state_.epoch == config_.train.epochs;
  const bool is_best = config_.train.select == "last" ? last : std::isfinite(score) && score > state_.best_score;
  if (is_best) {
    if (std::isfinite(score)) state_.best_score = score;
    state_.best_step = state_.step;
  }
  observer_.onEvent(EvaluatedEvent{state_.step, "holdout", is_best, values});
  if (is_best) saveNow(true);
}

// A function of the epoch and of the best step, so that a resumed run ends where an uninterrupted one does.
bool Trainer::outOfPatience() const {
  const int64_t every = config_.train.evaluate_epochs, patience = config_.train.patience;
  if (patience <= 0 || every <= 0 || state_.best_step < 0 || state_.batch_in_epoch != 0) return false;
  return state_.epoch / every - state_.best_step / batches_per_epoch_ / every >= patience;
}

bool Trainer::finishEpoch(int64_t epoch) {
  state_.epoch = epoch + 1;
  state_.batch_in_epoch = 0;
  const bool last = epoch + 1 == config_.train.epochs;
  const int64_t every = config_.train.evaluate_epochs;
  try {
    if (last || (every > 0 && (epoch + 1) % every == 0)) evaluateHoldout();
  } catch (const Interrupted&) {
    state_.epoch = epoch;
    state_.batch_in_epoch = batches_per_epoch_;
    return false;
  }
  if (hooks_.epoch_ended) hooks_.epoch_ended(*model_, state_.step, epoch + 1);
  observer_.onEvent(EpochEvent{epoch + 1, state_.step, wallSeconds(), {}});
  return true;
}

// One pass; false when it was stopped on the way.
bool Trainer::trainEpoch(int64_t epoch) {
  if (contrast_ && contrast_->wantsNeighbours() && epoch > 0 && state_.batch_in_epoch == 0 && !refreshNeighbours()) return false;
  auto batches = batchesOf(epoch);
  batches.erase(batches.begin(), batches.begin() + std::min<int64_t>(state_.batch_in_epoch, static_cast<int64_t>(batches.size())));
  BatchPrefetcher prefetcher(data_.store, data_.catalogue, std::move(batches), state_.input_dim, config_.merge.where == "before" && config_.merge.criterion == "importance",
                             augmenter_.get(), mixSeed(config_.seed, static_cast<uint64_t>(epoch), 0x617567ull));
  Batch batch;
  const auto next = [&] {
    const double asked = now();
    const bool there = prefetcher.next(batch);
    waited_seconds_ += now() - asked;
    return there;
  };
  while (next()) {
    if (!keepGoing()) return false;
    NamedValues values = trainStep(batch, /*with_term_gradients=*/state_.batch_in_epoch == 0);
    ++state_.step;
    ++state_.batch_in_epoch;
    if (state_.step % kTrimEvery == 0) malloc_trim(0);
    videos_done_ += batch.size();
    emitPoints(values);
    observer_.onEvent(StepEvent{state_.step, epochPosition(), wallSeconds(), videos_done_, std::move(values)});
    const bool by_steps = config_.train.checkpoint_steps > 0 && state_.step % config_.train.checkpoint_steps == 0;
    const bool by_time = config_.train.checkpoint_minutes > 0.0 && now() - last_checkpoint_time_ >= 60.0 * config_.train.checkpoint_minutes;
    if (by_steps || by_time) saveNow(false);
  }
  return true;
}

bool Trainer::run() {
  start_time_ = last_checkpoint_time_ = now();
  const auto stopped = [&] {
    observer_.onEvent(StateEvent{"stopping", state_.step});
    saveNow(false);
    return false;
  };
  if (state_.step == 0 && !prepareStatistics()) return stopped();
  if (!prepareTexts()) return stopped();
  if (state_.step == 0 && config_.train.epochs > 0 && hooks_.epoch_ended) hooks_.epoch_ended(*model_, 0, 0);
  start_time_ = now();
  observer_.onEvent(StartedEvent{run_folder_, state_.step, total_steps_, config_.train.epochs, record_.device, config_.train.patience});
  if (state_.batch_in_epoch >= batches_per_epoch_ && state_.epoch < config_.train.epochs && !finishEpoch(state_.epoch)) return stopped();
  for (int64_t epoch = state_.epoch; epoch < config_.train.epochs; ++epoch) {
    if (outOfPatience()) {
      observer_.onEvent(WarningEvent{"no better score in " + std::to_string(config_.train.patience) + " evaluations of the held-out slice: training ends after epoch " + std::to_string(epoch) + " of " +
                                     std::to_string(config_.train.epochs) + " (train.patience)"});
      break;
    }
    if (!trainEpoch(epoch) || !finishEpoch(epoch)) return stopped();
  }
  if (saved_step_ != state_.step || saved_epoch_ != state_.epoch) saveNow(false);
  return true;
}

}  // namespace hvlm
