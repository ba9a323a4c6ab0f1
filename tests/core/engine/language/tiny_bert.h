// SPDX-License-Identifier: Apache-2.0
// A random BERT encoder small enough to be made by a test: 12 heads of two columns, two layers, the files that a text tower reads.
#pragma once
#include <ATen/ATen.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "engine/model/parameters.h"
#include "engine/model/plain_tensor.h"
#include "runs/safetensors.h"

namespace hvlm::testing {

constexpr int64_t kBertWidth = 24;
constexpr int64_t kBertHeads = 12;
constexpr int64_t kBertLayers = 2;

// One token a line: the five signs, some words, and letters as pieces, so that other words can be spelt.
inline std::vector<std::string> tinyVocabulary() {
  std::vector<std::string> tokens{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};
  for (const char* word : {"a", "the", "man", "woman", "dog", "cat", "horse", "ball", "rides", "throws", "sees", "runs", "after", "and",
                           "then", ".", ",", "?"}) {
    tokens.emplace_back(word);
  }
  for (char c = 'b'; c <= 'z'; ++c) tokens.emplace_back(1, c);
  for (char c = 'a'; c <= 'z'; ++c) tokens.push_back(std::string("##") + c);
  return tokens;
}

// Weights large enough that attention is not flat.
inline TensorMap tinyBert(uint64_t seed, int64_t vocabulary = static_cast<int64_t>(tinyVocabulary().size()), int64_t positions = 256) {
  at::Generator generator = makeGenerator(seed);
  TensorMap weights;
  const auto matrix = [&](const std::string& name, at::IntArrayRef shape, double deviation = 0.3) {
    weights[name] = toPlain(normalInit(shape, deviation, generator, at::kFloat));
  };
  const auto norm = [&](const std::string& name) {
    weights[name + ".weight"] = toPlain(1.0 + normalInit({kBertWidth}, 0.1, generator, at::kFloat));
    matrix(name + ".bias", {kBertWidth}, 0.1);
  };
  const auto affine = [&](const std::string& name, int64_t out, int64_t in) {
    matrix(name + ".weight", {out, in});
    matrix(name + ".bias", {out}, 0.1);
  };
  matrix("embeddings.word_embeddings.weight", {vocabulary, kBertWidth}, 1.0);
  matrix("embeddings.position_embeddings.weight", {positions, kBertWidth}, 0.2);
  matrix("embeddings.token_type_embeddings.weight", {2, kBertWidth}, 0.2);
  norm("embeddings.LayerNorm");
  for (int64_t l = 0; l < kBertLayers; ++l) {
    const std::string at = "encoder.layer." + std::to_string(l) + ".";
    for (const char* part : {"attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"})
      affine(at + part, kBertWidth, kBertWidth);
    norm(at + "attention.output.LayerNorm");
    affine(at + "intermediate.dense", 2 * kBertWidth, kBertWidth);
    affine(at + "output.dense", kBertWidth, 2 * kBertWidth);
    norm(at + "output.LayerNorm");
  }
  return weights;
}

// `folder`/`name`.safetensors and `folder`/`name`.vocab.txt; returns the first.
inline std::filesystem::path writeTower(const std::filesystem::path& folder, const TensorMap& weights,
                                        const std::vector<std::string>& tokens = tinyVocabulary(), const std::string& name = "tiny") {
  std::filesystem::create_directories(folder);
  std::ofstream words(folder / (name + ".vocab.txt"), std::ios::binary);
  for (const std::string& token : tokens) words << token << '\n';
  writeSafetensors(folder / (name + ".safetensors"), weights);
  return folder / (name + ".safetensors");
}

}  // namespace hvlm::testing
