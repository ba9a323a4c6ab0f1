// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <memory>

#include "jobs/data_file.h"
#include "ui/workspace.h"

namespace hvlm::ui {

enum class DropKind { kDataset, kRun, kRunFolder, kConfig, kReproduction, kProject, kVideo, kDataFile, kUnknown };
struct Dropped {
  DropKind kind = DropKind::kUnknown;
  QString path;  // dataset.yaml, video, run folder, config file, folder of a reproduction or a project
  std::shared_ptr<const DataFile> file = nullptr;  // annotations, captions, questions, detections, features, events: also of a run that was found by one
  QString problem = {};  // of kUnknown: why it could not be read, when it looked like something
};
// What a dropped file or folder is, by its content; parts of data sets are counted against the one that is open. Reads files: any thread
// but the GUI's.
Dropped recognise(const QString& path, const std::shared_ptr<const LoadedData>& loaded = nullptr);

}  // namespace hvlm::ui
