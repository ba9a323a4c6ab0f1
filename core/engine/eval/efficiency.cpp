// SPDX-License-Identifier: Apache-2.0
#include "engine/eval/efficiency.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <vector>

#include "engine/eval/flops.h"
#include "engine/eval/gemm_peak.h"
#include "engine/model/model.h"
#include "support/error.h"
#include "support/measure.h"

namespace hvlm {
namespace {

using Json = nlohmann::json;

constexpr int64_t kWarmUps = 2;

// One video of a length, and what is measured on it.
class LengthProbe {
 public:
  LengthProbe(HierarchicalModel& model, int64_t steps) : model_(model), steps_(steps) {
    at::Generator generator = makeGenerator(static_cast<uint64_t>(steps));
    batch_ = {normalInit({steps, model.inputDim()}, 1.0, generator, at::kFloat), {0, steps}, {}, {}};
  }

  void infer() const {
    const at::NoGradGuard no_grad;
    model_.forward(batch_);
  }
  void train() const {
    model_.parameters().zeroGrad();
    const ModelOutput output = model_.forward(batch_, {.training = true, .generator = makeGenerator(1)});
    at::Tensor sum = output.h.sum() + output.video_vector.sum() + output.pyramid.nodes.sum();
    for (const at::Tensor& part : {output.video_logits, output.class_logits, output.boundaries, output.cross_projection}) {
      if (part.defined()) sum = sum + part.sum();
    }
    if (sum.requires_grad()) sum.backward();
  }
  void time() {
    seconds_.push_back(secondsOf([this] { infer(); }));
    train_seconds_.push_back(secondsOf([this] { train(); }));
  }
  void measureShapes() {
    model_.parameters().zeroGrad();  // what a watched pass frees, it should have made
    flops_ = countFlops([this] { infer(); });
    peak_bytes_ = peakTensorBytes([this] { infer(); });
    train_peak_bytes_ = peakTensorBytes([this] { train(); });
    model_.parameters().zeroGrad();
  }
  Json result(double gemm) const {
    const Spread seconds = spreadOf(seconds_), train = spreadOf(train_seconds_);
    const double gflops = static_cast<double>(flops_) / seconds.median / 1e9;
    return {{"steps", steps_}, {"seconds", {{"median", seconds.median}, {"iqr_low", seconds.low}, {"iqr_high", seconds.high}}},
            {"steps_per_second", static_cast<double>(steps_) / seconds.median}, {"videos_per_second", 1.0 / seconds.median},
            {"flops", flops_}, {"gflops", gflops}, {"utilisation", gflops / gemm}, {"peak_bytes", peak_bytes_}, {"train_seconds", train.median},
            {"train_seconds_iqr_low", train.low}, {"train_seconds_iqr_high", train.high}, {"train_videos_per_second", 1.0 / train.median},
            {"train_peak_bytes", train_peak_bytes_}};
  }

 private:
  HierarchicalModel& model_;
  int64_t steps_;
  Packed batch_;
  std::vector<double> seconds_, train_seconds_;
  int64_t flops_ = 0, peak_bytes_ = 0, train_peak_bytes_ = 0;
};

double slopeOver(const Json& lengths, const char* pointer) {
  std::vector<double> x, y;
  for (const Json& one : lengths) {
    x.push_back(one.at("steps").get<double>());
    y.push_back(one.at(Json::json_pointer(pointer)).get<double>());
  }
  return logLogSlope(x, y);
}

}  // namespace

double logLogSlope(std::span<const double> x, std::span<const double> y) {
  if (x.size() < 2 || x.size() != y.size()) return std::numeric_limits<double>::quiet_NaN();
  double mean_x = 0.0, mean_y = 0.0;
  for (size_t i = 0; i < x.size(); ++i) {
    mean_x += std::log(x[i]) / static_cast<double>(x.size());
    mean_y += std::log(y[i]) / static_cast<double>(x.size());
  }
  double above = 0.0, below = 0.0;
  if (!std::isfinite(mean_x) || !std::isfinite(mean_y)) return std::numeric_limits<double>::quiet_NaN();
  for (size_t i = 0; i < x.size(); ++i) {
    above += (std::log(x[i]) - mean_x) * (std::log(y[i]) - mean_y);
    below += std::pow(std::log(x[i]) - mean_x, 2);
  }
  return below > 0.0 ? above / below : std::numeric_limits<double>::quiet_NaN();
}

nlohmann::json measureEfficiency(const MeasureSpec& spec, const std::function<bool(const std::string& phase, int64_t done, int64_t total)>& progress) {
  HierarchicalModel model(spec.config, spec.input_dim, spec.classes, spec.config.seed);
  std::vector<LengthProbe> probes;
  for (const int64_t steps : spec.lengths) probes.emplace_back(model, steps);
  const auto proceed = [&](const std::string& phase, int64_t done, int64_t total) {
    if (progress && !progress(phase, done, total)) throw Interrupted("stopped while measuring; nothing was written");
  };
  proceed("measuring the machine's matrix products", 0, 0);
  double gemm = gemmGflops();
  const int64_t passes = (kWarmUps + spec.repeats) * static_cast<int64_t>(probes.size());
  int64_t done = 0;
  for (int64_t repeat = -kWarmUps; repeat < spec.repeats; ++repeat) {
    for (LengthProbe& probe : probes) {
      proceed("timing passes", done++, passes);
      if (repeat < 0) {
        probe.infer(), probe.train();
      } else {
        probe.time();
      }
    }
  }
  gemm = std::max(gemm, gemmGflops());
  Json lengths = Json::array();
  for (LengthProbe& probe : probes) {
    proceed("counting operations and bytes", static_cast<int64_t>(lengths.size()), static_cast<int64_t>(probes.size()));
    probe.measureShapes();
    lengths.push_back(probe.result(gemm));
  }
  const int64_t parameters = model.parameters().count();
  const Json& first = lengths.at(0);
  return {{"config_hash", configHash(spec.config)}, {"mixer", spec.config.encoder.mixer}, {"parameters", parameters}, {"parameters_trainable", spec.config.train.epochs > 0 ? parameters : 0},
          {"bytes_fp32", 4 * parameters}, {"bytes_fp16", 2 * parameters}, {"input_dim", spec.input_dim}, {"classes", spec.classes}, {"dtype", "float32"},
          {"device", "cpu"}, {"threads", at::get_num_threads()}, {"batch", 1}, {"repeats", spec.repeats}, {"gemm_gflops", gemm},
          {"flops_per_step", first.at("flops").get<double>() / first.at("steps").get<double>()}, {"lengths", lengths},
          {"slope_time", slopeOver(lengths, "/seconds/median")}, {"slope_memory", slopeOver(lengths, "/peak_bytes")},
          {"slope_train_time", slopeOver(lengths, "/train_seconds")}, {"slope_train_memory", slopeOver(lengths, "/train_peak_bytes")},
          {"slope_flops", slopeOver(lengths, "/flops")}};
}

}  // namespace hvlm
