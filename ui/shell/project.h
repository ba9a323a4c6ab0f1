// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QDateTime>
#include <QHash>
#include <QJsonObject>
#include <QString>
#include <QStringList>
#include <filesystem>
#include <string>
#include <vector>

namespace hvlm::ui {

// What belongs together in one piece of work: a folder with project.json and versions/. Paths are absolute here and relative to the folder in the
// file, so that the folder can move together with what it names. Runs, data sets and videos stay where they are.
struct Project {
  QString data;                         // dataset.yaml
  QStringList runs_folders;             // listed in the runs table
  QStringList overlaid;                 // runs with a ticked box
  QString baseline;                     // run that deltas are taken to
  QString reproduction;                 // folder shown in Compare
  QHash<QString, QString> video_links;  // id -> file that the user linked
  QJsonObject timeline;                 // timelineState()
  QJsonObject layout;                   // panels and centre, as the window writes it; that it differs is no change of the project
};

std::string projectJson(const Project& project, const std::filesystem::path& folder);               // the same for equal projects
std::string projectContent(Project project, const std::filesystem::path& folder);                   // without the layout: what counts as a change
Project parseProject(const std::string& json, const std::filesystem::path& folder);                 // throws InputError
Project readProject(const std::filesystem::path& folder);                                           // throws InputError
bool isProject(const std::filesystem::path& folder);

// Atomic: the file is the old one or the new one. The one that was there becomes a version, of which at most `kMostVersions` stay. An unchanged
// project is not written, and one with another layout alone makes no version. Throws InputError.
void saveProject(const std::filesystem::path& folder, const Project& project);
// A version of now, beside what is saved. Throws InputError.
void keepVersion(const std::filesystem::path& folder, const Project& project);

struct ProjectVersion {
  std::filesystem::path file;
  QDateTime time;  // when it was saved
};
std::vector<ProjectVersion> projectVersions(const std::filesystem::path& folder);  // the newest first; other files are passed over

// Of times, the newest first: those that stay. Five each of the last hour, the last day, the last week and before, spread over the span; always the newest.
constexpr size_t kMostVersions = 20;
std::vector<size_t> keptVersions(const std::vector<QDateTime>& times, const QDateTime& now);

}  // namespace hvlm::ui
