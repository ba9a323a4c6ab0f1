// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "runs/safetensors.h"

namespace hvlm {

// What a tool did, in tensors of the file it wrote.
struct WeightToolReport {
  int64_t tensors = 0;   // written
  int64_t changed = 0;   // computed from two files
  int64_t copied = 0;    // taken over as they were
  int64_t grown = 0;     // of `changed`: longer in the first dimension than in the base
  int64_t left_out = 0;  // tensors of the base that the target does not have
  int64_t shards = 0;    // files that were put together
};

// All four read a safetensors file, a PyTorch file, a safetensors index or a folder with one of these, keep everything in memory
// (about the sum of the files read) and write one safetensors file atomically, so `out` may be one of the inputs. They throw
// InputError naming file and tensor, and then leave `out` alone.

// target = base + delta, tensor by tensor in float32 and in the delta's dtype (F32, F16, BF16; I64, I32 and U8 in whole numbers).
// Tensors the base lacks are copied; where the delta is longer in its first dimension (an embedding with new words), the base is
// added to the rows that both have. Other differences of shape are errors. Tensors only the base has are left out.
WeightToolReport applyDelta(const std::filesystem::path& base, const std::filesystem::path& delta, const std::filesystem::path& out);
// The inverse: delta = target - base. Exact up to the dtype's rounding.
WeightToolReport makeDelta(const std::filesystem::path& base, const std::filesystem::path& target, const std::filesystem::path& out);

// W += scale * B A for every pair of an adapter, in float32 and in the base's dtype.
//   A  [r, in]  base_model.model.<X>.lora_A.weight (PEFT) or <X>.lora_a
//   B  [out, r]  … lora_B.weight or <X>.lora_b
//   W  [out, in]  <X>.weight or <X> of the base
// scale = alpha / r (or alpha / sqrt(r) with use_rslora), alpha from `alpha`, else from lora_alpha of adapter_config.json beside the
// adapter. Whole tensors of the adapter (biases, modules_to_save) replace the base's; what is neither is an error.
// Source: Hu et al. 2021, arXiv:2106.09685, section 4.1.
WeightToolReport mergeLora(const std::filesystem::path& base, const std::filesystem::path& adapter, const std::filesystem::path& out, std::optional<double> alpha = {});

// The shards of a Hugging Face index (model.safetensors.index.json, or the folder that holds it) as one file. Each tensor of the
// index must be there once, in the shard that is named for it.
WeightToolReport consolidate(const std::filesystem::path& index_or_folder, const std::filesystem::path& out);

// Weights of any of the forms above. `shards`, when given, gets the number of files read.
TensorMap readModelWeights(const std::filesystem::path& path, int64_t* shards = nullptr);

}  // namespace hvlm
