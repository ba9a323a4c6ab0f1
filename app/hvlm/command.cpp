// SPDX-License-Identifier: Apache-2.0
#include "command.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "runs/config.h"
#include "runs/run_record.h"
#include "support/error.h"
#include "support/paths.h"
#include "support/text.h"

namespace hvlm::cli {
namespace {

std::string checkedDevice(const std::string& text) {
  if (text == "auto" || text == "cpu" || text == "cuda") return "";
  const bool numbered = text.rfind("cuda:", 0) == 0 && text.size() > 5 && text.size() < 8 &&
                        std::all_of(text.begin() + 5, text.end(), [](char c) { return c >= '0' && c <= '9'; });
  return numbered ? "" : "expected auto, cpu, cuda or cuda:N, found " + text;
}

void write(const std::string& text) {
  errno = 0;
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    if (errno == EPIPE) throw ReaderGone("the reader has gone");
    throw systemError("standard output", "write the result", errno);
  }
}

// Width in characters; UTF-8 continuation bytes take none.
size_t width(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](unsigned char c) { return (c & 0xC0) != 0x80; }));
}

const CLI::App* chosenCommand(const CLI::App& app) {
  const CLI::App* command = &app;
  while (!command->get_subcommands().empty()) command = command->get_subcommands().front();
  return command;
}

std::string fullName(const CLI::App* command) {
  std::string name = command->get_name();
  for (const CLI::App* parent = command->get_parent(); parent; parent = parent->get_parent()) name = parent->get_name() + " " + name;
  return name;
}

std::vector<std::string> commandNames(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) names.push_back(command->get_name());
  return names;
}

std::string suggestion(const std::string& word, const std::vector<std::string>& known) {
  const std::string near = nearestWord(word, known);
  return near.empty() ? "" : ". Did you mean '" + near + "'?";
}

// For --epochs where a config key is meant.
std::string configKeySuggestion(const std::string& word) {
  RunConfig config;
  const Fields fields(config);
  std::vector<std::string> keys;
  for (const Field& field : fields.all()) keys.push_back(field.path);
  const std::string near = nearestWord(word.substr(0, word.find('=')), keys);
  return near.empty() ? "" : ". Config keys are set with --set " + near + "=VALUE";
}

}  // namespace

CLI::App* addCommand(CLI::App& parent, Session& session, const std::string& name, const std::string& help,
                     std::function<int()> action) {
  CLI::App* command = parent.add_subcommand(name, help);
  command->add_flag("--json", session.json, "Print exactly one JSON object on stdout");
  command->add_option("--threads", session.threads, "Compute threads; 0 = one per core")->check(CLI::Range(0, 1024))->type_name("N");
  command->add_option("--device", session.device, "auto, cpu or cuda[:i]")->check(CLI::Validator(checkedDevice, ""))->type_name("DEVICE");
  command->callback([&session, action = std::move(action)] { session.action = action; });
  return command;
}

void printText(const std::string& text) { write(text.empty() || text.back() == '\n' ? text : text + '\n'); }

void printJson(const nlohmann::json& object) {
  // File names and ids may hold bytes that are no UTF-8; they must not cost the answer.
  write(object.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + '\n');
}

std::string alignedTable(const std::vector<std::vector<std::string>>& rows, bool right_align) {
  std::vector<size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string padding(widths[i] - width(row[i]), ' ');
      line += (i ? "  " : "") + (right_align && i > 0 ? padding + row[i] : row[i] + padding);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return text;
}

std::string terminalTable(const ResultTable& table) {
  std::vector<std::vector<std::string>> rows(1);
  for (const TableColumn& column : table.columns) rows.front().push_back(column.title);
  for (const TableRow& row : table.rows) {
    rows.emplace_back();
    for (size_t i = 0; i < row.cells.size(); ++i) rows.back().push_back(cellText(table.columns[i], row.cells[i]));
    if (row.struck) rows.back().front() += " (collapsed)";
  }
  std::string text = table.title.empty() ? "" : table.title + "\n";
  text += alignedTable(rows);
  for (const std::string& note : table.notes) text += note + '\n';
  return text;
}

std::string usageText(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App* command = chosenCommand(app);
  const std::string name = fullName(command) + ": ", help = " (see " + fullName(command) + " --help)";
  const std::vector<std::string> commands = commandNames(*command);
  // Words nobody took; CLI11 complains about a missing option before it looks at them.
  const std::vector<std::string> extras = command->remaining(true);
  if (!extras.empty()) {
    const std::string& word = extras.front();
    if (word.rfind('-', 0) == 0) {
      std::vector<std::string> known;
      for (const CLI::Option* option : command->get_options()) {
        for (const std::string& long_name : option->get_lnames()) known.push_back("--" + long_name);
      }
      std::string near = suggestion(word, known);
      if (near.empty() && word.size() > 2 && std::find(known.begin(), known.end(), "--set") != known.end()) near = configKeySuggestion(word.substr(2));
      return name + "unknown option '" + word + "'" + near + help;
    }
    if (!commands.empty()) return name + "unknown command '" + word + "'" + suggestion(word, commands) + help;
    return name + "unexpected argument '" + word + "'" + help;
  }
  if (!commands.empty() && dynamic_cast<const CLI::RequiredError*>(&error)) {
    std::string list;
    for (const std::string& known : commands) list += (list.empty() ? "" : ", ") + known;
    return name + "name a command: " + list + help;
  }
  std::string text = error.what();
  std::replace(text.begin(), text.end(), '\n', ' ');
  return name + text + help;
}

std::string dataOrOfRun(const std::string& data, const std::string& run) {
  if (!data.empty()) return data;
  const std::string recorded = readRunRecord(run).dataset_file;
  std::error_code error;
  if (recorded.empty() || !std::filesystem::exists(recorded, error)) {
    throw InputError({.where = run + "/run.json: dataset_file",
                      .expected = "the data set of the run",
                      .found = recorded.empty() ? "nothing" : recorded + ", which is gone",
                      .remedy = "Name the data set with --data."});
  }
  return recorded;
}

std::filesystem::path namedConfig(const std::filesystem::path& name) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  if (name.empty() || name.is_absolute() || (fs::exists(name, ignored) && !fs::is_directory(name, ignored))) return name;
  for (const fs::path& place : {name, "baselines" / name, "ablations" / name}) {
    const fs::path file = "configs" / (place.extension() == ".yaml" ? place : fs::path(place.string() + ".yaml"));
    try {
      return bundled(file);
    } catch (const InputError&) {
    }
  }
  return name;
}

}  // namespace hvlm::cli
