// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <hdf5.h>

#include <cstdint>
#include <string>
#include <vector>

namespace hvlm {

// How a matrix is cut into chunks and what each chunk went through on its way into the file.
struct ChunkForm {
  int64_t rows = 0;  // of one chunk
  int64_t columns = 0;
  struct Filter {
    H5Z_filter_t id = 0;        // deflate, shuffle or fletcher32
    size_t shuffled_bytes = 0;  // size of the shuffled elements
  };
  std::vector<Filter> filters;  // in the order of writing
  std::string unknown;          // another filter that the file needs; then HDF5 has to read it
  bool unknown_available = false;
};
ChunkForm readChunkForm(hid_t creation, int64_t chunk_rows, int64_t chunk_columns);

// Which rows of a matrix, all columns wide.
struct RowRange {
  int64_t first = 0;
  int64_t rows = 0;
  int64_t columns = 0;  // of the matrix
};
// Reads rows of a chunked matrix of `element_bytes` elements, as stored, into rows x columns of `into`; of the chunks only those that
// hold one of them. Undoes the filters itself: HDF5 1.10 trusts the sizes in a damaged file and reads past its buffers. On the HDF5
// thread only. Throws InputError naming `where`.
void readChunks(hid_t dataset, const ChunkForm& form, const RowRange& range, size_t element_bytes, char* into,
                const std::string& where);

}  // namespace hvlm
