// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace hvlm {

using Tokens = std::vector<std::string>;

// Words of a caption in the manner of the Penn Treebank, lower case, without the punctuation that caption scores leave
// out
// ('' ' `` ` . ? ! , : - -- ... ;). "The man's can't (now) 1.5." gives the man 's ca n't -lrb- now -rrb- 1.5. Brackets
// and doubled marks (!!) stay, since the reference tool compares lower-case tokens with upper-case names; "7 1/2" and
// the parts of a phone number, which that tool glues together, stay apart. Bytes that are no UTF-8 count as spaces.
// Works line ends like spaces. Source: the conventions of Stanford CoreNLP 3.4.1's PTBTokenizer as pycocoevalcap 1.2
// calls it (-preserveLines -lowerCase); written from its behaviour. On the 71,023 different sentences of ActivityNet
// Captions 7 differ.
Tokens captionTokens(std::string_view caption);

}  // namespace hvlm
