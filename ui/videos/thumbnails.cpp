// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/videos/thumbnails.h"

#include <algorithm>

#include "support/error.h"
#include "ui/player/video_files.h"
#include "ui/shell/background.h"
#include "ui/text.h"
#include "video/thumbnails.h"

namespace hvlm::ui {
namespace {

constexpr int kMostKept = 2000;
constexpr size_t kMostWanted = 64;  // older wishes are of rows that have scrolled away

QImage pictureOf(const QString& file, const std::atomic<bool>& stop) {
  const std::vector<FramePtr> frames = filmStrip(pathOf(file), 1, Thumbnails::kHeight, stop);
  if (stop) return {};
  if (frames.empty() || frames.front()->pixels.empty()) {
    const std::string why = frames.empty() ? std::string() : frames.front()->problem;
    throw InputError({.where = stdText(file), .expected = "a picture", .found = why.empty() ? "none" : why, .remedy = "Copy or download it again."});
  }
  const Frame& frame = *frames.front();
  return QImage(frame.pixels.data(), frame.width, frame.height, frame.width * 4, QImage::Format_RGB32).copy();
}

}  // namespace

Thumbnails::Thumbnails(const VideoFiles& files, QObject* parent) : QObject(parent), files_(files), kept_(kMostKept), stop_(std::make_shared<std::atomic<bool>>(false)) {}

Thumbnails::~Thumbnails() { *stop_ = true; }

bool Thumbnails::expected(const QString& video_id) const {
  const QString file = files_.fileOf(video_id);
  if (file.isEmpty()) return false;
  const QImage* image = kept_.object(file);
  return !image || !image->isNull();
}

bool Thumbnails::hasFile(const QString& video_id) const { return !files_.fileOf(video_id).isEmpty(); }

QString Thumbnails::problemOf(const QString& video_id) const { return problems_.value(files_.fileOf(video_id)); }

QImage Thumbnails::of(const QString& video_id) {
  const QString file = files_.fileOf(video_id);
  if (file.isEmpty()) return {};
  if (const QImage* image = kept_.object(file)) return *image;
  const auto same = [&](const auto& wish) { return wish.second == file; };
  wanted_.erase(std::remove_if(wanted_.begin(), wanted_.end(), same), wanted_.end());
  wanted_.emplace_back(video_id, file);
  if (wanted_.size() > kMostWanted) wanted_.erase(wanted_.begin());
  readNext();
  return {};
}

void Thumbnails::readNext() {
  if (reading_ || wanted_.empty()) return;
  const auto [id, file] = wanted_.back();
  wanted_.pop_back();
  reading_ = true;
  const auto take = [this, id = id, file = file](const QImage& image, const QString& problem = {}) {
    reading_ = false;
    if (problem.isEmpty()) problems_.remove(file);
    else problems_.insert(file, problem);
    kept_.insert(file, new QImage(image));
    Q_EMIT arrived(id);
    readNext();
  };
  inBackground(this, [file = file, stop = stop_] { return pictureOf(file, *stop); }, [take](const QImage& image) { take(image); }, [take](const QString& problem) { take(QImage(), problem); });
}

}  // namespace hvlm::ui
