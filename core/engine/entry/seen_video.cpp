// SPDX-License-Identifier: Apache-2.0
#include "engine/entry/seen_video.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "engine/eval/embed.h"
#include "support/error.h"

namespace hvlm {

SeenVideo seeVideo(const LoadedModel& loaded, const Dataset& data, const std::string& id, const std::string& run_folder) {
  const at::NoGradGuard no_grad;
  SeenVideo seen;
  const auto found = std::find_if(data.catalogue.videos.begin(), data.catalogue.videos.end(),
                                  [&](const Video& v) { return v.id == id || "v_" + v.id == id; });
  if (found == data.catalogue.videos.end()) {
    throw InputError(
        {.where = data.spec.file.string(), .expected = "a video of the data set", .found = id, .remedy = "hvlm inspect lists the videos."});
  }
  seen.video = &*found;
  const std::vector<int64_t> one = {found - data.catalogue.videos.begin()};
  const auto shape = data.store->shape(found->id);
  if (!shape || shape->rows == 0 || shape->columns != loaded.state.input_dim) {
    throw InputError(
        {.where = data.spec.features.store.string() + ": " + found->id,
         .expected = "features of " + std::to_string(loaded.state.input_dim) + " columns, as " + run_folder + " was trained on",
         .found = shape ? std::to_string(shape->columns) + " columns" : "none",
         .remedy = "Choose another video or data set."});
  }
  overVideoBatches(*loaded.model, *data.store, data.catalogue, one, {}, [&](const Packed& packed, const std::vector<int64_t>&) {
    seen.output = loaded.model->forward(packed);
    seen.offsets = packed.offsets;
  });
  seen.detections = detectSegments(*loaded.model, seen.output, data.spec.features, {found->duration_seconds}, loaded.config.detect).front();
  return seen;
}

}  // namespace hvlm
