// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace hvlm {

// Low-rank adapters on linear layers.
struct LoraOptions {
  int64_t rank = 8;              // rows of A, columns of B
  double alpha = 16.0;           // the low-rank part is scaled by alpha / rank
  double dropout = 0.0;          // on the adapter's input while training, a share in [0, 0.9]
  std::string init = "kaiming";  // of A: "kaiming" (uniform within 1 / sqrt(in)) or "gaussian" (deviation 1 / rank)
  std::vector<std::string> targets = {"q_proj", "k_proj", "v_proj", "o_proj"};  // a decoder's projections that get one

  template <class Fields>
  void describe(Fields& f) {
    f("rank", rank, {1, 4096}, "Rank of the adapters");
    f("alpha", alpha, {1e-6, 1e6}, "Scale times the rank");
    f("dropout", dropout, {0.0, 0.9}, "Dropout on the adapter's input, a share");
    f("init", init, {"kaiming", "gaussian"}, "How the first matrix begins; the second is zero");
    f("targets", targets, {"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"}, "Projections that get an adapter");
  }
  // Throws InputError naming `where` and the option that is out of range or unknown.
  void check(const std::string& where) const;
};

}  // namespace hvlm
