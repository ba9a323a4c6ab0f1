// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QCoreApplication>
#include <QLocale>
#include <QString>
#include <filesystem>
#include <string>

// Texts between core (UTF-8 in std::string) and Qt.
namespace hvlm::ui {

inline QString qText(const std::string& text) { return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())); }
inline QString qText(const char* text) { return QString::fromUtf8(text); }
inline QString qText(const std::filesystem::path& path) { return qText(path.string()); }
inline std::string stdText(const QString& text) { return text.toUtf8().toStdString(); }
inline std::filesystem::path pathOf(const QString& text) { return std::filesystem::path(stdText(text)); }
// tr() for free functions.
inline QString uiText(const char* text) { return QCoreApplication::translate("hvlm", text); }

// Numbers for the screen: the locale's decimal sign, from five digits on thousands apart by a thin space. What is drawn into a file or copied does
// so within PlainNumbers; texts of files take fixedNumber() and exactNumber().
QString uiNumber(double value, int decimals);        // fixed decimals; "NaN", "Inf" and "-Inf" as words
QString uiShortest(double value, int significant);   // as many digits as needed, at most `significant`
QString uiCount(int64_t count);
// A number that was typed: the locale's decimal sign or a point, with or without thin spaces. False, and `value` untouched, when it is none.
bool readUiNumber(const QString& text, double& value);

// While one lives on this thread, numbers have a decimal point and no thin spaces, whatever the locale.
class PlainNumbers {
 public:
  PlainNumbers();
  ~PlainNumbers();
  Q_DISABLE_COPY_MOVE(PlainNumbers)
};

}  // namespace hvlm::ui
