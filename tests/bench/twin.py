# SPDX-License-Identifier: Apache-2.0
"""Measures one part in Python and prints one JSON object: python twin.py PART [options]. Parts: forward, train, pyramid, loss,
optimizer, data, score, start. Two passes are not counted, as in `hvlm bench`."""
import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time

WARM_UPS = 2


def spread(values):
    q = statistics.quantiles(values, n=4, method="inclusive") if len(values) > 1 else [values[0]] * 3
    return {"median": q[1], "iqr_low": q[0], "iqr_high": q[2]}


def timed(work, repeats, warm_ups=WARM_UPS):
    seconds = []
    for i in range(-warm_ups, repeats):
        start = time.perf_counter()
        work()
        if i >= 0:
            seconds.append(time.perf_counter() - start)
    return seconds


def batches_of(lengths, size):
    """In the order of the list, which is mixed: shuffled batches, as a DataLoader makes them."""
    return [lengths[i : i + size] for i in range(0, len(lengths), size)]


def padded(torch, steps, width, generator):
    """A batch as pad_sequence makes it, and its mask; none where all are equal."""
    x = torch.nn.utils.rnn.pad_sequence([torch.randn(n, width, generator=generator) for n in steps], batch_first=True)
    mask = torch.arange(x.shape[1]) < torch.tensor(steps)[:, None]
    return x, None if all(n == steps[0] for n in steps) else mask


def make_model(a, torch):
    import twin_models

    torch.manual_seed(1)
    if a.network == "recommended":
        return twin_models.Recommended(a.dim, a.classes)
    return twin_models.Paper(a.dim, a.classes, a.width, a.layers, library_encoder=a.library_encoder)


def forward(a, torch):
    model = make_model(a, torch).eval()
    generator = torch.Generator().manual_seed(2)
    packs = [(*padded(torch, steps, a.dim, generator), steps) for steps in batches_of(a.lengths, a.batch)]

    def sweep():
        with torch.inference_mode():
            for x, mask, steps in packs:
                model(x, mask, steps)

    return {"seconds": spread(timed(sweep, a.repeats)), "parameters": count(model), "videos": len(a.lengths)}


def count(model):
    return sum(p.numel() for p in model.parameters())


def train(a, torch):
    import twin_losses as losses

    model = make_model(a, torch).train()
    parameters = list(model.parameters())
    optimizer = torch.optim.AdamW(parameters, lr=1e-4, weight_decay=0.05)
    average = [p.detach().clone() for p in parameters]
    generator = torch.Generator().manual_seed(2)
    table = torch.randn(max(a.lengths) + 61, a.dim, generator=generator)  # videos are windows into it, as in hvlm
    videos = [table[i % 61 : i % 61 + n] for i, n in enumerate(a.lengths)]
    labels = torch.randint(a.classes, (len(videos), 2), generator=generator)
    state = {"positives": None, "at": 0}
    sizes = []

    def batch():
        """The next so many videos of the list, padded: the collate function of a DataLoader."""
        first = state["at"] % len(videos)
        if first + a.batch > len(videos):
            first = 0
        state["at"] = first + a.batch
        chosen = range(first, min(first + a.batch, len(videos)))
        steps = [a.lengths[i] for i in chosen]
        x = torch.nn.utils.rnn.pad_sequence([videos[i] for i in chosen], batch_first=True)
        mask = None if len(set(steps)) == 1 else torch.arange(x.shape[1]) < torch.tensor(steps)[:, None]
        n = torch.tensor(steps, dtype=torch.float32)
        segments = torch.stack([torch.stack([0.1 * n, 0.4 * n], 1), torch.stack([0.55 * n, 0.8 * n], 1)], 1)
        sizes.append(steps)
        return x, mask, steps, segments, labels[list(chosen)]

    def terms(x, mask, steps, segments, label):
        out = model(x, mask, steps)
        wanted = torch.zeros(len(steps), a.classes).scatter_(1, label, 1.0)
        if a.network == "paper":
            return [losses.temporal(out["h"], mask, form="sum"), losses.hinge(out["h"], mask), losses.classification(out["logits"], wanted, 0.0)]
        variance, covariance = losses.variance_and_covariance(out["levels"], out["masks"])
        now = 4.0 * len(steps)
        state["positives"] = now if state["positives"] is None else 0.9 * state["positives"] + 0.1 * now
        focal, diou = losses.detection(out, segments, label, state["positives"])
        return [0.1 * losses.temporal(out["h"], mask, losses.smoothness_gate(x)), 0.1 * variance, 0.004 * covariance,
                0.1 * losses.cross_scale(model, out), losses.classification(out["logits"], wanted, 0.1), focal, diou]

    def step():
        x, mask, steps, segments, label = batch()
        optimizer.zero_grad(set_to_none=True)
        total = sum(terms(x, mask, steps, segments, label))
        total.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        if a.network == "recommended":
            with torch.no_grad():
                torch._foreach_lerp_(average, parameters, 0.01)
        total.item()

    seconds = timed(step, a.repeats)
    done = sizes[WARM_UPS:]
    return {"seconds": spread(seconds), "videos_per_second": sum(map(len, done)) / sum(seconds), "steps_per_second": sum(map(sum, done)) / sum(seconds), "parameters": count(model)}


