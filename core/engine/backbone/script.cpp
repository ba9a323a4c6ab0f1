// SPDX-License-Identifier: Apache-2.0
// TorchScript files: code of their makers, run only when the user trusts it.
#include "engine/backbone/script.h"

#include <torch/csrc/jit/serialization/import.h>
#include <torch/csrc/jit/api/module.h>

#include <ATen/ATen.h>

#include "support/error.h"

namespace hvlm {
namespace {

constexpr int64_t kSide = 224;

class Script : public Backbone {
 public:
  Script(torch::jit::Module module, std::string name, std::string hash) : module_(std::move(module)), name_(std::move(name)), hash_(std::move(hash)) {
    module_.eval();
    width_ = run(at::zeros({1, 1, kSide, kSide, 3}, at::kByte)).size(1);
  }
  std::string name() const override { return name_; }
  int64_t width() const override { return width_; }
  int64_t inputSize() const override { return kSide; }
  int64_t clipFrames() const override { return 1; }
  std::string weightsHash() const override { return hash_; }
  at::Tensor forward(const at::Tensor& frames) override { return run(frames); }

 private:
  at::Tensor run(const at::Tensor& frames) {
    const at::NoGradGuard no_grad;
    const at::Tensor mean = at::tensor({0.485f, 0.456f, 0.406f}), deviation = at::tensor({0.229f, 0.224f, 0.225f});
    const at::Tensor x = ((frames.select(1, 0).to(at::kFloat) / 255.0 - mean) / deviation).permute({0, 3, 1, 2}).contiguous();
    at::Tensor y;
    try {
      y = module_.forward({x}).toTensor();
    } catch (const c10::Error& error) {
      throw InputError({.where = name_, .expected = "a network that takes float [N, 3, 224, 224] and gives [N, D]", .found = std::string(error.what_without_backtrace()).substr(0, 300), .remedy = "Script the network for this input."});
    }
    if (y.dim() != 2 || y.size(0) != frames.size(0)) {
      throw InputError({.where = name_, .expected = "output [N, D]", .found = std::to_string(y.dim()) + " dimensions", .remedy = "Flatten the output in the network."});
    }
    return y.to(at::kFloat).contiguous();
  }
  torch::jit::Module module_;
  std::string name_, hash_;
  int64_t width_ = 0;
};

}  // namespace

std::unique_ptr<Backbone> makeScript(const std::string& path, bool trust, const std::string& hash) {
  if (!trust) {
    throw InputError({.where = path, .expected = "--trust, since TorchScript is code that would run on this machine", .found = "a TorchScript file without it",
                      .remedy = "Add --trust if you know where the file comes from, or use weights without code."});
  }
  try {
    return std::make_unique<Script>(torch::jit::load(path), path, hash);
  } catch (const c10::Error& error) {
    throw InputError({.where = path, .expected = "a TorchScript file", .found = std::string(error.what_without_backtrace()).substr(0, 200), .remedy = "Save it with torch.jit.script(model).save(…)."});
  }
}

}  // namespace hvlm
