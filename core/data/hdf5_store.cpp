// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstring>
#include <mutex>
#include <unordered_map>

#include "data/hdf5_chunks.h"
#include "data/hdf5_handle.h"
#include "data/hdf5_owner.h"
#include "data/store_kinds.h"
#include "support/error.h"
#include "support/text.h"

namespace hvlm {
namespace fs = std::filesystem;
namespace {

// Where a video's matrix, or a part of its rows, lies and how to get it.
struct Place {
  std::string dataset;  // full name in the file
  int64_t first = 0;    // row from which it is wanted
  int64_t rows = 0;     // from there on
  bool part = false;    // there are other rows
  int64_t columns = 0;
  int rank = 2;  // in the file; 1 is one column
  Element element = Element::kFloat;
  bool converts = false;    // stored big-endian: HDF5 converts to float32 in memory
  size_t stored_bytes = 4;  // of one element in the file
  bool direct = false;      // plain bytes at `offset`: pread from any thread
  uint64_t offset = 0;
  bool chunked = false;  // in chunks of this form
  ChunkForm chunks;
};

constexpr std::string_view kSignature = "\x89HDF\r\n\x1a\n";

// The signature stands at 0, 512, 1024, 2048, …
bool hasSignature(const ReadOnlyFile& file, const std::string& where) {
  for (uint64_t at = 0; at + kSignature.size() <= file.size(); at = at == 0 ? 512 : at * 2) {
    std::array<char, kSignature.size()> bytes = {};
    file.read(bytes.data(), bytes.size(), at, where);
    if (std::string_view(bytes.data(), bytes.size()) == kSignature) return true;
  }
  return false;
}

herr_t collectName(hid_t, const char* name, const H5L_info_t* info, void* out) {
  if (info->type == H5L_TYPE_HARD || info->type == H5L_TYPE_SOFT)
    static_cast<std::vector<std::string>*>(out)->emplace_back(name);
  return 0;  // external links would open other files: left alone
}

std::vector<std::string> linkNames(hid_t group) {
  std::vector<std::string> names;
  hsize_t position = 0;
  H5Literate(group, H5_INDEX_NAME, H5_ITER_NATIVE, &position, collectName, &names);
  return names;
}

Hdf5Handle openDataset(hid_t parent, const std::string& name) {
  Hdf5Handle object(H5Oopen(parent, name.c_str(), H5P_DEFAULT), H5Oclose);
  if (object.valid() && H5Iget_type(object.get()) != H5I_DATASET) object.reset();
  return object;
}

bool isFloatMatrix(hid_t dataset) {
  const Hdf5Handle type(H5Dget_type(dataset), H5Tclose);
  const Hdf5Handle space(H5Dget_space(dataset), H5Sclose);
  return type.valid() && space.valid() && H5Tget_class(type.get()) == H5T_FLOAT &&
         H5Sget_simple_extent_ndims(space.get()) == 2;
}

bool isHalf(hid_t type) {
  size_t sign = 0, exponent_at = 0, exponent_bits = 0, mantissa_at = 0, mantissa_bits = 0;
  return H5Tget_size(type) == 2 && H5Tget_order(type) == H5T_ORDER_LE && H5Tget_ebias(type) == 15 &&
         H5Tget_fields(type, &sign, &exponent_at, &exponent_bits, &mantissa_at, &mantissa_bits) >= 0 && sign == 15 &&
         exponent_at == 10 && exponent_bits == 5 && mantissa_at == 0 && mantissa_bits == 10;
}

// All members of HDF5's own kind (file_) are touched on the HDF5 thread only.
class Hdf5Store : public FeatureStore {
 public:
  explicit Hdf5Store(const FeatureSpec& spec) : path_(spec.store), key_(spec.key), bytes_(spec.store) {
    if (!hasSignature(bytes_, path_.string())) {
      throw InputError({.where = path_.string(),
                        .expected = "an HDF5 file",
                        .found = bytes_.size() == 0 ? "an empty file" : "another format",
                        .remedy = "Point features.store at an HDF5 file or a folder of .npy files."});
    }
    onHdf5Thread([this] { openFile(); });
    if (index_.size() == 0) {
      const auto close = [this] { file_.reset(); };
      onHdf5Thread(close);
      throw InputError({.where = path_.string(),
                        .expected = "one group or dataset per video",
                        .found = "an empty HDF5 file",
                        .remedy = "Extract the features again."});
    }
  }
  ~Hdf5Store() override {
    onHdf5Thread([this] { file_.reset(); });
  }

