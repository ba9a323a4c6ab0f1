// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <QByteArray>
#include <QString>
#include <QStringList>

namespace hvlm::testing {

struct ProcessResult {
  int exit_code = -1;  // -1 when it crashed or ran out of time
  QByteArray out;
  QByteArray err;
};
// Runs a program of build/bin (or an absolute path) to its end.
ProcessResult runProgram(const QString& program, const QStringList& arguments, int timeout_seconds = 120,
                         const QString& working_folder = {}, const QStringList& environment = {});

}  // namespace hvlm::testing
