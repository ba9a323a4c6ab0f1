// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>

namespace hvlm {

// HDF5 is not thread-safe, so every call into it is made on one thread of the process, which this starts on first use.
// Runs `work` there, waits for it and rethrows what it threw. Inside such work it runs at once. Work of threads that
// hold an UrgentReads goes first.
void onHdf5Thread(const std::function<void()>& work);

}  // namespace hvlm
