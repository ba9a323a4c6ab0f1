// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "command.h"

namespace hvlm::cli {
namespace {

// Every command path ("", "score", "score detection") with the words that may follow.
std::vector<std::pair<std::string, std::vector<std::string>>> wordsByPath(const CLI::App& app, const std::string& path = "") {
  std::vector<std::pair<std::string, std::vector<std::string>>> all;
  std::vector<std::string> words;
  const auto commands = app.get_subcommands([](const CLI::App*) { return true; });
  for (const CLI::App* command : commands) words.push_back(command->get_name());
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) words.push_back("--" + name);
  }
  all.emplace_back(path, words);
  for (const CLI::App* command : commands) {
    for (auto& entry : wordsByPath(*command, path.empty() ? command->get_name() : path + " " + command->get_name())) {
      all.push_back(std::move(entry));
    }
  }
  return all;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::string bashScript(const CLI::App& app) {
  std::string text =
      "# hvlm completion for bash; put into ~/.local/share/bash-completion/completions/hvlm\n"
      "_hvlm() {\n"
      "  local word path=\"\" words\n"
      "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
      "    [[ $word == -* ]] && break\n"
      "    case \"$path${path:+ }$word\" in\n";
  std::string cases;
  for (const auto& [path, words] : wordsByPath(app)) {
    if (!path.empty()) text += "      \"" + path + "\") path=\"" + path + "\" ;;\n";
    cases += "    \"" + path + "\") words=\"" + joined(words) + "\" ;;\n";
  }
  text +=
      "      *) break ;;\n"
      "    esac\n"
      "  done\n"
      "  case \"$path\" in\n" + cases +
      "  esac\n"
      "  COMPREPLY=($(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
      "}\n"
      "complete -o default -F _hvlm hvlm\n";
  return text;
}

std::string fishScript(const CLI::App& app) {
  std::string text = "# hvlm completion for fish; put into ~/.config/fish/completions/hvlm.fish\n";
  for (const auto& [path, words] : wordsByPath(app)) {
    std::string condition = "__fish_use_subcommand";
    if (!path.empty()) {
      const size_t space = path.find(' ');
      condition = "__fish_seen_subcommand_from " + path.substr(0, space);
      if (space != std::string::npos) condition += "; and __fish_seen_subcommand_from " + path.substr(space + 1);
    }
    for (const std::string& word : words) {
      const bool option = word.rfind("--", 0) == 0;
      text += "complete -c hvlm -n '" + condition + "' " + (option ? "-l " + word.substr(2) : "-f -a " + word) + "\n";
    }
  }
  return text;
}

}  // namespace

void addCompletionCommand(CLI::App& app, Session& session) {
  auto shell = std::make_shared<std::string>("bash");
  CLI::App* command = addCommand(app, session, "completion", "Print the completion script of a shell", [&app, &session, shell] {
    const std::string script = *shell == "fish"  ? fishScript(app)
                               : *shell == "zsh" ? "#compdef hvlm\nautoload -U +X bashcompinit && bashcompinit\n" + bashScript(app)
                                                 : bashScript(app);
    if (session.json) {
      printJson({{"shell", *shell}, {"script", script}});
    } else {
      printText(script);
    }
    return kDone;
  });
  command->add_option("shell", *shell, "bash, zsh or fish")->check(CLI::IsMember({"bash", "zsh", "fish"}))->type_name("SHELL");
}

}  // namespace hvlm::cli
