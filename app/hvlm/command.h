// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <CLI/CLI.hpp>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "runs/table.h"

// What all commands of hvlm share: exit codes, common options, output to stdout.
namespace hvlm::cli {

enum ExitCode { kDone = 0, kFailed = 1, kUsage = 2, kInterrupted = 130 };

// One call of the program. Lives in main; commands keep references to it.
struct Session {
  bool json = false;
  int64_t threads = 0;  // 0 = as many as the machine has cores
  std::string device = "auto";
  std::function<int()> action;  // of the command that was named
};

// Declares a command with the common options. `action` runs after all options are read; it may throw.
CLI::App* addCommand(CLI::App& parent, Session& session, const std::string& name, const std::string& help,
                     std::function<int()> action);

// The reader of stdout has gone (`hvlm … | head`): nobody is left to be told.
struct ReaderGone : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The whole answer of a command. Throws InputError when stdout does not take it (a full disk), ReaderGone on a closed pipe.
void printText(const std::string& text);
void printJson(const nlohmann::json& object);  // for --json: exactly once per call

// Columns padded to their widest cell, two spaces between; all but the first to the right when asked.
std::string alignedTable(const std::vector<std::vector<std::string>>& rows, bool right_align = true);

// A result table as a terminal shows it, notes below.
std::string terminalTable(const ResultTable& table);

// What is wrong with the arguments, in one line with the nearest name; `app` has just refused them.
std::string usageText(const CLI::App& app, const CLI::ParseError& error);

// The data set a run was trained on, for commands whose --data is left out.
std::string dataOrOfRun(const std::string& data, const std::string& run);

// A config file, or the name of a bundled one: "recommended", "baselines/moco", "moco". What is neither stays as it is, to be told
// as missing.
std::filesystem::path namedConfig(const std::filesystem::path& name);

// The groups.
void addDataCommands(CLI::App& app, Session& session);
void addWeightsCommands(CLI::App& app, Session& session);
void addExtractCommand(CLI::App& app, Session& session);
void addVideoCommands(CLI::App& app, Session& session);
void addModelCommands(CLI::App& app, Session& session);
void addDemoCommand(CLI::App& app, Session& session);
void addScoreCommands(CLI::App& app, Session& session);
void addReproduceCommand(CLI::App& app, Session& session);
void addSweepCommand(CLI::App& app, Session& session);
void addMediaBenches(CLI::App& bench, Session& session);  // called by addBenchCommand
void addBenchCommand(CLI::App& app, Session& session);
void addRunsCommands(CLI::App& app, Session& session);
void addWatchCommand(CLI::App& app, Session& session);
void addExportCommand(CLI::App& app, Session& session);
void addLanguageCommands(CLI::App& app, Session& session);
void addAskCommand(CLI::App& app, Session& session);  // called by addLanguageCommands
void addTuneCommand(CLI::App& app, Session& session);
void addJudgeCommand(CLI::App& score, Session& session);  // called by addScoreCommands
void addModelToolCommands(CLI::App& app, Session& session);
void addInstructionCommands(CLI::App& app, Session& session);
void addDoctorCommand(CLI::App& app, Session& session);
void addCompletionCommand(CLI::App& app, Session& session);

}  // namespace hvlm::cli
