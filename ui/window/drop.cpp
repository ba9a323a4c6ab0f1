// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window/drop.h"

#include <algorithm>
#include <optional>
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
    if (!file->run.empty()) return Dropped{DropKind::kRun, qText(file->run), file};
    return Dropped{DropKind::kDataFile, text, file};
  } catch (const std::exception& error) {
    return Dropped{DropKind::kUnknown, text, nullptr, qText(error.what())};
  }
}

}  // namespace

Dropped recognise(const QString& text, const std::shared_ptr<const LoadedData>& loaded) {
  const std::filesystem::path path = pathOf(text);
  std::error_code none;
  if (std::filesystem::is_directory(path, none)) {
    if (std::filesystem::exists(path / "run.json", none)) return {DropKind::kRun, text};
    if (isProject(path)) return {DropKind::kProject, text};
    if (std::filesystem::exists(path / "dataset.yaml", none)) return {DropKind::kDataset, qText(path / "dataset.yaml")};
    if (std::filesystem::exists(path / "tables.json", none)) return {DropKind::kReproduction, text};
    for (const RunSummary& run : listRuns({path})) {
      if (run.problem.empty()) return {DropKind::kRunFolder, text};
    }
    if (auto found = recogniseDataFile(text, loaded)) return *found;
    // A folder of videos opens on its first one.
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(path, std::filesystem::directory_options::skip_permission_denied, none)) {
      if (entry.is_regular_file(none) && files.size() < kMostFiles) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    for (const auto& file : files) {
      if (isVideo(file)) return {DropKind::kVideo, qText(file)};
    }
    return {DropKind::kUnknown, text};
  }
  if (path.filename() == "run.json") return {DropKind::kRun, qText(path.parent_path())};
  if (path.filename() == "project.json" && isProject(path.parent_path())) return {DropKind::kProject, qText(std::filesystem::absolute(path).parent_path())};
  if (path.filename() == "tables.json" && std::filesystem::exists(path, none)) {
    return {DropKind::kReproduction, qText(std::filesystem::absolute(path).parent_path())};
  }
  if (path.extension() != ".yaml" && path.extension() != ".yml") {
    if (auto found = recogniseDataFile(text, loaded)) return *found;
    return {isVideo(path) ? DropKind::kVideo : DropKind::kUnknown, text};
  }
  try {
    readDatasetSpec(path);
    return {DropKind::kDataset, text};
  } catch (const std::exception&) {
  }
  try {
    readRunConfig(path);
    return {DropKind::kConfig, text};
  } catch (const std::exception&) {
  }
  return {DropKind::kUnknown, text};
}

}  // namespace hvlm::ui