def pyramid(a, torch):
    import twin_layers

    torch.manual_seed(3)
    x, mask = padded(torch, a.lengths, a.dim, None)
    x.requires_grad_(True)
    pooling = (0.05 * torch.randn(16, a.dim)).requires_grad_(True)
    upstream = [torch.randn_like(level) for level in twin_layers.pyramid(x.detach(), mask, pooling.detach())]

    def step():
        x.grad = pooling.grad = None
        torch.autograd.backward(twin_layers.pyramid(x, mask, pooling), upstream)

    return {"seconds": spread(timed(step, a.repeats))}


def loss(a, torch):
    import twin_losses

    torch.manual_seed(3)
    x, mask = padded(torch, a.lengths, a.dim, None)
    x.requires_grad_(True)

    def step():
        x.grad = None
        twin_losses.temporal(x, mask).backward()

    return {"seconds": spread(timed(step, a.repeats))}


def optimizer(a, torch):
    """Clipping, AdamW and the moving average on the weights of the network."""
    parameters = list(make_model(a, torch).parameters())
    for p in parameters:
        p.grad = torch.full_like(p, 1e-3)
    adamw = torch.optim.AdamW(parameters, lr=1e-4, weight_decay=0.05, **({"fused": True} if a.fused else {}))
    average = [p.detach().clone() for p in parameters]

    def step():
        torch.nn.utils.clip_grad_norm_(parameters, 1e9)
        adamw.step()
        with torch.no_grad():
            torch._foreach_lerp_(average, parameters, 0.01)

    return {"seconds": spread(timed(step, a.repeats)), "parameters": sum(p.numel() for p in parameters)}


def data(a, torch):
    """One epoch: every video read whole, as float32, padded in batches of mixed order."""
    import h5py
    import random
    from torch.utils.data import DataLoader, Dataset

    class Features(Dataset):
        def __init__(self):
            self.file = h5py.File(a.file, "r")
            self.names = [n for n in self.file if a.key in self.file[n]]

        def __len__(self):
            return len(self.names)

        def __getitem__(self, i):
            return torch.from_numpy(self.file[self.names[i]][a.key][:].astype("float32"))

    def collate(items):
        return torch.nn.utils.rnn.pad_sequence(items, batch_first=True), torch.tensor([len(i) for i in items])

    random.seed(1)
    features = Features()
    loader = DataLoader(features, a.batch, shuffle=True, collate_fn=collate)
    rows = [0]

    def epoch():
        rows[0] = 0
        for _, steps in loader:
            rows[0] += int(steps.sum())

    seconds = spread(timed(epoch, a.repeats))
    return {"seconds": seconds, "rows": rows[0], "videos": len(features)}


def score(a):
    import twin_score

    loaded, found = [], []
    reading = timed(lambda: loaded.append(twin_score.load(a.truth, a.predictions)), a.repeats, warm_ups=0)
    scoring = timed(lambda: found.append(twin_score.average_map(*loaded[-1])), a.repeats, warm_ups=0)
    return {"seconds": spread(scoring), "files": {"seconds": spread([r + s for r, s in zip(reading, scoring)])}, "average_map": found[-1]}


def start(a):
    work = lambda: subprocess.run([sys.executable, "-c", "import torch"], check=True, stdout=subprocess.DEVNULL)
    return {"seconds": spread(timed(work, a.repeats, warm_ups=1))}


def main():
    p = argparse.ArgumentParser()
    p.add_argument("part", choices=["forward", "train", "pyramid", "loss", "optimizer", "data", "score", "start"])
    p.add_argument("--network", choices=["paper", "recommended"], default="paper")
    p.add_argument("--library-encoder", action="store_true", help="nn.TransformerEncoder in place of the same layers by hand")
    p.add_argument("--lengths", type=lambda text: [int(n) for n in text.split(",")], default=[250] * 8)
    p.add_argument("--batch", type=int, default=8)
    p.add_argument("--dim", type=int, default=1024)
    p.add_argument("--width", type=int, default=1024)
    p.add_argument("--layers", type=int, default=6)
    p.add_argument("--classes", type=int, default=200)
    p.add_argument("--fused", action="store_true")
    p.add_argument("--file")
    p.add_argument("--key", default="c3d_features")
    p.add_argument("--truth")
    p.add_argument("--predictions")
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--repeats", type=int, default=7)
    a = p.parse_args()
    if a.part in ("score", "start"):
        result = {"score": score, "start": start}[a.part](a)
    else:
        import torch

        torch.set_num_threads(a.threads)
        torch.set_num_interop_threads(1)
        parts = {"forward": forward, "train": train, "pyramid": pyramid, "loss": loss, "optimizer": optimizer, "data": data}
        result = parts[a.part](a, torch)
        result["torch"] = torch.__version__
    result.update(part=a.part, threads=a.threads, repeats=a.repeats, peak_resident_bytes=1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    print(json.dumps(result))


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "2")
    main()
