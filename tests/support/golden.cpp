// SPDX-License-Identifier: Apache-2.0
#include "support/golden.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <stdexcept>

namespace hvlm::testing {
namespace fs = std::filesystem;
namespace {

std::string fromEnvironment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

}  // namespace

std::string sourceFolder() {
  const std::string given = fromEnvironment("HVLM_SOURCE_DIR");
  return given.empty() ? fs::current_path().string() : given;
}

std::string binFolder() {
  const std::string given = fromEnvironment("HVLM_BIN_DIR");
  return given.empty() ? fs::read_symlink("/proc/self/exe").parent_path().string() : given;
}

std::string goldenFile(const std::string& name) {
  const std::string forced = fromEnvironment("HVLM_GOLDEN_DIR");
  if (!forced.empty()) {
    const fs::path path = fs::path(forced) / name;
    if (!fs::exists(path)) throw std::runtime_error("HVLM_GOLDEN_DIR is set, but " + path.string() + " is missing");
    return path.string();
  }
  for (const fs::path& folder : {fs::path(sourceFolder()) / "../shared/golden", fs::path(sourceFolder()) / "tests/data/golden"}) {
    if (fs::exists(folder / name)) return (folder / name).string();
  }
  throw std::runtime_error("golden file " + name + " is neither in ../shared/golden nor in tests/data/golden");
}

std::string sharedFolder(const std::string& name) {
  const fs::path folder = fs::path(sourceFolder()) / "../shared" / name;
  return fs::exists(folder) ? fs::weakly_canonical(folder).string() : "";
}

GoldenFile::GoldenFile(const std::string& file_name) : arrays_(readNpz(goldenFile(file_name))) {
  if (arrays_.empty()) throw std::runtime_error(file_name + " holds no array");
}

std::vector<std::string> GoldenFile::cases() const {
  std::set<std::string> names;
  for (const auto& [name, array] : arrays_) names.insert(name.substr(0, name.rfind('.')));
  return {names.begin(), names.end()};
}

bool GoldenFile::has(const std::string& case_name, const std::string& field) const {
  return arrays_.contains(case_name + "." + field);
}

const NpyArray& GoldenFile::get(const std::string& case_name, const std::string& field) {
  const std::string name = case_name + "." + field;
  const auto found = arrays_.find(name);
  if (found == arrays_.end()) throw std::runtime_error("golden member " + name + " is missing");
  used_.insert(name);
  return found->second;
}

std::vector<std::string> GoldenFile::unused() const {
  std::vector<std::string> names;
  for (const auto& [name, array] : arrays_) {
    if (!used_.contains(name)) names.push_back(name);
  }
  return names;
}

double relativeError(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() != b.size()) return std::numeric_limits<double>::infinity();
  double largest = 1e-300;
  double error = 0.0;
  for (size_t i = 0; i < a.size(); ++i) {
    if (!std::isfinite(a[i])) return std::numeric_limits<double>::infinity();
    largest = std::max(largest, std::abs(b[i]));
    error = std::max(error, std::abs(a[i] - b[i]));
  }
  return error == 0.0 ? 0.0 : error / largest;
}

}  // namespace hvlm::testing
