# SPDX-License-Identifier: Apache-2.0
"""Measures `hvlm bench` and its Python twins in turns on equal threads and writes the table of ratios.

    python run.py [--pairs N] [--repeats N] [--threads N] [--only WORD]… [--quick] [--out FOLDER]

A pair is one process of each, one after the other; which goes first changes from pair to pair, so a machine that slows down or a
neighbour that comes and goes meets both. The figure of a row is the median over pairs of (Python's median / ours); the table also shows
the lowest and the highest pair. Writes ratios.json and ratios.md."""
import argparse
import datetime
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
NICENESS = 5  # of hvlm's engine thread and those it makes (core/jobs/runner.cpp): the twin gets the same
# The terms that the twin of the recommended network has; hvlm trains with the same.
SAME_TERMS = ["loss.step_contrast=0", "loss.persistence=0", "loss.text=0", "loss.segment_text=0"]
PAPER = ["encoder.dim=1024", "encoder.layers=6", "head.detect=false"]


class Bench:
    def __init__(self, options, folder):
        self.o, self.folder = options, folder
        self.hvlm = os.environ.get("HVLM_BIN_DIR", str(ROOT / "build" / "bin")) + "/hvlm"
        self.environment = dict(os.environ, OMP_NUM_THREADS=str(options.threads), MKL_NUM_THREADS=str(options.threads))
        self.environment.pop("OMP_WAIT_POLICY", None)

    def call(self, command, niceness=0):
        done = subprocess.run(command, capture_output=True, text=True, env=self.environment, cwd=HERE, preexec_fn=lambda: os.nice(niceness))
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)}\n{done.stderr.strip()}")
        return json.loads(done.stdout)

    def ours(self, *arguments):
        return self.call([self.hvlm, "bench", *map(str, arguments), "--threads", str(self.o.threads), "--json"])

    def twin(self, *arguments):
        return self.call([sys.executable, "-B", "-W", "ignore", str(HERE / "twin.py"), *map(str, arguments), "--threads", str(self.o.threads)], NICENESS)

    def files_of(self, call):
        answer = call()
        return {**answer, "seconds": answer["files"]["seconds"]}

    def lengths(self, mix, videos, steps=250):
        """The list that hvlm makes, so that both have the same videos."""
        answer = self.ours("loss", "--lengths", mix, "--videos", videos, "--steps", steps, "--dim", 1, "--repeats", 1)
        return ",".join(map(str, answer["lengths"]))


def settings(keys):
    return [word for key in keys for word in ("--set", key)]


