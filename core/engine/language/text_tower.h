// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <memory>
#include <string>

#include "data/text_vectors.h"
#include "runs/config.h"

namespace hvlm {

class TextEncoder;  // engine/model/text_encoder.h

// all-MiniLM-L6-v2, frozen: WordPiece, six BERT layers, mean over the tokens, unit norm; 384 numbers. Texts are cut to 256 tokens, the
// empty one is [CLS] [SEP]. Every vector and every question's token states are kept in memory, vectors also on disk below
// `cache_folder`, by the content of the text and of the weights; an unusable cache file is passed over and written anew. Safe for
// several threads. Sources: Wang et al. 2020, arXiv:2002.10957; Reimers and Gurevych 2019, arXiv:1908.10084.
class MiniLmTower : public TextTower {
 public:
  // `weights` is minilm-l6.safetensors, with minilm-l6.vocab.txt beside it. Throws InputError naming what is missing. An empty
  // cache folder keeps vectors in memory only.
  MiniLmTower(const std::filesystem::path& weights, std::filesystem::path cache_folder);
  ~MiniLmTower() override;  // writes what is new to the disk
  int64_t width() const override;
  std::string tag() const override { return "minilm"; }
  std::vector<float> encode(std::string_view text) const override;
  std::vector<std::vector<float>> encodeAll(const std::vector<std::string>& texts) const override;
  std::vector<float> tokenStates(std::string_view text) const override;

  std::vector<int64_t> ids(std::string_view text) const;  // with [CLS] and [SEP], at most 256
  const TextEncoder& encoder() const;                     // frozen

  int64_t computed() const;  // texts that went through the network since it was made, for tests and reports
  void save() const override;  // writes the cache; a disk that does not take it is no error

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

// The tower that a config names: "hashed" or "minilm", whose weights ./run puts into the user's cache folder; throws InputError when they
// are not there. One MiniLM is shared by all who ask while somebody holds it.
std::shared_ptr<const TextTower> openTextTower(const TextOptions& options);
std::filesystem::path miniLmWeights();  // where they are looked for

}  // namespace hvlm
