// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>
#include <c10/core/ScalarType.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "engine/model/packed.h"
#include "engine/model/parameters.h"

namespace hvlm {

class SequenceMixer;  // mixers/mixer.h

// How a forward pass runs. While training, dropout, noise and masks draw from `generator`, which must then be given.
struct ForwardOptions {
  bool training = false;
  std::optional<at::Generator> generator;
  // Layers keep only their input for the way back and run again there (model/recompute.h): less memory, more time, the same gradients.
  bool recompute = false;
};

// While one lives, the linear layers of this thread multiply in this format and give the result in the format they were handed: the weights
// stay as they are and get gradients of their own format. float32 changes nothing. Source: Micikevicius et al. 2018, arXiv:1710.03740.
class ProductPrecision {
 public:
  explicit ProductPrecision(at::ScalarType format);
  ~ProductPrecision();
  ProductPrecision(const ProductPrecision&) = delete;
  ProductPrecision& operator=(const ProductPrecision&) = delete;
  static at::ScalarType current();

 private:
  at::ScalarType before_;
};

// While one lives, layers round on this thread as they do in training, although no gradient is wanted: of what the way back runs again both runs must
// give the same numbers (model/recompute.h). Without a graph layers may take quicker ways.
class ProductsOfTraining {
 public:
  ProductsOfTraining();
  ~ProductsOfTraining();
  ProductsOfTraining(const ProductsOfTraining&) = delete;
  ProductsOfTraining& operator=(const ProductsOfTraining&) = delete;
  static bool current();  // also while gradients are wanted

 private:
  bool before_;
};

// Plain layers: handles to leaves that a ParameterSet owns, and a function that applies them. Widths are checked by the
// matrix products themselves.
struct Linear {
  at::Tensor weight;  // [out, in]
  at::Tensor bias;    // [out]
  static Linear create(ParameterSet& set, const std::string& name, int64_t in, int64_t out, at::Generator& generator,
                       at::TensorOptions options);
  at::Tensor operator()(const at::Tensor& x) const;  // [..., in] -> [..., out]
};

struct LayerNorm {
  at::Tensor weight;  // [d]; undefined: no affine part
  at::Tensor bias;
  double epsilon = 1e-5;
  static LayerNorm create(ParameterSet& set, const std::string& name, int64_t width, at::TensorOptions options);
  at::Tensor operator()(const at::Tensor& x) const;  // over the last dimension
};

// Convolution over three steps within each run, zeros past the ends, as one matrix product [N, 3 in] x [3 in, out]; at inference as three of
// [N, in] x [in, out].
struct Convolution3 {
  Linear taps;  // weight [out, 3 in]: previous, own, next step
  static Convolution3 create(ParameterSet& set, const std::string& name, int64_t in, int64_t out,
                             at::Generator& generator, at::TensorOptions options);
  at::Tensor operator()(const at::Tensor& x, const RunIndex& index) const;  // [N, in] -> [N, out]

 private:
  at::Tensor tapByTap(const at::Tensor& x, const RunIndex& index) const;
};

// Sets a share of the numbers to zero and scales the rest up; the identity when not training.
at::Tensor dropout(const at::Tensor& x, double share, const ForwardOptions& options);
// Drops the whole branch of a share of the runs and scales the rest up; the identity when not training.
at::Tensor dropPath(const at::Tensor& branch, double share, const RunIndex& index, const ForwardOptions& options);
at::Tensor activate(const at::Tensor& x, const std::string& activation);  // "gelu" (erf form) or "relu"

// The usual position table: sin in even and cos in odd columns, [steps, width]. Source: Vaswani et al. 2017.
at::Tensor sinusoidTable(int64_t steps, int64_t width, at::TensorOptions options);

struct TransformerOptions {
  int64_t width = 256;
  int64_t hidden = 512;
  bool pre_norm = true;
  std::string activation = "gelu";
  double dropout = 0.0;  // on both branches' outputs and on the hidden layer
  double drop_path = 0.0;
};

// One encoder layer: the steps of a run see each other through the mixer, then each passes the feed-forward part. With
// full attention the parameter names and shapes are those of PyTorch's TransformerEncoderLayer.
struct TransformerLayer {
  TransformerOptions options;
  std::shared_ptr<const SequenceMixer> mixer;  // nullptr: the feed-forward part alone
  Linear linear1;                              // [hidden, d]
  Linear linear2;                              // [d, hidden]
  LayerNorm norm1;                             // of the mixer; undefined weights without one
  LayerNorm norm2;
  // `mixer` is made first (mixers/mixer.h), below the same name.
  static TransformerLayer create(ParameterSet& set, const std::string& name, const TransformerOptions& options,
                                 std::shared_ptr<const SequenceMixer> mixer, at::Generator& generator,
                                 at::TensorOptions tensor_options);
  at::Tensor operator()(const at::Tensor& x, const RunIndex& index, const ForwardOptions& forward) const;  // [N, d]

 private:
  at::Tensor feedForward(const at::Tensor& x, const ForwardOptions& forward) const;
};

}  // namespace hvlm
