// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "engine/language/decoder_files.h"
#include "support/error.h"
#include "support/text.h"

namespace hvlm {
namespace {

using Json = nlohmann::json;

[[noreturn]] void refuse(const std::string& where, const std::string& expected, const std::string& found, const std::string& remedy) {
  throw InputError({.where = where, .expected = expected, .found = found, .remedy = remedy});
}
constexpr const char* kOtherModel = "Take a model of the LLaMA architecture.";
constexpr const char* kCheckConfig = "Check config.json: it must be the one that came with the weights.";

// The value of a key, nullptr when it is absent or null.
const Json* find(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

struct Reader {
  const Json& object;
  const std::string& where;

  int64_t whole(const char* key, std::optional<int64_t> otherwise = {}) const {
    const Json* value = find(object, key);
    if (!value && otherwise) return *otherwise;
    if (!value || !value->is_number_integer() || (value->is_number_unsigned() && value->get<uint64_t>() > uint64_t{1} << 40)) {
      refuse(where + ": " + key, "a whole number", value ? shortened(value->dump()) : "none", kCheckConfig);
    }
    return value->get<int64_t>();
  }
  double number(const char* key, double otherwise) const {
    const Json* value = find(object, key);
    if (!value) return otherwise;
    if (!value->is_number() || !std::isfinite(value->get<double>())) {
      refuse(where + ": " + key, "a number", shortened(value->dump()), kCheckConfig);
    }
    return value->get<double>();
  }
  double number(const char* key) const {
    if (!find(object, key)) refuse(where + ": " + key, "a number", "none", kCheckConfig);
    return number(key, 0.0);
  }
  bool truth(const char* key, bool otherwise) const {
    const Json* value = find(object, key);
    if (!value) return otherwise;
    if (!value->is_boolean()) refuse(where + ": " + key, "true or false", shortened(value->dump()), kCheckConfig);
    return value->get<bool>();
  }
  std::string text(const char* key, const std::string& otherwise) const {
    const Json* value = find(object, key);
    if (!value) return otherwise;
    if (!value->is_string()) refuse(where + ": " + key, "a text", shortened(value->dump()), kCheckConfig);
    return value->get<std::string>();
  }
};

// rope_parameters holds everything; before transformers 5 it was rope_theta with rope_scaling beside it.
RopeOptions readRope(const Json& config, const std::string& where, int64_t max_positions) {
  RopeOptions rope;
  rope.theta = Reader{config, where}.number("rope_theta", 10000.0);
  const Json* scaling = find(config, "rope_parameters");
  if (!scaling) scaling = find(config, "rope_scaling");
  if (!scaling) return rope;
  if (!scaling->is_object()) refuse(where + ": rope_scaling", "an object or null", shortened(scaling->dump()), kCheckConfig);
  const Reader in{*scaling, where};
  rope.theta = in.number("rope_theta", rope.theta);
  rope.type = in.text("rope_type", in.text("type", "default"));
  if (rope.type != "default" && rope.type != "linear" && rope.type != "llama3") {
    refuse(where + ": rope_type", "default, linear or llama3", shortened(rope.type), "Take a model without this kind of position scaling.");
  }
  if (in.number("partial_rotary_factor", 1.0) != 1.0) {
    refuse(where + ": partial_rotary_factor", "1", exactNumber(in.number("partial_rotary_factor", 1.0)), kOtherModel);
  }
  if (rope.type == "default") return rope;
  rope.factor = in.number("factor");
  if (rope.type == "linear") return rope;
  rope.low_freq_factor = in.number("low_freq_factor");
  rope.high_freq_factor = in.number("high_freq_factor");
  rope.original_positions = in.whole("original_max_position_embeddings", max_positions);
  return rope;
}

std::string architectureOf(const Json& config, const std::string& where) {
  const Json* list = find(config, "architectures");
  const bool named = list && list->is_array() && list->size() == 1 && list->front().is_string();
  const std::string name = named ? list->front().get<std::string>() : "";
  if (name == "LlamaForCausalLM" || name == "MistralForCausalLM") return name;
  const std::string found = !list ? "none" : shortened(named ? name : list->dump());
  refuse(where + ": architectures", "LlamaForCausalLM or MistralForCausalLM", found, kOtherModel);
}

// Mistral's own default is a window of 4096; one that spans all positions hides nothing.
void refuseWindow(const Json& config, const std::string& where, int64_t max_positions) {
  const bool none = config.contains("sliding_window") && config["sliding_window"].is_null();
  const int64_t window = none ? max_positions : Reader{config, where}.whole("sliding_window", 4096);
  if (window < max_positions) {
    refuse(where + ": sliding_window", "null, or at least the " + std::to_string(max_positions) + " positions", std::to_string(window),
           "Take a Mistral model without a sliding window (version 0.2 or later).");
  }
}

}  // namespace

DecoderShape decoderShape(const Json& config, const std::string& where) {
  if (!config.is_object()) refuse(where, "the config of a language model", "another kind of file", kCheckConfig);
  const bool mistral = architectureOf(config, where) == "MistralForCausalLM";
  const Reader in{config, where};
  DecoderShape shape;
  shape.vocabulary = in.whole("vocab_size");
  shape.width = in.whole("hidden_size");
  shape.layers = in.whole("num_hidden_layers");
  shape.heads = in.whole("num_attention_heads");
  shape.kv_heads = in.whole("num_key_value_heads", mistral ? 8 : shape.heads);
  shape.head_dim = in.whole("head_dim", 0);
  shape.hidden = in.whole("intermediate_size");
  shape.max_positions = in.whole("max_position_embeddings");
  shape.norm_epsilon = in.number("rms_norm_eps", 1e-6);
  shape.tied = in.truth("tie_word_embeddings", false);
  shape.attention_bias = !mistral && in.truth("attention_bias", false);
  shape.mlp_bias = !mistral && in.truth("mlp_bias", false);
  if (in.text("hidden_act", "silu") != "silu") refuse(where + ": hidden_act", "silu", shortened(in.text("hidden_act", "")), kOtherModel);
  shape.rope = readRope(config, where, shape.max_positions);
  if (mistral) refuseWindow(config, where, shape.max_positions);
  shape.check(where);
  return shape;
}

Json decoderConfigJson(const DecoderShape& shape) {
  const RopeOptions& rope = shape.rope;
  Json config = {{"architectures", {"LlamaForCausalLM"}},
                 {"model_type", "llama"},
                 {"hidden_act", "silu"},
                 {"vocab_size", shape.vocabulary},
                 {"hidden_size", shape.width},
                 {"num_hidden_layers", shape.layers},
                 {"num_attention_heads", shape.heads},
                 {"num_key_value_heads", shape.kv_heads},
                 {"head_dim", shape.headWidth()},
                 {"intermediate_size", shape.hidden},
                 {"max_position_embeddings", shape.max_positions},
                 {"rms_norm_eps", shape.norm_epsilon},
                 {"rope_theta", rope.theta},
                 {"rope_scaling", nullptr},
                 {"tie_word_embeddings", shape.tied},
                 {"attention_bias", shape.attention_bias},
                 {"mlp_bias", shape.mlp_bias}};
  if (rope.type == "default") return config;
  config["rope_scaling"] = {{"rope_type", rope.type}, {"factor", rope.factor}};
  if (rope.type == "llama3") {
    config["rope_scaling"].update({{"low_freq_factor", rope.low_freq_factor},
                                   {"high_freq_factor", rope.high_freq_factor},
                                   {"original_max_position_embeddings", rope.original_positions}});
  }
  return config;
}

}  // namespace hvlm
