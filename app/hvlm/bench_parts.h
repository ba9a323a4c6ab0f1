// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "command.h"
#include "jobs/bench_spec.h"

// What the benchmarks of `hvlm bench` share.
namespace hvlm::cli {

struct BenchArguments {
  std::string config = "recommended";
  std::vector<std::string> settings;
  std::string out;
  BenchSpec spec;
};

// Runs it in the engine and prints the answer, or writes it to --out as well.
int benchPart(const Session& session, const BenchArguments& arguments);

// Prints an answer as --json or as `text`, and writes it where --out says.
int showBench(const Session& session, const std::string& out, const nlohmann::json& answer, const std::string& text);

// "12.3 ms (11.9–12.8)" of {"median", "iqr_low", "iqr_high"} in seconds.
std::string spreadText(const nlohmann::json& seconds);

void addScoreBench(CLI::App& bench, Session& session);
void addStartBench(CLI::App& bench, Session& session);
void addPartBenches(CLI::App& bench, Session& session);  // train, pyramid, loss, data, text

}  // namespace hvlm::cli
