// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <string>

namespace hvlm {

// Whether the fused kernels run: the processor has AVX2 and FMA, and neither forcePlain() nor HVLM_PLAIN_KERNELS=1 (read once) asks
// for the plain versions. The first call says in the log why they do not. Any thread.
bool fusedAvailable();
// Plain versions from now on, or fused ones again where they are possible at all (benchmarks, tests). Any thread.
void forcePlain(bool plain);
// fusedAvailable(), and t is a dense float tensor of the CPU; everything else belongs to the plain version.
bool fusedFor(const at::Tensor& t);

// Why the plain versions run, a sentence for the log; empty when the fused ones can. `environment` is the value of
// HVLM_PLAIN_KERNELS or nullptr; "" and "0" ask for nothing.
std::string whyPlain(bool has_avx2, bool has_fma, const char* environment);

}  // namespace hvlm
