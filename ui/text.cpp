// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/text.h"

#include <cmath>

namespace hvlm::ui {
namespace {

constexpr QChar kThin(0x2009);
constexpr qsizetype kGroupedFrom = 5;  // digits
thread_local int plain_depth = 0;

QLocale plainLocale() {
  QLocale locale = plain_depth > 0 ? QLocale::c() : QLocale();
  locale.setNumberOptions(QLocale::OmitGroupSeparator | QLocale::RejectGroupSeparator);
  return locale;
}

QString grouped(QString digits) {
  if (plain_depth > 0) return digits;
  qsizetype from = 0;
  while (from < digits.size() && !digits[from].isDigit()) ++from;
  qsizetype to = from;
  while (to < digits.size() && digits[to].isDigit()) ++to;
  if (to - from < kGroupedFrom) return digits;
  for (qsizetype at = to - 3; at > from; at -= 3) digits.insert(at, kThin);
  return digits;
}

// What is no number, as a word; empty for any other.
QString wordFor(double value) {
  if (std::isnan(value)) return uiText("NaN");
  if (std::isinf(value)) return value > 0 ? uiText("Inf") : uiText("-Inf");
  return {};
}

}  // namespace

PlainNumbers::PlainNumbers() { ++plain_depth; }
PlainNumbers::~PlainNumbers() { --plain_depth; }

QString uiNumber(double value, int decimals) {
  const QString word = wordFor(value);
  return word.isEmpty() ? grouped(plainLocale().toString(value, 'f', decimals)) : word;
}

QString uiShortest(double value, int significant) {
  const QString word = wordFor(value);
  return word.isEmpty() ? grouped(plainLocale().toString(value, 'g', significant)) : word;
}

QString uiCount(int64_t count) { return grouped(plainLocale().toString(static_cast<qlonglong>(count))); }

bool readUiNumber(const QString& text, double& value) {
  QString plain = text.trimmed();
  for (const char16_t space : {u'\u202F', u'\u2009', u'\u00A0'}) plain.remove(QChar(space));
  bool read = false;
  double number = plainLocale().toDouble(plain, &read);
  if (!read) {
    QLocale point = QLocale::c();
    point.setNumberOptions(QLocale::RejectGroupSeparator);
    number = point.toDouble(plain, &read);
  }
  if (read) value = number;
  return read;
}

}  // namespace hvlm::ui
