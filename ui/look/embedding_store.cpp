// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/look/embedding_store.h"

#include <filesystem>

#include "ui/shell/background.h"
#include "ui/text.h"

namespace hvlm::ui {

QString EmbeddingStore::fileOf(const QString& run) { return run + QStringLiteral("/embedding/validation.safetensors"); }

void EmbeddingStore::setRun(const QString& run) {
  if (run == run_) return;
  run_ = run;
  embedding_.reset();
  problem_.clear();
  Q_EMIT changed();
  refresh();
}

void EmbeddingStore::refresh() {
  const int64_t number = ++newest_;
  if (run_.isEmpty()) return;
  inBackground(
      this,
      [file = fileOf(run_)]() -> std::shared_ptr<const EmbeddingFile> {
        std::error_code none;
        if (!std::filesystem::exists(pathOf(file), none)) return nullptr;
        return std::make_shared<const EmbeddingFile>(readEmbedding(pathOf(file)));
      },
      [this, number](std::shared_ptr<const EmbeddingFile> read) {
        if (number != newest_) return;
        embedding_ = std::move(read);
        problem_.clear();
        Q_EMIT changed();
      },
      [this, number](const QString& message) {
        if (number != newest_) return;
        embedding_.reset();
        problem_ = message;
        Q_EMIT changed();
      });
}

}  // namespace hvlm::ui
