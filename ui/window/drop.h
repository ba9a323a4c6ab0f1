// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>

namespace hvlm::ui {

enum class DropKind { kDataset, kRun, kRunFolder, kConfig, kReproduction, kVideo, kUnknown };
struct Dropped {
  DropKind kind = DropKind::kUnknown;
  QString path;  // dataset.yaml, video, run folder, config file, folder of a reproduction
};
// What a dropped file or folder is, by its content. Reads files: any thread but the GUI's.
Dropped recognise(const QString& path);

}  // namespace hvlm::ui
