// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <initializer_list>
#include <memory>

#include "command.h"
#include "console.h"
#include "data/catalogue.h"
#include "jobs/inspection_text.h"
#include "runs/export.h"
#include "runs/reproduction.h"
#include "runs/run_comparison.h"
#include "runs/run_list.h"
#include "runs/run_record.h"
#include "runs/table.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/paths.h"
#include "support/text.h"

namespace hvlm::cli {
namespace {

namespace fs = std::filesystem;

struct ExportArguments {
  std::string run, what, format, out, data, video, table, figure, other, style;
  double width_mm = 0.0;  // 0: the usual one
  int dpi = 0;            // 0: 300
  std::vector<std::string> left_out;  // what the file does not hold, told by who wrote it
};

// What can be written how. Pictures are drawn by the window's program.
const std::map<std::string, std::vector<std::string>>& formats() {
  static const std::map<std::string, std::vector<std::string>> known = {
      {"table", {"csv", "md", "tex", "json"}},
      {"curves", {"csv", "json", "tex", "svg", "pdf", "png"}},
      {"pyramid", {"csv", "json", "svg", "pdf", "png"}},
      {"timeline", {"csv", "json", "svg", "pdf", "png"}},
      {"icicle", {"csv", "svg", "pdf", "png"}},
      {"tree", {"csv", "svg", "pdf", "png"}},
      {"similarity", {"csv", "svg", "pdf", "png"}},
      {"attention-history", {"csv", "svg", "pdf", "png"}},
      {"map", {"csv", "svg", "pdf", "png"}},
      {"map-tsne", {"csv", "svg", "pdf", "png"}},
      {"confusion", {"csv", "svg", "pdf", "png"}},
      {"reliability", {"csv", "svg", "pdf", "png"}},
      {"classes", {"csv", "svg", "pdf", "png"}},
      {"attention-pair", {"csv", "svg", "pdf", "png"}},
      {"detection", {"csv", "md", "tex", "svg", "pdf", "png"}},
      {"precision-recall", {"csv", "svg", "pdf", "png"}},
      {"tiou", {"csv", "svg", "pdf", "png"}},
      {"errors", {"csv", "svg", "pdf", "png"}},
      {"videos", {"csv", "md", "tex"}},
      {"faults", {"csv", "md", "tex"}},
      {"runs", {"csv", "md", "tex"}},
      {"parallel", {"csv", "svg", "pdf", "png"}},
      {"reproduction", {"csv", "md", "tex", "svg", "pdf", "png"}},
      {"page", {"svg", "pdf", "png"}},
      {"clip", {"mp4", "mkv", "webm", "avi"}}};
  return known;
}
bool isAmong(const std::string& what, std::initializer_list<const char*> list) { return std::find(list.begin(), list.end(), what) != list.end(); }
// Figures that only the window's program knows, their numbers too.
bool isOfTheWindow(const std::string& what) { return !isAmong(what, {"table", "curves", "pyramid", "timeline", "runs", "reproduction"}); }
// Of what the run detected: needs the data set, and no one video.
bool isOfDetections(const std::string& what) { return isAmong(what, {"detection", "precision-recall", "tiou", "errors", "videos", "faults"}); }
// Those of no one video.
bool isOfAllVideos(const std::string& what) {
  return isOfDetections(what) || isAmong(what, {"curves", "map", "map-tsne", "confusion", "reliability", "classes", "parallel", "reproduction"});
}
bool isPicture(const std::string& format) { return format == "svg" || format == "pdf" || format == "png"; }

std::string jsonText(const nlohmann::json& value) {
  return value.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

std::string tableText(const ExportArguments& a) {
  const auto report = readReport(a.run);
  if (!report) {
    throw InputError({.where = a.run + "/report.json", .expected = "the results of an evaluation", .found = "no such file",
                      .remedy = "Run: hvlm eval --run " + a.run});
  }
  const ResultTable table = reportTable(*report);
  if (a.format == "csv") return tableCsv(table);
  if (a.format == "md") return tableMarkdown(table);
  if (a.format == "tex") return tableLatex(table);
  return jsonText(tableJson(table));
}

std::string textOf(const ResultTable& table, const std::string& format) { return format == "csv" ? tableCsv(table) : format == "md" ? tableMarkdown(table) : tableLatex(table); }

// The window's table of runs, of those below a folder.
std::string runsText(ExportArguments& a) {
  std::vector<ComparedRun> runs;
  for (const RunSummary& run : listRuns({a.run})) runs.push_back(readComparedRun(run.folder));
  const auto unreadable = std::erase_if(runs, [](const ComparedRun& run) { return !run.problem.empty(); });
  if (runs.empty()) throw InputError({.where = a.run, .expected = "a folder of runs", .found = "none that can be read", .remedy = "\"hvlm runs list " + a.run + "\" says why."});
  if (unreadable > 0) a.left_out.push_back(std::to_string(unreadable) + " runs that cannot be read");
  return textOf(compareRuns(runs, {}), a.format);
}

std::string reproductionText(const ExportArguments& a) {
  const ReproductionTables all = readReproduction(a.run);
  const std::string wanted = a.table.empty() ? "main" : a.table;
  std::string names;
  for (const ReproductionTable& table : all.tables) {
    const std::string name = table.key + (table.budget.empty() || table.budget == all.budgets.front() ? "" : "/" + table.budget);
    if (name == wanted) return textOf(table.table, a.format);
    names += (names.empty() ? "" : ", ") + name;
  }
  throw InputError({.where = "--table", .expected = names, .found = "\"" + wanted + "\"", .remedy = "Choose one of these."});
}

std::map<std::string, Curve> curves(const std::string& run) {
  const RunRecord record = readRunRecord(run);
  return curvesOf(MetricReader(run).poll(), resumeSteps(record));
}

std::string curvesText(const ExportArguments& a) {
  const auto all = curves(a.run);
  if (a.format == "csv") return curvesCsv(all);
  nlohmann::json object = nlohmann::json::object();
  for (const auto& [tag, curve] : all) {
    object[tag] = {{"step", curve.steps}, {"epoch", curve.epochs}, {"hours", curve.hours}, {"value", curve.values}};
  }
  return jsonText(object);
}

// The video asked for, else the first validation video.
std::string chosenVideo(const ExportArguments& a, const Catalogue& catalogue) {
  if (!a.video.empty()) return a.video;
  const auto validation = catalogue.subset("validation");
  if (validation.empty() && catalogue.videos.empty()) return "";
  return catalogue.videos[static_cast<size_t>(validation.empty() ? 0 : validation.front())].id;
}

std::vector<TrueSegment> trueSegments(const Catalogue& catalogue, const std::string& id) {
  std::vector<TrueSegment> segments;
  const Video* video = catalogue.find(id);
  if (!video) return segments;
  for (const Segment& s : video->segments) {
    segments.push_back({s.start_seconds, s.end_seconds, s.label < 0 ? "" : catalogue.classes[static_cast<size_t>(s.label)]});
  }
  return segments;
}

std::string videoText(const Session& session, ExportArguments& a) {
  a.data = dataOrOfRun(a.data, a.run);
  const Catalogue catalogue = readCatalogue(readDatasetSpec(a.data));
  Console console;
  const VideoInspection inspection =
      console.inspect({.run_folder = a.run, .data = a.data, .video = chosenVideo(a, catalogue), .threads = session.threads});
  if (a.what == "timeline") {
    const std::vector<TrueSegment> truth = trueSegments(catalogue, inspection.video);
    return a.format == "csv" ? timelineCsv(inspection, truth) : jsonText(timelineJson(inspection, truth));
  }
  return a.format == "csv" ? pyramidCsv(inspection) : jsonText(inspectionJson(inspection));
}

// A LaTeX picture and its data file beside it.
void writePgfplots(const ExportArguments& a) {
  fs::path data = a.out;
  data.replace_extension(".dat");
  const PgfPlot plot = curvesPgfplots(curves(a.run), data.filename().string(), fs::path(a.run).filename().string());
  writeFileAtomic(data, plot.data);
  writeFileAtomic(a.out, plot.tex);
}

// Starts a program with its stdout and stderr in one pipe; what it said.
struct Ended {
  int status = 0;
  std::string said;
};
Ended runToEnd(std::vector<std::string> words) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw systemError(words.front(), "make a pipe", errno);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&files, ends[1], STDERR_FILENO);
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t child = 0;
  const int error = posix_spawn(&child, arguments.front(), &files, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  close(ends[1]);
  Ended ended;
  if (error == 0) {
    char block[4096];
    for (ssize_t n; (n = read(ends[0], block, sizeof block)) > 0 || (n < 0 && errno == EINTR);) {
      if (n > 0 && ended.said.size() < 100000) ended.said.append(block, static_cast<size_t>(n));
    }
    while (waitpid(child, &ended.status, 0) < 0 && errno == EINTR) {
    }
  }
  close(ends[0]);
  if (error != 0) throw systemError(words.front(), "start the program that draws pictures", error);
  return ended;
}

void drawPicture(const Session& session, ExportArguments& a) {
  const std::string program = (executableFolder() / "hvlm-workbench").string();
  if (access(program.c_str(), X_OK) != 0) {
    throw InputError({.where = program, .expected = "the program that draws pictures", .found = "no such program",
                      .remedy = "Build it with ./run --setup-only, or export csv or json."});
  }
  std::vector<std::string> words = {program, "--export", a.what, "--format", a.format, "--run", a.run, "--out", a.out};
  if (isOfDetections(a.what)) {
    words.insert(words.end(), {"--data", dataOrOfRun(a.data, a.run)});
  } else if (!isOfAllVideos(a.what)) {
    const std::string data = dataOrOfRun(a.data, a.run);
    words.insert(words.end(), {"--data", data, "--video", chosenVideo(a, readCatalogue(readDatasetSpec(data)))});
  }
  const std::pair<const char*, std::string> more[] = {{"--figure", a.what == "reproduction" && a.figure.empty() ? "main" : a.figure}, {"--other", a.other}, {"--style", a.style},
                                                      {"--width", a.width_mm > 0.0 ? exactNumber(a.width_mm) : ""}, {"--dpi", a.dpi > 0 ? std::to_string(a.dpi) : ""}};
  for (const auto& [option, value] : more) {
    if (!value.empty()) words.insert(words.end(), {option, value});
  }
  if (session.threads > 0) words.insert(words.end(), {"--threads", std::to_string(session.threads)});
  setenv("QT_QPA_PLATFORM", "offscreen", 1);
  const Ended ended = runToEnd(words);
  if (WIFEXITED(ended.status) && WEXITSTATUS(ended.status) == 0) {
    const std::string told = "left out: ";
    for (const std::string& line : split(ended.said, '\n')) {
      if (line.rfind(told, 0) == 0) a.left_out.push_back(line.substr(told.size()));
    }
    return;
  }
  // Its last line is its error, in the form of ours.
  const std::string prefix = "hvlm-workbench: ";
  const std::string last = trimmed(split(trimmed(ended.said), '\n').back());
  if (last.rfind(prefix, 0) == 0) throw std::runtime_error(last.substr(prefix.size()));
  throw InputError({.where = a.out, .expected = "a picture drawn by hvlm-workbench",
                    .found = WIFEXITED(ended.status) ? "exit code " + std::to_string(WEXITSTATUS(ended.status)) + ": " + shortened(last, 200) : "a crash",
                    .remedy = "Export csv or json instead."});
}

int exportRun(const Session& session, ExportArguments a) {
  const std::vector<std::string>& offered = formats().at(a.what);
  if (std::find(offered.begin(), offered.end(), a.format) == offered.end()) {
    std::string list;
    for (const std::string& format : offered) list += (list.empty() ? "" : ", ") + format;
    throw UsageError("hvlm export: a " + a.what + " can be written as " + list + ", not as " + a.format);
  }
  if (!isPicture(a.format) && (a.width_mm > 0.0 || a.dpi > 0 || !a.style.empty())) throw UsageError("hvlm export: --width, --dpi and --style are of svg, pdf and png");
  if (a.what == "page" && a.figure.empty()) throw UsageError("hvlm export: --what page needs --figure with what stands on it, such as icicle,tiou,errors");
  if (a.what == "attention-pair" && a.other.empty()) throw UsageError("hvlm export: --what attention-pair needs --other RUN");
  const bool of_runs = a.what == "runs" || a.what == "parallel" || a.what == "reproduction";  // --run is no single one
  if (!of_runs) readRunRecord(a.run);  // a folder that is no run is told as such
  const bool pgfplots = a.what == "curves" && a.format == "tex";
  const bool drawn = isPicture(a.format) || isOfTheWindow(a.what);
  if (a.out.empty() && (drawn || pgfplots || session.json)) {
    a.out = (fs::path(a.run) / "figures" / (a.what + (a.video.empty() ? "" : "-" + bareId(a.video)) + "." + a.format)).string();
  }
  if (drawn) {
    drawPicture(session, a);
  } else if (pgfplots) {
    writePgfplots(a);
  } else {
    const std::string text = a.what == "table" ? tableText(a) : a.what == "curves" ? curvesText(a) : a.what == "runs" ? runsText(a) : a.what == "reproduction" ? reproductionText(a) : videoText(session, a);
    if (a.out.empty()) {
      printText(text);
      return kDone;
    }
    writeFileAtomic(a.out, text);
  }
  if (session.json) {
    printJson({{"file", a.out}, {"what", a.what}, {"format", a.format}, {"bytes", fs::file_size(a.out)}, {"left_out", a.left_out}});
  } else {
    std::string text = "Wrote " + a.out;
    for (const std::string& told : a.left_out) text += "\nLeft out: " + told;
    printText(text);
  }
  return kDone;
}

}  // namespace

void addExportCommand(CLI::App& app, Session& session) {
  auto a = std::make_shared<ExportArguments>();
  CLI::App* command = addCommand(app, session, "export", "Write a table, curves, a pyramid, a timeline or another figure of a run, of runs or of a reproduction", [&session, a] { return exportRun(session, *a); });
  command->add_option("--run", a->run, "Run folder; of runs and parallel a folder of them, of reproduction what hvlm reproduce wrote")->required()->type_name("DIR");
  std::vector<std::string> names;
  for (const auto& [name, list] : formats()) names.push_back(name);
  command->add_option("--what", a->what, "table, curves, pyramid, timeline, icicle, tree, similarity, attention-history, attention-pair (beside --other), detection (AP by class; curves, mAP and errors), precision-recall, tiou, errors, videos, faults, runs, parallel, reproduction, page (those of --figure together), clip (the video with segments drawn in); of hvlm embed: map, map-tsne, confusion, reliability, classes")->required()->check(CLI::IsMember(names))->type_name("WHAT");
  command->add_option("--format", a->format, "csv, md, tex, json, svg, pdf or png; a clip as mp4, mkv, webm or avi")->required()->check(CLI::IsMember({"csv", "md", "tex", "json", "svg", "pdf", "png", "mp4", "mkv", "webm", "avi"}))->type_name("FORMAT");
  command->add_option("--table", a->table, "Table of a reproduction: main, ablation, side, efficiency …; main/full is of that budget [main]")->type_name("NAME");
  command->add_option("--figure", a->figure, "Figure of a reproduction: main, ablation, collapse or efficiency [main]; of parallel the last axis [average_map]; of page what stands on it, with commas")->type_name("NAME");
  command->add_option("--other", a->other, "The run beside this one, of attention-pair")->type_name("DIR");
  command->add_option("--width", a->width_mm, "Width of a picture in millimetres [180, of a single figure 85]")->check(CLI::Range(20.0, 1000.0))->type_name("MM");
  command->add_option("--dpi", a->dpi, "Dots an inch of a PNG [300]")->check(CLI::Range(36, 1200))->type_name("N");
  command->add_option("--style", a->style, "Colours of a picture: light, dark or contrast [light]")->check(CLI::IsMember({"light", "dark", "contrast"}))->type_name("NAME");
  command->add_option("--out", a->out, "File to write; left out: text to stdout, pictures into the run's figures/")->type_name("FILE");
  command->add_option("--video", a->video, "Video of a figure of one video [the first of validation]")->type_name("ID");
  command->add_option("--data", a->data, "dataset.yaml; left out: the one the run was trained on")->type_name("DATASET.yaml");
}

}  // namespace hvlm::cli
