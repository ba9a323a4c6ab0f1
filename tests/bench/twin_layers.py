# SPDX-License-Identifier: Apache-2.0
"""Layers of the twin networks: padded batches [B, T, D] with a mask [B, T], True where a step is."""
import math

import torch
from torch import nn
from torch.nn import functional as F


def sinusoid(steps, width):
    i = torch.arange(0, width, 2, dtype=torch.float64)
    angle = torch.arange(steps, dtype=torch.float64)[:, None] * torch.exp(-math.log(10000.0) * i / width)
    table = torch.zeros(steps, width)
    table[:, 0::2], table[:, 1::2] = torch.sin(angle), torch.cos(angle)
    return table


def plain_norm(x):
    return F.layer_norm(x, (x.shape[-1],))


class Attention(nn.Module):
    """Multi-head attention through scaled_dot_product_attention; `reach` >= 0 hides steps farther away."""

    def __init__(self, width, heads, reach=-1):
        super().__init__()
        self.heads, self.reach = heads, reach
        self.into, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x, mask):
        b, t, d = x.shape
        q, k, v = self.into(x).view(b, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        if self.reach < 0 or t <= 512:
            seen = None if mask is None else mask[:, None, None, :]
            if self.reach >= 0:
                steps = torch.arange(t)
                band = (steps[:, None] - steps).abs() <= self.reach
                # A padded step sees itself: a softmax over nothing would be NaN.
                seen = band if mask is None else (band & seen) | torch.eye(t, dtype=torch.bool)
            y = F.scaled_dot_product_attention(q, k, v, attn_mask=seen)
        else:
            y = self.banded(q, k, v, mask)
        return self.out(y.transpose(1, 2).reshape(b, t, d))

    def banded(self, q, k, v, mask):
        """Blocks of `reach` queries against three blocks of keys: memory linear in T."""
        b, h, t, c = q.shape
        block = max(self.reach, 32)
        n = (t + block - 1) // block
        present = torch.ones(b, t, dtype=torch.bool) if mask is None else mask
        q = F.pad(q, (0, 0, 0, n * block - t)).view(b, h, n, block, c)
        around = [F.pad(z, (0, 0, block, (n + 1) * block - t)).unfold(2, 3 * block, block).transpose(-1, -2) for z in (k, v)]
        seen = F.pad(present, (block, (n + 1) * block - t)).unfold(1, 3 * block, block)[:, None, :, None, :]
        band = (torch.arange(block)[:, None] + block - torch.arange(3 * block)).abs() <= self.reach
        own = torch.arange(block)[:, None] + block == torch.arange(3 * block)
        y = F.scaled_dot_product_attention(q, around[0], around[1], attn_mask=(band & seen) | own)
        return y.reshape(b, h, n * block, c)[:, :, :t]


class Layer(nn.Module):
    """Transformer layer, norm before or after each part; dropout in the feed-forward part and on both branches."""

    def __init__(self, width, heads, hidden, dropout, pre_norm, activation, reach=-1):
        super().__init__()
        self.mixer = Attention(width, heads, reach)
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.linear1, self.linear2 = nn.Linear(width, hidden), nn.Linear(hidden, width)
        self.dropout, self.pre_norm, self.activation = nn.Dropout(dropout), pre_norm, activation

    def feed(self, x):
        return self.dropout(self.linear2(self.dropout(self.activation(self.linear1(x)))))

    def forward(self, x, mask):
        if self.pre_norm:
            x = x + self.dropout(self.mixer(self.norm1(x), mask))
            return x + self.feed(self.norm2(x))
        x = self.norm1(x + self.dropout(self.mixer(x, mask)))
        return self.norm2(x + self.feed(x))


class Convolution3(nn.Module):
    """Over three steps of one video; padding counts as zeros."""

    def __init__(self, into, out):
        super().__init__()
        self.taps = nn.Conv1d(into, out, 3, padding=1)

    def forward(self, x, mask):
        x = x if mask is None else x * mask[..., None]
        return self.taps(x.transpose(1, 2)).transpose(1, 2)


def pool_pairs(x, mask, w, mode):
    """Attention pooling of pairs of one level: [B, T, D] to [B, ceil or floor (T / 2), D], the new mask, and the pairs."""
    b, t, d = x.shape
    if mask is None:
        mask = torch.ones(b, t, dtype=torch.bool)
    if t % 2:
        if mode == "floor":
            x, mask = x[:, : t - 1], mask[:, : t - 1]
        else:
            x, mask = F.pad(x, (0, 0, 0, 1)), F.pad(mask, (0, 1))
    pairs, there = x.view(b, -1, 2, d), mask.view(b, -1, 2)
    valid = there.all(-1) if mode == "floor" else there.any(-1)
    score = (pairs @ w).masked_fill(~there, -1e30)
    alpha = torch.softmax(score, -1) * there
    return (alpha[..., None] * pairs).sum(2) * valid[..., None], valid, pairs, there


def pyramid(x, mask, pooling, mode="ceil"):
    """All levels by attention pooling alone: what `hvlm bench pyramid` measures."""
    levels = [x]
    while x.shape[1] > 1:
        x, mask, _, _ = pool_pairs(x, mask, pooling[min(len(levels), len(pooling)) - 1], mode)
        levels.append(x)
    return levels
