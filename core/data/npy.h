// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hvlm {

// The head of a .npy file (formats 1.0 to 3.0).
struct NpyHeader {
  std::string type;  // "<f4"
  bool fortran_order = false;
  std::vector<uint64_t> shape;
  uint64_t data_offset = 0;  // bytes before the first element
};

// Longest head that can occur here; reading this many bytes (or the whole shorter file) is always enough.
constexpr size_t kLargestNpyHeader = 64 * 1024;

// Parses the head from the first bytes of a file; executes nothing. Throws InputError naming `where`.
NpyHeader parseNpyHeader(std::string_view first_bytes, const std::string& where);

}  // namespace hvlm
