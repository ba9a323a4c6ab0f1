// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "language/bpe.h"

namespace hvlm {

// A tokenizer.json whose model is BPE, as language models ship it; `where` names it in errors. Merges may be texts "a b" or pairs
// ["a", "b"]. Throws InputError naming whatever this program does not know: no part is passed over in silence.
Bpe readBpe(const nlohmann::json& file, const std::string& where);

}  // namespace hvlm
