// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace hvlm {

// One named array as plain memory, little-endian, C order. dtype is safetensors' word: "F32", "F64", "I64", "U8", "F16" …
struct PlainTensor {
  std::string dtype = "F32";
  std::vector<int64_t> shape;
  std::vector<std::byte> bytes;
};
using TensorMap = std::map<std::string, PlainTensor>;  // sorted, so the same content gives the same bytes

size_t dtypeSize(const std::string& dtype);  // 0 when unknown

// The safetensors format. Bounded: header at most 100 MB, no overlaps, no holes, overflow-checked sizes. Metadata must hold
// no clock or host data when the file is to be comparable byte by byte.
std::string encodeSafetensors(const TensorMap& tensors, const std::map<std::string, std::string>& metadata = {});
TensorMap decodeSafetensors(std::string_view bytes, const std::string& where,
                            std::map<std::string, std::string>* metadata = nullptr);  // throws InputError
void writeSafetensors(const std::filesystem::path& path, const TensorMap& tensors,
                      const std::map<std::string, std::string>& metadata = {});  // plain write (folder is renamed as a whole)
TensorMap readSafetensors(const std::filesystem::path& path, std::map<std::string, std::string>* metadata = nullptr);

}  // namespace hvlm
