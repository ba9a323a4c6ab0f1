// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window/drop.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "data/catalogue.h"
#include "runs/config.h"
#include "runs/run_list.h"
#include "ui/shell/project.h"
#include "ui/text.h"
#include "video/video_reader.h"

namespace hvlm::ui {
namespace {

constexpr size_t kMostFiles = 500;  // of a folder that are looked into
using Loaded = std::shared_ptr<const LoadedData>;

QString nameOf(const std::filesystem::path& path) {
  const std::filesystem::path whole = std::filesystem::absolute(path).lexically_normal();
  return qText(whole.has_filename() ? whole.filename() : whole.parent_path().filename());
}

// Whose data set is the open one, and whose is not.
bool isOpen(const RunRecord& record, const Loaded& loaded) {
  std::error_code none;
  return loaded && !record.dataset_file.empty() && std::filesystem::equivalent(record.dataset_file, pathOf(loaded->file), none);
}

Dropped runAt(const QString& folder, const Loaded& loaded) {
  Dropped found{DropKind::kRun, folder};
  const RunSummary run = summariseRun(pathOf(folder));
  if (!run.problem.empty()) {
    found.summary = uiText("%1 was taken for a run, but it cannot be read: %2").arg(nameOf(pathOf(folder)), qText(run.problem));
    found.others.append(qText(run.problem));
    return found;
  }
  found.summary = uiText("%1 was taken for a run: %2, step %3").arg(nameOf(pathOf(folder)), qText(run.state)).arg(run.record.step);
  if (loaded && !run.record.dataset_file.empty()) {
    found.matched = isOpen(run.record, loaded) ? 1 : 0;
    found.missed = 1 - found.matched;
    found.summary += found.matched > 0 ? uiText("; of the open data set") : uiText("; of the data set %1, which is not the open one").arg(qText(run.record.dataset_name));
  }
  found.summary += QLatin1Char('.');
  return found;
}

Dropped runsIn(const QString& folder, const std::vector<RunSummary>& runs, const Loaded& loaded) {
  Dropped found{DropKind::kRunFolder, folder};
  int64_t good = 0, same = 0;
  for (const RunSummary& run : runs) {
    if (run.problem.empty()) {
      ++good;
      same += isOpen(run.record, loaded) ? 1 : 0;
    } else {
      found.others.append(QStringLiteral("%1: %2").arg(nameOf(run.folder), qText(run.problem)));
    }
  }
  found.summary = uiText("%1 was taken for a folder of runs: %2 of them").arg(nameOf(pathOf(folder))).arg(good);
  if (loaded) {
    found.matched = same;
    found.missed = good - same;
    found.summary += uiText("; %1 are of the open data set, %2 are not").arg(same).arg(good - same);
  }
  if (!found.others.isEmpty()) found.summary += uiText("; %1 cannot be read").arg(found.others.size());
  found.summary += QLatin1Char('.');
  return found;
}

// By content, never by suffix.
bool isVideo(const std::filesystem::path& file) {
  const ProbeResult probe = probeVideo(file, false);
  return probe.readable && probe.has_video;
}

// Annotations, captions, questions, detections, features, event files: else nothing. A damaged one is a problem, not a video.
std::optional<Dropped> recogniseDataFile(const QString& text, const std::shared_ptr<const LoadedData>& loaded) {
  try {
    auto file = std::make_shared<const DataFile>(readDataFile(pathOf(text), loaded ? &loaded->catalogue : nullptr));
    if (file->kind == DataFileKind::kUnknown) return std::nullopt;
    if (!file->run.empty()) {
      Dropped run = runAt(qText(file->run), loaded);
      run.file = file;
      return run;
    }
    return Dropped{DropKind::kDataFile, text, file};
  } catch (const std::exception& error) {
    return Dropped{DropKind::kUnknown, text, nullptr, qText(error.what())};
  }
}

Dropped videoAt(const std::filesystem::path& file, const Loaded& loaded) {
  Dropped found{DropKind::kVideo, qText(file)};
  found.summary = uiText("%1 was taken for a video").arg(nameOf(file));
  if (loaded) {
    const Video* video = loaded->catalogue.find(file.stem().string());
    found.matched = video ? 1 : 0;
    found.missed = video ? 0 : 1;
    if (video) found.videos.insert(qText(video->id), qText(file));
    found.summary += video ? uiText(": that of %1 of the open data set").arg(qText(video->id)) : uiText("; no video of the open data set has its name, so it is shown alone");
  }
  found.summary += QLatin1Char('.');
  return found;
}

// Opens on the first one that the data set knows, else on the first one.
std::optional<Dropped> videosIn(const QString& folder, const Loaded& loaded) {
  std::vector<std::filesystem::path> files;
  std::error_code none;
  size_t left_out = 0;
  for (const auto& entry : std::filesystem::directory_iterator(pathOf(folder), std::filesystem::directory_options::skip_permission_denied, none)) {
    if (!entry.is_regular_file(none)) continue;
    if (files.size() < kMostFiles) files.push_back(entry.path());
    else ++left_out;
  }
  std::sort(files.begin(), files.end());
  Dropped found{DropKind::kVideo, QString()};
  int64_t videos = 0;
  bool known = false;
  for (const auto& file : files) {
    const ProbeResult probe = probeVideo(file, false);
    if (!probe.readable || !probe.has_video) {
      found.others.append(uiText("%1: no video%2").arg(nameOf(file), probe.problem.empty() ? QString() : QStringLiteral(" (") + qText(probe.problem) + QLatin1Char(')')));
      continue;
    }
    ++videos;
    if (found.path.isEmpty()) found.path = qText(file);
    if (!loaded) continue;
    const Video* video = loaded->catalogue.find(file.stem().string());
    if (!video) {
      ++found.missed;
      found.others.append(uiText("%1: no video of the open data set has this name").arg(nameOf(file)));
      continue;
    }
    found.videos.insert(qText(video->id), qText(file));
    if (!std::exchange(known, true)) found.path = qText(file);
  }
  if (videos == 0) return std::nullopt;
  found.summary = uiText("%1 was taken for a folder of videos: %2 of them").arg(nameOf(pathOf(folder))).arg(videos);
  if (loaded) {
    found.matched = videos - found.missed;
    found.summary += uiText("; %1 are in the open data set and linked to it, %2 are not").arg(found.matched).arg(found.missed);
  }
  if (const int64_t rest = static_cast<int64_t>(files.size()) - videos; rest > 0) found.summary += uiText("; %1 other files").arg(rest);
  if (left_out > 0) found.summary += uiText("; %1 more files were not looked at").arg(left_out);
  found.summary += QLatin1Char('.');
  return found;
}

Dropped told(DropKind kind, const QString& path, const QString& text) {
  Dropped found{kind, path};
  found.summary = text;
  return found;
}
Dropped projectAt(const QString& folder) { return told(DropKind::kProject, folder, uiText("%1 was taken for a project.").arg(nameOf(pathOf(folder)))); }
Dropped reproductionAt(const QString& folder) {
  return told(DropKind::kReproduction, folder, uiText("%1 was taken for a reproduction: its tables are in the tab Compare.").arg(nameOf(pathOf(folder))));
}

}  // namespace

Dropped recognise(const QString& text, const std::shared_ptr<const LoadedData>& loaded) {
  const std::filesystem::path path = pathOf(text);
  std::error_code none;
  if (std::filesystem::is_directory(path, none)) {
    if (std::filesystem::exists(path / "run.json", none)) return runAt(text, loaded);
    if (isProject(path)) return projectAt(text);
    if (std::filesystem::exists(path / "dataset.yaml", none)) return {DropKind::kDataset, qText(path / "dataset.yaml")};
    if (std::filesystem::exists(path / "tables.json", none)) return reproductionAt(text);
    const std::vector<RunSummary> runs = listRuns({path});
    if (std::any_of(runs.begin(), runs.end(), [](const RunSummary& run) { return run.problem.empty(); })) return runsIn(text, runs, loaded);
    if (auto found = recogniseDataFile(text, loaded)) return *found;
    if (auto found = videosIn(text, loaded)) return *found;
    return {DropKind::kUnknown, text};
  }
  if (path.filename() == "run.json") return runAt(qText(path.parent_path()), loaded);
  if (path.filename() == "project.json" && isProject(path.parent_path())) return projectAt(qText(std::filesystem::absolute(path).parent_path()));
  if (path.filename() == "tables.json" && std::filesystem::exists(path, none)) return reproductionAt(qText(std::filesystem::absolute(path).parent_path()));
  if (path.extension() != ".yaml" && path.extension() != ".yml") {
    if (auto found = recogniseDataFile(text, loaded)) return *found;
    return isVideo(path) ? videoAt(path, loaded) : Dropped{DropKind::kUnknown, text};
  }
  try {
    readDatasetSpec(path);
    return {DropKind::kDataset, text};
  } catch (const std::exception&) {
  }
  try {
    readRunConfig(path);
    return told(DropKind::kConfig, text, uiText("%1 was taken for a training config: the panel Training has its options now.").arg(nameOf(path)));
  } catch (const std::exception&) {
  }
  return {DropKind::kUnknown, text};
}

}  // namespace hvlm::ui
