# SPDX-License-Identifier: Apache-2.0
"""Draws the stacks of `perf script` as a flame graph: width is the share of samples, the caller stands below what it calls.

    perf record -F 99 --call-graph dwarf,16384 -o perf.data -- hvlm bench train …
    perf script --no-inline -i perf.data | python flame.py --out flame.svg [--thread NAME] [--least 0.002] [--title TEXT]

Template arguments and parameters are cut. A library without frame information (MKL) ends a stack: its functions stand at the foot. Writes the SVG
and prints the functions that take the largest share by themselves."""
import argparse
import collections
import re
import sys
from xml.sax.saxutils import escape

ROW, WIDTH, HEAD = 15, 1200, 34  # pixels
FRAME = re.compile(r"^\s+[0-9a-f]+ (.+?)(?:\+0x[0-9a-f]+)? \(([^)]*)\)$")


def short(name):
    """A function's name without template arguments, parameters and clones."""
    name = re.sub(r"\[clone [^\]]*\]", "", name)
    while "<" in name and re.search(r"<[^<>]*>", name):
        name = re.sub(r"<[^<>]*>", "", name)
    name = re.sub(r"\(.*", "", name).strip()
    return name.split(" ")[-1] or "?"


def stacks(lines, thread):
    """Counts of stacks, the outermost caller first. Frames without a name carry their library's."""
    counts, frames, named = collections.Counter(), [], True
    for line in lines:
        if not line.strip():
            if frames and named:
                counts[tuple(reversed(frames))] += 1
            frames, named = [], True
        elif not line.startswith((" ", "\t")):
            named = not thread or line.startswith(thread)
        elif match := FRAME.match(line.rstrip()):
            library = match.group(2).rsplit("/", 1)[-1]
            frames.append(f"[{library}]" if match.group(1) == "[unknown]" else short(match.group(1)))
    if frames and named:
        counts[tuple(reversed(frames))] += 1
    return counts


def merged(frames):
    """A function that calls itself, and runs of unnamed frames, are one."""
    return tuple(frame for i, frame in enumerate(frames) if i == 0 or frame != frames[i - 1])


def tree(counts):
    root = {"count": 0, "children": {}}
    for frames, count in counts.items():
        node = root
        node["count"] += count
        for frame in merged(frames):
            node = node["children"].setdefault(frame, {"count": 0, "children": {}})
            node["count"] += count
    return root


def draw(root, least, title):
    total, boxes = root["count"], []

    def place(node, left, depth):
        for name, child in sorted(node["children"].items()):
            if child["count"] >= least * total:
                boxes.append((left, depth, child["count"], name))
                place(child, left, depth + 1)
            left += child["count"]

    place(root, 0, 0)
    depth = max(box[1] for box in boxes) + 1
    height = HEAD + depth * ROW + 6
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="10">',
           f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>', f'<text x="6" y="20" font-size="13">{escape(title)}</text>']
    for left, level, count, name in boxes:
        x, width = WIDTH * left / total, WIDTH * count / total
        y = height - 6 - (level + 1) * ROW
        hue = sum(map(ord, name)) % 40
        fits = int((width - 4) / 5.6)
        text = name if len(name) <= fits else name[: max(0, fits - 1)] + "…"
        out.append(f'<g><title>{escape(name)}: {100 * count / total:.1f} %</title><rect x="{x:.2f}" y="{y}" width="{max(0.3, width - 0.4):.2f}" height="{ROW - 1}" '
                   f'fill="hsl({18 + hue},72%,72%)"/>' + (f'<text x="{x + 2:.2f}" y="{y + 11}">{escape(text)}</text>' if fits >= 4 else "") + "</g>")
    return "\n".join(out + ["</svg>", ""])


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--out", required=True)
    p.add_argument("--thread", default="", help="only samples of threads whose name begins so")
    p.add_argument("--least", type=float, default=0.002, help="share below which a frame is not drawn")
    p.add_argument("--title", default="Share of samples")
    o = p.parse_args()
    counts = stacks(sys.stdin, o.thread)
    if not counts:
        sys.exit("flame.py: expected stacks of perf script on standard input, found none: record with --call-graph")
    with open(o.out, "w", encoding="utf-8") as file:
        file.write(draw(tree(counts), o.least, o.title))
    total, own = sum(counts.values()), collections.Counter()
    for frames, count in counts.items():
        own[frames[-1]] += count
    for name, count in own.most_common(20):
        print(f"{100 * count / total:5.1f} %  {name}")


if __name__ == "__main__":
    main()
