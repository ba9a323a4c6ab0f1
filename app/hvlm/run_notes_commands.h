// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "command.h"

namespace hvlm::cli {

// hvlm runs tag, note, trash, restore, close.
void addRunNotesCommands(CLI::App& group, Session& session);

}  // namespace hvlm::cli
