// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "command.h"
#include "jobs/child_queue.h"

// What commands that run many others share: the words of a child, its share of the machine, and why it failed.
namespace hvlm::cli {

constexpr int kChildNiceness = 5;

std::string program();  // this very hvlm

// Runs at once and threads of each: `jobs` as asked for, or one per core (no more than there are `runs`); a run gets its share of the cores
// unless --threads says otherwise.
struct MachineShare {
  int64_t jobs = 1, threads = 1;
};
MachineShare machineShare(const Session& session, int64_t jobs, int64_t runs);

// `words` with --threads and --device.
std::vector<std::string> withCommon(const Session& session, std::vector<std::string> words, int64_t threads);

// The last line that a child said about an error; else how it ended.
std::string lastError(const std::filesystem::path& log, const ChildOutcome& outcome);

}  // namespace hvlm::cli
