// SPDX-License-Identifier: Apache-2.0
// Tiny data sets with known content, a tiny config, and jobs of the engine in this process.
#pragma once
#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <variant>
#include <vector>

#include "engine/entry/engine.h"
#include "jobs/engine.h"
#include "jobs/events.h"
#include "runs/config.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/hash.h"

namespace hvlm::testing {

struct MadeSegment {
  double start = 0.0;
  double end = 0.0;
  std::string label;
};
struct MadeVideo {
  std::string id;
  std::string subset;
  std::vector<MadeSegment> segments;
  std::vector<float> values;  // rows of `columns` numbers, one a second
};
struct MadeSet {
  int64_t columns = 8;
  double steps_per_second = 1.0;
  std::vector<MadeVideo> videos;
};

inline float noiseAt(uint64_t seed, uint64_t i) {
  return static_cast<float>(static_cast<double>(mixSeed(seed, i) >> 11) * 0x1.0p-52 - 1.0);
}

// dataset.yaml, annotations.json and a folder of .npy files (float32); returns the path of dataset.yaml.
inline std::string writeSet(const std::filesystem::path& folder, const MadeSet& set) {
  std::filesystem::create_directories(folder / "features");
  nlohmann::json database = nlohmann::json::object();
  for (const MadeVideo& video : set.videos) {
    const auto rows = static_cast<int64_t>(video.values.size()) / set.columns;
    nlohmann::json annotations = nlohmann::json::array();
    for (const MadeSegment& s : video.segments) annotations.push_back({{"label", s.label}, {"segment", {s.start, s.end}}});
    database[video.id] = {{"subset", video.subset}, {"duration", static_cast<double>(rows) / set.steps_per_second}, {"annotations", annotations}};
    std::string head = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + std::to_string(rows) + ", " + std::to_string(set.columns) + "), }";
    while ((head.size() + 11) % 64 != 0) head += ' ';
    head += '\n';
    const auto size = static_cast<uint16_t>(head.size());
    std::ofstream out(folder / "features" / ("v_" + video.id + ".npy"), std::ios::binary);
    out.write("\x93NUMPY\x01\x00", 8).write(reinterpret_cast<const char*>(&size), 2) << head;
    out.write(reinterpret_cast<const char*>(video.values.data()), static_cast<std::streamsize>(video.values.size() * 4));
  }
  std::ofstream(folder / "annotations.json") << nlohmann::json{{"version", "made"}, {"taxonomy", nlohmann::json::array()}, {"database", database}}.dump();
  std::ofstream(folder / "dataset.yaml") << "name: made\nannotations: annotations.json\nfeatures: {store: features/, prefix: v_, steps_per_second: "
                                         << set.steps_per_second << "}\n";
  return (folder / "dataset.yaml").string();
}

// `per_class` training and `held` validation videos of each of `classes` classes ("class 0", …): background noise with one
// segment in which the class's own channel is high.
inline MadeSet classSet(int64_t classes, int64_t per_class, int64_t held, uint64_t seed = 1) {
  MadeSet set;
  set.columns = std::max<int64_t>(8, classes + 2);
  for (int64_t c = 0; c < classes; ++c) {
    for (int64_t i = 0; i < per_class + held; ++i) {
      MadeVideo video;
      video.id = "video" + std::to_string(c) + "x" + std::to_string(i);
      video.subset = i < per_class ? "training" : "validation";
      const uint64_t own = mixSeed(seed, static_cast<uint64_t>(c), static_cast<uint64_t>(i));
      const auto steps = static_cast<int64_t>(14 + own % 9);
      const auto start = static_cast<int64_t>(2 + (own >> 8) % 4);
      const auto end = start + 5 + static_cast<int64_t>((own >> 16) % 3);
      video.segments.push_back({static_cast<double>(start), static_cast<double>(end), "class " + std::to_string(c)});
      for (int64_t t = 0; t < steps; ++t) {
        for (int64_t k = 0; k < set.columns; ++k) {
          const bool high = t >= start && t < end && k == c;
          video.values.push_back(0.3f * noiseAt(own, static_cast<uint64_t>(t * set.columns + k)) + (high ? 2.0f : 0.0f));
        }
      }
      set.videos.push_back(std::move(video));
    }
  }
  return set;
}

// Small enough for hundreds of steps a second, with both heads, the pyramid and every kind of random draw.
inline RunConfig tinyConfig() {
  RunConfig c;
  c.seed = 3;
  c.encoder.dim = 16;
  c.encoder.layers = 1;
  c.encoder.heads = 2;
  c.encoder.stem_convolutions = 1;
  c.encoder.dropout = 0.1;
  c.encoder.drop_path = 0.1;
  c.encoder.input_noise = 0.05;
  c.encoder.step_mask = 0.05;
  c.pyramid.block = "conv";
  c.head.video_vector = "attention";
  c.head.detect_levels = 4;
  c.head.detect_layers = 1;
  c.head.width = 16;
  c.loss.temporal = 0.1;
  c.train.epochs = 3;
  c.train.batch_size = 4;
  c.train.lr = 2e-3;
  c.train.warmup_epochs = 0.5;
  c.train.ema = 0.9;
  c.train.threads = 1;
  c.train.checkpoint_minutes = 0.0;
  c.train.evaluate_epochs = 1;
  c.train.holdout = 0.2;
  return c;
}

// Keeps what a job said; `on_step` may steer it.
class Recorder : public JobObserver {
 public:
  std::vector<JobEvent> events;
  std::function<void(const StepEvent&)> on_step;
  std::function<void(const JobEvent&)> on_event;
  void onEvent(const JobEvent& event) override {
    events.push_back(event);
    if (on_event) on_event(event);
    if (on_step && std::holds_alternative<StepEvent>(event)) on_step(std::get<StepEvent>(event));
  }
  template <class Event>
  std::vector<Event> all() const {
    std::vector<Event> found;
    for (const JobEvent& event : events) {
      if (std::holds_alternative<Event>(event)) found.push_back(std::get<Event>(event));
    }
    return found;
  }
};

// The engine of this process; there can be only one.
inline TorchEngine& theEngine() {
  static TorchEngine engine;
  return engine;
}

inline TrainSpec trainSpec(const RunConfig& config, const std::string& data, const std::string& run, bool resume = false) {
  return {.config = config, .data = data, .run_folder = run, .resume = resume};
}

// Runs a job; returns the message of the InputError that ended it, or "".
inline std::string runJob(const JobSpec& spec, JobControl& control, Recorder& recorder) {
  try {
    theEngine().run(spec, control, recorder);
  } catch (const InputError& error) {
    return *error.what() ? error.what() : "an error without words";
  }
  return "";
}
inline std::string runJob(const JobSpec& spec) {
  JobControl control;
  Recorder recorder;
  return runJob(spec, control, recorder);
}

inline nlohmann::json evaluated(const EvaluateSpec& spec) {
  JobControl control;
  Recorder recorder;
  return nlohmann::json::parse(evaluateToJson(spec, control, recorder));
}

}  // namespace hvlm::testing
