// SPDX-License-Identifier: Apache-2.0
#include "runs/config.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>
#include <variant>

#include "support/error.h"
#include "support/hash.h"
#include "support/text.h"

namespace hvlm {
namespace {

// Keys that change how a run is made, not what comes out.
bool isAboutResult(const std::string& path) {
  constexpr std::array<std::string_view, 4> kOther = {"device", "train.threads", "train.checkpoint_steps",
                                                      "train.checkpoint_minutes"};
  return std::find(kOther.begin(), kOther.end(), path) == kOther.end();
}

// `Fields` points into a struct it may write to; readers work on a copy.
RunConfig copyOf(const RunConfig& config) { return config; }

std::string number(int64_t value) { return std::to_string(value); }

// As a person writes it: 0.0005, not 5e-04.
std::string readable(const Field& field) {
  if (const auto* value = std::get_if<double*>(&field.value)) return nlohmann::json(**value).dump();
  return fieldText(field);
}

void checkDevice(const std::string& device, const std::string& where) {
  const std::string_view text = device;
  if (text == "auto" || text == "cpu" || text == "cuda") return;
  if (text.starts_with("cuda:") && text.size() > 5 && text.size() < 9 &&
      text.find_first_not_of("0123456789", 5) == std::string_view::npos) {
    return;
  }
  throw InputError({.where = where + ": device", .expected = "auto, cpu, cuda or cuda:0, cuda:1 …",
                    .found = "\"" + shortened(device) + "\"", .remedy = "`hvlm doctor` lists the devices of this machine."});
}

void checkEncoder(const EncoderOptions& encoder, const std::string& where) {
  if (encoder.dim % encoder.heads != 0) {
    throw InputError({.where = where + ": encoder.heads", .expected = "a divisor of encoder.dim = " + number(encoder.dim),
                      .found = number(encoder.heads), .remedy = "Change encoder.heads or encoder.dim."});
  }
}

// Keys of the encoder that only some mixers read.
struct MixerKey {
  std::string_view key;
  std::array<std::string_view, 3> mixers;
};
constexpr std::array<MixerKey, 10> kMixerKeys = {{{"encoder.mixer_window", {"window", "global", "maxpool"}},
                                                  {"encoder.mixer_stride", {"strided"}},
                                                  {"encoder.mixer_globals", {"global"}},
                                                  {"encoder.mixer_memory", {"memory"}},
                                                  {"encoder.mixer_memory_policy", {"memory"}},
                                                  {"encoder.mixer_memory_fusion", {"memory"}},
                                                  {"encoder.mixer_features", {"performer"}},
                                                  {"encoder.mixer_state", {"mamba"}},
                                                  {"encoder.mixer_expand", {"mamba"}},
                                                  {"encoder.mixer_bidirectional", {"mamba"}}}};

// False for the key of a mixer that is not the one in use.
bool isReadByMixer(const std::string& path, const std::string& mixer) {
  const auto found = std::find_if(kMixerKeys.begin(), kMixerKeys.end(), [&](const MixerKey& k) { return k.key == path; });
  return found == kMixerKeys.end() || std::find(found->mixers.begin(), found->mixers.end(), mixer) != found->mixers.end();
}

void checkMixer(const EncoderOptions& encoder, const std::string& where) {
  const auto atLeastOne = [&](const std::string& key, int64_t value) {
    if (value >= 1 || !isReadByMixer("encoder." + key, encoder.mixer)) return;
    throw InputError({.where = where + ": encoder." + key, .expected = "at least 1 for encoder.mixer = " + encoder.mixer,
                      .found = number(value), .remedy = "Raise encoder." + key + " or choose another encoder.mixer."});
  };
  atLeastOne("mixer_window", encoder.mixer_window);
  atLeastOne("mixer_stride", encoder.mixer_stride);
  atLeastOne("mixer_globals", encoder.mixer_globals);
  atLeastOne("mixer_memory", encoder.mixer_memory);
  atLeastOne("mixer_features", encoder.mixer_features);
  atLeastOne("mixer_state", encoder.mixer_state);
  atLeastOne("mixer_expand", encoder.mixer_expand);
  if (encoder.mixer_window % 2 == 0 && isReadByMixer("encoder.mixer_window", encoder.mixer)) {
    throw InputError({.where = where + ": encoder.mixer_window",
                      .expected = "an odd number for encoder.mixer = " + encoder.mixer + " (as many steps before as after)",
                      .found = number(encoder.mixer_window),
                      .remedy = "Set encoder.mixer_window to " + number(encoder.mixer_window + 1) + "."});
  }
}

void checkLevels(const RunConfig& config, const std::string& where) {
  const HeadOptions& head = config.head;
  if (head.detect && head.detect_levels > 1 && !config.pyramid.enabled) {
    throw InputError({.where = where + ": head.detect_levels", .expected = "1 when pyramid.enabled is false",
                      .found = number(head.detect_levels),
                      .remedy = "Set head.detect_levels to 1, head.detect to false or pyramid.enabled to true."});
  }
  if (head.detect && config.pyramid.levels >= 0 && head.detect_levels > config.pyramid.levels + 1) {
    throw InputError({.where = where + ": head.detect_levels",
                      .expected = "at most " + number(config.pyramid.levels + 1) + " (level 0 and pyramid.levels = " +
                                  number(config.pyramid.levels) + ")",
                      .found = number(head.detect_levels), .remedy = "Lower head.detect_levels or raise pyramid.levels."});
  }
  if (config.loss.cross > 0 && (!config.pyramid.enabled || config.pyramid.levels == 0)) {
    throw InputError({.where = where + ": loss.cross", .expected = "0 without levels above the steps (pyramid.enabled, pyramid.levels)",
                      .found = exactNumber(config.loss.cross), .remedy = "Set loss.cross to 0 or give the pyramid levels."});
  }
}

void checkTraining(const RunConfig& config, const std::string& where) {
  const TrainOptions& train = config.train;
  if (train.min_lr > train.lr) {
    throw InputError({.where = where + ": train.min_lr", .expected = "at most train.lr = " + exactNumber(train.lr),
                      .found = exactNumber(train.min_lr), .remedy = "The cosine falls from train.lr to train.min_lr."});
  }
  const LossOptions& loss = config.loss;
  const bool supervised = (config.head.classify && loss.classification > 0) ||
                          (config.head.detect && (loss.focal > 0 || loss.diou > 0));
  const bool self_supervised = loss.temporal > 0 || loss.regulariser > 0 || loss.cross > 0;
  if (train.epochs > 0 && !supervised && !self_supervised) {
    throw InputError({.where = where + ": train.epochs",
                      .expected = "0 when every loss term is off (loss.temporal, loss.classification, loss.focal …)",
                      .found = number(train.epochs), .remedy = "Give one loss term a weight, or set train.epochs to 0."});
  }
}

}  // namespace

RunConfig readRunConfig(const std::filesystem::path& file, const std::vector<std::string>& settings) {
  RunConfig config;
  readYaml(file, Fields(config));
  applySettings(config, settings);
  std::string where = file.string();
  for (const std::string& setting : settings) where += " --set " + setting;
  validateConfig(config, where);
  return config;
}

void applySettings(RunConfig& config, const std::vector<std::string>& settings) {
  const Fields fields(config);
  for (const std::string& setting : settings) {
    const size_t equals = setting.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw InputError({.where = "--set " + shortened(setting), .expected = "key=value", .found = "no value",
                        .remedy = "Write it like train.epochs=3."});
    }
    fields.set(trimmed(setting.substr(0, equals)), trimmed(setting.substr(equals + 1)), "--set " + shortened(setting));
  }
}

