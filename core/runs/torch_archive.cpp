// SPDX-License-Identifier: Apache-2.0
#include "runs/torch_archive.h"

#include <cstring>
#include <map>
#include <set>

#include "runs/pickle.h"
#include "support/atomic_file.h"
#include "support/error.h"

namespace hvlm {
namespace {

using pickle::Value;
using Kind = Value::Kind;

constexpr size_t kLargestFile = size_t{8} << 30;
constexpr int kDeepest = 8;                               // dictionaries in dictionaries
constexpr int64_t kMostElements = int64_t{1} << 31;       // of one tensor
constexpr size_t kMostMembers = 100000;

[[noreturn]] void refuse(const std::string& where, const std::string& found) {
  throw InputError({.where = where, .expected = "a PyTorch file with tensors (.pth or .pt)", .found = found, .remedy = "Download it again, or convert it to safetensors."});
}

uint64_t little(std::string_view bytes, size_t at, size_t count, const std::string& where) {
  if (at > bytes.size() || count > bytes.size() - at) refuse(where, "a file that is cut short");
  uint64_t value = 0;
  for (size_t i = 0; i < count; ++i) value |= static_cast<uint64_t>(static_cast<uint8_t>(bytes[at + i])) << (8 * i);
  return value;
}

using Storages = std::map<std::string, std::string_view>;

// Gathers a strided tensor into contiguous memory.
PlainTensor contiguous(const Value& tensor, std::string_view storage, const std::string& where) {
  const size_t size = dtypeSize(tensor.dtype);
  PlainTensor out;
  out.dtype = tensor.dtype;
  out.shape = tensor.sizes;
  int64_t elements = 1, last = tensor.offset;
  for (size_t d = 0; d < tensor.sizes.size(); ++d) {
    const int64_t n = tensor.sizes[d], stride = tensor.strides[d];
    if (n > kMostElements || stride > kMostElements || (n > 0 && elements > kMostElements / n)) refuse(where, "a tensor of impossible size");
    elements *= n;
    if (n > 1) last += (n - 1) * stride;
    if (last > kMostElements * 16) refuse(where, "a tensor of impossible size");
  }
  const auto held = static_cast<int64_t>(size == 0 ? 0 : storage.size() / size);
  if (size == 0 || (elements > 0 && last >= held)) refuse(where, "a tensor that reaches beyond its storage");
  out.bytes.resize(static_cast<size_t>(elements) * size);
  std::vector<int64_t> at(tensor.sizes.size(), 0);
  int64_t from = tensor.offset;
  for (int64_t i = 0; i < elements; ++i) {
    std::memcpy(out.bytes.data() + static_cast<size_t>(i) * size, storage.data() + static_cast<size_t>(from) * size, size);
    for (size_t d = at.size(); d-- > 0;) {
      from += tensor.strides[d];
      if (++at[d] < tensor.sizes[d]) break;
      from -= at[d] * tensor.strides[d];
      at[d] = 0;
    }
  }
  return out;
}

void collect(const Value& value, const std::string& prefix, const Storages& storages, const std::string& where, TensorMap& out, int depth) {
  if (depth > kDeepest) refuse(where, "dictionaries nested deeper than " + std::to_string(kDeepest));
  if (value.kind == Kind::kTensor) {
    const auto storage = storages.find(value.text);
    if (storage == storages.end()) refuse(where + ": " + prefix, "no storage " + value.text);
    out[prefix] = contiguous(value, storage->second, where + ": " + prefix);
  } else if (value.kind == Kind::kDictionary) {
    for (size_t i = 0; i + 1 < value.items.size(); i += 2) {
      if (value.items[i]->kind != Kind::kText) continue;  // optimiser states count their parameters
      collect(*value.items[i + 1], prefix.empty() ? value.items[i]->text : prefix + "." + value.items[i]->text, storages, where, out, depth + 1);
    }
  }
}

// ---- the old form

TensorMap decodeLegacy(std::string_view bytes, const std::string& where) {
  size_t at = 0;
  pickle::read(bytes, at, where);  // magic number
  pickle::read(bytes, at, where);  // protocol
  pickle::read(bytes, at, where);  // about the machine
  const pickle::ValuePtr root = pickle::read(bytes, at, where);
  const pickle::ValuePtr keys = pickle::read(bytes, at, where);
  if (keys->kind != Kind::kList) refuse(where, "no list of storages");
  // The types of the storages stand with the tensors.
  std::map<std::string, size_t> widths;
  std::vector<std::pair<const Value*, int>> open = {{root.get(), 0}};
  while (!open.empty()) {
    const auto [value, depth] = open.back();
    open.pop_back();
    if (value->kind == Kind::kTensor) widths[value->text] = dtypeSize(value->dtype);
    if (depth > kDeepest) continue;
    if (value->kind == Kind::kDictionary) {
      for (const auto& item : value->items) open.emplace_back(item.get(), depth + 1);
    }
  }
  Storages storages;
  for (const pickle::ValuePtr& key : keys->items) {
    const uint64_t elements = little(bytes, at, 8, where);
    at += 8;
    const auto width = widths.find(key->text);
    if (width == widths.end()) refuse(where, "a storage \"" + key->text + "\" that no tensor uses");
    if (width->second == 0 || elements > (bytes.size() - at) / width->second) refuse(where, "a file that is cut short");
    storages[key->text] = bytes.substr(at, elements * width->second);
    at += elements * width->second;
  }
  TensorMap out;
  collect(*root, "", storages, where, out, 0);
  return out;
}

// ---- the new form: a zip whose members are stored, not packed

std::map<std::string, std::string_view> membersOf(std::string_view bytes, const std::string& where) {
  constexpr std::string_view kEnd = "PK\x05\x06", kEntry = "PK\x01\x02", kLocal = "PK\x03\x04";
  const size_t end = bytes.rfind(kEnd);
  if (end == std::string_view::npos) refuse(where, "a zip without a directory: cut short");
  uint64_t count = little(bytes, end + 10, 2, where), at = little(bytes, end + 16, 4, where);
  if (at == 0xFFFFFFFF || count == 0xFFFF) {  // ZIP64: the locator stands before
    if (end < 20 || bytes.substr(end - 20, 4) != "PK\x06\x07") refuse(where, "a zip without a directory");
    const uint64_t wide = little(bytes, end - 12, 8, where);
    count = little(bytes, wide + 32, 8, where);
    at = little(bytes, wide + 48, 8, where);
  }
  if (count > kMostMembers) refuse(where, "a zip of " + std::to_string(count) + " members");
  std::map<std::string, std::string_view> members;
  for (uint64_t i = 0; i < count; ++i) {
    if (at > bytes.size() || bytes.substr(at, 4) != kEntry) refuse(where, "a broken zip directory");
    const uint64_t method = little(bytes, at + 10, 2, where), name_length = little(bytes, at + 28, 2, where), extra_length = little(bytes, at + 30, 2, where),
                   comment = little(bytes, at + 32, 2, where);
    uint64_t packed = little(bytes, at + 20, 4, where), size = little(bytes, at + 24, 4, where), local = little(bytes, at + 42, 4, where);
    if (at + 46 + name_length + extra_length > bytes.size()) refuse(where, "a broken zip directory");
    const std::string name(bytes.substr(at + 46, name_length));
    uint64_t extra = at + 46 + name_length;
    const uint64_t extra_end = extra + extra_length;
    while (extra + 4 <= extra_end) {  // ZIP64 sizes
      const uint64_t id = little(bytes, extra, 2, where), length = little(bytes, extra + 2, 2, where);
      uint64_t field = extra + 4;
      if (id == 1) {
        for (uint64_t* value : {&size, &packed, &local}) {
          if (*value != 0xFFFFFFFF) continue;
          *value = little(bytes, field, 8, where);
          field += 8;
        }
      }
      extra += 4 + length;
    }
    if (method != 0 || packed != size) refuse(where + ": " + name, "a packed member (torch stores them as they are)");
    if (local > bytes.size() || bytes.substr(local, 4) != kLocal) refuse(where + ": " + name, "a broken zip member");
    const uint64_t data = local + 30 + little(bytes, local + 26, 2, where) + little(bytes, local + 28, 2, where);
    if (data > bytes.size() || size > bytes.size() - data) refuse(where + ": " + name, "a member that is cut short");
    members[name] = bytes.substr(data, size);
    at += 46 + name_length + extra_length + comment;
  }
  return members;
}

TensorMap decodeZip(std::string_view bytes, const std::string& where) {
  const auto members = membersOf(bytes, where);
  std::string folder, code;
  for (const auto& [name, data] : members) {
    if (name == "data.pkl" || name.ends_with("/data.pkl")) folder = name.substr(0, name.size() - std::string_view("data.pkl").size());
    if (name.find("/code/") != std::string::npos) code = name;
  }
  if (!code.empty()) refuse(where, "TorchScript (" + code + "), which is code: name it as the --backbone with --trust");
  if (!members.contains(folder + "data.pkl")) refuse(where, "a zip without data.pkl");
  Storages storages;
  for (const auto& [name, data] : members) {
    if (name.starts_with(folder + "data/")) storages[name.substr(folder.size() + 5)] = data;
  }
  size_t at = 0;
  const pickle::ValuePtr root = pickle::read(members.at(folder + "data.pkl"), at, where);
  TensorMap out;
  collect(*root, "", storages, where, out, 0);
  return out;
}

}  // namespace

bool looksLikeTorchArchive(std::string_view first) { return first.starts_with("PK\x03\x04") || (first.size() > 2 && static_cast<uint8_t>(first[0]) == 0x80 && first[1] >= 2 && first[1] <= 5); }

TensorMap decodeTorchArchive(std::string_view bytes, const std::string& where) {
  if (!looksLikeTorchArchive(bytes)) refuse(where, "another kind of file");
  TensorMap tensors = bytes.starts_with("PK") ? decodeZip(bytes, where) : decodeLegacy(bytes, where);
  if (tensors.empty()) refuse(where, "no tensors");
  return tensors;
}

TensorMap readWeights(const std::filesystem::path& path) {
  const std::string bytes = readFile(path, kLargestFile);
  return looksLikeTorchArchive(bytes) ? decodeTorchArchive(bytes, path.string()) : decodeSafetensors(bytes, path.string());
}

TensorMap readTorchArchive(const std::filesystem::path& path) { return decodeTorchArchive(readFile(path, kLargestFile), path.string()); }

}  // namespace hvlm
