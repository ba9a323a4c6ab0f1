# SPDX-License-Identifier: Apache-2.0
"""The networks of configs/paper.yaml and configs/recommended.yaml in PyTorch, on padded batches."""
import torch
from torch import nn
from torch.nn import functional as F

from twin_layers import Attention, Convolution3, Layer, plain_norm, pool_pairs, sinusoid

POOLING_VECTORS, OWN_BLOCKS = 16, 8


class Paper(nn.Module):
    """Projection, post-norm transformer, floor pyramid by attention, top token, classifier."""

    def __init__(self, into, classes, width=1024, layers=6, heads=8, dropout=0.1, library_encoder=False):
        super().__init__()
        self.projection, self.norm = nn.Linear(into, width), nn.LayerNorm(width)
        self.library_encoder = library_encoder
        if library_encoder:
            layer = nn.TransformerEncoderLayer(width, heads, 4 * width, dropout, batch_first=True)
            self.encoder = nn.TransformerEncoder(layer, layers)
        else:
            self.layers = nn.ModuleList(Layer(width, heads, 4 * width, dropout, False, F.relu) for _ in range(layers))
        self.pooling = nn.Parameter(torch.zeros(POOLING_VECTORS, width))
        self.classifier, self.dropout = nn.Linear(width, classes), nn.Dropout(dropout)

    def forward(self, x, mask, lengths):
        h = self.projection(x) + sinusoid(x.shape[1], self.pooling.shape[1])
        if self.library_encoder:
            h = self.encoder(h, src_key_padding_mask=None if mask is None else ~mask)
        else:
            for layer in self.layers:
                h = layer(h, mask)
        h = self.norm(h)
        level, seen, levels = h, mask, [h]
        while level.shape[1] > 1:
            level, seen, _, _ = pool_pairs(level, seen, self.pooling[min(len(levels), POOLING_VECTORS) - 1], "floor")
            levels.append(level)
        # A video's top is the one node of its own last level.
        last = [int(n).bit_length() - 1 for n in lengths]
        top = torch.stack([levels[l][b, 0] for b, l in enumerate(last)])
        return {"h": h, "logits": self.classifier(self.dropout(plain_norm(top)))}


class Recommended(nn.Module):
    """Window attention, ceil pyramid with window blocks, attention vector, classifier, detection head on six levels."""

    def __init__(self, into, classes, width=256, layers=2, heads=4, window=33, block_window=9, levels=6, inner=128, dropout=0.1):
        super().__init__()
        self.projection, self.norm = nn.Linear(into, width), nn.LayerNorm(width)
        self.stem = nn.ModuleList(Convolution3(width, width) for _ in range(2))
        self.stem_norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(2))
        self.layers = nn.ModuleList(Layer(width, heads, 2 * width, dropout, True, F.gelu, window // 2) for _ in range(layers))
        self.pooling = nn.Parameter(torch.zeros(POOLING_VECTORS, width))
        self.maxima = nn.ModuleList(nn.Linear(width, width) for _ in range(OWN_BLOCKS))
        self.blocks = nn.ModuleList(Layer(width, heads, 2 * width, dropout, True, F.gelu, block_window // 2) for _ in range(OWN_BLOCKS))
        self.dropout = nn.Dropout(dropout)
        self.video_pooling = nn.Parameter(torch.zeros(width))
        self.classifier, self.step_classifier = nn.Linear(width, classes), nn.Linear(width, classes)
        self.first, self.first_norms = Convolution3(width, 2 * inner), nn.ModuleList(nn.LayerNorm(inner) for _ in range(2))
        self.second = nn.ModuleList(Convolution3(inner, inner) for _ in range(2))
        self.second_norms = nn.ModuleList(nn.LayerNorm(inner) for _ in range(2))
        self.class_out, self.boundary_out = nn.Linear(inner, classes), nn.Linear(inner, 2)
        nn.init.constant_(self.class_out.bias, -4.595)
        nn.init.constant_(self.boundary_out.bias, 1.85)
        self.scale = nn.Parameter(torch.ones(levels))
        self.cross = nn.Linear(width, width)
        self.detect_levels = levels

    def encode(self, x, mask):
        h = self.projection(x)
        for convolution, norm in zip(self.stem, self.stem_norms):
            h = h + self.dropout(F.gelu(norm(convolution(h, mask))))
        h = h + sinusoid(h.shape[1], h.shape[2])
        for layer in self.layers:
            h = layer(h, mask)
        return self.norm(h)

    def forward(self, x, mask, lengths):
        if mask is None:
            mask = torch.ones(x.shape[:2], dtype=torch.bool)
        levels, masks, pooled = [self.encode(x, mask)], [mask], []
        while levels[-1].shape[1] > 1:
            place = min(len(levels), OWN_BLOCKS) - 1
            attended, seen, pairs, there = pool_pairs(levels[-1], masks[-1], self.pooling[min(len(levels), POOLING_VECTORS) - 1], "ceil")
            highest = pairs.masked_fill(~there[..., None], -1e30).amax(2) * seen[..., None]
            together = attended + self.maxima[place](highest)
            pooled.append(together)
            levels.append(plain_norm(self.blocks[place](together, seen)))
            masks.append(seen)
        out = {"h": levels[0], "levels": levels, "masks": masks, "pooled": pooled}
        out["vector"] = self.video_vector(levels, masks, lengths)
        steps = self.step_classifier(self.dropout(levels[0])).masked_fill(~mask[..., None], -1e30)
        best = torch.stack([s.topk((int(n) + 7) // 8, 0).values.mean(0) for s, n in zip(steps, lengths)])
        out["logits"] = 0.5 * (self.classifier(self.dropout(plain_norm(out["vector"]))) + best)
        out["class_logits"], out["boundaries"] = self.detect(levels, masks)
        return out

    def video_vector(self, levels, masks, lengths):
        vectors = []
        for b, n in enumerate(lengths):
            last = (int(n) - 1).bit_length()
            nodes = torch.cat([levels[l][b, masks[l][b]] for l in sorted({0, min(3, last), last})])
            vectors.append(torch.softmax(nodes @ self.video_pooling, 0) @ nodes)
        return torch.stack(vectors)

    def detect(self, levels, masks):
        classes, boundaries = [], []
        for l in range(min(self.detect_levels, len(levels))):
            two = self.first(plain_norm(levels[l]), masks[l]).chunk(2, -1)
            branches = [F.gelu(norm(half)) for norm, half in zip(self.first_norms, two)]
            branches = [F.gelu(norm(conv(z, masks[l]))) for conv, norm, z in zip(self.second, self.second_norms, branches)]
            classes.append(self.class_out(self.dropout(branches[0])))
            boundaries.append(F.softplus(self.scale[l] * self.boundary_out(branches[1])) * 2.0**l)
        return torch.cat(classes, 1), torch.cat(boundaries, 1)
