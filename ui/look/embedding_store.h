// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <QString>
#include <memory>

#include "jobs/embedding_file.h"

namespace hvlm::ui {

// The embedding of the run shown, as `hvlm embed` left it in the run's folder. Read on a worker. GUI thread.
class EmbeddingStore : public QObject {
  Q_OBJECT
 public:
  using QObject::QObject;
  static QString fileOf(const QString& run);  // RUN/embedding/validation.safetensors
  void setRun(const QString& run);
  void refresh();
  const QString& run() const { return run_; }
  std::shared_ptr<const EmbeddingFile> embedding() const { return embedding_; }  // null: there is none
  const QString& problem() const { return problem_; }

 Q_SIGNALS:
  void changed();

 private:
  QString run_, problem_;
  std::shared_ptr<const EmbeddingFile> embedding_;
  int64_t newest_ = 0;
};

}  // namespace hvlm::ui
