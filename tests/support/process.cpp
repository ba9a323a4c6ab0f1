// SPDX-License-Identifier: Apache-2.0
#include "support/process.h"

#include <QDir>
#include <QProcess>
#include <QProcessEnvironment>

#include "support/golden.h"

namespace hvlm::testing {

ProcessResult runProgram(const QString& program, const QStringList& arguments, int timeout_seconds, const QString& working_folder,
                         const QStringList& environment) {
  QProcess process;
  QProcessEnvironment variables = QProcessEnvironment::systemEnvironment();
  for (const QString& entry : environment) variables.insert(entry.section(QLatin1Char('='), 0, 0), entry.section(QLatin1Char('='), 1));
  process.setProcessEnvironment(variables);
  if (!working_folder.isEmpty()) process.setWorkingDirectory(working_folder);
  const QString path = QDir::isAbsolutePath(program) ? program : QString::fromStdString(binFolder()) + QLatin1Char('/') + program;
  process.start(path, arguments);
  ProcessResult result;
  if (!process.waitForStarted() || !process.waitForFinished(timeout_seconds * 1000)) {
    process.kill();
    process.waitForFinished(5000);
    result.err = process.readAllStandardError() + "\n" + process.errorString().toUtf8();
    result.out = process.readAllStandardOutput();
    return result;
  }
  result.exit_code = process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1;
  result.out = process.readAllStandardOutput();
  result.err = process.readAllStandardError();
  return result;
}

}  // namespace hvlm::testing
