// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/core_words.h"

#include "ui/text.h"

namespace hvlm::ui {
namespace {

// What core says in English and the window shows, for the translation: defects of an import ...
[[maybe_unused]] const char* const kProblems[] = {
    QT_TRANSLATE_NOOP("hvlm", "segments that end where they start (dropped)"),
    QT_TRANSLATE_NOOP("hvlm", "segments that end before they start (swapped)"),
    QT_TRANSLATE_NOOP("hvlm", "segments beyond the video's end by more than 0.5 s (cut or dropped)"),
    QT_TRANSLATE_NOOP("hvlm", "segments beyond the video's end by at most 0.5 s (cut)"),
    QT_TRANSLATE_NOOP("hvlm", "segments that start before 0 (cut or dropped)"),
    QT_TRANSLATE_NOOP("hvlm", "segments given twice (second one dropped)"),
    QT_TRANSLATE_NOOP("hvlm", "segments that no step falls into (kept)"),
    QT_TRANSLATE_NOOP("hvlm", "videos whose segments are out of order (sorted)"),
    QT_TRANSLATE_NOOP("hvlm", "segments without two times (dropped)"),
    QT_TRANSLATE_NOOP("hvlm", "segments with no label, or one outside the taxonomy (dropped)"),
    QT_TRANSLATE_NOOP("hvlm", "a taxonomy that does not fit the labels (not used)"),
    QT_TRANSLATE_NOOP("hvlm", "classes that never occur in training (kept)"),
    QT_TRANSLATE_NOOP("hvlm", "videos without a positive duration"),
    QT_TRANSLATE_NOOP("hvlm", "videos whose entry is malformed"),
    QT_TRANSLATE_NOOP("hvlm", "videos given twice (first one used)"),
    QT_TRANSLATE_NOOP("hvlm", "files that write ids both with and without \"v_\" (dropped)"),
    QT_TRANSLATE_NOOP("hvlm", "videos left out by the blocked list"),
    QT_TRANSLATE_NOOP("hvlm", "ids of a list that no video has"),
    QT_TRANSLATE_NOOP("hvlm", "captions of unknown videos (left out)"),
    QT_TRANSLATE_NOOP("hvlm", "questions on unknown videos (left out)"),
    QT_TRANSLATE_NOOP("hvlm", "captions or questions given for another subset (left out)"),
    QT_TRANSLATE_NOOP("hvlm", "captions without text or times (left out)"),
    QT_TRANSLATE_NOOP("hvlm", "captions that end before they start (swapped)"),
    QT_TRANSLATE_NOOP("hvlm", "captions beyond the video (cut)"),
    QT_TRANSLATE_NOOP("hvlm", "captions of no length (left out)"),
    QT_TRANSLATE_NOOP("hvlm", "questions or answers without an id or text (left out)"),
    QT_TRANSLATE_NOOP("hvlm", "questions or answers given twice (first one used)"),
    QT_TRANSLATE_NOOP("hvlm", "questions without an answer (kept)"),
    QT_TRANSLATE_NOOP("hvlm", "answers without a question (left out)"),
    QT_TRANSLATE_NOOP("hvlm", "videos without features (cannot be used)"),
    QT_TRANSLATE_NOOP("hvlm", "features of videos that are not annotated"),
    QT_TRANSLATE_NOOP("hvlm", "features that cannot be read (cannot be used)"),
    QT_TRANSLATE_NOOP("hvlm", "features of another width than most (cannot be used)"),
    QT_TRANSLATE_NOOP("hvlm", "features with NaN or Inf (cannot be used)"),
    QT_TRANSLATE_NOOP("hvlm", "features whose length does not fit the duration"),
    QT_TRANSLATE_NOOP("hvlm", "side channels that cannot be read (cannot be used with merge.criterion importance)")};

// ... and columns and notes of its tables.
[[maybe_unused]] const char* const kTables[] = {
    QT_TRANSLATE_NOOP("hvlm", "Row"),
    QT_TRANSLATE_NOOP("hvlm", "Consistency TC"),
    QT_TRANSLATE_NOOP("hvlm", "CAC"),
    QT_TRANSLATE_NOOP("hvlm", "R_x"),
    QT_TRANSLATE_NOOP("hvlm", "Effective rank"),
    QT_TRANSLATE_NOOP("hvlm", "Top-1"),
    QT_TRANSLATE_NOOP("hvlm", "Average mAP"),
    QT_TRANSLATE_NOOP("hvlm", "mAP@0.5"),
    QT_TRANSLATE_NOOP("hvlm", "\"IoU@0.5\" of the paper"),
    QT_TRANSLATE_NOOP("hvlm", "Verdict"),
    QT_TRANSLATE_NOOP("hvlm", "Group"),
    QT_TRANSLATE_NOOP("hvlm", "Seeds"),
    QT_TRANSLATE_NOOP("hvlm", "Localised by"),
    QT_TRANSLATE_NOOP("hvlm", "Parameters"),
    QT_TRANSLATE_NOOP("hvlm", "Epochs"),
    QT_TRANSLATE_NOOP("hvlm", "Training s"),
    QT_TRANSLATE_NOOP("hvlm", "Tuned configurations"),
    QT_TRANSLATE_NOOP("hvlm", "Model"),
    QT_TRANSLATE_NOOP("hvlm", "What"),
    QT_TRANSLATE_NOOP("hvlm", "Claimed"),
    QT_TRANSLATE_NOOP("hvlm", "Measured here"),
    QT_TRANSLATE_NOOP("hvlm", "Known problem"),
    QT_TRANSLATE_NOOP("hvlm", "Parameters"),
    QT_TRANSLATE_NOOP("hvlm", "Trainable"),
    QT_TRANSLATE_NOOP("hvlm", "FP32 MB"),
    QT_TRANSLATE_NOOP("hvlm", "FP16 MB"),
    QT_TRANSLATE_NOOP("hvlm", "MFLOPs a step"),
    QT_TRANSLATE_NOOP("hvlm", "Steps/s at 1,000 steps"),
    QT_TRANSLATE_NOOP("hvlm", "Videos/s at 250 steps"),
    QT_TRANSLATE_NOOP("hvlm", "Utilisation at 8,192 steps"),
    QT_TRANSLATE_NOOP("hvlm", "Peak MB at 8,192 steps"),
    QT_TRANSLATE_NOOP("hvlm", "Slope of time"),
    QT_TRANSLATE_NOOP("hvlm", "Slope of memory"),
    QT_TRANSLATE_NOOP("hvlm", "Threads"),
    QT_TRANSLATE_NOOP("hvlm", "Claimed rows are the paper's own statements, not measured here; they are never ranked.")};

constexpr std::string_view kClaimed = "Claimed ";

}  // namespace

QString coreWord(const std::string& english) { return english.empty() ? QString() : uiText(english.c_str()); }

QString columnTitle(const std::string& english) {
  if (english.size() <= kClaimed.size() || !english.starts_with(kClaimed)) return coreWord(english);
  return uiText("Claimed: %1").arg(coreWord(english.substr(kClaimed.size())));
}

}  // namespace hvlm::ui
