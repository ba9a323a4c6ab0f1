// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

// The map of DESIGN.md, "Rooms, and who may know whom", as a check of what the compiler really read.
namespace hvlm::testing {

// What each room's target may include besides itself.
const std::map<std::string, std::set<std::string>>& allowedUses();

struct Findings {
  std::vector<std::string> violations;     // one line each: object, header, why
  std::map<std::string, int> objects;      // per target, how many were looked at
};

// `deps` is the output of `ninja -t deps`. Checks every object of a target of allowedUses(): headers come from allowed rooms and
// through their include roots (rooms/<target>/…), core and the command line see no Qt, LibTorch stays in the engine.
Findings checkDependencies(std::string_view deps);

}  // namespace hvlm::testing
