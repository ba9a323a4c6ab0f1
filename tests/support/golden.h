// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "support/npz.h"

namespace hvlm::testing {

// Folder of the golden files: HVLM_GOLDEN_DIR (then a missing file fails), else ../shared/golden beside the source tree, else
// tests/data/golden. Throws std::runtime_error naming what is missing.
std::string goldenFile(const std::string& name);
// A folder of ../shared (e.g. "data/ucf15"), or "" when there is none; tests that need it QSKIP with a message.
std::string sharedFolder(const std::string& name);
std::string sourceFolder();
std::string binFolder();  // where hvlm lies

// One golden file, case by case: members are "<case>.<field>". Remembers what was asked for, so that a test can fail on a
// field it does not know.
class GoldenFile {
 public:
  explicit GoldenFile(const std::string& file_name);
  std::vector<std::string> cases() const;
  bool has(const std::string& case_name, const std::string& field) const;
  const NpyArray& get(const std::string& case_name, const std::string& field);  // throws when absent
  double scalar(const std::string& case_name, const std::string& field) { return get(case_name, field).values.at(0); }
  std::vector<std::string> unused() const;  // members never asked for; must be empty at the end

 private:
  std::map<std::string, NpyArray> arrays_;
  std::set<std::string> used_;
};

// Largest |a - b| over the largest |b| (or 1e-300): the relative error of an array; infinity when sizes differ or a is not finite.
double relativeError(const std::vector<double>& a, const std::vector<double>& b);

}  // namespace hvlm::testing