  std::vector<std::string> ids() const override { return index_.ids(); }

  std::optional<FeatureShape> shape(std::string_view id) const override {
    const std::string* name = index_.find(id);
    if (!name) return std::nullopt;
    const Place place = resolved(*name);
    return FeatureShape{place.rows, place.columns, nameOf(place.element)};
  }

  FeatureMatrix read(std::string_view id) const override { return readMatrix(placeOf(id)); }

  FeatureMatrix readRows(std::string_view id, int64_t first, int64_t count) const override {
    Place place = placeOf(id);
    checkRowRange(first, count, place.rows, where(place.dataset));
    place.part = count < place.rows;
    place.first = first;
    place.rows = count;
    return readMatrix(place);
  }

  int64_t readInto(std::string_view id, const FeatureShape& expected, float* into) const override {
    const Place place = placeOf(id);
    if (!place.direct || place.converts || place.element == Element::kDouble) return FeatureStore::readInto(id, expected, into);
    checkSameShape({place.rows, place.columns, {}}, expected, where(place.dataset));
    const std::string name = where(place.dataset);
    return readRowsInto(
        place.rows, place.columns, place.element,
        [&](void* part, size_t bytes, uint64_t at) { bytes_.read(part, bytes, place.offset + at, name); }, into);
  }

  std::optional<std::vector<float>> channel(std::string_view id, const std::string& name, int64_t rows) const override {
    const std::string* group = index_.find(id);
    if (!group) return std::nullopt;
    std::optional<Place> place;
    onHdf5Thread([&] { place = resolveChannel(*group, name, rows); });
    if (!place) return std::nullopt;
    return checkedChannel(readMatrix(*place), where(place->dataset));
  }

  std::string describe() const override {
    std::string text = "HDF5 " + path_.filename().string() + ", " + std::to_string(index_.size()) + " videos";
    for (const std::string& id : index_.ids()) {
      try {
        if (const auto found = shape(id))
          return text + ", " + std::to_string(found->columns) + " columns, " + found->type;
      } catch (const InputError&) {
        continue;  // the first readable one tells
      }
    }
    return text;
  }

 private:
  std::string where(const std::string& dataset) const { return path_.string() + ": " + dataset; }

  void openFile() {
    const Hdf5Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
    H5Pset_fclose_degree(access.get(), H5F_CLOSE_STRONG);
#if H5_VERSION_GE(1, 10, 7)
    H5Pset_file_locking(access.get(), 0, 1);
#endif
    file_ = Hdf5Handle(H5Fopen(path_.c_str(), H5F_ACC_RDONLY, access.get()), H5Fclose);
    if (!file_.valid()) {
      throw InputError({.where = path_.string(),
                        .expected = "a whole HDF5 file",
                        .found = "a truncated or damaged one (" + hdf5Reason() + ")",
                        .remedy = "Copy or extract it again."});
    }
    const Hdf5Handle creation(H5Fget_create_plist(file_.get()), H5Pclose);
    hsize_t user_block = 0;
    has_user_block_ = !creation.valid() || H5Pget_userblock(creation.get(), &user_block) < 0 || user_block != 0;
    const std::vector<std::string> names = linkNames(file_.get());
    index_ = NameIndex(names, names);
  }

