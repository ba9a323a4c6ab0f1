// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QImage>
#include <QWidget>
#include <atomic>
#include <memory>
#include <vector>

namespace hvlm::ui {

// Small pictures over the whole video, made in the background; a click seeks. Shows where the cursor and the marks are.
class FilmStrip : public QWidget {
  Q_OBJECT
 public:
  explicit FilmStrip(QWidget* parent = nullptr);
  ~FilmStrip() override;
  void setVideo(const QString& file);  // empty: none
  void setPlace(double share);         // of the cursor, 0..1
  const std::vector<QImage>& pictures() const { return pictures_; }
  QSize sizeHint() const override { return {480, 40}; }

 Q_SIGNALS:
  void sought(double share);
  void ready();

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;

 private:
  QString file_;
  double place_ = 0.0;
  std::vector<QImage> pictures_;
  std::shared_ptr<std::atomic<bool>> stop_;
};

}  // namespace hvlm::ui
