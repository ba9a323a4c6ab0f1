// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>
#include <string_view>

#include "runs/safetensors.h"

namespace hvlm {

// Tensors of a PyTorch file (.pth, .pt), old form (a row of pickles, then the storages) or new (a zip). Nothing in it is executed: an
// own reader knows the opcodes of plain data and the few names that tensors need; every other name is refused. Sizes, depth and
// references are bounded. Nested dictionaries become dotted names; tensors come out contiguous whatever their strides were.
// Throws InputError: not such a file, cut short, names code (says which), a tensor beyond its storage.
TensorMap readTorchArchive(const std::filesystem::path& path);
TensorMap decodeTorchArchive(std::string_view bytes, const std::string& where);
// Weights of either kind by content: safetensors, or a PyTorch file.
TensorMap readWeights(const std::filesystem::path& path);
bool looksLikeTorchArchive(std::string_view first_bytes);

}  // namespace hvlm
