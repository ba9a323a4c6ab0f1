// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdexcept>
#include <string>

namespace hvlm {

// The four parts of every message: where, what was expected, what was found, what to do about it.
struct Fault {
  std::string where;     // file, key or item
  std::string expected;  // in the reader's words, with units
  std::string found;     // the offending value, shortened
  std::string remedy;    // what the reader can do, a whole sentence
};

// Input that a person gave is unusable: a file, a key, an option. Caught once, by the layer that shows it (exit 1).
class InputError : public std::runtime_error {
 public:
  explicit InputError(Fault fault);
  const Fault& fault() const { return fault_; }

 private:
  Fault fault_;
};

// Tensors handed to a function do not fit together: a broken assumption of the calling code. The message names the shapes.
class ShapeError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

// Wrong use of the command line (exit 2).
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Raised when a stop was asked for and everything worth keeping has been saved (exit 130).
class Interrupted : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// "where: expected …, found …. remedy" in one line; empty parts are left out.
std::string oneLine(const Fault& fault);

// The system's text of an errno value, with a remedy for the ones users meet (full disk, no permission, missing file).
InputError systemError(const std::string& where, const std::string& action, int error_number);

}  // namespace hvlm
