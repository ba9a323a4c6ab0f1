// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

namespace hvlm {

// Typographic marks as ASCII; white space, control characters and bytes that are no UTF-8 as one space each.
std::string plainText(std::string_view text);

// Lower case of ASCII and Latin-1, byte by byte, so places stay the same.
std::string lowered(std::string text);

// Every character outside ASCII replaced by one space, as the public dense-captioning script does before its tokenizer.
std::string asciiOnly(std::string_view text);

}  // namespace hvlm
