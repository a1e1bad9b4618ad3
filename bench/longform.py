"""What a long video costs, and what is found: everywhere, in windows, or on a shortlist, by three kinds of grounder.

    python bench/longform.py [--quick | --smoke] [--lengths …] [--kinds …] [--rows FILE] [--figure FILE.svg]

Videos of ten minutes, an hour and ten hours are joined from real stills and clips with known truth
(`synthetic/long_video.py`); 13 scenes of two queries each are sought, each shown once for 3 to 9 s. Each line of JSON
is one point of a curve: a length, a kind of grounder, a way to look, `miou` and `r1_05` of the first answers, and what
they cost. `pictures` are those that a query gives to the grounder to look at, on average. `seconds` are those of a
processor, user and system, for all 26 queries at once, and `again` those for one more, with what is kept by then.

- `embedded`: the embedded encoder. `everywhere` is two pictures a second of the whole video, `find` what the command
  does by itself, `one` and `half` a picture a second and one in two everywhere, `search` the shortlist and then close
  looks. Each is measured in a process of its own, and begins with an empty cache.
- `head`: a UniVTG trained here (`_longform_grounders.py`), in windows over the whole video, and on shortlists
- `expensive`, `surer`: two grounders by script that cost by the picture, as a video-language model does; in overlapping
  windows of a minute, and on shortlists of up to so many regions. Means over several scripts. The `seconds` of a
  shortlist are those of the cheap look that makes it.

`--rows FILE` keeps the points, and kinds that are already in it are not measured again, so that a day of measurements
can be done in pieces. The last line is JSON, of an hour or of what comes nearest: `accuracy_vs_everywhere` and
`seconds_vs_everywhere` of `find` with the embedded encoder; `cost_vs_windows`, how many times more pictures windows
show the expensive grounder than the shortlist that `find` makes by itself, 0 where that is less accurate, and
`cost_vs_windows_surer`, the same of the surer one.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from _longform_figure import drawing
from _longform_grounders import EveryWindow, Given, Scripted, train_head, windows
from _size import Size, parser

from whenabouts.commands import Find
from whenabouts.grounders import Grounder, load
from whenabouts.grounders.grounder import ask
from whenabouts.grounders.search.regions import REGIONS, Region
from whenabouts.grounders.search.retrieve_then_ground import RetrieveThenGround
from whenabouts.grounders.similarity import Similarity
from whenabouts.moment import tiou
from whenabouts.prediction import Prediction
from whenabouts.synthetic.composed import ComposedVideo
from whenabouts.synthetic.long_video import VARIATIONS, LongVideos
from whenabouts.video import Video

LENGTHS = {"10 min": 600.0, "1 h": 3600.0, "10 h": 36000.0}
APART = {"expensive": 2.0, "surer": 3.0}
KINDS = ["embedded", "head", "expensive"]  # with the last comes the surer one
ALONE = ("everywhere", "find", "one", "half", "search")  # ways of the embedded encoder
SLOWER = {"one": 1.0, "half": 0.5}  # pictures a second
SHORTLISTS = (1, 3, 6, 12, 24, 48)
SCRIPTS = 8

Point = dict[str, Any]


def main() -> None:
    options = _options()
    size: Size = options.size
    points = _known(options.rows)
    with tempfile.TemporaryDirectory() as folder:
        videos = LongVideos.prepare(Path(folder) / "cuttings", variations=size.pick(VARIATIONS, VARIATIONS, 1))
        videos = replace(videos, targets=videos.targets[: size.pick(None, None, 2)])
        for length in options.lengths:
            video = videos.video(Path(folder) / "video.mp4", size.pick(LENGTHS[length], LENGTHS[length], 1.0))
            for kind, way in _jobs(options.kinds):
                if any((p["length"], p["kind"]) == (length, kind) and way in {None, p["way"]} for p in points):
                    continue
                with ProcessPoolExecutor(1, get_context("spawn")) as alone:
                    found = alone.submit(measure, kind, way, video, videos, size).result()
                for point in found:
                    points.append({"length": length, "kind": kind, **point})
                    print(json.dumps(points[-1]), flush=True)
                    if options.rows:
                        with options.rows.open("a", encoding="utf-8") as file:
                            file.write(json.dumps(points[-1]) + "\n")
    if options.figure:
        options.figure.write_text(drawing(points), "utf-8")
    print(json.dumps(summary(points)))


def _options() -> argparse.Namespace:
    arguments = parser(__doc__)
    arguments.add_argument("--lengths", nargs="+", choices=list(LENGTHS), help="with --quick ten minutes alone")
    arguments.add_argument("--kinds", nargs="+", choices=KINDS, help="default: all")
    arguments.add_argument("--rows", type=Path, help="a file of points, read and written")
    arguments.add_argument("--figure", type=Path, help="where a drawing of all points goes")
    options = arguments.parse_args()
    options.lengths = options.lengths or options.size.pick([*LENGTHS], ["10 min"], ["10 min"])
    options.kinds = options.kinds or KINDS
    return options


def _known(rows: Path | None) -> list[Point]:
    lines = rows.read_text("utf-8").splitlines() if rows and rows.is_file() else []
    return [json.loads(line) for line in lines]


def _jobs(kinds: list[str]) -> Iterator[tuple[str, str | None]]:
    """What is measured in one process: a way of the embedded encoder, or all ways of another kind."""
    for kind in kinds:
        yield from ((kind, way) for way in (ALONE if kind == "embedded" else (None,)))


def measure(kind: str, way: str | None, video: ComposedVideo, videos: LongVideos, size: Size) -> list[Point]:
    """The points of a job; in a process of its own, with a cache of its own."""
    with tempfile.TemporaryDirectory() as empty:
        os.environ["WHENABOUTS_CACHE"] = empty
        if way is not None:
            return [embedded(way, video)]
        if kind == "head":
            return trained(train_head(Path(empty), videos, *size.pick((600, 12), (600, 12), (2, 1))), video)
        return scripted(video, size.pick(SCRIPTS, SCRIPTS, 1))


def embedded(way: str, video: ComposedVideo) -> Point:
    """Two pictures a second but where the way says otherwise; those of a search that are looked at closely."""
    seen = ("seen",)
    ways: dict[str, Grounder] = {
        "everywhere": Similarity(evidence=seen),
        "find": _Command(),
        **{name: Similarity(evidence=seen, fps=fps) for name, fps in SLOWER.items()},
        "search": RetrieveThenGround(evidence=seen),
    }
    answers, cost = asked(ways[way], video)
    return {"way": way, **scores([answers], video), **cost, "pictures": shown(answers, SLOWER.get(way, 2.0))}


def trained(head: Path, video: ComposedVideo) -> list[Point]:
    """Everywhere, which for a head is windows, and on shortlists."""
    points = []
    for way in ("windows", "6", str(REGIONS)):
        inside = load(str(head))
        grounder = inside if way == "windows" else RetrieveThenGround(inside, evidence=("seen",), regions=int(way))
        answers, cost = asked(grounder, video)
        points.append({"way": way, **scores([answers], video), **cost, "pictures": shown(answers, 1.0)})
    return points


def scripted(video: ComposedVideo, scripts: int) -> list[Point]:
    """In every window, and on shortlists: the longest is made as always, and the others are its best regions."""
    truths = {question.query: question.truth[0] for question in video.questions}
    queries, points = list(truths), list[Point]()
    maker = RetrieveThenGround(Scripted(truths, 0.0, 0), evidence=("seen",), regions=max(SHORTLISTS))
    longest, cost = asked(maker, video)
    named = {p.query: [Region(*r) for r in p.trace[0]["regions"]] for p in longest}
    with Video(video.path) as opened:
        pictures = round(sum(end - start for start, end in windows(opened.duration)))
        for kind, apart in APART.items():
            inside = [Scripted(truths, apart, number) for number in range(scripts)]
            every = [EveryWindow(each).ground(opened, queries) for each in inside]
            points.append({"kind": kind, "way": "windows", **scores(every, video), "pictures": pictures})
            for most in SHORTLISTS:
                given = Given(named, most)
                searches = [RetrieveThenGround(each, evidence=("seen",), retriever=given) for each in inside]
                answers = [search.ground(opened, queries) for search in searches]
                seen = {"pictures": shown(answers[0], 1.0)}
                points.append({"kind": kind, "way": str(most), **scores(answers, video), **cost, **seen})
    return points


class _Command:
    """What `whenabouts find` does by itself."""

    whole = True  # the command takes queries apart

    def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        """The answers of the command with no option but the kind of evidence."""
        return Find.of(queries=queries, evidence="seen").run(video)


def asked(grounder: Grounder, video: ComposedVideo) -> tuple[list[Prediction], Point]:
    """The answers to all questions, and what they cost; then the first question once more."""
    queries = [question.query for question in video.questions]
    with Video(video.path) as opened:
        began = time.process_time()
        answers = ask(grounder, opened, queries)
        seconds = time.process_time() - began
    with Video(video.path) as opened:
        began = time.process_time()
        ask(grounder, opened, queries[:1])
        again = time.process_time() - began
    return answers, {"seconds": round(seconds, 1), "again": round(again, 2), "peak_mb": peak_mb()}


def scores(answers: Sequence[Sequence[Prediction]], video: ComposedVideo) -> Point:
    """Means over all questions, and over several grounders alike."""
    truths = {question.query: question.truth for question in video.questions}
    overlaps = np.array([[_overlap(p, truths[p.query]) for p in each] for each in answers])
    return {"miou": round(float(overlaps.mean()), 4), "r1_05": round(float((overlaps >= 0.5).mean()), 4)}


def shown(answers: Sequence[Prediction], rate: float) -> int:
    """Pictures that the grounder looks at for a query, on average: so many a second of the regions, or of the video."""
    regions = [[step["region"] for step in p.trace if step["step"] == "ground"] for p in answers]
    searched = any(p.trace for p in answers)
    spans = [sum(end - start for start, end in each) if searched else answers[0].duration for each in regions]
    return round(rate * float(np.mean(spans)))


def _overlap(prediction: Prediction, truth: Sequence[tuple[float, float]]) -> float:
    best = prediction.best
    return float(tiou([[best.start, best.end]], truth).max()) if best else 0.0


def peak_mb() -> int:
    """Peak memory of this process in MB; `ru_maxrss` would include that of its parent."""
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) // 1024


def summary(points: list[Point]) -> dict[str, Any]:
    """The figures of an hour, or of what comes nearest."""
    at = min({p["length"] for p in points}, key=lambda length: abs(LENGTHS[length] - LENGTHS["1 h"]))
    found = {(p["kind"], p["way"]): p for p in points if p["length"] == at}
    figures: dict[str, Any] = {"length": at}
    if ("embedded", "find") in found and ("embedded", "everywhere") in found:
        ours, everywhere = found["embedded", "find"], found["embedded", "everywhere"]
        for name, what in (("accuracy_vs_everywhere", "miou"), ("seconds_vs_everywhere", "seconds")):
            figures[name] = round(ours[what] / max(everywhere[what], 1e-9), 3)
    for kind, name in zip(APART, ("cost_vs_windows", "cost_vs_windows_surer"), strict=True):
        if (kind, "windows") in found:
            rival, ours = found[kind, "windows"], found[kind, str(REGIONS)]
            cheaper = rival["pictures"] / max(ours["pictures"], 1)
            figures[name] = round(cheaper, 1) if ours["miou"] >= rival["miou"] else 0.0
    return figures


if __name__ == "__main__":
    main()
