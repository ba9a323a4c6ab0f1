// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <QStringList>
#include <QTranslator>

namespace hvlm::ui {

// The window's texts in another language. All messages stand in one context, so that a text means the same wherever it is used
// (resources/translations/extract.py).
class UiTranslator : public QTranslator {
  Q_OBJECT
 public:
  using QTranslator::QTranslator;
  QString translate(const char* context, const char* source, const char* disambiguation, int n) const override;
  bool isEmpty() const override { return QTranslator::isEmpty(); }
};

QStringList languages();  // codes of the translations that this build has, without English: {"de"}
// The one to use: `wanted` ("" = like the system), as far as there is a translation; else English, "en".
QString languageFor(const QString& wanted);
// Installs it for the whole program, with Qt's own texts where they are on the machine. Before the first window. False when it could not be loaded.
bool useLanguage(const QString& language);

}  // namespace hvlm::ui
