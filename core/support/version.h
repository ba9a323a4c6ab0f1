// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

namespace hvlm {
std::string versionText();   // "0.1.0"
std::string revisionText();  // git revision of the build, "-dirty" when the tree was; "unknown" outside git
std::string compilerText();  // "GNU 12.2.0"
std::string buildType();     // "Release"
}  // namespace hvlm
