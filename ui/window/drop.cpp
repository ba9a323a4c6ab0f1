// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window/drop.h"

#include "data/catalogue.h"
#include "runs/config.h"
#include "runs/run_list.h"
#include "ui/text.h"
#include "video/video_reader.h"

namespace hvlm::ui {

Dropped recognise(const QString& text) {
  const std::filesystem::path path = pathOf(text);
  std::error_code none;
  if (std::filesystem::is_directory(path, none)) {
    if (std::filesystem::exists(path / "run.json", none)) return {DropKind::kRun, text};
    if (std::filesystem::exists(path / "dataset.yaml", none)) return {DropKind::kDataset, qText(path / "dataset.yaml")};
    if (std::filesystem::exists(path / "tables.json", none)) return {DropKind::kReproduction, text};
    for (const RunSummary& run : listRuns({path})) {
      if (run.problem.empty()) return {DropKind::kRunFolder, text};
    }
    return {DropKind::kUnknown, text};
  }
  if (path.filename() == "run.json") return {DropKind::kRun, qText(path.parent_path())};
  if (path.filename() == "tables.json" && std::filesystem::exists(path, none)) {
    return {DropKind::kReproduction, qText(std::filesystem::absolute(path).parent_path())};
  }
  if (path.extension() != ".yaml" && path.extension() != ".yml") {
    const ProbeResult probe = probeVideo(path, false);  // by content, never by suffix
    return {probe.readable && probe.has_video ? DropKind::kVideo : DropKind::kUnknown, text};
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
