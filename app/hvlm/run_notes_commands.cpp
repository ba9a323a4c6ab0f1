// SPDX-License-Identifier: Apache-2.0
// hvlm runs tag, note, trash, restore, close: what the window's list of runs does with them.
#include <algorithm>
#include <memory>

#include "command.h"
#include "run_notes_commands.h"
#include "runs/run_folder.h"
#include "runs/run_notes.h"
#include "runs/run_record.h"
#include "runs/run_trash.h"
#include "support/error.h"

namespace hvlm::cli {
namespace {

namespace fs = std::filesystem;

struct NotesArguments {
  std::string run, text;
  std::vector<std::string> add, remove;
  bool clear = false;
};

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

RunNotes notesOf(const std::string& run) {
  readRunRecord(run);  // a folder that is no run is told as such
  return readRunNotes(run);
}

int tag(const Session& session, const NotesArguments& a) {
  const RunNotes before = notesOf(a.run);
  RunNotes notes = before;
  if (a.clear) notes.tags.clear();
  for (const std::string& words : a.remove) {
    for (const std::string& word : tagsFrom(words)) {
      if (std::erase(notes.tags, word) == 0) {
        throw InputError({.where = a.run,
                          .expected = "a tag of this run: " + (before.tags.empty() ? "it has none" : joined(before.tags)),
                          .found = "\"" + word + "\"",
                          .remedy = "\"hvlm runs tag " + a.run + "\" lists them."});
      }
    }
  }
  for (const std::string& words : a.add) {
    for (const std::string& word : tagsFrom(words)) {
      if (std::find(notes.tags.begin(), notes.tags.end(), word) == notes.tags.end()) notes.tags.push_back(word);
    }
  }
  if (!(notes == before)) writeRunNotes(a.run, notes);
  if (session.json) printJson({{"run", a.run}, {"tags", notes.tags}});
  else printText(notes.tags.empty() ? "No tags" : joined(notes.tags));
  return kDone;
}

int note(const Session& session, const NotesArguments& a) {
  RunNotes notes = notesOf(a.run);
  if (a.clear || !a.text.empty()) {
    if (a.clear && !a.text.empty()) throw UsageError("hvlm runs note: give a text or --clear, not both");
    notes.text = a.text;
    writeRunNotes(a.run, notes);
  }
  if (session.json) printJson({{"run", a.run}, {"note", notes.text}});
  else printText(notes.text.empty() ? "No note" : notes.text);
  return kDone;
}

int trash(const Session& session, const std::vector<std::string>& runs) {
  nlohmann::json moved = nlohmann::json::array();
  std::string text;
  for (const std::string& run : runs) {
    const fs::path place = moveRunToTrash(run);
    moved.push_back({{"run", run}, {"place", place.string()}});
    text += "Moved " + run + " to " + place.string() + "\n";
  }
  if (session.json) printJson({{"trashed", moved}});
  else printText(text + "\"hvlm runs restore\" with the same folder brings it back.");
  return kDone;
}

int restore(const Session& session, const std::vector<std::string>& runs) {
  std::string text;
  for (const std::string& run : runs) {
    restoreRunFromTrash(run);
    text += (text.empty() ? "" : "\n") + ("Restored " + run);
  }
  if (session.json) printJson({{"restored", runs}});
  else printText(text);
  return kDone;
}

int closeLost(const Session& session, const std::vector<std::string>& runs) {
  std::string text;
  for (const std::string& run : runs) {
    closeLostRun(run);
    text += (text.empty() ? "" : "\n") + ("Closed " + run + ": it counts as stopped and can be resumed");
  }
  if (session.json) printJson({{"closed", runs}});
  else printText(text);
  return kDone;
}

}  // namespace

void addRunNotesCommands(CLI::App& group, Session& session) {
  auto tags = std::make_shared<NotesArguments>();
  CLI::App* command =
      addCommand(group, session, "tag", "Tags of a run: added, taken away, or shown", [&session, tags] { return tag(session, *tags); });
  command->add_option("RUN", tags->run, "Run folder")->required()->type_name("DIR");
  command->add_option("TAG", tags->add, "Tags to add; one word or, in quotes, more; commas separate too")->type_name("TAG …");
  command->add_option("--remove", tags->remove, "A tag to take away; may be given often")->type_name("TAG")->allow_extra_args(false);
  command->add_flag("--clear", tags->clear, "Take all away first");

  auto words = std::make_shared<NotesArguments>();
  command = addCommand(group, session, "note", "The note on a run: written, taken away, or shown",
                       [&session, words] { return note(session, *words); });
  command->add_option("RUN", words->run, "Run folder")->required()->type_name("DIR");
  command->add_option("TEXT", words->text, "In place of the note; left out, it is shown")->type_name("TEXT");
  command->add_flag("--clear", words->clear, "Take the note away");

  auto moved = std::make_shared<std::vector<std::string>>();
  command = addCommand(group, session, "trash", "Move runs to the desktop's trash, as the window does; a run that is being written stays",
                       [&session, moved] { return trash(session, *moved); });
  command->add_option("RUN", *moved, "Run folders")->required()->type_name("DIR …");

  auto lost = std::make_shared<std::vector<std::string>>();
  command = addCommand(group, session, "close", "Mark runs whose process is gone as stopped; their checkpoints stay",
                       [&session, lost] { return closeLost(session, *lost); });
  command->add_option("RUN", *lost, "Run folders")->required()->type_name("DIR …");

  auto back = std::make_shared<std::vector<std::string>>();
  command = addCommand(group, session, "restore", "Take runs out of the trash, back to where they stood",
                       [&session, back] { return restore(session, *back); });
  command->add_option("RUN", *back, "Where they stood")->required()->type_name("DIR …");
}

}  // namespace hvlm::cli
