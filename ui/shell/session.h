// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>
#include <QDateTime>
#include <QHash>
#include <QJsonObject>
#include <QString>
#include <QStringList>
#include <filesystem>
#include <optional>
#include <utility>

#include "ui/style/tokens.h"

namespace hvlm::ui {

// What the window takes up again at the next start.
struct Session {
  QByteArray geometry, docks, centre;  // as Qt saves them
  ThemeKind theme = ThemeKind::kLight;
  QString language;                    // "en", "de"; empty: like the system
  bool theme_chosen = false;           // false: follow the platform
  QString data;                        // dataset.yaml
  QString run;                         // the run shown
  QStringList runs_folders;            // folders listed in the runs table
  QString reproduction;                // folder shown in Compare
  QStringList recent_reproductions;    // the newest first
  QStringList recent;                  // data sets, runs and videos that were opened, the newest first
  QStringList overlaid;                // runs with a ticked box
  QHash<QString, QString> video_links;  // id -> file that the user linked
  QString video;
  double cursor_seconds = 0.0;
  std::optional<std::pair<double, double>> shown_seconds;  // of the video, on the timeline: first and last; none: the whole
  QString tab;                         // object name of what the centre shows; empty: as in a fresh window
  QJsonObject curves;                  // curvesState(); empty: as in a fresh window
  QJsonObject exports;                 // exportOptionsState(); empty: never chosen
  QJsonObject timeline;                // timelineState(); empty: as in a fresh window
  QString preset;                      // file that the training form began with; what was edited is in formFile()
  QString project;                     // folder
  QString baseline;                    // run that deltas are taken to
  QHash<QString, QString> run_colours; // run folder -> #rrggbb, where the user has chosen one
  QHash<QString, QString> trashed;     // run folder -> where it lies in the trash, for Undo
  bool hardware_video = false;         // try the machine's video decoder
};

std::filesystem::path sessionFile();  // in the XDG state folder
std::filesystem::path talksFile();    // talks about videos, beside it
std::filesystem::path formFile();     // the training form's config, beside it
std::string sessionJson(const Session& session);
Session parseSession(const std::string& json);  // throws InputError

// Read before the window appears. A file that cannot be read is set aside as window.json.bad and `problem` says so.
Session loadSession(const std::filesystem::path& file, QString* problem);
void saveSession(const std::filesystem::path& file, const Session& session);  // atomic; throws InputError
// Copies a file to "FILE.bad", in place of an earlier one; returns the copy's name, empty when there is no such file. Any thread; throws InputError.
QString copyAside(const std::filesystem::path& file);
// Renames it so. Empty when there is none, or it cannot be renamed. Any thread.
QString moveAside(const std::filesystem::path& file);

// When what a session keeps was written last; an invalid time: there is no such file.
struct KeptTimes {
  QDateTime session, history, form;
};
KeptTimes keptTimes();  // looks at the files: before the window appears, or on a worker
// Renames those that are there, so that their time is part of their name; gives the new names. Any thread; throws InputError.
QStringList setKeptAside();
// A copy of the session under such a name, for when another start takes its place. Empty when there is none. Throws InputError.
QString copySession();

// A file that stands while a window is open, with the number of its process: where it is left, the program ended without closing.
std::filesystem::path openMarkFile();
bool leftOpen(const std::filesystem::path& mark);   // it stands, and its process is gone
void setOpenMark(const std::filesystem::path& mark);  // throws InputError
void removeOpenMark(const std::filesystem::path& mark);

}  // namespace hvlm::ui