  Place placeOf(std::string_view id) const {
    const std::string* name = index_.find(id);
    if (name) return resolved(*name);
    throw InputError({.where = path_.string(),
                      .expected = "features of the video " + shortened(id),
                      .found = "neither /v_" + shortened(id) + " nor /" + shortened(id),
                      .remedy = "Extract them, or leave the video out with lists.blocked."});
  }

  Place resolved(const std::string& name) const {
    {
      const std::lock_guard lock(mutex_);
      const auto it = places_.find(name);
      if (it != places_.end()) return it->second;
    }
    Place place;
    onHdf5Thread([&] { place = resolve(name); });
    const std::lock_guard lock(mutex_);
    return places_.try_emplace(name, place).first->second;
  }

  // The dataset of a video: itself, below its group under the key (hyphen or underscore), or the one float matrix
  // there.
  Hdf5Handle findDataset(const std::string& name, std::string& full_name) const {
    Hdf5Handle object(H5Oopen(file_.get(), name.c_str(), H5P_DEFAULT), H5Oclose);
    full_name = "/" + name;
    if (object.valid() && H5Iget_type(object.get()) == H5I_DATASET) return object;
    if (!object.valid() || H5Iget_type(object.get()) != H5I_GROUP) {
      throw InputError({.where = where(full_name),
                        .expected = "a group or a dataset",
                        .found = object.valid() ? "something else" : hdf5Reason(),
                        .remedy = "The file is damaged: copy or extract it again."});
    }
    std::string hyphened = key_;
    std::string underscored = key_;
    std::replace(hyphened.begin(), hyphened.end(), '_', '-');
    std::replace(underscored.begin(), underscored.end(), '-', '_');
    const std::vector<std::string> names = linkNames(object.get());
    for (const std::string& key :
         {key_, hyphened, underscored, std::string("c3d_features"), std::string("c3d-features")}) {
      if (key.empty() || std::find(names.begin(), names.end(), key) == names.end()) continue;
      if (Hdf5Handle dataset = openDataset(object.get(), key); dataset.valid()) {
        full_name += "/" + key;
        return dataset;
      }
    }
    std::vector<std::string> matrices;
    for (const std::string& key : names) {
      const Hdf5Handle dataset = openDataset(object.get(), key);
      const bool is_channel = std::find(kChannelNames.begin(), kChannelNames.end(), key) != kChannelNames.end();
      if (dataset.valid() && !is_channel && isFloatMatrix(dataset.get())) matrices.push_back(key);
    }
    if (matrices.size() != 1) {
      throw InputError({.where = where(full_name),
                        .expected = "the dataset \"" + (key_.empty() ? "c3d_features" : key_) + "\"",
                        .found = matrices.empty() ? "no float matrix"
                                                  : std::to_string(matrices.size()) + " matrices (" + matrices[0] +
                                                        ", " + matrices[1] + (matrices.size() > 2 ? ", …)" : ")"),
                        .remedy = "Set features.key in dataset.yaml."});
    }
    full_name += "/" + matrices[0];
    return openDataset(object.get(), matrices[0]);
  }

  Place resolve(const std::string& name) const {
    Place place;
    const Hdf5Handle dataset = findDataset(name, place.dataset);
    readShape(dataset.get(), place);
    readType(dataset.get(), place);
    readLayout(dataset.get(), place);
    return place;
  }

  // nullopt when the video has no such dataset, or is one itself.
  std::optional<Place> resolveChannel(const std::string& video, const std::string& name, int64_t rows) const {
    const Hdf5Handle group(H5Oopen(file_.get(), video.c_str(), H5P_DEFAULT), H5Oclose);
    if (!group.valid() || H5Iget_type(group.get()) != H5I_GROUP) return std::nullopt;
    const std::vector<std::string> names = linkNames(group.get());
    if (std::find(names.begin(), names.end(), name) == names.end()) return std::nullopt;
    Place place;
    place.dataset = "/" + video + "/" + name;
    const Hdf5Handle dataset = openDataset(group.get(), name);
    if (!dataset.valid()) {
      throw InputError({.where = where(place.dataset),
                        .expected = "a dataset with one value per step",
                        .found = "something else",
                        .remedy = "Extract this channel again, or remove it."});
    }
    readChannelShape(dataset.get(), place);
    checkChannelLength(place.rows, rows, where(place.dataset));
    readType(dataset.get(), place);
    readLayout(dataset.get(), place);
    return place;
  }