def rows(b):
    """[(name, ours, [(variant, twin)], rate)]: calls that give an answer, and the key that is compared; None: passes a second."""
    o = b.o
    dim, classes, videos = (64, 5, 8) if o.quick else (2048, 200, 64)
    r = o.repeats
    paper = ["--config", "paper", *settings(PAPER)]
    small_paper = ["--network", "paper"]
    if o.quick:
        paper = ["--config", "paper", *settings(["encoder.dim=32", "encoder.layers=1", "head.detect=false"])]
        small_paper += ["--width", 32, "--layers", 1]
    recommended = ["--config", "recommended", *settings(SAME_TERMS)]
    list_of, table = {}, []

    def lengths(mix, count, steps=250):
        key = (mix, count, steps)
        if key not in list_of:
            list_of[key] = b.lengths(*key)
        return list_of[key]

    def forward(name, config, network, mix, count, batch, steps, variants):
        ours = lambda: b.ours("model", *config, "--lengths", mix, "--videos", count, "--steps", steps, "--batch", batch, "--dim", dim, "--classes", classes, "--repeats", r)
        twin = lambda more: b.twin("forward", *network, *more, "--lengths", lengths(mix, count, steps), "--batch", batch, "--dim", dim, "--classes", classes, "--repeats", r)
        table.append((f"forward, {name}", ours, [(label, lambda more=more: twin(more)) for label, more in variants], None))

    by_hand, library = ("same layers", []), ("nn.TransformerEncoder", ["--library-encoder"])
    for mix in ("ucf15", "activitynet"):
        forward(f"paper 6 x 1,024, {mix} lengths, batch 16", paper, small_paper, mix, videos, 16, 250, [by_hand, library])
    forward("paper 6 x 1,024, 8 x 250 steps", paper, small_paper, "equal", 8, 8, 250, [by_hand, library])
    forward("paper 6 x 1,024, 1 x 4,000 steps", paper, small_paper, "equal", 1, 1, 400 if o.quick else 4000, [by_hand, library])
    forward("recommended, ucf15 lengths, batch 8", recommended, ["--network", "recommended"], "ucf15", videos, 8, 250, [("same network", [])])

    def train(name, config, network, mix, batch, width):
        # One epoch without its first two steps: all but two batches, and none that begins an epoch, which does more.
        count = 32 if o.quick else 320
        common = ["--batch", batch, "--dim", width, "--classes", classes, "--repeats", count // batch - 2]
        ours = lambda: b.ours("train", *config, "--lengths", mix, "--videos", count, *common)
        twin = lambda: b.twin("train", *network, "--lengths", lengths(mix, count), *common)
        table.append((f"train step, {name}", ours, [("same network", twin)], "steps_per_second"))

    train("paper 6 x 1,024, ucf15 lengths, batch 16", paper, small_paper, "ucf15", 8 if o.quick else 16, dim)
    train("paper 6 x 1,024, activitynet lengths, batch 16", paper, small_paper, "activitynet", 8 if o.quick else 16, dim)
    train("paper 6 x 1,024, batches of 8 x 250 steps", paper, small_paper, "equal", 8, dim)
    train("recommended, ucf15 lengths, batch 8", recommended, ["--network", "recommended"], "ucf15", 8, min(dim, 512))

    width, steps = (64, 20) if o.quick else (1024, 250)
    for part, name in (("pyramid", "attention pyramid"), ("loss", "temporal loss")):
        ours = lambda part=part: b.ours(part, "--steps", steps, "--dim", width, "--repeats", 3 * r)
        twin = lambda part=part: b.twin(part, "--lengths", ",".join([str(steps)] * 8), "--dim", width, "--repeats", 3 * r)
        table.append((f"{name}, forward and backward, 8 x {steps} x {width:,}", ours, [("vectorised", twin)], None))

    def optimizer():
        def twin(*more):
            return b.twin("optimizer", *small_paper, *more, "--dim", dim, "--classes", classes, "--repeats", r)

        ours = lambda: b.ours("train", *paper, "--lengths", "equal", "--steps", 8, "--videos", 1, "--batch", 1, "--dim", dim, "--classes", classes, "--repeats", r)["optimizer"]
        table.append(("clip, AdamW and average, paper's weights", ours, [("AdamW default", twin), ("AdamW fused", lambda: twin("--fused"))], None))

    optimizer()
    for kind in ("float16", "float32"):
        file = b.folder / f"{kind}.h5"
        count = 16 if o.quick else 512

        def ours(kind=kind, file=file, count=count):
            return b.ours("data", "--type", kind, "--videos", count, "--repeats", r, "--keep", file)

        def twin(file=file):
            return b.twin("data", "--file", file, "--repeats", r)

        table.append((f"HDF5 epoch, {count} videos, {kind}", ours, [("h5py and pad_sequence", twin)], None))

    def scores():
        n, v, c = (2000, 50, 10) if o.quick else (1000000, 5000, 200)
        keep = b.folder / "score"
        ours = lambda: b.ours("score", "--predictions", n, "--videos", v, "--classes", c, "--repeats", 3, "--keep", keep)
        twin = lambda: b.twin("score", "--truth", keep / "truth.json", "--predictions", keep / "predictions.json", "--repeats", 1)
        table.append((f"detection scores, {n:,} predictions", ours, [("official protocol, numpy", twin)], None))
        table.append((f"detection scores, {n:,} predictions, files read", lambda: b.files_of(ours), [("official protocol, numpy", lambda: b.files_of(twin))], None))

    scores()
    table.append(("start: hvlm --help; python -c 'import torch'", lambda: b.ours("start", "--repeats", 20), [("import torch", lambda: b.twin("start", "--repeats", 5))], None))
    table.append(("start: hvlm with the engine and one product", lambda: b.ours("start", "--repeats", 2)["engine"], [("import torch", lambda: b.twin("start", "--repeats", 5))], None))
    return table


def check_same_work(name, own, other):
    for a, b in zip(own, other):
        if "parameters" in a and a["parameters"] != b.get("parameters"):
            raise RuntimeError(f"{name}: hvlm's network has {a['parameters']} weights, the twin's {b.get('parameters')}")
        if "average_map" in a and abs(a["average_map"] - b["average_map"]) > 1e-9:
            raise RuntimeError(f"{name}: hvlm says {a['average_map']}, the twin {b['average_map']}")


def measure(row, pairs, say):
    name, ours, twins, rate = row
    own, other = [], {label: [] for label, _ in twins}
    for pair in range(pairs):  # the first begins with hvlm: it makes the files that both read
        if pair % 2 == 0:
            own.append(ours())
        for label, twin in twins:
            other[label].append(twin())
        if pair % 2 == 1:
            own.append(ours())
        say(f"{name}: pair {pair + 1} of {pairs}")
    speed = lambda answer: answer[rate] if rate else 1.0 / answer["seconds"]["median"]
    result = {"name": name, "unit": rate or "passes_per_second", "ours": own, "twins": []}
    for label, _ in twins:
        check_same_work(name, own, other[label])
        ratios = [speed(a) / speed(b) for a, b in zip(own, other[label])]
        result["twins"].append({"variant": label, "answers": other[label], "ratio": statistics.median(ratios), "lowest": min(ratios), "highest": max(ratios)})
    return result


def milliseconds(answers):
    return f"{1e3 * statistics.median(a['seconds']['median'] for a in answers):,.1f}"


def share(answers, key):
    known = [a[key] for a in answers if key in a]
    return f"{100 * statistics.median(known):.0f} %" if known else "–"


def megabytes(answers):
    known = [a["peak_resident_bytes"] for a in answers if "peak_resident_bytes" in a]
    return f"{statistics.median(known) / 1e6:,.0f}" if known else "–"


def markdown(result):
    lines = [f"{result['date']}, {result['machine']}, {result['threads']} threads, {result['pairs']} pairs of {result['repeats']} passes, hvlm {result['version']}, torch {result['torch']}.", "",
             "| work | Python | hvlm ms | Python ms | ratio (lowest–highest pair) | of GEMM peak | of bandwidth | peak MB, hvlm / Python |", "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |"]
    for row in result["rows"]:
        for twin in row["twins"]:
            lines.append(f"| {row['name']} | {twin['variant']} | {milliseconds(row['ours'])} | {milliseconds(twin['answers'])} | **{twin['ratio']:.2f}** ({twin['lowest']:.2f}–{twin['highest']:.2f}) | "
                         f"{share(row['ours'], 'gemm_share')} | {share(row['ours'], 'bandwidth_share')} | {megabytes(row['ours'])} / {megabytes(twin['answers'])} |")
    return "\n".join(lines) + "\n"


def machine():
    name = platform.processor() or platform.machine()
    try:
        for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                name = line.split(":", 1)[1].strip()
                break
    except OSError:
        pass
    return f"{name}, {os.cpu_count()} cores, {platform.system()} {platform.release()}"


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--pairs", type=int, default=5)
    p.add_argument("--repeats", type=int, default=5)
    p.add_argument("--threads", type=int, default=min(2, os.cpu_count() or 1))
    p.add_argument("--only", action="append", default=[], help="rows whose name holds this word; may be given often")
    p.add_argument("--quick", action="store_true", help="tiny sizes: whether all runs, not how fast")
    p.add_argument("--out", type=pathlib.Path, default=pathlib.Path.cwd())
    p.add_argument("--list", action="store_true", help="names of the rows")
    o = p.parse_args()
    if o.pairs < 1 or o.repeats < 1 or o.threads < 1:
        p.error("--pairs, --repeats and --threads are 1 or more")
    o.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="hvlm-bench-") as folder:
        bench = Bench(o, pathlib.Path(folder))
        table = [row for row in rows(bench) if not o.only or any(word in row[0] for word in o.only)]
        if o.list:
            print("\n".join(row[0] for row in table))
            return 0
        if not table:
            p.error("no row's name holds any of: " + ", ".join(o.only))
        say = lambda text: print(text, file=sys.stderr, flush=True)
        if subprocess.run([sys.executable, "-B", str(HERE / "check.py")], stdout=subprocess.DEVNULL).returncode != 0:
            say("run.py: the twins do not compute what they should (check.py); nothing was measured")
            return 1
        result = {"date": datetime.date.today().isoformat(), "machine": machine(), "threads": o.threads, "pairs": o.pairs, "repeats": o.repeats, "quick": o.quick,
                  "version": subprocess.run([bench.hvlm, "--version"], capture_output=True, text=True).stdout.strip().removeprefix("hvlm "), "torch": "", "rows": [], "failed": []}
        for row in table:
            try:
                result["rows"].append(measure(row, o.pairs, say))
            except (RuntimeError, LookupError, ValueError) as error:
                result["failed"].append({"name": row[0], "error": str(error)})
                say(f"{row[0]}: failed: {error}")
            versions = [a["torch"] for r in result["rows"] for t in r["twins"] for a in t["answers"] if "torch" in a]
            result["torch"] = versions[0] if versions else ""
            (o.out / "ratios.json").write_text(json.dumps(result, indent=1) + "\n")
            (o.out / "ratios.md").write_text(markdown(result))
    print(markdown(result))
    return 1 if result["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
