// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>

#include <QtTest>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/engine/language/tiny_decoder.h"
#include "engine/language/decoder_files.h"
#include "engine/model/plain_tensor.h"
#include "runs/safetensors.h"
#include "support/json_file.h"
#include "support/temporary_folder.h"

#define VERIFY_HAS(text, part) QVERIFY2(has(text, part), (std::string(part) + " is not in: " + (text)).c_str())

namespace {

namespace fs = std::filesystem;
using hvlm::Decoder;
using hvlm::testing::likeliest;
using hvlm::testing::messageOf;
using hvlm::testing::randomSteps;
using hvlm::testing::referenceFolder;
using hvlm::testing::relativeDifference;
using hvlm::testing::Tiny;
using hvlm::testing::tinyShape;

nlohmann::json smallConfig() { return hvlm::decoderConfigJson(tinyShape()); }

// A copy of the reference folder "tied" whose tensors or config a test may spoil.
struct Spoiled {
  hvlm::TemporaryFolder folder;
  nlohmann::json config = hvlm::readJsonFile(referenceFolder("tied") / "config.json");
  hvlm::TensorMap tensors = hvlm::readSafetensors(referenceFolder("tied") / "model.safetensors");

  std::string load() const {
    hvlm::writeJsonFile(folder.path() / "config.json", config);
    hvlm::writeSafetensors(folder.path() / "model.safetensors", tensors);
    return loadWritten();
  }
  std::string loadWritten() const {
    hvlm::ParameterSet set;
    const std::string message = messageOf([&] { hvlm::loadDecoder(set, "", folder.path(), at::kFloat); });
    return set.size() > 0 && !message.empty() ? "a set that was filled in part" : message;
  }
};

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

class TestEngineLanguageDecoderFiles : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void equalsTransformers_data();
  void equalsTransformers();
  void configGoesRoundUnchanged();
  void configsAreRefusedByName_data();
  void configsAreRefusedByName();
  void writtenDecoderReadsBack();
  void badWeightsAreNamedInOneMessage();
  void badFilesAreRefused();
};

void TestEngineLanguageDecoderFiles::equalsTransformers_data() {
  QTest::addColumn<int>("files");
  QTest::newRow("tied") << 1;
  QTest::newRow("llama3") << 1;
  QTest::newRow("mistral") << 1;
  QTest::newRow("sharded") << 2;
}
void TestEngineLanguageDecoderFiles::equalsTransformers() {
  QFETCH(int, files);
  const fs::path folder = referenceFolder(QTest::currentDataTag());
  hvlm::ParameterSet set;
  const hvlm::LoadedDecoder loaded = hvlm::loadDecoder(set, "language.", folder, at::kFloat);
  QCOMPARE(loaded.files, int64_t{files});
  const hvlm::TensorMap expected = hvlm::readSafetensors(folder / "expected.safetensors");
  const auto read = [&](const std::string& name) { return hvlm::fromPlain(expected.at(name), name); };
  int sequences = 0;
  for (; expected.contains("ids." + std::to_string(sequences)); ++sequences) {
    const std::string i = std::to_string(sequences);
    const at::Tensor ids = read("ids." + i), reference = read("logits." + i), continued = read("greedy." + i);
    const at::Tensor logits = loaded.decoder.logits(loaded.decoder.forward(loaded.decoder.embed(ids.unsqueeze(0))));
    const double error = relativeDifference(logits.squeeze(0), reference);
    QVERIFY2(error <= 1e-5, qPrintable(QStringLiteral("sequence %1: error %2").arg(sequences).arg(error)));
    const std::vector<int64_t> tokens = likeliest(loaded.decoder, ids, continued.numel());
    QVERIFY(at::equal(at::tensor(tokens, at::kLong), continued));
  }
  QVERIFY(sequences > 0);
}

void TestEngineLanguageDecoderFiles::configGoesRoundUnchanged() {
  hvlm::DecoderShape shape = tinyShape();
  shape.rope = {"llama3", 5e5, 8.0, 1.5, 3.0, 77};
  shape.tied = shape.attention_bias = shape.mlp_bias = true;
  shape.head_dim = 6;
  const hvlm::DecoderShape back = hvlm::decoderShape(hvlm::decoderConfigJson(shape), "config");
  QCOMPARE(hvlm::decoderConfigJson(back), hvlm::decoderConfigJson(shape));
  QCOMPARE(back.rope.original_positions, int64_t{77});
  QCOMPARE(back.headWidth(), int64_t{6});
}

void TestEngineLanguageDecoderFiles::configsAreRefusedByName_data() {
  QTest::addColumn<QString>("patch");
  QTest::addColumn<QString>("named");
  const auto row = [](const char* name, const char* patch, const char* named) {
    QTest::newRow(name) << QString::fromUtf8(patch) << QString::fromUtf8(named);
  };
  row("unknown architecture", R"({"architectures": ["GPT2LMHeadModel"]})", "GPT2LMHeadModel");
  row("no architecture", R"({"architectures": null})", "architectures");
  row("unknown positions", R"({"rope_scaling": {"rope_type": "yarn", "factor": 4.0}})", "yarn");
  row("sliding window", R"({"architectures": ["MistralForCausalLM"], "sliding_window": 64})", "sliding_window");
  row("sliding window by default", R"({"architectures": ["MistralForCausalLM"], "max_position_embeddings": 32768})", "sliding_window");
  row("unknown activation", R"({"hidden_act": "gelu"})", "gelu");
  row("size that is missing", R"({"hidden_size": null})", "hidden_size");
  row("size that is a text", R"({"vocab_size": "many"})", "vocab_size");
  row("size beyond reason", R"({"num_hidden_layers": 100000})", "num_hidden_layers");
  row("negative size", R"({"intermediate_size": -4})", "intermediate_size");
  row("heads that do not divide", R"({"num_key_value_heads": 3})", "num_key_value_heads");
  row("odd head", R"({"head_dim": 5})", "head_dim");
  row("scaling without factor", R"({"rope_scaling": {"type": "linear"}})", "factor");
  row("partial rotation", R"({"rope_parameters": {"rope_type": "default", "partial_rotary_factor": 0.5}})", "partial_rotary_factor");
}
void TestEngineLanguageDecoderFiles::configsAreRefusedByName() {
  QFETCH(QString, patch);
  QFETCH(QString, named);
  nlohmann::json config = smallConfig();
  QVERIFY(messageOf([&] { hvlm::decoderShape(config, "config.json"); }).empty());
  config.update(nlohmann::json::parse(patch.toStdString()));
  const std::string message = messageOf([&] { hvlm::decoderShape(config, "config.json"); });
  VERIFY_HAS(message, named.toStdString());
  VERIFY_HAS(message, "config.json");
}