  void readChannelShape(hid_t dataset, Place& place) const {
    const Hdf5Handle space(H5Dget_space(dataset), H5Sclose);
    place.rank = space.valid() ? H5Sget_simple_extent_ndims(space.get()) : -1;
    hsize_t size[2] = {0, 1};
    if (place.rank == 1 || place.rank == 2) H5Sget_simple_extent_dims(space.get(), size, nullptr);
    if ((place.rank != 1 && place.rank != 2) || size[1] != 1) {
      throw InputError({.where = where(place.dataset),
                        .expected = "one value per step ([T] or [T, 1])",
                        .found = place.rank < 0    ? hdf5Reason()
                                 : place.rank == 2 ? std::to_string(size[1]) + " columns"
                                                   : "rank " + std::to_string(place.rank),
                        .remedy = "Extract this channel again, or remove it."});
    }
    checkMatrixShape(size[0], 1, where(place.dataset));
    place.rows = static_cast<int64_t>(size[0]);
    place.columns = 1;
  }

  void readShape(hid_t dataset, Place& place) const {
    const Hdf5Handle space(H5Dget_space(dataset), H5Sclose);
    const int rank = space.valid() ? H5Sget_simple_extent_ndims(space.get()) : -1;
    if (rank != 2) {
      throw InputError({.where = where(place.dataset),
                        .expected = "a matrix of steps x channels (rank 2)",
                        .found = rank < 0 ? hdf5Reason() : "rank " + std::to_string(rank),
                        .remedy = "Set features.key in dataset.yaml to the dataset with one row per step."});
    }
    hsize_t size[2] = {0, 0};
    H5Sget_simple_extent_dims(space.get(), size, nullptr);
    checkMatrixShape(size[0], size[1], where(place.dataset));
    place.rows = static_cast<int64_t>(size[0]);
    place.columns = static_cast<int64_t>(size[1]);
  }

  void readType(hid_t dataset, Place& place) const {
    const Hdf5Handle type(H5Dget_type(dataset), H5Tclose);
    if (!type.valid() || H5Tget_class(type.get()) != H5T_FLOAT) {
      throw InputError({.where = where(place.dataset),
                        .expected = "float16, float32 or float64",
                        .found = "another type",
                        .remedy = "Store the features as floats."});
    }
    if (isHalf(type.get())) {
      place.element = Element::kHalf;
    } else if (H5Tequal(type.get(), H5T_IEEE_F64LE) > 0) {
      place.element = Element::kDouble;
    } else {
      place.element = Element::kFloat;
      place.converts = H5Tequal(type.get(), H5T_IEEE_F32LE) <= 0;
    }
    place.stored_bytes = H5Tget_size(type.get());
    // HDF5 converts a float of made-up bit fields by reading past its elements: only the two big-endian types go that way.
    const bool known = !place.converts || H5Tequal(type.get(), H5T_IEEE_F32BE) > 0 || H5Tequal(type.get(), H5T_IEEE_F64BE) > 0;
    if (!known) {
      throw InputError({.where = where(place.dataset),
                        .expected = "float16, float32 or float64",
                        .found = "another float, of " + std::to_string(place.stored_bytes) + " bytes",
                        .remedy = "Store the features as plain floats; if they were, the file is damaged."});
    }
  }

