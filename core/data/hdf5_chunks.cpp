// SPDX-License-Identifier: Apache-2.0
#include "data/hdf5_chunks.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>

#include "data/hdf5_handle.h"
#include "support/error.h"

namespace hvlm {
namespace {

using Bytes = std::vector<char>;

InputError damaged(const std::string& where, const std::string& found) {
  return InputError({.where = where,
                     .expected = "readable features",
                     .found = found,
                     .remedy = "The file is damaged: copy or extract it again."});
}

Bytes inflated(const Bytes& packed, size_t expected, const std::string& where) {
  Bytes out(expected);
  z_stream stream = {};
  if (inflateInit(&stream) != Z_OK) throw damaged(where, "no memory to unpack a chunk");
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));  // zlib does not write there
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int state = inflate(&stream, Z_FINISH);
  const bool whole = state == Z_STREAM_END && stream.avail_out == 0;
  inflateEnd(&stream);
  if (!whole) throw damaged(where, "a chunk that does not unpack");
  return out;
}

// Byte k of every element lies together; the bytes of a last incomplete element follow as they are.
Bytes unshuffled(const Bytes& shuffled, size_t element) {
  Bytes out(shuffled.size());
  const size_t count = shuffled.size() / element;
  for (size_t k = 0; k < element; ++k) {
    for (size_t i = 0; i < count; ++i) out[i * element + k] = shuffled[k * count + i];
  }
  std::copy(shuffled.begin() + static_cast<std::ptrdiff_t>(count * element), shuffled.end(),
            out.begin() + static_cast<std::ptrdiff_t>(count * element));
  return out;
}

// HDF5's checksum of 16-bit big-endian words. Source: H5checksum.c, H5_checksum_fletcher32.
uint32_t fletcher32(const char* data, size_t size) {
  uint32_t sum1 = 0;
  uint32_t sum2 = 0;
  const auto byte = [&](size_t i) { return static_cast<uint32_t>(static_cast<unsigned char>(data[i])); };
  const auto fold = [](uint32_t sum) { return (sum & 0xFFFF) + (sum >> 16); };
  constexpr size_t kWordsBeforeOverflow = 360;
  const size_t words = size / 2;
  for (size_t i = 0; i < words;) {
    const size_t until = std::min(words, i + kWordsBeforeOverflow);
    for (; i < until; ++i) {
      sum1 += byte(2 * i) << 8 | byte(2 * i + 1);
      sum2 += sum1;
    }
    sum1 = fold(sum1);
    sum2 = fold(sum2);
  }
  if (size % 2) {
    sum1 += byte(size - 1) << 8;
    sum2 += sum1;
    sum1 = fold(sum1);
    sum2 = fold(sum2);
  }
  return fold(sum2) << 16 | fold(sum1);
}

// Drops the checksum at the end after comparing it.
Bytes verified(Bytes bytes, const std::string& where) {
  uint32_t stored = 0;
  if (bytes.size() < sizeof stored) throw damaged(where, "a chunk without its checksum");
  const size_t size = bytes.size() - sizeof stored;
  std::memcpy(&stored, bytes.data() + size, sizeof stored);
  if (stored != fletcher32(bytes.data(), size)) throw damaged(where, "a chunk with a wrong checksum");
  bytes.resize(size);
  return bytes;
}

Bytes readChunk(hid_t dataset, const hsize_t (&origin)[2], const ChunkForm& form, size_t plain_bytes,
                const std::string& where) {
  hsize_t stored = 0;
  if (H5Dget_chunk_storage_size(dataset, origin, &stored) < 0) throw damaged(where, hdf5Reason());
  // Deflate never makes data longer by more than a few bytes in a thousand.
  if (stored == 0 || stored > plain_bytes + plain_bytes / 100 + 1024)
    throw damaged(where, "a chunk of " + std::to_string(stored) + " bytes");
  Bytes bytes(stored);
  uint32_t skipped = 0;
  if (H5Dread_chunk(dataset, H5P_DEFAULT, origin, &skipped, bytes.data()) < 0) throw damaged(where, hdf5Reason());
  for (size_t i = form.filters.size(); i-- > 0;) {
    if (skipped & (1u << i)) continue;
    const ChunkForm::Filter& filter = form.filters[i];
    if (filter.id == H5Z_FILTER_DEFLATE) {
      const size_t checksum = i > 0 && form.filters[i - 1].id == H5Z_FILTER_FLETCHER32 ? sizeof(uint32_t) : 0;
      bytes = inflated(bytes, plain_bytes + checksum, where);
    } else if (filter.id == H5Z_FILTER_SHUFFLE) {
      bytes = unshuffled(bytes, filter.shuffled_bytes);
    } else {
      bytes = verified(std::move(bytes), where);
    }
  }
  if (bytes.size() != plain_bytes) throw damaged(where, "a chunk of another size");
  return bytes;
}

}  // namespace

ChunkForm readChunkForm(hid_t creation, int64_t chunk_rows, int64_t chunk_columns) {
  ChunkForm form{chunk_rows, chunk_columns};
  const int count = std::clamp(H5Pget_nfilters(creation), 0, 32);
  for (int i = 0; i < count; ++i) {
    unsigned flags = 0, settings = 0;
    size_t values = 1;
    unsigned value = 0;
    char name[64] = {};
    const H5Z_filter_t id =
        H5Pget_filter2(creation, static_cast<unsigned>(i), &flags, &values, &value, sizeof name - 1, name, &settings);
    const bool known = id == H5Z_FILTER_DEFLATE || id == H5Z_FILTER_FLETCHER32 ||
                       (id == H5Z_FILTER_SHUFFLE && values >= 1 && value > 0);
    if (!known) {
      form.unknown = std::to_string(id) + (name[0] ? std::string(" (") + name + ")" : "");
      form.unknown_available = id > 0 && H5Zfilter_avail(id) > 0;
    }
    form.filters.push_back({id, value});
  }
  return form;
}

void readChunks(hid_t dataset, const ChunkForm& form, const RowRange& range, size_t element_bytes, char* into,
                const std::string& where) {
  const size_t plain_bytes = static_cast<size_t>(form.rows * form.columns) * element_bytes;
  const int64_t end = range.first + range.rows;
  for (int64_t row = range.first / form.rows * form.rows; row < end; row += form.rows) {
    for (int64_t column = 0; column < range.columns; column += form.columns) {
      const hsize_t origin[2] = {static_cast<hsize_t>(row), static_cast<hsize_t>(column)};
      const Bytes chunk = readChunk(dataset, origin, form, plain_bytes, where);
      const size_t width = static_cast<size_t>(std::min(form.columns, range.columns - column)) * element_bytes;
      for (int64_t r = std::max(row, range.first); r < std::min(row + form.rows, end); ++r) {
        std::memcpy(into + static_cast<size_t>((r - range.first) * range.columns + column) * element_bytes,
                    chunk.data() + static_cast<size_t>((r - row) * form.columns) * element_bytes, width);
      }
    }
  }
}

}  // namespace hvlm
