// SPDX-License-Identifier: Apache-2.0
#include "support/version.h"

namespace hvlm {
std::string versionText() { return HVLM_VERSION; }
std::string revisionText() { return HVLM_REVISION; }
std::string compilerText() { return HVLM_COMPILER; }
std::string buildType() { return HVLM_BUILD_TYPE; }
}  // namespace hvlm