  // Finds out whether the bytes lie plainly in the file, and refuses what was never written or lies in other files.
  void readLayout(hid_t dataset, Place& place) const {
    const Hdf5Handle creation(H5Dget_create_plist(dataset), H5Pclose);
    const H5D_layout_t layout = creation.valid() ? H5Pget_layout(creation.get()) : H5D_LAYOUT_ERROR;
    if (layout == H5D_VIRTUAL || layout == H5D_LAYOUT_ERROR || H5Pget_external_count(creation.get()) > 0) {
      throw InputError({.where = where(place.dataset),
                        .expected = "features inside this file",
                        .found = layout == H5D_LAYOUT_ERROR ? hdf5Reason() : "a reference to other files",
                        .remedy = "Copy the features into one file."});
    }
    const uint64_t needed =
        static_cast<uint64_t>(place.rows) * static_cast<uint64_t>(place.columns) * place.stored_bytes;
    haddr_t address = HADDR_UNDEF;
    bool plain = false;
    if (layout == H5D_CONTIGUOUS) {
      address = H5Dget_offset(dataset);
      if (address == HADDR_UNDEF) refuseUnwritten(place);
      plain = !has_user_block_;
    } else if (layout == H5D_CHUNKED) {
      plain = resolveChunks(dataset, creation.get(), place, needed, address) && !has_user_block_;
    }
    if (layout != H5D_CHUNKED && H5Dget_storage_size(dataset) < needed) refuseUnwritten(place);
    if (plain && (address > bytes_.size() || needed > bytes_.size() - address)) {
      throw InputError({.where = where(place.dataset),
                        .expected = humanBytes(static_cast<double>(needed)) + " of features",
                        .found = "the end of the file",
                        .remedy = "The file is truncated: copy or extract it again."});
    }
    place.direct = plain;
    place.offset = address;
  }

  // True when one unfiltered chunk holds all rows at full width; `address` is then its place.
  bool resolveChunks(hid_t dataset, hid_t creation, Place& place, uint64_t needed, haddr_t& address) const {
    hsize_t chunk[2] = {0, 1};
    const Hdf5Handle space(H5Dget_space(dataset), H5Sclose);
    hsize_t stored = 0;
    if (H5Pget_chunk(creation, 2, chunk) != place.rank || chunk[0] == 0 || chunk[1] == 0 ||
        H5Dget_num_chunks(dataset, space.get(), &stored) < 0) {
      throw InputError({.where = where(place.dataset),
                        .expected = "readable chunks",
                        .found = hdf5Reason(),
                        .remedy = "The file is damaged: copy or extract it again."});
    }
    const auto rows = static_cast<hsize_t>(place.rows);
    const auto columns = static_cast<hsize_t>(place.columns);
    checkMatrixShape(chunk[0], chunk[1], where(place.dataset) + " (chunk)");
    if (stored < ((rows - 1) / chunk[0] + 1) * ((columns - 1) / chunk[1] + 1)) refuseUnwritten(place);
    place.chunked = true;
    place.chunks = readChunkForm(creation, static_cast<int64_t>(chunk[0]), static_cast<int64_t>(chunk[1]));
    if (!place.chunks.unknown.empty() && !place.chunks.unknown_available) {
      throw InputError({.where = where(place.dataset),
                        .expected = "chunks packed with gzip or not at all",
                        .found = "the filter " + place.chunks.unknown,
                        .remedy = "Store the features with gzip or without a filter."});
    }
    if (!place.chunks.filters.empty() || stored != 1 || chunk[0] < rows || chunk[1] != columns) return false;
    hsize_t origin[2] = {0, 0};
    unsigned filters_off = 0;
    hsize_t size = 0;
    return H5Dget_chunk_info(dataset, space.get(), 0, origin, &filters_off, &address, &size) >= 0 && size >= needed &&
           address != HADDR_UNDEF;
  }

  [[noreturn]] void refuseUnwritten(const Place& place) const {
    throw InputError({.where = where(place.dataset),
                      .expected = std::to_string(place.rows) + " rows of features",
                      .found = "rows that were never written",
                      .remedy = "Finish or repeat the extraction of this video."});
  }

