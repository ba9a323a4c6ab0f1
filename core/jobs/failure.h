// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <exception>
#include <string>

#include "jobs/engine.h"

namespace hvlm {

// Whether a message or error, ours or a library's, says that memory ran out: the system's, LibTorch's on the processor, or the device's.
bool saysOutOfMemory(const std::string& message);
bool isOutOfMemory(const std::exception& error);

// What a person reads when a job ended by this error: memory that ran out is told with the step, the batch and the numbers that are known;
// everything else as it says itself. `step`: the last one that was done, 0 without one. `free_bytes`: what is free now, 0 when not known.
std::string failureText(const std::exception& error, const JobSpec& spec, int64_t step, double free_bytes);
double memoryAvailableBytes();  // of this machine now; 0 when not known

}  // namespace hvlm
