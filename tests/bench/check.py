# SPDX-License-Identifier: Apache-2.0
"""Whether the twins compute what they should, before anyone times them: a padded video equals itself alone, the library's encoder equals
the layers by hand, banded attention equals the dense one, losses equal loops. `run.py` calls it first; a failure ends the run."""
import sys
import warnings

import torch
from torch.nn import functional as F

import twin_layers
import twin_losses
import twin_models
import twin_score

LENGTHS = [30, 7, 1, 19]


def near(name, a, b, most=1e-5):
    away = float((a - b).abs().max())
    if not away <= most:
        raise SystemExit(f"check.py: {name}: {away} apart, at most {most} expected")


def padded(width=8):
    videos = [torch.randn(n, width) for n in LENGTHS]
    x = torch.nn.utils.rnn.pad_sequence(videos, batch_first=True)
    return videos, x, torch.arange(x.shape[1]) < torch.tensor(LENGTHS)[:, None]


def padding_changes_nothing():
    for model in (twin_models.Paper(8, 5, 32, 2), twin_models.Recommended(8, 5, width=32)):
        for name, p in model.named_parameters():
            if "pooling" in name:
                torch.nn.init.normal_(p)
        model.eval()
        videos, x, mask = padded()
        together = model(x, mask, LENGTHS)
        for b, n in enumerate(LENGTHS):
            alone = model(videos[b][None], None, [n])
            near(f"{type(model).__name__}, scores of {n} steps", together["logits"][b], alone["logits"][0])
            near(f"{type(model).__name__}, {n} steps", together["h"][b, :n], alone["h"][0])


def library_equals_by_hand():
    library, hand = twin_models.Paper(8, 5, 32, 2, library_encoder=True).eval(), twin_models.Paper(8, 5, 32, 2).eval()
    hand.load_state_dict({k: v for k, v in library.state_dict().items() if not k.startswith("encoder.")}, strict=False)
    for theirs, ours in zip(library.encoder.layers, hand.layers):
        ours.mixer.into.weight.data.copy_(theirs.self_attn.in_proj_weight)
        ours.mixer.into.bias.data.copy_(theirs.self_attn.in_proj_bias)
        ours.mixer.out.load_state_dict(theirs.self_attn.out_proj.state_dict())
        for name in ("linear1", "linear2", "norm1", "norm2"):
            getattr(ours, name).load_state_dict(getattr(theirs, name).state_dict())
    _, x, mask = padded()
    near("nn.TransformerEncoder and the same layers", library(x, mask, LENGTHS)["logits"], hand(x, mask, LENGTHS)["logits"])


def banded_equals_dense():
    attention = twin_layers.Attention(16, 2, reach=5)
    x, mask = torch.randn(2, 600, 16), torch.arange(600) < torch.tensor([600, 333])[:, None]
    q, k, v = attention.into(x).view(2, 600, 3, 2, 8).permute(2, 0, 3, 1, 4)
    band = (torch.arange(600)[:, None] - torch.arange(600)).abs() <= 5
    dense = F.scaled_dot_product_attention(q, k, v, attn_mask=(band & mask[:, None, None, :]) | torch.eye(600, dtype=torch.bool))
    near("banded attention", attention(x, mask)[mask], attention.out(dense.transpose(1, 2).reshape(2, 600, 16))[mask])


def losses_equal_loops():
    videos, x, mask = padded()
    each = [torch.stack([1 - F.cosine_similarity(v[i], v[i + 1], dim=0) for i in range(len(v) - 1)]).mean() for v in videos if len(v) > 1]
    near("temporal loss", twin_losses.temporal(x, mask), torch.stack(each).mean())
    near("hinge", twin_losses.hinge(x, mask, 10.0), 10.0 - torch.cat(videos).std(0).mean())
    # One level of steps, one segment in the middle of the first video: nodes within 1.5 steps of its centre, 2.5 .. 5.5.
    masks = [mask, mask[:, ::2]]
    segments = torch.full((4, 1, 2), -1e9)
    segments[0, 0] = torch.tensor([2.5, 5.5])
    valid, targets, distances, positive = twin_losses.assign(masks, 2, segments, torch.zeros(4, 1, dtype=torch.long), 3)
    found = positive[0].nonzero().flatten().tolist()
    if found != [3, 4, 5] or positive[1:].any() or targets[0, found].tolist() != [[1, 0, 0]] * 3:
        raise SystemExit(f"check.py: assignment found {found}")
    near("distances", distances[0, found], torch.tensor([[0.5, 2.5], [1.5, 1.5], [2.5, 0.5]]))


def scores_by_hand():
    truth = {"a": [("v", 0.0, 10.0), ("w", 0.0, 10.0)]}
    predictions = {"a": [("v", 0.0, 10.0, 0.9), ("v", 0.0, 9.0, 0.8), ("w", 0.0, 6.0, 0.7)], "b": [("v", 0.0, 10.0, 1.0)]}
    # Up to tIoU 0.6 both instances are found, the second by the third prediction: (1 + 2/3) / 2; from there on the first alone.
    expected = (3 * (1 + 2 / 3) / 2 + 7 * 0.5) / 10
    near("average mAP", torch.tensor(twin_score.average_map(truth, predictions)), torch.tensor(expected), 1e-6)


def main():
    warnings.filterwarnings("ignore")
    torch.manual_seed(0)
    torch.set_num_threads(1)
    with torch.no_grad():
        for check in (padding_changes_nothing, library_equals_by_hand, banded_equals_dense, losses_equal_loops, scores_by_hand):
            check()
    print("the twins compute what they should")


if __name__ == "__main__":
    sys.exit(main())