  FeatureMatrix readMatrix(const Place& place) const {
    if (place.converts) return readConverted(place);
    return readElements(place.rows, place.columns, place.element, [&](void* into, size_t) { readRaw(place, into); });
  }

  // The elements as they are stored.
  void readRaw(const Place& place, void* into) const {
    if (place.direct) {
      const size_t row_bytes = static_cast<size_t>(place.columns) * place.stored_bytes;
      bytes_.read(into, static_cast<size_t>(place.rows) * row_bytes, place.offset + static_cast<uint64_t>(place.first) * row_bytes,
                  where(place.dataset));
    } else {
      onHdf5Thread([&] { readThroughHdf5(place, into); });
    }
  }

  void readThroughHdf5(const Place& place, void* into) const {
    const Hdf5Handle dataset(H5Dopen2(file_.get(), place.dataset.c_str(), H5P_DEFAULT), H5Dclose);
    if (dataset.valid() && place.chunked && place.chunks.unknown.empty()) {
      readChunks(dataset.get(), place.chunks, {place.first, place.rows, place.columns}, place.stored_bytes, static_cast<char*>(into),
                 where(place.dataset));
      return;
    }
    const Hdf5Handle type(dataset.valid() ? H5Dget_type(dataset.get()) : -1, H5Tclose);
    if (!type.valid()) refuseUnreadable(place);
    if (!place.part) {
      if (H5Dread(dataset.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, into) < 0) refuseUnreadable(place);
      return;
    }
    const hsize_t start[2] = {static_cast<hsize_t>(place.first), 0};  // parts are asked for of features alone: rank 2
    const hsize_t size[2] = {static_cast<hsize_t>(place.rows), static_cast<hsize_t>(place.columns)};
    const Hdf5Handle in_file(H5Dget_space(dataset.get()), H5Sclose);
    const Hdf5Handle in_memory(H5Screate_simple(2, size, nullptr), H5Sclose);
    if (!in_file.valid() || !in_memory.valid() || H5Sselect_hyperslab(in_file.get(), H5S_SELECT_SET, start, nullptr, size, nullptr) < 0 ||
        H5Dread(dataset.get(), type.get(), in_memory.get(), in_file.get(), H5P_DEFAULT, into) < 0)
      refuseUnreadable(place);
  }

  FeatureMatrix readConverted(const Place& place) const {
    const auto count = static_cast<size_t>(place.rows * place.columns);
    std::vector<char> raw(count * std::max(place.stored_bytes, sizeof(float)));
    readRaw(place, raw.data());
    onHdf5Thread([&] {
      const Hdf5Handle dataset(H5Dopen2(file_.get(), place.dataset.c_str(), H5P_DEFAULT), H5Dclose);
      const Hdf5Handle type(dataset.valid() ? H5Dget_type(dataset.get()) : -1, H5Tclose);
      if (!type.valid() || H5Tconvert(type.get(), H5T_NATIVE_FLOAT, count, raw.data(), nullptr, H5P_DEFAULT) < 0)
        refuseUnreadable(place);
    });
    FeatureMatrix matrix{place.rows, place.columns, std::vector<float>(count)};
    std::memcpy(matrix.values.data(), raw.data(), count * sizeof(float));
    return matrix;
  }

  [[noreturn]] void refuseUnreadable(const Place& place) const {
    throw InputError({.where = where(place.dataset),
                      .expected = "readable features",
                      .found = hdf5Reason(),
                      .remedy = "The file is damaged: copy or extract it again."});
  }

  fs::path path_;
  std::string key_;
  ReadOnlyFile bytes_;
  Hdf5Handle file_;
  bool has_user_block_ = false;
  NameIndex index_;
  mutable std::mutex mutex_;
  mutable std::unordered_map<std::string, Place> places_;
};

}  // namespace

std::unique_ptr<FeatureStore> openHdf5Store(const FeatureSpec& spec) { return std::make_unique<Hdf5Store>(spec); }

}  // namespace hvlm
