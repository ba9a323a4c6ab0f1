// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <hdf5.h>

#include <QTemporaryDir>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "support/error.h"

// Small files of the formats that core/data reads, with known values.
namespace hvlm::testing {

inline void writeText(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

// What `call` complains about, or "" when it does not throw InputError.
template <class Call>
std::string messageOf(const Call& call) {
  try {
    call();
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

// Values that float16 holds exactly.
inline double valueAt(int64_t row, int64_t column) {
  return static_cast<double>(row) * 0.5 - static_cast<double>(column) * 0.25;
}
inline std::vector<double> matrixValues(int64_t rows, int64_t columns) {
  std::vector<double> values;
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t c = 0; c < columns; ++c) values.push_back(valueAt(r, c));
  }
  return values;
}

inline hid_t halfType() {
  const hid_t type = H5Tcopy(H5T_IEEE_F32LE);
  H5Tset_fields(type, 15, 10, 5, 0, 10);
  H5Tset_size(type, 2);
  H5Tset_ebias(type, 15);
  return type;
}

struct DatasetForm {
  hid_t type = H5T_IEEE_F32LE;
  hsize_t chunk_rows = 0;  // 0 = contiguous
  int gzip = 0;            // level, 0 = no filter
  bool shuffle = false;
  bool fletcher = false;      // checksum of each chunk
  hsize_t chunk_columns = 0;  // 0 = all
};

// Writes `values` (converted by HDF5) as a dataset of any rank; `name` may contain groups.
inline void writeDataset(hid_t file, const std::string& name, const std::vector<hsize_t>& size,
                         const std::vector<double>& values, const DatasetForm& form = {}) {
  const hid_t space = H5Screate_simple(static_cast<int>(size.size()), size.data(), nullptr);
  const hid_t links = H5Pcreate(H5P_LINK_CREATE);
  H5Pset_create_intermediate_group(links, 1);
  const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  if (form.chunk_rows > 0) {
    std::vector<hsize_t> chunk = size;
    chunk[0] = form.chunk_rows;
    if (form.chunk_columns > 0) chunk[1] = form.chunk_columns;
    H5Pset_chunk(creation, static_cast<int>(chunk.size()), chunk.data());
    if (form.shuffle) H5Pset_shuffle(creation);
    if (form.fletcher) H5Pset_fletcher32(creation);
    if (form.gzip > 0) H5Pset_deflate(creation, static_cast<unsigned>(form.gzip));
  }
  const hid_t dataset = H5Dcreate2(file, name.c_str(), form.type, space, links, creation, H5P_DEFAULT);
  if (!values.empty()) H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
  H5Dclose(dataset);
  H5Pclose(creation);
  H5Pclose(links);
  H5Sclose(space);
}

inline hid_t createFile(const std::filesystem::path& path) {
  return H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
}

}  // namespace hvlm::testing
