# SPDX-License-Identifier: Apache-2.0
"""Loss terms of the twin networks, vectorised over padded batches."""
import torch
from torch.nn import functional as F


def temporal(h, mask, gate=None, form="mean"):
    """Mean (over pairs, then videos) or sum over the batch of 1 - cos of neighbouring steps."""
    terms = 1.0 - F.cosine_similarity(h[:, :-1], h[:, 1:], dim=-1)
    if gate is not None:
        terms = terms * gate
    if mask is not None:
        pair = mask[:, 1:]
        terms = terms * pair
        count = pair.sum(1)
    else:
        count = torch.full((h.shape[0],), terms.shape[1])
    if form == "sum":
        return terms.sum() / h.shape[0]
    return (terms.sum(1) / count.clamp_min(1)).sum() / (count > 0).sum().clamp_min(1)


def smoothness_gate(x):
    with torch.no_grad():
        return F.cosine_similarity(x[:, :-1], x[:, 1:], dim=-1).clamp_min(0) ** 4


def rows_of(x, mask):
    return x.reshape(-1, x.shape[-1]) if mask is None else x[mask]


def hinge(h, mask, tau=0.1):
    return F.relu(tau - rows_of(h, mask).std(0).mean())


def variance_and_covariance(levels, masks):
    variances, covariances = [], []
    for l, (level, mask) in enumerate(zip(levels, masks)):
        rows = rows_of(level, mask)
        if l == 2 or rows.shape[0] < 2:
            continue
        away = rows - rows.mean(0)
        variances.append(F.relu(1.0 - (away.square().sum(0) / (len(rows) - 1) + 1e-4).sqrt()).mean())
        covariance = away.T @ away / (len(rows) - 1)
        covariances.append((covariance - torch.diag(covariance.diagonal())).square().sum() / rows.shape[1])
    return torch.stack(variances).mean(), torch.stack(covariances).mean()


def classification(logits, labels, smoothing):
    targets = labels / labels.sum(1, keepdim=True).clamp_min(1)
    targets = targets * (1 - smoothing) + smoothing / labels.shape[1]
    return -(targets * logits.log_softmax(1)).sum(1).mean()


def cross_scale(model, out):
    terms = []
    for level, pooled, mask in zip(out["levels"][1:], out["pooled"], out["masks"][1:]):
        terms.append(1.0 - F.cosine_similarity(model.cross(level[mask]), pooled[mask].detach(), dim=-1))
    return torch.cat(terms).mean()


def assign(masks, levels, segments, labels, classes):
    """Positive nodes within 1.5 strides of a segment's centre whose longer distance lies in the level's range; the shortest
    segment wins. segments [B, S, 2] in steps, padded with -1e9; labels [B, S]. Returns valid, targets, distances, positives."""
    position, stride, low, high = [], [], [], []
    for l in range(levels):
        n = masks[l].shape[1]
        position.append((torch.arange(n) + 0.5) * 2**l - 0.5)
        stride.append(torch.full((n,), float(2**l)))
        low.append(torch.full((n,), 0.0 if l == 0 else 2.0 * 2**l))
        high.append(torch.full((n,), float("inf") if l + 1 == levels else 4.0 * 2**l))
    position, stride, low, high = map(torch.cat, (position, stride, low, high))
    valid = torch.cat(masks[:levels], 1)
    left = position[None, :, None] - segments[:, None, :, 0]
    right = segments[:, None, :, 1] - position[None, :, None]
    centre = (position[None, :, None] - segments.mean(2)[:, None, :]).abs() <= 1.5 * stride[None, :, None]
    reach = torch.maximum(left, right)
    fits = (left >= 0) & (right >= 0) & centre & (reach >= low[None, :, None]) & (reach < high[None, :, None]) & valid[..., None]
    length = (segments[..., 1] - segments[..., 0])[:, None, :].expand_as(fits)
    shortest, chosen = length.masked_fill(~fits, float("inf")).min(2)
    positive = shortest < float("inf")
    targets = F.one_hot(labels.gather(1, chosen), classes).float() * positive[..., None]
    distances = torch.stack([left.gather(2, chosen[..., None])[..., 0], right.gather(2, chosen[..., None])[..., 0]], -1)
    return valid, targets, distances, positive


def detection(out, segments, labels, normaliser):
    levels = min(6, len(out["levels"]))
    valid, targets, distances, positive = assign(out["masks"], levels, segments, labels, out["class_logits"].shape[-1])
    logits, wanted = out["class_logits"][valid], targets[valid]
    entropy = F.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
    p = torch.sigmoid(logits)
    miss = p * (1 - wanted) + (1 - p) * wanted
    focal = (entropy * miss.square() * (0.25 * wanted + 0.75 * (1 - wanted))).sum() / normaliser
    a, b = out["boundaries"][positive], distances[positive]
    inter = torch.minimum(a, b).sum(1)
    hull = torch.maximum(a, b).sum(1)
    iou = inter / (a.sum(1) + b.sum(1) - inter).clamp_min(1e-8)
    centre = 0.5 * ((a - b)[:, 1] - (a - b)[:, 0])
    diou = (1 - iou + (centre / hull.clamp_min(1e-8)).square()).sum() / normaliser
    return focal, diou
