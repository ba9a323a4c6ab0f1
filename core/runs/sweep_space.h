// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "runs/config.h"
#include "support/random.h"

// What a sweep draws from: config keys, each with the values it may take. A YAML file, keys dotted or grouped as in a config:
//
//   encoder:
//     mixer: [window, full]                                                    # one of these
//     mixer_window: {choice: [9, 17, 33], when: {encoder.mixer: window}}       # only drawn for this mixer, else as the config has it
//   train.lr: {log_uniform: [0.0001, 0.002]}                                   # also uniform, int and log_int, both ends included
namespace hvlm {

enum class SpaceKind { kChoice, kUniform, kLogUniform, kInt, kLogInt };

struct SpaceKey {
  std::string path;                  // "train.lr"
  SpaceKind kind = SpaceKind::kChoice;
  std::vector<std::string> choices;  // kChoice: as `Fields::set` reads them, each once
  double low = 0.0, high = 0.0;      // the other kinds, both included
  // Drawn only where each of these keys has one of these values; a key of the space among them stands above this one.
  std::vector<std::pair<std::string, std::vector<std::string>>> when;
};

struct SweepSpace {
  std::vector<SpaceKey> keys;  // in the order of the file, which is the order of drawing
};

// Every value is checked as a config would be. Throws InputError naming line, key and the nearest known one. Keys that say how
// trials are compared (train.epochs, train.holdout, seed …) are refused.
SweepSpace readSweepSpace(const std::filesystem::path& file);
SweepSpace parseSweepSpace(const std::string& text, const std::string& where);
nlohmann::json spaceJson(const SweepSpace& space);  // [{"key", "choice" | "uniform" | …, "when"}]; two spaces that draw alike are equal

std::string trialText(const Field& field);  // as a person writes it and `Fields::set` reads it: 0.0005, not 5e-04

using TrialSettings = std::vector<std::pair<std::string, std::string>>;  // key, value

// One point of the space; keys whose condition does not hold are left out. Every key takes one number from `random`, held or not.
// Numbers are rounded to four significant digits, so that what a table shows is what was trained.
TrialSettings drawTrial(const SweepSpace& space, const RunConfig& base, SplitMix& random);
// What `base` itself has for the keys of the space.
TrialSettings ownSettings(const SweepSpace& space, const RunConfig& base);

}  // namespace hvlm
