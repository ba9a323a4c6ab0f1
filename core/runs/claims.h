// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <optional>
#include <string_view>

// What the paper claims (method.md 1). Typed in, not measured; shown only in rows marked as claimed.
namespace hvlm {

struct Claim {
  std::string_view method;
  double consistency;
  double classification;
  double localisation;  // "IoU@0.5", which the paper does not define: not the mAP at tIoU 0.5
  std::optional<double> average = std::nullopt;  // as stated, not computed
};

inline constexpr std::array<Claim, 5> kMainClaims = {{
    {"Direct Transformer", 0.582, 0.672, 0.514, 0.593},
    {"TSN", 0.598, 0.681, 0.527, 0.604},
    {"MoCo v2", 0.642, 0.715, 0.589, 0.652},
    {"VideoClip", 0.691, 0.758, 0.627, 0.693},
    {"HierarchicalVLM", 0.747, 0.841, 0.728, 0.785},
}};

inline constexpr std::array<Claim, 5> kAblationClaims = {{
    {"baseline transformer", 0.582, 0.672, 0.514},
    {"+ temporal contrastive loss", 0.724, 0.801, 0.688},
    {"+ collapse prevention", 0.731, 0.812, 0.701},
    {"+ hierarchical aggregation", 0.745, 0.823, 0.712},
    {"+ vision-language alignment", 0.747, 0.841, 0.728},
}};

struct EfficiencyClaim {
  std::string_view what;
  std::string_view value;
};
inline constexpr std::array<EfficiencyClaim, 9> kEfficiencyClaims = {{
    {"parameters", "15.2 M"},
    {"FP32 size", "298 MB"},
    {"FP16 size", "149 MB"},
    {"CPU", "45 FPS"},
    {"V100", "2,847 FPS"},
    {"training on two RTX 4090", "1,575 samples/s"},
    {"utilisation", "90 %"},
    {"scaling up to 4 GPUs", "90 %"},
    {"memory", "130x less"},
}};

// What is known against single claims; `of` is a method or a quantity above.
struct ClaimNote {
  std::string_view of;
  std::string_view text;
};
inline constexpr std::array<ClaimNote, 8> kClaimNotes = {{
    {"HierarchicalVLM", "0.841 over 0.672 is +25.1 %, not the stated +34.2 %; the stated average 0.785 is not the mean of the three columns (0.772)."},
    {"Direct Transformer", "The stated average 0.593 is not the mean of the three columns (0.589)."},
    {"TSN", "The stated average 0.604 is not the mean of the three columns (0.602)."},
    {"MoCo v2", "The stated average 0.652 is not the mean of the three columns (0.649)."},
    {"VideoClip", "The stated average 0.693 is not the mean of the three columns (0.692)."},
    {"+ temporal contrastive loss", "The paper's text says that this loss alone collapses within 5 to 20 epochs; its ablation says +13 points."},
    {"FP32 size", "15.2 M FP32 parameters are 60.8 MB; 298 MB fits the 77.9 M parameters of a 6 x 1024-d model."},
    {"CPU", "The paper counts frames through a backbone; here a step is one feature vector that was extracted before."},
}};

inline constexpr std::array<std::string_view, 5> kClaimProblems = {
    "15.2 M FP32 parameters are 60.8 MB; the claimed 298 MB fits the 77.9 M parameters of a 6 x 1024-d model.",
    "0.841 over 0.672 is +25.1 %, not the stated +34.2 %.",
    "The levels of the pyramid sum to 494, not 484.",
    "One step per second of 117 s videos gives 117 steps, not 250.",
    "The public code's trainer applied the temporal loss to its inputs (zero gradient), and that log puts the raw features' "
    "consistency at 0.852, above every claimed value.",
};

}  // namespace hvlm
