// SPDX-License-Identifier: Apache-2.0
#include "children.h"

#include <algorithm>
#include <thread>

#include "support/atomic_file.h"
#include "support/error.h"
#include "support/paths.h"
#include "support/text.h"

namespace hvlm::cli {

std::string program() { return (executableFolder() / "hvlm").string(); }

MachineShare machineShare(const Session& session, int64_t jobs, int64_t runs) {
  const auto cores = std::max<int64_t>(1, std::thread::hardware_concurrency());
  MachineShare share;
  share.jobs = std::max<int64_t>(1, std::min(jobs > 0 ? jobs : cores, runs));
  share.threads = session.threads > 0 ? session.threads : std::max<int64_t>(1, cores / share.jobs);
  return share;
}

std::vector<std::string> withCommon(const Session& session, std::vector<std::string> words, int64_t threads) {
  words.insert(words.end(), {"--threads", std::to_string(threads), "--device", session.device});
  return words;
}

std::string lastError(const std::filesystem::path& log, const ChildOutcome& outcome) {
  if (!outcome.problem.empty()) return outcome.problem;
  std::string text;
  try {
    text = readFile(log);
  } catch (const InputError&) {
    return outcome.end.text();
  }
  std::string last;
  for (const std::string& line : split(text, '\n')) {
    const bool error = line.starts_with("hvlm: ") || line.starts_with("hvlm-workbench: ") || (line.starts_with("hvlm ") && line.find(": ") != std::string::npos);
    if (error) last = trimmed(line.substr(line.find(": ") + 2));
  }
  return last.empty() ? outcome.end.text() + " (see " + log.string() + ")" : last;
}

}  // namespace hvlm::cli
