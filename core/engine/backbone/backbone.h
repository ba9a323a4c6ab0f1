// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <string>

namespace hvlm {

struct BackboneOptions {
  std::string name = "efficientnet-lite0";  // efficientnet-lite0, c3d, hog, or the path of a TorchScript file
  std::string weights;     // file; empty = the imported one in the user's cache (efficientnet-lite0); c3d needs one
  std::string layer;       // c3d: fc6 (default) or fc7
  bool trust = false;      // TorchScript is code: refused without
};

// A network that turns frames into feature vectors, in evaluation mode.
class Backbone {
 public:
  virtual ~Backbone() = default;
  virtual std::string name() const = 0;
  virtual int64_t width() const = 0;         // D of its vectors
  virtual int64_t inputSize() const = 0;     // frames are squares of so many pixels (already scaled: shorter side, centre crop)
  virtual int64_t clipFrames() const = 0;    // consecutive frames a vector is made of: 1 for image networks, 16 for C3D
  virtual std::string weightsHash() const = 0;  // content hash (128 bits) of the weights; "built-in" without weights
  // frames: uint8 [N, clipFrames, inputSize, inputSize, 3], RGB. Returns float32 [N, width]. No gradient.
  virtual at::Tensor forward(const at::Tensor& frames) = 0;
};

// Throws InputError: an unknown name, weights missing (says how to get them), of other names or shapes, code without `trust`.
std::unique_ptr<Backbone> makeBackbone(const BackboneOptions& options);

// Where imported weights of a known package lie: <cache>/weights/<name>.safetensors.
std::string importedWeights(const std::string& name);

}  // namespace hvlm
