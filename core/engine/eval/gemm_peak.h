// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace hvlm {

// Best of several float32 products of 512 x 512 and 1,024 x 1,024 matrices in the threads that are set, in 10^9 operations a
// second: the machine's peak at this moment.
double gemmGflops();

}  // namespace hvlm
