// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <vector>

namespace hvlm {

// Writes runs as an experiment of MLflow's file store (meta.yaml, metrics/, params/, tags/; `mlflow ui --backend-store-uri OUT` shows them; MLflow 3 asks for
// MLFLOW_ALLOW_FILE_STORE=true, or takes them into a database with `mlflow migrate-filestore`): all curves
// over the optimiser step, the config as params, figures of the report as metrics `report/…`, verdict, tags, note and provenance as tags. `out` must not
// exist; written aside and moved into place as a whole. Throws InputError. What is left out: checkpoints and predictions.
void exportMlflow(const std::vector<std::filesystem::path>& runs, const std::filesystem::path& out, const std::string& experiment = "hvlm");

}  // namespace hvlm