void validateConfig(const RunConfig& config, const std::string& where) {
  checkDevice(config.device, where);
  checkEncoder(config.encoder, where);
  checkMixer(config.encoder, where);
  checkLevels(config, where);
  checkTraining(config, where);
}

std::string configYaml(const RunConfig& config) {
  RunConfig copy = copyOf(config);
  return writeYaml(Fields(copy));
}

std::string configHash(const RunConfig& config) {
  RunConfig copy = copyOf(config);
  const Fields fields(copy);
  std::string text;
  for (const Field& field : fields.all()) {
    if (isAboutResult(field.path) && isReadByMixer(field.path, config.encoder.mixer)) text += field.path + "=" + fieldText(field) + "\n";
  }
  return contentHash(text);
}

std::vector<std::string> configDifferences(const RunConfig& a, const RunConfig& b, bool result_only) {
  RunConfig copy_a = copyOf(a);
  RunConfig copy_b = copyOf(b);
  const Fields fields_a(copy_a);
  const Fields fields_b(copy_b);
  std::vector<std::string> differences;
  for (size_t i = 0; i < fields_a.all().size(); ++i) {
    const std::string& path = fields_a.all()[i].path;
    const std::string text_a = readable(fields_a.all()[i]);
    const std::string text_b = readable(fields_b.all()[i]);
    const bool about_result = isAboutResult(path) && (isReadByMixer(path, a.encoder.mixer) || isReadByMixer(path, b.encoder.mixer));
    if (text_a != text_b && (!result_only || about_result)) differences.push_back(path + ": " + text_a + " / " + text_b);
  }
  return differences;
}

}  // namespace hvlm
