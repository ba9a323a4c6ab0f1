// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace hvlm::testing {

// One array of an .npz file. Numbers of every type are also given as double; integers stay exact below 2^53.
struct NpyArray {
  std::string dtype;  // "<f8", "<i8", "|u1", "<f4"
  std::vector<int64_t> shape;
  std::vector<double> values;
  int64_t size() const { return static_cast<int64_t>(values.size()); }
};

// Uncompressed zip of .npy members (numpy.savez), sizes from the central directory, ZIP64 included.
std::map<std::string, NpyArray> readNpz(const std::string& path);  // member names without ".npy"; throws std::runtime_error

}  // namespace hvlm::testing
