// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/session.h"

#include <signal.h>
#include <unistd.h>

#include <QFileInfo>
#include <QJsonDocument>
#include <cerrno>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "support/atomic_file.h"
#include "support/error.h"
#include "support/json_file.h"
#include "support/paths.h"
#include "ui/shell/history.h"
#include "ui/text.h"

namespace hvlm::ui {
namespace {

constexpr int kVersion = 1;
constexpr size_t kLargestFile = size_t{1} << 20;

std::string base64(const QByteArray& bytes) { return bytes.toBase64().toStdString(); }
QByteArray fromBase64(const nlohmann::json& object, const char* key) {
  const std::string text = object.value(key, std::string());
  return QByteArray::fromBase64(QByteArray(text.data(), static_cast<qsizetype>(text.size())));
}
nlohmann::json listJson(const QStringList& list) {
  nlohmann::json array = nlohmann::json::array();
  for (const QString& item : list) array.push_back(stdText(item));
  return array;
}
nlohmann::json linksJson(const QHash<QString, QString>& links) {
  constexpr int kMostLinks = 2000;
  nlohmann::json object = nlohmann::json::object();
  for (auto it = links.cbegin(); it != links.cend() && object.size() < kMostLinks; ++it) object[stdText(it.key())] = stdText(it.value());
  return object;
}
nlohmann::json objectJson(const QJsonObject& object) { return nlohmann::json::parse(QJsonDocument(object).toJson(QJsonDocument::Compact).toStdString()); }
QJsonObject objectOf(const nlohmann::json& object, const char* key) {
  return QJsonDocument::fromJson(QByteArray::fromStdString(object.value(key, nlohmann::json::object()).dump())).object();
}
QStringList listOf(const nlohmann::json& object, const char* key) {
  QStringList list;
  for (const auto& item : object.value(key, nlohmann::json::array())) list.append(qText(item.get<std::string>()));
  return list;
}
QHash<QString, QString> linksOf(const nlohmann::json& object, const char* key) {
  QHash<QString, QString> links;
  const nlohmann::json list = object.value(key, nlohmann::json::object());
  for (const auto& [id, file] : list.items()) links[qText(id)] = qText(file.get<std::string>());
  return links;
}

}  // namespace

std::filesystem::path sessionFile() { return stateFolder() / "window.json"; }
std::filesystem::path talksFile() { return stateFolder() / "talks.json"; }
std::filesystem::path formFile() { return stateFolder() / "training.yaml"; }

std::string sessionJson(const Session& s) {
  return nlohmann::json{{"version", kVersion},
                        {"geometry", base64(s.geometry)},
                        {"docks", base64(s.docks)},
                        {"centre", base64(s.centre)},
                        {"theme", s.theme_chosen ? stdText(themeName(s.theme)) : std::string("system")},
                        {"language", stdText(s.language)},
                        {"data", stdText(s.data)},
                        {"run", stdText(s.run)},
                        {"runs_folders", listJson(s.runs_folders)},
                        {"reproduction", stdText(s.reproduction)},
                        {"recent_reproductions", listJson(s.recent_reproductions)},
                        {"recent", listJson(s.recent)},
                        {"overlaid", listJson(s.overlaid)},
                        {"video_links", linksJson(s.video_links)},
                        {"video", stdText(s.video)},
                        {"cursor_seconds", s.cursor_seconds},
                        {"shown_seconds", s.shown_seconds ? nlohmann::json{s.shown_seconds->first, s.shown_seconds->second} : nlohmann::json()},
                        {"tab", stdText(s.tab)},
                        {"curves", objectJson(s.curves)},
                        {"timeline", objectJson(s.timeline)},
                        {"exports", objectJson(s.exports)},
                        {"preset", stdText(s.preset)},
                        {"project", stdText(s.project)},
                        {"baseline", stdText(s.baseline)},
                        {"run_colours", linksJson(s.run_colours)},
                        {"trashed", linksJson(s.trashed)},
                        {"hardware_video", s.hardware_video}}
             .dump(2) +
         "\n";
}

Session parseSession(const std::string& text) {
  const nlohmann::json json = parseJson(text, "window.json");
  try {
    if (json.at("version").get<int>() != kVersion) {
      throw InputError({.where = "window.json", .expected = "version 1", .found = json.at("version").dump(), .remedy = ""});
    }
    Session s;
    s.geometry = fromBase64(json, "geometry");
    s.docks = fromBase64(json, "docks");
    s.centre = fromBase64(json, "centre");
    const std::string theme = json.value("theme", "system");
    s.theme_chosen = theme != "system";
    s.theme = theme == "dark" ? ThemeKind::kDark : theme == "contrast" ? ThemeKind::kHighContrast : ThemeKind::kLight;
    s.language = qText(json.value("language", std::string()));
    s.data = qText(json.value("data", std::string()));
    s.run = qText(json.value("run", std::string()));
    s.runs_folders = listOf(json, "runs_folders");
    s.reproduction = qText(json.value("reproduction", std::string()));
    s.recent_reproductions = listOf(json, "recent_reproductions");
    s.recent = listOf(json, "recent");
    s.overlaid = listOf(json, "overlaid");
    s.video_links = linksOf(json, "video_links");
    s.run_colours = linksOf(json, "run_colours");
    s.trashed = linksOf(json, "trashed");
    s.video = qText(json.value("video", std::string()));
    s.cursor_seconds = json.value("cursor_seconds", 0.0);
    if (const nlohmann::json shown = json.value("shown_seconds", nlohmann::json()); shown.is_array()) {
      const std::pair<double, double> seconds(shown.at(0).get<double>(), shown.at(1).get<double>());
      if (seconds.first >= 0.0 && seconds.first < seconds.second) s.shown_seconds = seconds;
    }
    s.tab = qText(json.value("tab", std::string()));
    s.curves = objectOf(json, "curves");
    s.timeline = objectOf(json, "timeline");
    s.exports = objectOf(json, "exports");
    if (json.contains("threshold") && !s.timeline.contains("threshold")) s.timeline["threshold"] = json.at("threshold").get<double>();  // as written before there was more
    s.preset = qText(json.value("preset", std::string()));
    s.project = qText(json.value("project", std::string()));
    s.baseline = qText(json.value("baseline", std::string()));
    s.hardware_video = json.value("hardware_video", false);
    return s;
  } catch (const nlohmann::json::exception& error) {
    throw InputError({.where = "window.json", .expected = "a saved window layout", .found = error.what(), .remedy = ""});
  }
}

Session loadSession(const std::filesystem::path& file, QString* problem) {
  std::error_code none;
  if (!std::filesystem::exists(file, none)) return {};
  try {
    return parseSession(readFile(file, kLargestFile));
  } catch (const std::exception& error) {
    const std::filesystem::path aside = file.string() + ".bad";
    std::filesystem::rename(file, aside, none);
    if (problem) {
      *problem = uiText("The saved window layout could not be read and was set aside as %1. %2").arg(qText(aside), qText(error.what()));
    }
    return {};
  }
}

void saveSession(const std::filesystem::path& file, const Session& session) { writeFileAtomic(file, sessionJson(session)); }

QString copyAside(const std::filesystem::path& file) {
  std::error_code none;
  if (!std::filesystem::exists(file, none)) return {};
  const std::filesystem::path aside = file.string() + ".bad";
  writeFileAtomic(aside, readFile(file, kLargestFile));
  return qText(aside);
}

QString moveAside(const std::filesystem::path& file) {
  const std::filesystem::path aside = file.string() + ".bad";
  std::error_code failed;
  std::filesystem::rename(file, aside, failed);
  return failed ? QString() : qText(aside);
}

KeptTimes keptTimes() {
  const auto time = [](const std::filesystem::path& file) { return QFileInfo(qText(file)).lastModified(); };
  return {time(sessionFile()), time(historyFile()), time(formFile())};
}

QString copySession() {
  const std::filesystem::path file = sessionFile();
  std::error_code failed;
  if (!std::filesystem::exists(file, failed)) return {};
  const std::string stamp = stdText(QDateTime::currentDateTime().toString(QStringLiteral("yyyyMMdd-HHmmss")));
  const std::filesystem::path copy = file.parent_path() / (file.stem().string() + "-" + stamp + file.extension().string());
  std::filesystem::copy_file(file, copy, std::filesystem::copy_options::skip_existing, failed);
  if (failed) throw systemError(file.string(), "copy", failed.value());
  return qText(copy);
}

QStringList setKeptAside() {
  QStringList kept;
  const std::string stamp = stdText(QDateTime::currentDateTime().toString(QStringLiteral("yyyyMMdd-HHmmss")));
  for (const std::filesystem::path& file : {sessionFile(), historyFile(), formFile(), talksFile()}) {
    const std::filesystem::path aside = file.parent_path() / (file.stem().string() + "-" + stamp + file.extension().string());
    std::error_code failed;
    std::filesystem::rename(file, aside, failed);
    if (!failed) kept.append(qText(aside));
    else if (failed != std::errc::no_such_file_or_directory) throw systemError(file.string(), "rename", failed.value());
  }
  return kept;
}

std::filesystem::path openMarkFile() { return stateFolder() / "window.open"; }

bool leftOpen(const std::filesystem::path& mark) {
  std::error_code none;
  if (!std::filesystem::exists(mark, none)) return false;
  try {
    const std::string text = readFile(mark, 64);
    const long process = std::strtol(text.c_str(), nullptr, 10);
    return process <= 0 || (kill(static_cast<pid_t>(process), 0) != 0 && errno == ESRCH);
  } catch (const InputError&) {
    return true;
  }
}

void setOpenMark(const std::filesystem::path& mark) { writeFileAtomic(mark, std::to_string(getpid()) + "\n"); }

void removeOpenMark(const std::filesystem::path& mark) {
  std::error_code none;
  std::filesystem::remove(mark, none);
}

}  // namespace hvlm::ui
