// SPDX-License-Identifier: Apache-2.0
#include "cli.h"

#include <QDir>
#include <QFile>
#include <stdexcept>

namespace hvlm::testing {

ProcessResult callHvlm(const QStringList& arguments, const QString& folder, const QStringList& environment) {
  return runProgram(QStringLiteral("hvlm"), arguments, 120, folder, environment);
}

nlohmann::json oneObject(const ProcessResult& result) {
  const nlohmann::json object = nlohmann::json::parse(result.out.begin(), result.out.end());  // throws on anything after it
  if (!object.is_object()) throw std::runtime_error("stdout holds no JSON object");
  return object;
}

QString badErrorLine(const ProcessResult& result, const QStringList& fragments) {
  QList<QByteArray> lines = result.err.trimmed().split('\n');
  QByteArray last = lines.isEmpty() ? QByteArray() : lines.last();
  if (!last.startsWith("hvlm")) return QStringLiteral("stderr does not end in a line of hvlm: ") + QString::fromUtf8(result.err);
  int errors = 0;
  for (const QByteArray& line : lines) errors += line.startsWith("hvlm: ") || line.startsWith("hvlm ") ? 1 : 0;
  if (errors != 1) return QStringLiteral("not exactly one error line: ") + QString::fromUtf8(result.err);
  for (const QString& fragment : fragments) {
    if (!last.contains(fragment.toUtf8())) return QStringLiteral("\"%1\" is not in: %2").arg(fragment, QString::fromUtf8(last));
  }
  return {};
}

QString makeSet(const QString& folder, const QStringList& options) {
  QStringList arguments = {QStringLiteral("synth"),   QStringLiteral("--out"), folder,
                           QStringLiteral("--videos"), QStringLiteral("12"),   QStringLiteral("--dim"),
                           QStringLiteral("16"),       QStringLiteral("--mean-steps"), QStringLiteral("24"),
                           QStringLiteral("--classes"), QStringLiteral("3")};
  for (int i = 0; i + 1 < options.size(); i += 2) {
    const auto at = arguments.indexOf(options[i]);
    if (at >= 0) {
      arguments[at + 1] = options[i + 1];
    } else {
      arguments << options[i] << options[i + 1];
    }
  }
  const ProcessResult result = callHvlm(arguments);
  if (result.exit_code != 0) throw std::runtime_error("hvlm synth failed: " + result.err.toStdString());
  return folder + QStringLiteral("/dataset.yaml");
}

QStringList tinyModel(const QStringList& more) {
  QStringList arguments;
  for (const char* setting : {"encoder.dim=16", "encoder.layers=1", "encoder.heads=2", "head.detect_layers=1", "head.detect_levels=3",
                              "train.batch_size=4", "train.epochs=2", "train.warmup_epochs=0.5"}) {
    arguments << QStringLiteral("--set") << QString::fromLatin1(setting);
  }
  for (const QString& setting : more) arguments << QStringLiteral("--set") << setting;
  return arguments;
}

ProcessResult trainTiny(const QString& dataset, const QString& run, const QStringList& settings, const QStringList& options) {
  return callHvlm(QStringList{QStringLiteral("train"), QStringLiteral("--data"), dataset, QStringLiteral("--run"), run,
                          QStringLiteral("--threads"), QStringLiteral("1")} +
              tinyModel(settings) + options);
}

QByteArray bytesOf(const QString& file) {
  QFile source(file);
  if (!source.open(QIODevice::ReadOnly)) throw std::runtime_error("cannot read " + file.toStdString());
  return source.readAll();
}

void writeBytes(const QString& file, const QByteArray& bytes) {
  QFile target(file);
  if (!target.open(QIODevice::WriteOnly) || target.write(bytes) != bytes.size()) throw std::runtime_error("cannot write " + file.toStdString());
}

nlohmann::json jsonOf(const QString& file) { return nlohmann::json::parse(bytesOf(file).toStdString()); }

QMap<QString, QByteArray> lastCheckpoint(const QString& run) {
  QMap<QString, QByteArray> files;
  const QDir folder(run + QStringLiteral("/checkpoints/last"));
  for (const QString& name : folder.entryList(QDir::Files)) files[name] = bytesOf(folder.filePath(name));
  return files;
}

}  // namespace hvlm::testing
