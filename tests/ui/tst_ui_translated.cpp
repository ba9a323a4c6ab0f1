// SPDX-License-Identifier: GPL-3.0-or-later
// Every text of the window stands translated in hvlm_de.ts: the rule of resources/translations/extract.py over ui/ and app/workbench.
#include <QDirIterator>
#include <QRegularExpression>
#include <QXmlStreamReader>
#include <QtTest>

namespace {

QString sourceRoot() { return qEnvironmentVariable("HVLM_SOURCE_DIR"); }

QString read(const QString& file) {
  QFile in(file);
  return in.open(QIODevice::ReadOnly) ? QString::fromUtf8(in.readAll()) : QString();
}

QString unescaped(const QString& raw) {
  QString text;
  for (qsizetype i = 0; i < raw.size(); ++i) {
    if (raw[i] != QLatin1Char('\\') || i + 1 == raw.size()) {
      text += raw[i];
      continue;
    }
    const QChar next = raw[++i];
    text += next == QLatin1Char('n') ? QLatin1Char('\n') : next == QLatin1Char('t') ? QLatin1Char('\t') : next;
  }
  return text;
}

// The texts of a source file: tr(), uiText() and QT_TRANSLATE_NOOP() of literals; neighbouring literals are one.
QStringList textsOf(QString source) {
  static const QRegularExpression comment(QStringLiteral(R"(^\s*//.*$)"), QRegularExpression::MultilineOption);
  static const QRegularExpression call(QStringLiteral(R"re((?<![A-Za-z0-9_])(?:tr|uiText|QT_TRANSLATE_NOOP)\(\s*(?:"hvlm",\s*)?((?:"(?:[^"\\]|\\.)*"\s*)+))re"));
  static const QRegularExpression piece(QStringLiteral(R"re("((?:[^"\\]|\\.)*)")re"));
  source.remove(comment);
  QStringList found;
  for (auto calls = call.globalMatch(source); calls.hasNext();) {
    QString raw;
    for (auto pieces = piece.globalMatch(calls.next().captured(1)); pieces.hasNext();) raw += pieces.next().captured(1);
    found.append(unescaped(raw));
  }
  return found;
}

struct Translation {
  QString source;
  QStringList forms;  // of a plural, else one
  bool unfinished = false;
};

QList<Translation> translations(const QString& file) {
  QFile in(file);
  if (!in.open(QIODevice::ReadOnly)) return {};
  QXmlStreamReader xml(&in);
  QList<Translation> all;
  while (!xml.atEnd()) {
    if (xml.readNext() != QXmlStreamReader::StartElement) continue;
    if (xml.name() == QLatin1String("message")) {
      all.append(Translation{});
    } else if (xml.name() == QLatin1String("source")) {
      all.last().source = xml.readElementText();
    } else if (xml.name() == QLatin1String("numerusform")) {
      all.last().forms.append(xml.readElementText());
    } else if (xml.name() == QLatin1String("translation")) {
      all.last().unfinished = xml.attributes().value(QLatin1String("type")) == QLatin1String("unfinished");
      if (!all.last().source.contains(QLatin1String("%n"))) all.last().forms.append(xml.readElementText());
    }
  }
  return all;
}

}  // namespace

class TestTranslated : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void theRuleFindsTexts();
  void everyTextIsTranslated();
};

void TestTranslated::theRuleFindsTexts() {
  QCOMPARE(textsOf(QStringLiteral("x = tr(\"one \" \"line\\n\"); str(\"no\"); uiText(\"two \\\"2\\\"\"); QT_TRANSLATE_NOOP(\"hvlm\", \"three\")\n  // tr(\"gone\")\n")),
           (QStringList{"one line\n", "two \"2\"", "three"}));
}

void TestTranslated::everyTextIsTranslated() {
  const QString root = sourceRoot();
  QVERIFY2(QFileInfo::exists(root + "/ui/text.h"), "HVLM_SOURCE_DIR names no source tree");
  QHash<QString, bool> done;
  for (const Translation& each : translations(root + "/resources/translations/hvlm_de.ts")) {
    const bool whole = !each.unfinished && !each.forms.isEmpty() && !each.forms.contains(QString());
    done.insert(each.source, whole && (!each.source.contains("%n") || each.forms.size() == 2));
  }
  QVERIFY(done.size() > 100);
  QMap<QString, QString> missing;
  for (const char* folder : {"/ui", "/app/workbench"}) {
    for (QDirIterator files(root + QLatin1String(folder), {"*.cpp", "*.h"}, QDir::Files, QDirIterator::Subdirectories); files.hasNext();) {
      const QString file = files.next();
      for (const QString& text : textsOf(read(file))) {
        if (!done.value(text)) missing.insert(text, QDir(root).relativeFilePath(file));
      }
    }
  }
  for (auto it = missing.cbegin(); it != missing.cend(); ++it) qWarning("%s: %s", qPrintable(it.value()), qPrintable(it.key()));
  QVERIFY2(missing.isEmpty(), qPrintable(QStringLiteral("%1 texts are not translated; run resources/translations/extract.py").arg(missing.size())));
}

QTEST_GUILESS_MAIN(TestTranslated)
#include "tst_ui_translated.moc"
