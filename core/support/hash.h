// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace hvlm {

// 128-bit XXH3 as 32 hex digits: content keys of configs, data sets and checkpoints. Not for security.
std::string contentHash(std::string_view bytes);
std::string contentHashOfFile(const std::filesystem::path& path);  // streamed; throws InputError
uint64_t hash64(std::string_view bytes, uint64_t seed = 0);

// CRC-32C (Castagnoli), the checksum of TensorBoard's records.
uint32_t crc32c(std::string_view bytes);

// SplitMix64: derives independent streams from (seed, a, b) without any global state.
uint64_t mixSeed(uint64_t seed, uint64_t a, uint64_t b = 0);

}  // namespace hvlm
