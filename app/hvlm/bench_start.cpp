// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <link.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "bench_parts.h"
#include "console.h"
#include "support/error.h"
#include "support/json_file.h"
#include "support/measure.h"
#include "support/paths.h"
#include "support/temporary_folder.h"
#include "support/text.h"

extern char** environ;

namespace hvlm::cli {
namespace {

struct StartArguments {
  int64_t repeats = 20, engine_repeats = 3;
  bool once = false;  // the child: load the engine, compute one number
  std::string out;
};

// Runs this program with these arguments, its output into a file; throws unless it ends well.
void callSelf(const std::vector<std::string>& arguments, const std::string& output) {
  const std::string program = (executableFolder() / "hvlm").string();
  std::vector<char*> words{const_cast<char*>(program.c_str())};
  for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  pid_t child = 0;
  const int failure = posix_spawn(&child, program.c_str(), &actions, nullptr, words.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failure != 0) throw systemError(program, "start", failure);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    throw InputError({.where = program + " " + arguments.front(), .expected = "exit status 0", .found = std::to_string(status), .remedy = "Run hvlm doctor; it shows what is missing."});
  }
}

int64_t loadedLibraries() {
  int64_t count = 0;
  dl_iterate_phdr([](dl_phdr_info* info, size_t, void* counter) {
    if (info->dlpi_name && *info->dlpi_name) ++*static_cast<int64_t*>(counter);
    return 0;
  }, &count);
  return count;
}

int loadOnce(const Session& session) {
  const int64_t before = loadedLibraries();
  BenchSpec spec;
  spec.part = "start";
  spec.threads = session.threads;
  nlohmann::json answer;
  const double load = secondsOf([] { loadEngine(); });
  {
    Console console;
    answer = parseJson(console.run(spec).finished.result_json, "the engine's result");
  }
  answer.update({{"load_seconds", load}, {"libraries_at_start", before}, {"libraries_with_engine", loadedLibraries()}, {"peak_resident_bytes", peakResidentBytes()}});
  printJson(answer);
  return kDone;
}

int benchStart(const Session& session, const StartArguments& a) {
  if (a.once) return loadOnce(session);
  const TemporaryFolder folder;
  const std::string told = (folder.path() / "once.json").string();
  std::vector<double> help, whole, load, tensor;
  nlohmann::json once;
  const SignalWatch watch;
  const auto proceed = [] {
    if (SignalWatch::asked()) throw Interrupted("stopped; nothing was written");
  };
  for (int64_t i = -1; i < a.repeats; ++i) {
    proceed();
    const double seconds = secondsOf([] { callSelf({"--help"}, "/dev/null"); });
    if (i >= 0) help.push_back(seconds);
  }
  for (int64_t i = -1; i < a.engine_repeats; ++i) {
    proceed();
    const double seconds = secondsOf([&] { callSelf({"bench", "start", "--once", "--threads", std::to_string(session.threads)}, told); });
    once = readJsonFile(told);
    if (i < 0) continue;
    whole.push_back(seconds);
    load.push_back(once.at("load_seconds").get<double>());
    tensor.push_back(once.at("first_tensor_seconds").get<double>());
  }
  const nlohmann::json answer = {{"part", "start"}, {"threads", session.threads}, {"repeats", a.repeats}, {"seconds", spreadJson(spreadOf(help))}, {"libraries_at_start", once.at("libraries_at_start")},
                                 {"engine", {{"repeats", a.engine_repeats}, {"seconds", spreadJson(spreadOf(whole))}, {"load_seconds", spreadJson(spreadOf(load))},
                                             {"first_tensor_seconds", spreadJson(spreadOf(tensor))}, {"libraries", once.at("libraries_with_engine")}}},
                                 {"peak_resident_bytes", once.at("peak_resident_bytes")}};
  return showBench(session, a.out, answer,
                   "hvlm --help: " + spreadText(answer.at("seconds")) + ", " + answer.at("libraries_at_start").dump() + " shared libraries\nProcess with the engine and one product: " +
                       spreadText(answer.at("engine").at("seconds")) + ", " + answer.at("engine").at("libraries").dump() + " shared libraries\nLoading the engine: " +
                       spreadText(answer.at("engine").at("load_seconds")) + ", first product " + spreadText(answer.at("engine").at("first_tensor_seconds")) + "\nPeak resident memory: " +
                       humanBytes(answer.at("peak_resident_bytes").get<double>()) + "\n");
}

}  // namespace

void addStartBench(CLI::App& bench, Session& session) {
  const auto a = std::make_shared<StartArguments>();
  CLI::App* command = addCommand(bench, session, "start", "How long the program takes to start, and to load the compute engine", [&session, a] { return benchStart(session, *a); });
  command->add_option("--repeats", a->repeats, "Starts of hvlm --help [20]")->check(CLI::Range(1, 100000))->type_name("N");
  command->add_option("--engine-repeats", a->engine_repeats, "Starts with the engine [3]")->check(CLI::Range(1, 100000))->type_name("N");
  command->add_option("--out", a->out, "Also write the result there")->type_name("FILE.json");
  command->add_flag("--once", a->once, "Load the engine once and say how long that took")->group("");
}

}  // namespace hvlm::cli
