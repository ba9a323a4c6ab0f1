// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/kernels.h"

#include <atomic>
#include <cstdlib>
#include <string_view>

#include "support/log.h"

namespace hvlm {
namespace {

std::atomic<bool> plain_asked = false;

#if defined(__x86_64__)
bool hasAvx2() { return __builtin_cpu_supports("avx2") != 0; }
bool hasFma() { return __builtin_cpu_supports("fma") != 0; }
#else
bool hasAvx2() { return false; }
bool hasFma() { return false; }
#endif

bool possible() {
  static const bool can = [] {
    const std::string why = whyPlain(hasAvx2(), hasFma(), std::getenv("HVLM_PLAIN_KERNELS"));
    if (!why.empty()) logInfo(why);
    return why.empty();
  }();
  return can;
}

}  // namespace

std::string whyPlain(bool has_avx2, bool has_fma, const char* environment) {
  if (environment && std::string_view(environment) != "" && std::string_view(environment) != "0") {
    return "HVLM_PLAIN_KERNELS is set: the plain kernels are used, which are slower and equal up to rounding";
  }
  if (!has_avx2 || !has_fma) {
    return std::string("this processor has no ") + (has_avx2 ? "FMA" : has_fma ? "AVX2" : "AVX2 and no FMA") +
           ": the plain kernels are used, which are slower and equal up to rounding";
  }
  return "";
}

bool fusedAvailable() { return possible() && !plain_asked.load(std::memory_order_relaxed); }

void forcePlain(bool plain) { plain_asked.store(plain, std::memory_order_relaxed); }

bool fusedFor(const at::Tensor& t) {
  return t.defined() && t.scalar_type() == at::kFloat && t.is_cpu() && t.layout() == at::kStrided && fusedAvailable();
}

}  // namespace hvlm
