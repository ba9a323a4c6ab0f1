// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/language/talk_view.h"

#include <QScrollBar>
#include <QTextFrame>
#include <QUrl>

#include "ui/language/talk.h"
#include "ui/style/theme.h"
#include "ui/text.h"

namespace hvlm::ui {
namespace {

QString hrefOf(const MomentLink& link) {
  return QStringLiteral("moment:%1/%2").arg(link.start_seconds, 0, 'f', 3).arg(link.end_seconds, 0, 'f', 3);
}

}  // namespace

TalkView::TalkView(QWidget* parent) : QTextBrowser(parent) {
  setObjectName(QStringLiteral("talkView"));
  setAccessibleName(tr("Talk"));
  setOpenLinks(false);
  setOpenExternalLinks(false);
  setUndoRedoEnabled(false);
  setFrameShape(QFrame::NoFrame);
  document()->setDocumentMargin(2);
  setPlaceholderText(tr("Questions about this video and their answers appear here, with the moments they speak of as links. Nothing has been asked yet: write below."));
  connect(this, &QTextBrowser::anchorClicked, this, [this](const QUrl& url) {
    if (url.scheme() != QLatin1String("moment")) return;
    const QStringList parts = url.path().split(QLatin1Char('/'));
    if (parts.size() == 2) Q_EMIT momentChosen(parts[0].toDouble(), parts[1].toDouble());
  });
}

bool TalkView::atEnd() const { return verticalScrollBar()->value() >= verticalScrollBar()->maximum() - 4; }

void TalkView::toEnd() { verticalScrollBar()->setValue(verticalScrollBar()->maximum()); }

void TalkView::showTalk(const Talk& talk) {
  answer_ = QTextCursor();
  clear();
  for (const TalkEntry& entry : talk.entries()) add(entry, talk.durationSeconds());
  toEnd();
}

// A frame at the end with who speaks; the cursor is behind that.
QTextCursor TalkView::frame(const TalkEntry& entry, const QString& role) {
  const Tokens& t = tokens();
  const bool question = entry.kind == TalkEntry::kQuestion;
  QTextCursor cursor(document());
  cursor.movePosition(QTextCursor::End);
  QTextBlockFormat between;  // there is always a block between two frames: a line of it would be a gap
  between.setLineHeight(1, QTextBlockFormat::FixedHeight);
  cursor.setBlockFormat(between);
  QTextFrameFormat box;
  box.setPadding(6);
  box.setTopMargin(3);
  box.setBottomMargin(3);
  box.setLeftMargin(question ? 24 : 0);
  box.setRightMargin(question ? 0 : 8);
  if (question) box.setBackground(t.raised);
  if (entry.kind == TalkEntry::kAnswer || entry.kind == TalkEntry::kBrokenOff) {
    box.setBorder(1);
    box.setBorderStyle(QTextFrameFormat::BorderStyle_Solid);
    box.setBorderBrush(t.border);
  }
  cursor.insertFrame(box);
  cursor.setBlockFormat({});
  if (!role.isEmpty()) {
    QTextCharFormat head;
    head.setFontWeight(QFont::DemiBold);
    head.setForeground(question ? t.text : t.accent);
    cursor.insertText(role, head);
    if (!entry.by.isEmpty()) {
      QTextCharFormat by;
      by.setForeground(t.muted);
      cursor.insertText(QStringLiteral(" · ") + entry.by, by);
    }
    cursor.insertBlock();
  }
  QTextCharFormat plain;
  plain.setForeground(t.text);
  cursor.setCharFormat(plain);
  return cursor;
}

void TalkView::add(const TalkEntry& entry, double duration_seconds) {
  const Tokens& t = tokens();
  QTextCharFormat ink;
  ink.setForeground(t.text);
  switch (entry.kind) {
    case TalkEntry::kQuestion: frame(entry, tr("You")).insertText(entry.text, ink); break;
    case TalkEntry::kAnswer:
    case TalkEntry::kBrokenOff: {
      QTextCursor cursor = frame(entry, entry.kind == TalkEntry::kAnswer ? tr("Answer") : tr("Answer, broken off"));
      addAnswer(cursor, entry.text, duration_seconds);
      break;
    }
    case TalkEntry::kNote:
      ink.setForeground(t.muted);
      frame(entry, {}).insertText(entry.text, ink);
      break;
    case TalkEntry::kError: {
      QTextCursor cursor = frame(entry, {});
      ink.setForeground(t.bad);
      ink.setFontWeight(QFont::DemiBold);
      cursor.insertText(tr("No answer: "), ink);
      ink.setFontWeight(QFont::Normal);
      cursor.insertText(entry.text, ink);
      break;
    }
  }
}

void TalkView::addAnswer(QTextCursor& cursor, const QString& text, double duration_seconds) {
  const Tokens& t = tokens();
  QTextCharFormat plain, link;
  plain.setForeground(t.text);
  link.setAnchor(true);
  link.setForeground(t.accent);
  link.setFontUnderline(true);
  const std::string bytes = stdText(text);
  size_t at = 0;
  const auto part = [&](size_t begin, size_t end) { return qText(bytes.substr(begin, end - begin)); };
  for (const MomentLink& moment : momentsIn(bytes, duration_seconds)) {
    cursor.insertText(part(at, moment.begin), plain);
    link.setAnchorHref(hrefOf(moment));
    cursor.insertText(part(moment.begin, moment.end), link);
    at = moment.end;
  }
  cursor.insertText(part(at, bytes.size()), plain);
}

void TalkView::beginAnswer(const QString& by) {
  answer_ = frame({TalkEntry::kAnswer, {}, by}, tr("Answer"));
  toEnd();
}

void TalkView::addPiece(const QString& text) {
  if (answer_.isNull()) return;
  const bool follow = atEnd();
  answer_.insertText(text);
  if (follow) toEnd();
}

}  // namespace hvlm::ui
