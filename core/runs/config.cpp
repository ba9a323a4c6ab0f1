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
  constexpr std::array<std::string_view, 5> kOther = {"device", "train.threads", "train.checkpoint_steps", "train.checkpoint_minutes",
                                                      "train.checkpoint_activations"};
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

bool isOneOf(std::string_view value, std::initializer_list<std::string_view> list) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

// False for the key of a part that this config does not use: it changes nothing.
bool isRead(const std::string& path, const RunConfig& c) {
  const std::string_view key = path;
  const auto within = [&](std::string_view group) { return key.starts_with(group); };
  if (within("encoder.") && c.encoder.kind != "transformer" && key != "encoder.kind") {
    return c.encoder.kind == "mlp" && !within("encoder.mixer") &&
           isOneOf(key, {"encoder.dim", "encoder.activation", "encoder.input_norm", "encoder.dropout", "encoder.input_noise", "encoder.step_mask", "encoder.final_norm"});
  }
  if (within("encoder.mixer")) return isReadByMixer(path, c.encoder.mixer);
  if (within("pyramid.")) return key == "pyramid.enabled" || (c.pyramid.enabled && (key != "pyramid.block_window" || c.pyramid.block == "window"));
  if (within("merge.")) {
    if (key == "merge.where") return true;
    if (c.merge.where == "none") return false;
    if (key == "merge.ratio") return c.merge.schedule == "constant";
    if (isOneOf(key, {"merge.min_ratio", "merge.max_ratio", "merge.threshold"})) return c.merge.schedule == "adaptive";
    return !isOneOf(key, {"merge.motion", "merge.saliency"}) || c.merge.criterion == "importance";
  }
  if (within("contrast.")) {
    if (key == "contrast.method" || c.contrast.method == "none") return key == "contrast.method";
    if (isOneOf(key, {"contrast.momentum", "contrast.queue"})) return c.contrast.method == "moco";
    return (c.contrast.method == "videoclip") == isOneOf(key, {"contrast.clip_min_seconds", "contrast.clip_max_seconds", "contrast.neighbour_share"});
  }
  if (key == "train.patience") return c.train.patience > 0;
  if (key == "train.init") return !c.train.init.empty();
  if (key == "head.answer" || key == "loss.answer" || within("language.answer")) return c.head.answer;
  if (key == "head.caption" || key == "loss.caption") return c.head.caption;
  if (key == "loss.task_weights") return c.loss.task_weights != "fixed";
  if (key == "language.dropout") return c.head.answer || c.head.caption;
  if (isOneOf(key, {"language.decoding", "language.beam", "language.samples", "language.top_p"})) return false;  // of reading, not of training
  if (within("language.")) return c.head.caption;
  if (key == "text.buckets") return usesTower(c) && c.text.tower == "hashed";
  if (key == "text.tower") return usesTower(c);
  if (key == "text.tuning" || key == "text.tuning_size") return usesTower(c) && c.text.tuning != "none";
  if (key == "loss.text_same") return usesText(c) && c.loss.text_same < 1.0;
  if (within("text.") || key == "loss.text_direction") return usesText(c);
  if (isOneOf(key, {"head.segments", "head.test_segments", "head.consensus"})) return c.head.video_vector == "segments";
  if (key == "head.consensus_top") return c.head.video_vector == "segments" && c.head.consensus == "topk";
  if (key == "head.boundary") return c.head.detect && c.head.boundary != "offsets";
  if (key == "head.trident_bins") return c.head.detect && c.head.boundary == "trident";
  if (isOneOf(key, {"head.edges", "loss.edges", "detect.edge_reach"})) return c.head.detect && c.head.edges;
  if (isOneOf(key, {"head.rescore", "loss.rescore", "detect.rescore_fusion"})) return c.head.detect && c.head.rescore;
  if (key == "detect.nms") return c.head.detect && c.detect.nms != "class";
  if (key == "detect.calibrate") return c.head.detect && c.detect.calibrate;
  if (key == "train.precision") return c.train.precision != "float32";
  if (key == "loss.segment_text_nodes") return usesText(c) && c.loss.segment_text > 0 && c.loss.segment_text_nodes != "steps";
  if (key == "head.experts") return c.head.classify && c.head.experts != "none";
  if (key == "head.domains" || key == "head.expert_width") return c.head.classify && c.head.experts != "none";
  if (key == "head.expert_confidence") return c.head.classify && c.head.experts == "confidence";
  if (key == "loss.router" || key == "loss.balance") return usesRouter(c);
  if (key == "train.recompose") return c.train.recompose > 0;
  if (key == "train.stretch") return c.train.stretch > 0;
  if (within("head.detect_") || key == "head.width") return c.head.detect;
  if (within("detect.")) return c.head.detect;
  return true;
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

// What one key asks for and another one rules out.
void refuse(bool wrong, const std::string& where, const std::string& key, const std::string& expected, const std::string& found,
            const std::string& remedy) {
  if (wrong) throw InputError({.where = where + ": " + key, .expected = expected, .found = found, .remedy = remedy});
}

void checkPyramid(const RunConfig& c, const std::string& where) {
  const bool levels = c.pyramid.enabled && c.pyramid.levels != 0;
  refuse(c.pyramid.enabled && c.pyramid.block == "window" && c.pyramid.block_window % 2 == 0, where, "pyramid.block_window",
         "an odd number for pyramid.block = window (as many nodes before as after)", number(c.pyramid.block_window),
         "Set pyramid.block_window to " + number(c.pyramid.block_window + 1) + ".");
  refuse(c.merge.where == "between" && (!levels || c.pyramid.block == "none"), where, "merge.where",
         "none or before without a block between the levels (pyramid.enabled, pyramid.block)", "between",
         "Give the levels a block (pyramid.block=window) or set merge.where to before.");
  refuse(c.merge.where == "before" && c.encoder.kind != "transformer", where, "merge.where", "none or between with encoder.kind = " + c.encoder.kind, "before",
         "There are no transformer layers to merge before: set merge.where to none.");
  refuse(c.merge.where != "none" && c.merge.schedule == "adaptive" && c.merge.min_ratio > c.merge.max_ratio, where, "merge.min_ratio",
         "at most merge.max_ratio = " + exactNumber(c.merge.max_ratio), exactNumber(c.merge.min_ratio), "Lower merge.min_ratio or raise merge.max_ratio.");
  refuse(c.loss.temporal > 0 && c.loss.temporal_scope == "levels" && !levels, where, "loss.temporal_scope", "steps without levels (pyramid.enabled, pyramid.levels)", "levels",
         "Set loss.temporal_scope to steps or give the pyramid levels.");
  refuse(c.loss.segment_text > 0 && c.loss.segment_text_nodes == "levels" && !levels, where, "loss.segment_text_nodes", "steps without levels (pyramid.enabled, pyramid.levels)", "levels",
         "Set loss.segment_text_nodes to steps or give the pyramid levels.");
  refuse(c.loss.persistence > 0 && (!c.pyramid.enabled || (c.pyramid.levels >= 0 && c.pyramid.levels < 3)), where, "loss.persistence",
         "0 without a level 3 (pyramid.enabled, pyramid.levels)", exactNumber(c.loss.persistence), "Set loss.persistence to 0 or pyramid.levels to 3 or more.");
  refuse(c.head.detect && c.encoder.kind == "raw", where, "head.detect", "false with encoder.kind = raw", "true", "Set head.detect to false: raw features have no trained head.");
  refuse(c.pyramid.enabled && c.encoder.kind == "raw", where, "pyramid.enabled", "false with encoder.kind = raw", "true", "Set pyramid.enabled to false.");
  refuse(c.head.video_vector == "segments" && c.head.consensus == "topk" && c.head.consensus_top > std::min(c.head.segments, c.head.test_segments), where,
         "head.consensus_top", "at most head.segments and head.test_segments (" + number(std::min(c.head.segments, c.head.test_segments)) + ")",
         number(c.head.consensus_top), "Lower head.consensus_top or raise the number of segments.");
  refuse(c.detect.labels == "own" && c.head.detect && !c.head.classify && c.detect.video_fusion > 0, where, "detect.video_fusion",
         "0 without a video classifier (head.classify)", exactNumber(c.detect.video_fusion), "Set detect.video_fusion to 0, head.classify to true or detect.labels to external.");
  refuse(c.head.experts != "none" && (!c.head.classify || c.head.video_vector == "segments"), where, "head.experts", "none without a classifier of one video vector (head.classify, head.video_vector)",
         c.head.experts, "Set head.experts to none, or head.classify to true and head.video_vector to top, mean or attention.");
  refuse(c.detect.calibrate && c.train.holdout <= 0.0, where, "detect.calibrate", "false without held-out videos (train.holdout)", "true", "Set train.holdout above 0: the curve is fitted there.");
  for (const auto& [on, key] : {std::pair{c.head.edges, "head.edges"}, std::pair{c.head.rescore, "head.rescore"}, std::pair{c.detect.calibrate, "detect.calibrate"}}) {
    refuse(on && !c.head.detect, where, key, "false without a detection head (head.detect)", "true", std::string("Set ") + key + " to false or head.detect to true.");
  }
}

void checkContrast(const RunConfig& c, const std::string& where) {
  const ContrastOptions& o = c.contrast;
  refuse(c.encoder.kind == "raw" && (o.method != "none" || usesText(c)), where, "encoder.kind", "transformer or mlp with contrast.method = " + o.method + " or a text term",
         "raw", "Raw features have nothing to train: choose another encoder.kind.");
  if (o.method == "moco" || o.method == "simclr") {
    refuse(o.crop_min > o.crop_max, where, "contrast.crop_min", "at most contrast.crop_max = " + exactNumber(o.crop_max), exactNumber(o.crop_min), "Lower contrast.crop_min.");
    refuse(o.method == "simclr" && c.train.batch_size < 2, where, "train.batch_size", "2 or more with contrast.method = simclr (the negatives are the batch)", number(c.train.batch_size),
           "Raise train.batch_size.");
  }
  if (o.method == "videoclip") {
    refuse(o.clip_min_seconds > o.clip_max_seconds, where, "contrast.clip_min_seconds", "at most contrast.clip_max_seconds = " + exactNumber(o.clip_max_seconds),
           exactNumber(o.clip_min_seconds), "Lower contrast.clip_min_seconds.");
    refuse(c.train.batch_size < 2, where, "train.batch_size", "2 or more with contrast.method = videoclip (the negatives are the batch)", number(c.train.batch_size), "Raise train.batch_size.");
  }
  refuse(usesTower(c) && c.text.tuning != "none" && c.text.tower != "minilm", where, "text.tuning", "none with text.tower = " + c.text.tower, c.text.tuning,
         "There is no network to tune: set text.tower to minilm or text.tuning to none.");
  refuse(usesLanguage(c) && o.method == "moco", where, "contrast.method", "another one with head.answer, head.caption, text.tuning or loss.task_weights = learned (the key model has none of these)", "moco",
         "Train these parts in a run of its own: hvlm train --init.");
  refuse((c.head.answer || c.head.caption) && (c.encoder.kind == "raw" || !c.pyramid.enabled), where, c.head.answer ? "head.answer" : "head.caption", "false without a pyramid (encoder.kind, pyramid.enabled)", "true",
         "Give the model a pyramid or turn the head off.");
  refuse(c.head.caption && (c.language.width % c.language.heads != 0 || (c.language.width / c.language.heads) % 2 != 0), where, "language.heads",
         "a number whose double divides language.width = " + number(c.language.width), number(c.language.heads), "Change language.width or language.heads.");
  refuse(c.loss.text > 0 && c.train.batch_size < 2, where, "train.batch_size", "2 or more with loss.text above 0 (the negatives are the batch)", number(c.train.batch_size),
         "Raise train.batch_size or set loss.text to 0.");
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
  if (train.patience > 0 && (train.select != "holdout" || train.evaluate_epochs == 0 || train.holdout <= 0.0)) {
    throw InputError({.where = where + ": train.patience", .expected = "0, or a held-out slice to be patient about: train.select holdout, train.evaluate_epochs and train.holdout above 0",
                      .found = number(train.patience) + " with select " + train.select + ", evaluate_epochs " + number(train.evaluate_epochs) + ", holdout " + exactNumber(train.holdout),
                      .remedy = "Set train.patience to 0, or these three."});
  }
  const LossOptions& loss = config.loss;
  const bool supervised = (config.head.classify && loss.classification > 0) ||
                          (config.head.detect && (loss.focal > 0 || loss.diou > 0 || (config.head.edges && loss.edges > 0) || (config.head.rescore && loss.rescore > 0)));
  const bool trainable = config.encoder.kind != "raw";
  const bool self_supervised = trainable && (loss.temporal > 0 || loss.regulariser > 0 || loss.cross > 0 || loss.variance > 0 || loss.covariance > 0 ||
                                             loss.step_contrast > 0 || loss.persistence > 0 || usesText(config) || config.contrast.method != "none");
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
  checkPyramid(config, where);
  checkContrast(config, where);
  checkLevels(config, where);
  checkTraining(config, where);
}

bool usesLanguage(const RunConfig& config) { return config.head.answer || config.head.caption || config.loss.task_weights == "learned" || (usesTower(config) && config.text.tuning != "none"); }
bool usesRouter(const RunConfig& config) { return config.head.classify && config.head.experts != "none" && config.head.experts != "single"; }
bool usesTower(const RunConfig& config) { return usesText(config) || config.head.answer; }
int64_t textWidth(const TextOptions& options) { return options.tower == "minilm" ? 384 : options.buckets; }

bool usesText(const RunConfig& config) {
  return config.loss.text > 0 || config.loss.segment_text > 0 || config.contrast.method == "videoclip";
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
    if (isAboutResult(field.path) && isRead(field.path, config)) text += field.path + "=" + fieldText(field) + "\n";
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
    const bool about_result = isAboutResult(path) && (isRead(path, a) || isRead(path, b));
    if (text_a != text_b && (!result_only || about_result)) differences.push_back(path + ": " + text_a + " / " + text_b);
  }
  return differences;
}

}  // namespace hvlm
