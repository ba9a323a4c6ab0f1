// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>

#include "jobs/engine.h"

namespace hvlm {

// Least-squares slope of log y against log x; NaN for fewer than two points. A slope of 1 is linear growth, 2 quadratic.
double logLogSlope(std::span<const double> x, std::span<const double> y);

// What a config costs (method.md 5.6), measured on one video of random features at each length of `spec`, in the threads that are set:
//   config_hash, mixer, parameters, parameters_trainable (0 with train.epochs = 0), bytes_fp32, bytes_fp16 (weights alone; 1 MB =
//   1e6 B), input_dim, classes, dtype, device, threads, batch (videos a pass), repeats
//   gemm_gflops     best of several float32 products of 512 x 512 and 1,024 x 1,024 matrices, before and after the passes: the machine's peak here
//   flops_per_step  of the inference pass at the first length
//   lengths  [{steps, seconds {median, iqr_low, iqr_high} (quartiles), steps_per_second, videos_per_second, flops, gflops (10^9 of
//             them a second), utilisation (gflops over gemm_gflops), peak_bytes, train_seconds (median), train_seconds_iqr_low,
//             train_seconds_iqr_high, train_videos_per_second, train_peak_bytes}]
//             inference: forward of everything without gradient; training: forward in training mode and backward of the sum of
//             all outputs, without the optimiser (a config without weights has no backward). What is counted: flops.h
//   slope_time, slope_memory, slope_train_time, slope_train_memory, slope_flops  over the lengths; null for one length, or zeros
// Lengths take turns in every repeat, so that a machine that slows down does not bend the slopes. `progress` is asked before every
// pass; false throws Interrupted.
nlohmann::json measureEfficiency(const MeasureSpec& spec, const std::function<bool(const std::string& phase, int64_t done, int64_t total)>& progress);

}  // namespace hvlm
