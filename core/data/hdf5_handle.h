// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <hdf5.h>

#include <string>
#include <utility>

namespace hvlm {

// Owns one HDF5 identifier; made, used and destroyed on the HDF5 thread only.
class Hdf5Handle {
 public:
  using Close = herr_t (*)(hid_t);
  Hdf5Handle() = default;
  Hdf5Handle(hid_t id, Close close) : id_(id), close_(close) {}
  Hdf5Handle(Hdf5Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  Hdf5Handle& operator=(Hdf5Handle&& other) noexcept {
    if (this != &other) {
      reset();
      id_ = std::exchange(other.id_, -1);
      close_ = other.close_;
    }
    return *this;
  }
  ~Hdf5Handle() { reset(); }
  bool valid() const { return id_ >= 0; }
  hid_t get() const { return id_; }
  herr_t reset() {
    const hid_t id = std::exchange(id_, -1);
    return id >= 0 ? close_(id) : 0;
  }

 private:
  hid_t id_ = -1;
  Close close_ = nullptr;
};

// What HDF5 said last, its innermost reason, on one line.
inline std::string hdf5Reason() {
  std::string text;
  const auto first = [](unsigned, const H5E_error2_t* error, void* out) -> herr_t {
    if (error->desc) *static_cast<std::string*>(out) = error->desc;
    return 1;  // the first one is the innermost
  };
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, first, &text);
  for (char& c : text) c = c == '\n' ? ' ' : c;
  return text.empty() ? "an unknown HDF5 error" : text;
}

}  // namespace hvlm
