// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/translation.h"

#include <QCoreApplication>
#include <QDir>
#include <QLibraryInfo>
#include <QLocale>

namespace hvlm::ui {

QString UiTranslator::translate(const char*, const char* source, const char* disambiguation, int n) const { return QTranslator::translate("hvlm", source, disambiguation, n); }

namespace {

// Numbers and dates follow the language that was chosen. The system's own locale stays where it is of that language, or of one the window does not
// speak and English stands in for.
void useNumbersOf(const QString& language) {
  const auto speaks = [](const QLocale& locale) { return locale.name().section(QLatin1Char('_'), 0, 0); };
  const QLocale system = QLocale::system();
  const bool stands_in = language == QLatin1String("en") && !languages().contains(speaks(system));
  QLocale::setDefault(speaks(system) == language || stands_in ? system : QLocale(language));
}

}  // namespace

QStringList languages() {
  QStringList found;
  for (const QString& file : QDir(QStringLiteral(":/i18n")).entryList({QStringLiteral("hvlm_*.qm")})) found.append(file.section(QLatin1Char('_'), 1).section(QLatin1Char('.'), 0, 0));
  return found;
}

QString languageFor(const QString& wanted) {
  const QStringList there = languages();
  QStringList wishes = {wanted};
  if (wanted.isEmpty()) wishes = QLocale::system().uiLanguages();
  for (const QString& wish : wishes) {
    const QString language = wish.section(QLatin1Char('-'), 0, 0).section(QLatin1Char('_'), 0, 0).toLower();
    if (language == QLatin1String("en") || language == QLatin1String("c")) return QStringLiteral("en");
    if (there.contains(language)) return language;
  }
  return QStringLiteral("en");
}

bool useLanguage(const QString& language) {
  static UiTranslator ours;
  static QTranslator of_qt;
  useNumbersOf(language);
  QCoreApplication::removeTranslator(&ours);
  QCoreApplication::removeTranslator(&of_qt);
  if (language == QLatin1String("en")) return true;
  if (!ours.load(QStringLiteral(":/i18n/hvlm_%1.qm").arg(language))) return false;
  QCoreApplication::installTranslator(&ours);
  if (of_qt.load(QStringLiteral("qtbase_%1").arg(language), QLibraryInfo::path(QLibraryInfo::TranslationsPath))) QCoreApplication::installTranslator(&of_qt);
  return true;
}

}  // namespace hvlm::ui
