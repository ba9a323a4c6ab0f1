// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <QByteArray>
#include <QMap>
#include <QString>
#include <QStringList>
#include <nlohmann/json.hpp>

#include "support/process.h"

// Runs the real hvlm on small made-up data.
namespace hvlm::testing {

ProcessResult callHvlm(const QStringList& arguments, const QString& folder = {}, const QStringList& environment = {});

// What --json printed: throws unless stdout is exactly one JSON object.
nlohmann::json oneObject(const ProcessResult& result);

// Empty when stderr ends in the one line "hvlm: …" of a failure that holds every fragment; else what is wrong with it.
QString badErrorLine(const ProcessResult& result, const QStringList& fragments);

// `hvlm synth` into folder; returns the dataset.yaml. Fails the process when it cannot.
QString makeSet(const QString& folder, const QStringList& options = {});

// --set options of a model that trains in well under a second, one thread.
QStringList tinyModel(const QStringList& more = {});
// Trains it; returns the result.
ProcessResult trainTiny(const QString& dataset, const QString& run, const QStringList& settings = {}, const QStringList& options = {});

QByteArray bytesOf(const QString& file);
void writeBytes(const QString& file, const QByteArray& bytes);
nlohmann::json jsonOf(const QString& file);
// Every file of the last checkpoint of a run, by name.
QMap<QString, QByteArray> lastCheckpoint(const QString& run);

}  // namespace hvlm::testing
