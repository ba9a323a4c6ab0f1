// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace hvlm {

struct LocalCommand {
  std::vector<std::string> words;  // a program (looked for in PATH when it has no slash), then its arguments
  double total_seconds = 120.0;    // then it is ended
};

// Runs a program that reads `input` on stdin and gives its answer on stdout; its stderr is ours. Blocks; a stop ends it, and all
// that it started in its process group, with Interrupted. Throws InputError: it does not start, fails, takes too long, answers more
// than 4 MB.
std::string runLocalCommand(const LocalCommand& command, std::string_view input, std::stop_token stop);

}  // namespace hvlm