void TestEngineLanguageDecoderFiles::writtenDecoderReadsBack() {
  for (const bool tied : {false, true}) {
    hvlm::DecoderShape shape = tinyShape();
    shape.tied = tied;
    shape.mlp_bias = true;
    const Tiny model(shape);
    const hvlm::TemporaryFolder folder;
    hvlm::writeDecoder(model.decoder, folder.path());
    hvlm::ParameterSet set;
    const Decoder back = hvlm::loadDecoder(set, "language.", folder.path(), at::kFloat).decoder;
    QCOMPARE(set.names(), model.set.names());
    const at::Tensor x = randomSteps(1, 5, shape.width, 2);
    QVERIFY(at::equal(back.logits(back.forward(x)), model.decoder.logits(model.decoder.forward(x))));
  }
}

void TestEngineLanguageDecoderFiles::badWeightsAreNamedInOneMessage() {
  Spoiled spoiled;
  QVERIFY(spoiled.load().empty());
  spoiled.tensors["lm_head.weight"] = spoiled.tensors.at("model.embed_tokens.weight");  // of a tied model: says nothing new
  spoiled.tensors["model.layers.0.self_attn.rotary_emb.inv_freq"] = hvlm::toPlain(at::ones({4}));
  QVERIFY(spoiled.load().empty());

  spoiled.tensors.erase("model.layers.1.mlp.up_proj.weight");
  spoiled.tensors["model.layers.2.input_layernorm.weight"] = hvlm::toPlain(at::ones({32}));
  spoiled.tensors["model.norm.weight"] = hvlm::toPlain(at::ones({31}));
  spoiled.tensors["model.layers.0.input_layernorm.weight"] = hvlm::toPlain(at::ones({32}, at::kLong));
  const std::string message = spoiled.load();
  VERIFY_HAS(message, "no model.layers.1.mlp.up_proj.weight [64, 32]");
  VERIFY_HAS(message, "unexpected model.layers.2.input_layernorm.weight");
  VERIFY_HAS(message, "model.norm.weight [31] instead of [32]");
  VERIFY_HAS(message, "model.layers.0.input_layernorm.weight of type I64");

  Spoiled larger;  // a vocabulary larger than the embedding
  larger.config["vocab_size"] = 120;
  VERIFY_HAS(larger.load(), "model.embed_tokens.weight [97, 32] instead of [120, 32]");
}

void TestEngineLanguageDecoderFiles::badFilesAreRefused() {
  Spoiled spoiled;
  VERIFY_HAS(spoiled.loadWritten(), "config.json");  // an empty folder
  QVERIFY(spoiled.load().empty());
  const fs::path weights = spoiled.folder.path() / "model.safetensors";
  const auto write = [&](const std::string& bytes) {
    std::ofstream(weights, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  };
  const auto file = [](uint64_t length, const std::string& header, size_t data) {
    return std::string(reinterpret_cast<const char*>(&length), 8) + header + std::string(data, '\0');
  };
  write(file(uint64_t{1} << 62, "{}", 0));
  VERIFY_HAS(spoiled.loadWritten(), "header");
  const std::string overlapping =
      R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})";
  write(file(overlapping.size(), overlapping, 12));
  VERIFY_HAS(spoiled.loadWritten(), "overlap");
  write("");
  VERIFY_HAS(spoiled.loadWritten(), "model.safetensors");
  fs::resize_file(weights, uintmax_t{1} << 40);  // a sparse file: refused by its size, unread
  VERIFY_HAS(spoiled.loadWritten(), "different models");
  fs::remove(weights);
  VERIFY_HAS(spoiled.loadWritten(), "model.safetensors");

  const fs::path index = spoiled.folder.path() / "model.safetensors.index.json";
  hvlm::writeJsonFile(index, {{"weight_map", {{"model.norm.weight", "../elsewhere.safetensors"}}}});
  VERIFY_HAS(spoiled.loadWritten(), "elsewhere");
  hvlm::writeJsonFile(index, {{"weight_map", {{"model.norm.weight", "model.safetensors"}}}});
  hvlm::writeSafetensors(weights, spoiled.tensors);
  VERIFY_HAS(spoiled.loadWritten(), "model.embed_tokens.weight in model.safetensors, where the index has it elsewhere");
  hvlm::writeJsonFile(index, nlohmann::json::array());
  VERIFY_HAS(spoiled.loadWritten(), "weight_map");
}

QTEST_GUILESS_MAIN(TestEngineLanguageDecoderFiles)
#include "tst_engine_language_decoder_files.moc"
