// SPDX-License-Identifier: Apache-2.0
#include "data/hdf5_writer.h"

#include "data/hdf5_handle.h"
#include "data/hdf5_owner.h"
#include "support/error.h"

namespace hvlm {
namespace {

InputError cannotWrite(const std::string& where) {
  return InputError({.where = where,
                     .expected = "a writable place with room for the features",
                     .found = hdf5Reason(),
                     .remedy = "Free some space or choose another folder."});
}

// IEEE binary16, little-endian; HDF5 1.10 has no ready-made one.
Hdf5Handle halfType() {
  Hdf5Handle type(H5Tcopy(H5T_IEEE_F32LE), H5Tclose);
  H5Tset_fields(type.get(), 15, 10, 5, 0, 10);
  H5Tset_size(type.get(), 2);
  H5Tset_ebias(type.get(), 15);
  return type;
}

}  // namespace

struct FeatureWriter::File {
  Hdf5Handle handle;
  Hdf5Handle half;
};

FeatureWriter::FeatureWriter(const std::filesystem::path& path, const std::string& key)
    : file_(std::make_unique<File>()), path_(path), key_(key) {
  onHdf5Thread([this] {
    file_->handle = Hdf5Handle(H5Fcreate(path_.c_str(), H5F_ACC_EXCL, H5P_DEFAULT, H5P_DEFAULT), H5Fclose);
    if (!file_->handle.valid()) throw cannotWrite(path_.string());
    file_->half = halfType();
  });
}

FeatureWriter::~FeatureWriter() {
  onHdf5Thread([this] { file_.reset(); });
}

void FeatureWriter::write(const std::string& id, int64_t rows, int64_t columns, std::span<const uint16_t> halves) {
  writeMatrix("v_" + id + "/" + key_, rows, columns, halves.data(), true);
}

void FeatureWriter::write(const std::string& id, int64_t rows, int64_t columns, std::span<const float> values) {
  writeMatrix("v_" + id + "/" + key_, rows, columns, values.data(), false);
}

void FeatureWriter::writeChannel(const std::string& id, const std::string& channel, std::span<const uint16_t> halves) {
  writeMatrix("v_" + id + "/" + channel, static_cast<int64_t>(halves.size()), 1, halves.data(), true);
}

void FeatureWriter::link(const std::string& id, const std::string& existing) {
  onHdf5Thread([&] {
    const hid_t file = file_->handle.get();
    if (H5Lcreate_hard(file, ("v_" + existing).c_str(), file, ("v_" + id).c_str(), H5P_DEFAULT, H5P_DEFAULT) < 0) throw cannotWrite(path_.string() + ": /v_" + id);
  });
}

void FeatureWriter::writeMatrix(const std::string& name, int64_t rows, int64_t columns, const void* values, bool half) {
  onHdf5Thread([&] {
    const hid_t type = half ? file_->half.get() : H5T_NATIVE_FLOAT;
    const hsize_t size[2] = {static_cast<hsize_t>(rows), static_cast<hsize_t>(columns)};
    const Hdf5Handle space(H5Screate_simple(2, size, nullptr), H5Sclose);
    const Hdf5Handle links(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
    H5Pset_create_intermediate_group(links.get(), 1);
    const Hdf5Handle creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
    H5Pset_obj_track_times(creation.get(), 0);
    H5Pset_fill_time(creation.get(), H5D_FILL_TIME_NEVER);
    const Hdf5Handle dataset(H5Dcreate2(file_->handle.get(), name.c_str(), type, space.get(), links.get(),
                                        creation.get(), H5P_DEFAULT),
                             H5Dclose);
    if (!dataset.valid() ||
        H5Dwrite(dataset.get(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0) {
      throw cannotWrite(path_.string() + ": /" + name);
    }
  });
}

void FeatureWriter::close() {
  onHdf5Thread([this] {
    file_->half.reset();
    if (file_->handle.valid() && H5Fflush(file_->handle.get(), H5F_SCOPE_LOCAL) < 0) throw cannotWrite(path_.string());
    if (file_->handle.reset() < 0) throw cannotWrite(path_.string());
  });
}

}  // namespace hvlm
