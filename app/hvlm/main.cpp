// SPDX-License-Identifier: Apache-2.0
#include <csignal>
#include <exception>
#include <string>
#include <string_view>

#include "command.h"
#include "support/error.h"
#include "support/version.h"

namespace {

using namespace hvlm::cli;

void addAllCommands(CLI::App& app, Session& session) {
  addDemoCommand(app, session);
  addDataCommands(app, session);
  addVideoCommands(app, session);
  addExtractCommand(app, session);
  addWeightsCommands(app, session);
  addModelCommands(app, session);
  addScoreCommands(app, session);
  addReproduceCommand(app, session);
  addSweepCommand(app, session);
  addBenchCommand(app, session);
  addRunsCommands(app, session);
  addWatchCommand(app, session);
  addExportCommand(app, session);
  addLanguageCommands(app, session);
  addTuneCommand(app, session);
  addModelToolCommands(app, session);
  addInstructionCommands(app, session);
  addDoctorCommand(app, session);
  addCompletionCommand(app, session);
}

void sayError(const std::string& text) { std::fprintf(stderr, "hvlm: %s\n", text.c_str()); }

int failed(const Session& session, const nlohmann::json& error) {
  sayError(error.at("message").get<std::string>());
  if (session.json) {
    try {
      printJson({{"error", error}});
    } catch (const std::exception&) {  // stdout is what failed
    }
  }
  return kFailed;
}

int perform(const Session& session) {
  try {
    return session.action();
  } catch (const hvlm::UsageError& error) {
    sayError(error.what());
    return kUsage;
  } catch (const hvlm::Interrupted& error) {
    sayError(error.what());
    return kInterrupted;
  } catch (const ReaderGone&) {
    return kFailed;
  } catch (const hvlm::InputError& error) {
    const hvlm::Fault& fault = error.fault();
    return failed(session, {{"message", error.what()},
                            {"where", fault.where},
                            {"expected", fault.expected},
                            {"found", fault.found},
                            {"remedy", fault.remedy}});
  } catch (const std::bad_alloc&) {
    return failed(session, {{"message", "there is not enough memory for this; close other programs or use smaller sizes"}});
  } catch (const std::exception& error) {
    return failed(session, {{"message", error.what()}});
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is a failed write, not a death
  CLI::App app("HierarchicalVLM Workbench: train, evaluate and explain temporal models of untrimmed videos", "hvlm");
  app.set_version_flag("--version", "hvlm " + hvlm::versionText() + " (" + hvlm::revisionText() + ")");
  app.require_subcommand(1);
  app.footer("Exit codes: 0 done, 1 the work failed, 2 wrong usage, 130 interrupted with everything saved.\n"
             "Begin with: hvlm demo --out demo");
  Session session;
  addAllCommands(app, session);
  std::string doctor = "doctor";
  if (argc > 1 && std::string_view(argv[1]) == "--doctor") argv[1] = doctor.data();  // as hvlm-workbench has it
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {
    return app.exit(asked);  // --help, --version
  } catch (const CLI::ParseError& error) {
    std::fprintf(stderr, "%s\n", usageText(app, error).c_str());
    return kUsage;
  }
  return perform(session);
}
