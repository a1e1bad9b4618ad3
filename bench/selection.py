"""How many of the frames that a selector chooses show what a query asks for, in videos of an hour.

    python bench/selection.py [--quick | --smoke] [--only NAME ...]

Videos are joined from real stills and clips with known truth (`synthetic/long_video.py`): 13 scenes of two queries
each, each shown once for 3 to 9 s. Every selector in `CONTENDERS` chooses 8, 16, 32 and 64 frames for every query; all
look at the same frames through one cache. For each budget:

recall      share of queries with a chosen frame inside the true moment     three: with three of them
coverage    share of all true moments with a chosen frame inside
redundancy  mean cosine of two chosen frames
told_apart  AUROC of the best score of a chosen frame: queries that happen against those that do not

and for each selector `repeated`, the share of six choices of 64 that another one like it makes too, `encoded`, the
share of the frames at one a second that go through the encoder for one query, and `choosing`, the seconds of all
choices over those of encoding. `gain_over_uniform` is recall in points above uniform, of each budget and `least` of
them; `itg_over_similarity` is such a gain of `videoitg` over `similarity`: the small head, trained here on drawn
features, so that no scene of any video plays a part. The hours differ in their fillers and in the order of all scenes.

The last line is JSON with all figures by name and budget.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from _selection_itg import trained
from _size import parser
from sklearn.metrics import roc_auc_score

from whenabouts.encoders import DEFAULT_ENCODER, load_encoder
from whenabouts.selection import SELECTORS, Selection, Selector, load_selector, settings_of
from whenabouts.selection.candidates import Candidates
from whenabouts.synthetic.composed import ABSENT, ComposedVideo
from whenabouts.synthetic.long_video import VARIATIONS, LongVideos
from whenabouts.video import Video

BUDGETS = (8, 16, 32, 64)
REPEATED = 6  # choices that are made again
AVERAGED = ("recall", "three", "coverage", "redundancy")
Figures = dict[str, dict[int, float]]


CONTENDERS: dict[str, Callable[[], Selector]] = {
    name: partial(load_selector, name) for name in SELECTORS if "model" not in settings_of(name)
}


@dataclass
class Looked:
    """A video with its questions, the frames all selectors share, and the seconds that it took to encode them."""

    made: ComposedVideo
    video: Video
    candidates: Candidates
    seconds: float


@dataclass
class Tally:
    """What was measured of one selector: for each figure and budget one value per query, moment or choice."""

    values: defaultdict[tuple[str, int], list[float]] = field(default_factory=lambda: defaultdict(list))
    repeated: list[bool] = field(default_factory=list)
    encoded: list[float] = field(default_factory=list)
    choosing: float = 0.0

    def figures(self) -> Figures:
        """Means, and the AUROC of the best scores."""
        figures = {key: {b: mean(self.values[key, b]) for b in BUDGETS} for key in AVERAGED}
        apart = {b: (self.values["present", b], self.values["absent", b]) for b in BUDGETS}
        if all(present and absent for present, absent in apart.values()):
            figures["told_apart"] = {b: told_apart(*scores) for b, scores in apart.items()}
        return figures


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--only", nargs="+", help="selectors to measure, beside uniform and similarity")
    options = arguments.parse_args()
    hours, seconds = options.size.pick((2, 3600.0), (1, 3600.0), (1, 20.0))
    encoding = 0.0
    with tempfile.TemporaryDirectory() as folder:
        os.environ["WHENABOUTS_CACHE"] = str(Path(folder) / "cache")  # so that what is measured is encoded here
        CONTENDERS["videoitg"] = partial(load_selector, trained(Path(folder), options.size))
        names = [n for n in CONTENDERS if not options.only or n in {"uniform", "similarity", *options.only}]
        tallies = {name: Tally() for name in names}
        videos = LongVideos.prepare(Path(folder) / "pieces", variations=options.size.pick(VARIATIONS, VARIATIONS, 1))
        videos = replace(videos, targets=videos.targets[: options.size.pick(None, None, 3)])
        for hour in range(hours):
            looked = look(videos.video(Path(folder) / f"{hour}.mp4", seconds, seed=hour))
            encoding += looked.seconds
            print(
                f"video {hour}: {looked.video.duration:.0f} s, {len(looked.candidates.times)} frames encoded in "
                f"{looked.seconds:.0f} s"
            )
            for name, tally in tallies.items():
                measure(CONTENDERS[name], looked, tally, absent=options.size.pick(12, 12, 2))
    report({name: tally.figures() for name, tally in tallies.items()}, tallies, encoding)


def look(made: ComposedVideo) -> Looked:
    video = Video(made.path)
    began = time.perf_counter()
    candidates = Candidates.of(video, load_encoder(DEFAULT_ENCODER))
    return Looked(made, video, candidates, time.perf_counter() - began)


def measure(make: Callable[[], Selector], looked: Looked, tally: Tally, *, absent: int) -> None:
    """Ask one selector everything about one video."""
    selector, again = make(), make()
    questions = [(q.query, q.truth) for q in looked.made.questions]
    questions += [(query, ()) for query in ABSENT["held-out"][:absent]]
    for query, truth in questions:
        for budget in BUDGETS:
            began = time.perf_counter()
            chosen = selector.select(looked.video, query, budget)
            tally.choosing += time.perf_counter() - began
            if chosen.scores:
                tally.values["present" if truth else "absent", budget].append(max(chosen.scores))
            if truth:
                judge(chosen, truth, budget, looked.candidates, tally)
        if len(tally.repeated) < REPEATED:
            tally.repeated.append(again.select(looked.video, query, budget) == chosen)
        tally.encoded.append(chosen.looked / len(looked.candidates.times) if chosen.models else 0.0)


def judge(
    chosen: Selection, truth: tuple[tuple[float, float], ...], budget: int, candidates: Candidates, tally: Tally
) -> None:
    """What the frames that were chosen for one query show."""
    inside = [sum(start <= time < end for time in chosen.times) for start, end in truth]
    tally.values["recall", budget].append(any(inside))
    tally.values["three", budget].append(sum(inside) >= 3)
    tally.values["coverage", budget] += [count > 0 for count in inside]
    vectors = candidates.vectors[np.searchsorted(candidates.times, chosen.times, "right") - 1]
    rows = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    pairs = [float(rows[a] @ rows[b]) for a, b in combinations(range(len(rows)), 2)]
    if pairs:
        tally.values["redundancy", budget].append(float(np.mean(pairs)))


def mean(values: Sequence[float]) -> float:
    return round(float(np.mean(values)), 4)


def told_apart(present: list[float], absent: list[float]) -> float:
    return round(float(roc_auc_score([True] * len(present) + [False] * len(absent), present + absent)), 4)


def report(figures: dict[str, Figures], tallies: dict[str, Tally], encoding: float) -> None:
    """Print a table, and the line of JSON."""
    print("\n" + " " * 12 + "".join(f"{name:>24}" for name in ("recall", "three", "redundancy")))
    for name, own in figures.items():
        rows = (" ".join(f"{own[key][b]:5.2f}" for b in BUDGETS) for key in ("recall", "three", "redundancy"))
        print(f"{name:12}" + "".join(f"{row:>24}" for row in rows))
    summary: dict[str, Any] = {key: {name: own[key] for name, own in figures.items()} for key in AVERAGED}
    summary |= {
        "told_apart": {name: own["told_apart"] for name, own in figures.items() if "told_apart" in own},
        "repeated": {name: mean(tally.repeated) for name, tally in tallies.items()},
        "encoded": {name: mean(tally.encoded) for name, tally in tallies.items()},
        "choosing": {name: round(tally.choosing / encoding, 4) for name, tally in tallies.items()},
        "gain_over_uniform": {name: gain(figures[name], figures["uniform"]) for name in figures if name != "uniform"},
    }
    if "videoitg" in figures:
        summary["itg_over_similarity"] = gain(figures["videoitg"], figures["similarity"])
    print(json.dumps(summary))


def gain(own: Figures, other: Figures) -> dict[int | str, float]:
    """Points of recall above another selector, by budget."""
    points: dict[int | str, float] = {
        budget: round(100 * (own["recall"][budget] - other["recall"][budget]), 1) for budget in BUDGETS
    }
    return points | {"least": min(points.values())}


if __name__ == "__main__":
    main()
