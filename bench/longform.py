"""Search before grounding, against the same grounder without it, on videos of ten minutes, an hour and ten hours.

    python bench/longform.py [--quick | --smoke] [--figure docs/images/longform.svg]

Videos are joined from real stills and clips with known truth (`benchmarks/long_video.py`); 13 scenes of two queries
each are sought, each shown once for 3 to 9 s. One line of JSON per length and method, with `miou`, `r1_05`, `seconds`
for all 26 queries, `peak_mb` of a process that does nothing else, and how misses come about:

- `monolithic`: the embedded encoder with a budget of 256 frames for the whole video, as video-language models have one
- `unlimited`:  the same encoder looking at two frames a second everywhere, at any price
- `retrieval`:  the best region of the shortlist, as it is
- `search`:     shortlist, then the same encoder at two frames a second in the regions

Every method decodes and encodes anew. The last line is JSON: `hybrid_vs_monolithic` and `hybrid_vs_unlimited` are
ratios of mIoU at one hour (ten minutes with --quick), `kept` is the mIoU of search at the longest video over that at
the shortest, `peak_mb` the most memory that search took.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from _size import parser

from whenabouts.auditing.diagnosis.facts import collect
from whenabouts.auditing.diagnosis.stages import STAGES, stages
from whenabouts.benchmarks.example import Example
from whenabouts.encoders import DEFAULT_ENCODER, load_encoder
from whenabouts.grounders import Grounder
from whenabouts.grounders.search.regions import Shortlist
from whenabouts.grounders.search.retrieve_then_ground import RetrieveThenGround
from whenabouts.grounders.similarity import Similarity
from whenabouts.moment import Moment, tiou
from whenabouts.prediction import Prediction
from whenabouts.synthetic.composed import ComposedVideo
from whenabouts.synthetic.long_video import VARIATIONS, LongVideos
from whenabouts.video import Video

LENGTHS = {"10 min": 600.0, "1 h": 3600.0, "10 h": 36000.0}
FRAMES = 256


class Retrieval:
    """The best region itself is the answer."""

    def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        """Regions as moments."""
        named = Shortlist(load_encoder(DEFAULT_ENCODER), cache=False).regions(video, queries)
        return [
            Prediction(query, tuple(Moment(r.start, r.end, r.score) for r in regions), video.duration)
            for query, regions in zip(queries, named, strict=True)
        ]


METHODS: dict[str, Grounder] = {
    "monolithic": Similarity(frames=FRAMES, evidence=("seen",), cache=False),
    "unlimited": Similarity(evidence=("seen",), cache=False),
    "retrieval": Retrieval(),
    "search": RetrieveThenGround(evidence=("seen",), cache=False),
}


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--figure", type=Path, help="where a drawing of all lengths goes")
    options = arguments.parse_args()
    lengths = options.size.pick(LENGTHS, {"10 min": LENGTHS["10 min"]}, {"1 s": 1.0})
    found: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in METHODS}
    with tempfile.TemporaryDirectory() as folder:
        videos = LongVideos.prepare(Path(folder) / "cuttings", variations=options.size.pick(VARIATIONS, VARIATIONS, 1))
        videos = replace(videos, targets=videos.targets[: options.size.pick(None, None, 2)])
        for length, seconds in lengths.items():
            path = videos.video(Path(folder) / "video.mp4", seconds)
            for name in METHODS:
                with ProcessPoolExecutor(1, get_context("spawn")) as alone:
                    found[name][length] = result = alone.submit(measure, name, path).result()
                print(json.dumps({"length": length, "method": name, **result}), flush=True)
    middle = "1 h" if "1 h" in lengths else next(iter(lengths))
    search = found["search"]
    shortest, *_, longest = [*lengths, *lengths]
    figures = {
        "hybrid_vs_monolithic": round(search[middle]["miou"] / max(found["monolithic"][middle]["miou"], 1e-9), 2),
        "hybrid_vs_unlimited": round(search[middle]["miou"] / found["unlimited"][middle]["miou"], 2),
        "kept": round(search[longest]["miou"] / search[shortest]["miou"], 2),
        "peak_mb": max(result["peak_mb"] for result in search.values()),
    }
    for what in ("miou", "seconds"):
        figures[what] = {f"{length} {name}": found[name][length][what] for length in lengths for name in METHODS}
    if options.figure and len(lengths) > 1:
        options.figure.write_text(drawing(found), "utf-8")
    print(json.dumps(figures))


def measure(name: str, path: ComposedVideo) -> dict[str, Any]:
    """Answer all questions about a video at once, in a process of its own."""
    grounder = METHODS[name]
    began = time.perf_counter()
    with Video(path.path) as video:
        answers = grounder.ground(video, [question.query for question in path.questions])
    seconds = time.perf_counter() - began
    overlaps = [
        float(tiou([[p.best.start, p.best.end]], q.truth).max()) if p.best else 0.0
        for p, q in zip(answers, path.questions, strict=True)
    ]
    result = _misses(path, answers)
    r1 = float(np.mean([overlap >= 0.5 for overlap in overlaps]))
    cost = {"seconds": round(seconds, 1), "peak_mb": peak_mb()}
    return {"miou": round(float(np.mean(overlaps)), 3), "r1_05": round(r1, 3), **cost, **result}


def _misses(path: ComposedVideo, answers: Sequence[Prediction]) -> dict[str, float]:
    """The share of every stage that causes misses."""
    asked = [
        Example(number, path.path.name, question.query, np.array(question.truth, float).reshape(-1, 2))
        for number, question in enumerate(path.questions)
    ]
    windows = {n: np.array([[m.start, m.end] for m in p.moments]).reshape(-1, 2) for n, p in enumerate(answers)}
    looked = {n: _looked(p) for n, p in enumerate(answers)}
    regions = {n: np.array(found, float).reshape(-1, 2) for n, found in looked.items() if found is not None}
    found = stages(collect(asked, windows, regions, 0.5)).tolist()
    return {stage: round(found.count(stage) / len(asked), 3) for stage in STAGES if stage != "hit"}


def _looked(prediction: Prediction) -> list[list[float]] | None:
    steps = [step for step in prediction.trace if step["step"] == "shortlist"]
    return [region[:2] for step in steps for region in step["regions"]] if steps else None


def peak_mb() -> int:
    """Peak memory of this process in MB; `ru_maxrss` would include that of its parent."""
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) // 1024


COLOURS = {"monolithic": "#62666d", "unlimited": "#2563eb", "retrieval": "#0a7285", "search": "#cf4307"}
PANELS = {"miou": "mean tIoU", "seconds": "seconds for 26 queries", "peak_mb": "peak MB"}
WIDE, HIGH, LEFT, TOP = 236, 150, 44, 36  # of a panel, in pixels


def drawing(found: dict[str, dict[str, dict[str, Any]]]) -> str:
    """Accuracy, time and memory against length, side by side, as SVG."""
    parts = []
    for number, (what, title) in enumerate(PANELS.items()):
        left = LEFT + number * (WIDE + 50)
        most = max(result[what] for lengths in found.values() for result in lengths.values()) * 1.08
        parts.append(f'<text x="{left}" y="{TOP - 14}" class="title">{title}</text>')
        for part in (0, 0.5, 1):
            y, value = TOP + HIGH * (1 - part), most * part
            label = f"{value:.2f}" if most < 2 else f"{value:,.0f}"
            parts.append(f'<line x1="{left}" x2="{left + WIDE}" y1="{y}" y2="{y}"/>')
            parts.append(f'<text x="{left - 6}" y="{y + 4}" text-anchor="end">{label}</text>')
        for name, lengths in found.items():
            xs = [left + 14 + k * (WIDE - 28) / (len(lengths) - 1) for k in range(len(lengths))]
            ys = [TOP + HIGH * (1 - result[what] / most) for result in lengths.values()]
            points = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(xs, ys, strict=True))
            parts.append(f'<polyline points="{points}" stroke="{COLOURS[name]}"/>')
        for x, length in zip(xs, lengths, strict=True):
            parts.append(f'<text x="{x:.1f}" y="{TOP + HIGH + 18}" text-anchor="middle">{length}</text>')
    for number, (name, colour) in enumerate(COLOURS.items()):
        x, y = LEFT + number * 130, TOP + HIGH + 46
        parts.append(f'<polyline points="{x},{y - 4} {x + 18},{y - 4}" stroke="{colour}"/>')
        parts.append(f'<text x="{x + 24}" y="{y}">{name}</text>')
    style = "text{font:12px system-ui,sans-serif;fill:#777}.title{font-weight:600}line{stroke:#8884}"
    style += "polyline{fill:none;stroke-width:2.5;stroke-linejoin:round}"
    width, height = LEFT + 3 * (WIDE + 50), TOP + HIGH + 60
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">'
    title = "<title>Accuracy, time and memory against the length of the video</title>"
    return "\n".join([head, title, f"<style>{style}</style>", *parts, "</svg>"]) + "\n"


if __name__ == "__main__":
    main()
