// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QHash>
#include <QString>
#include <QStringList>
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
  QString summary = {};  // what it was taken for and how much of it fits, for people; of a data file droppedSummary() says it
  QHash<QString, QString> videos = {};  // of video files, those of the open data set: id -> file
  QStringList others = {};              // of a folder of videos or of runs: what does not fit or cannot be read, with the reason
  int64_t matched = -1, missed = 0;     // how many fit the open data set and how many do not; -1: nothing to compare with
  bool isGood() const { return kind != DropKind::kUnknown && others.isEmpty() && missed == 0 && (!file || file->problems.empty()); }
};
// What a dropped file or folder is, by its content; parts of data sets are counted against the one that is open. Reads files: any thread
// but the GUI's.
Dropped recognise(const QString& path, const std::shared_ptr<const LoadedData>& loaded = nullptr);

}  // namespace hvlm::ui
