// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <QString>
#include <QTemporaryDir>
#include <string>

#include "data/catalogue.h"
#include "support/atomic_file.h"
#include "support/error.h"

// A data set of annotations alone: classes jump, run, swim; validation videos one, two and three (without instances), training video four.
namespace hvlm::testing {

class MadeAnnotations {
 public:
  MadeAnnotations() {
    write("annotations.json", R"({"version": "made", "taxonomy": [], "database": {
      "one": {"subset": "validation", "duration": 10, "annotations": [{"label": "run", "segment": [0, 4]}, {"label": "jump", "segment": [5, 9]}]},
      "two": {"subset": "validation", "duration": 20, "annotations": [{"label": "swim", "segment": [2, 12]}]},
      "three": {"subset": "validation", "duration": 5, "annotations": []},
      "four": {"subset": "training", "duration": 8, "annotations": [{"label": "run", "segment": [1, 2]}]},
      "bare": {"subset": "testing", "duration": 8, "annotations": []}}})");
    write("dataset.yaml", "name: made\nannotations: annotations.json\nfeatures: {store: features/, steps_per_second: 1}\n");
    catalogue = readCatalogue(readDatasetSpec(path("dataset.yaml")));
    validation = catalogue.subset("validation");  // sorted: one, three, two
  }
  std::string path(const std::string& name) const { return folder_.filePath(QString::fromStdString(name)).toStdString(); }
  std::string write(const std::string& name, const std::string& text) const {
    writeFileAtomic(path(name), text);
    return path(name);
  }
  Catalogue catalogue;
  std::vector<int64_t> validation;

 private:
  QTemporaryDir folder_;
};

template <class Call>
QString refusalOf(const Call& call) {
  try {
    call();
  } catch (const InputError& error) {
    return QString::fromUtf8(error.what());
  }
  return {};
}

}  // namespace hvlm::testing
