// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QImage>
#include <QWidget>
#include <atomic>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace hvlm::ui {

// Small pictures over the whole video, made in the background; a click seeks. Shows where the cursor is and what a chosen cell covers.
class FilmStrip : public QWidget {
  Q_OBJECT
 public:
  explicit FilmStrip(QWidget* parent = nullptr);
  ~FilmStrip() override;
  void setVideo(const QString& file);  // empty: none
  void setPlace(double share);         // of the cursor, 0..1
  using Span = std::optional<std::pair<double, double>>;
  void setSpan(const Span& shares);    // of a chosen cell, 0..1 of the video: its pictures are marked; none: nothing is
  const Span& span() const { return span_; }
  const std::vector<QImage>& pictures() const { return pictures_; }
  QSize sizeHint() const override { return {480, 40}; }

 Q_SIGNALS:
  void sought(double share);
  void ready();

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  bool event(QEvent* event) override;  // its keys are its own, whatever the panel around it does with them
  void keyPressEvent(QKeyEvent* event) override;  // Home, End; with Ctrl the arrows go by one picture

 private:
  std::optional<double> shareFor(const QKeyEvent& key) const;  // where one of its keys goes
  QString file_;
  double place_ = 0.0;
  Span span_;
  std::vector<QImage> pictures_;
  std::shared_ptr<std::atomic<bool>> stop_;
};

}  // namespace hvlm::ui
