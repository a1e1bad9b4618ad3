"""Cases to stress a grounder with: queries on a video, a benchmark with its videos, or composed videos."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from whenabouts.benchmarks import dataset, read_annotations
from whenabouts.benchmarks.example import Example
from whenabouts.encoders.minilm import SentenceEncoder
from whenabouts.errors import InputError, VideoError
from whenabouts.progress import Progress
from whenabouts.synthetic.composed import Split
from whenabouts.trust.negatives import make_negatives
from whenabouts.trust.probe import Case
from whenabouts.video import Video
from whenabouts.video.source import shown
from whenabouts.video.suffixes import is_video

__all__ = ["Cases", "of_benchmark", "of_video", "synthetic"]

Windows = NDArray[np.float64]
Source = TypeVar("Source")  # a video, or its name


@dataclass(frozen=True, slots=True)
class Cases:
    """Cases, what they are of, and what is to be told of how they were chosen."""

    subject: str
    cases: tuple[Case, ...]
    notes: tuple[str, ...] = ()


def of_video(path: Path, queries: Sequence[str]) -> Cases:
    """Queries on one video, of which nobody knows the truth. Raises VideoError."""
    video = Video(path)
    return Cases(path.name, tuple(Case(video, query) for query in dict.fromkeys(queries)))


def of_benchmark(
    name: str,
    data: Path | None,
    videos: Path,
    *,
    split: str | None = None,
    limit: int | None = None,
    negatives: bool = True,
    seed: int = 0,
) -> Cases:
    """The queries of a split whose videos are there; where all of them happen, as many that do not are added.

    limit: at most so many cases, as many that happen as others where there are both, chosen by seed

    Raises InputError, AnnotationError, VideoError.
    """
    if not videos.is_dir():
        raise InputError(f"{shown(videos)} is not a directory")
    benchmark = dataset(name).load(data, split)
    unknown = _unknown(benchmark.path) if benchmark.dataset.protocol == "own" else set()
    files = {path.stem: path for path in sorted(videos.iterdir()) if is_video(path)}
    found = [e for e in benchmark.examples if e.video in files]
    there = [
        (e.video, e.query, None if str(e.qid) in unknown else e.windows[e.windows[:, 1] > e.windows[:, 0]])
        for e in found
    ]
    left = len(benchmark.examples) - len(found)
    notes = [f"{left} queries are about videos that are not in {shown(videos)}"] if left else []
    if not there:
        raise InputError(f"no video of {benchmark.name} is in {shown(videos)}; videos are named as in the annotations")
    if negatives and all(truth is None or len(truth) for _, _, truth in there):
        there = _chosen(there, None if limit is None else (limit + 1) // 2, seed)
        made = _negatives(benchmark.examples, there, seed)
        there += made
        notes.append(
            f"no query is annotated as not happening, so {len(made)} of other videos are asked that do not "
            "follow from what is annotated of a video, nor are near to it in meaning"
        )
    opened: dict[str, Video] = {}
    broken: dict[str, str] = {}
    cases = []
    for video, query, truth in _chosen(there, limit, seed):
        if video not in opened and video not in broken:
            try:
                opened[video] = Video(files[video])
            except VideoError as error:
                broken[video] = str(error)
        if video in opened:
            cases.append(Case(opened[video], query, truth))
    notes += broken.values()
    return Cases(f"{benchmark.name}, {benchmark.split}", tuple(cases), tuple(notes))


def synthetic(
    folder: Path,
    *,
    videos: int = 3,
    split: Split = "held-out",
    limit: int | None = None,
    seed: int = 0,
    scenes: int = 8,
    progress: Progress | None = None,
) -> Cases:
    """Composed videos, written to `folder`, with subtitles beside them and as many queries that happen as not.

    Raises MissingExtra, InputError.
    """
    from whenabouts.synthetic.worded import make_worded_video

    rows: list[tuple[Video, str, Windows | None]] = []
    for number in range(videos):
        made = make_worded_video(folder / f"{split}-{seed}-{number}.mp4", split, 1000 * seed + number, scenes=scenes)
        video = Video(made.path)
        present = [q for q in made.questions if q.truth]
        absent = [q for q in made.questions if not q.truth]
        order = np.random.default_rng((seed, number)).permutation(len(absent))[: len(present)]
        asked = (*present, *(absent[int(n)] for n in order))
        rows += [(video, q.query, np.array(q.truth, np.float64).reshape(-1, 2)) for q in asked]
        if progress:
            progress("composing videos", (number + 1) / videos)
    chosen = _chosen(rows, limit, seed)
    return Cases("composed videos", tuple(Case(video, query, truth) for video, query, truth in chosen))


def _negatives(
    examples: Sequence[Example], asked: Sequence[tuple[str, str, Windows | None]], seed: int
) -> list[tuple[str, str, Windows | None]]:
    """A query of another video for each that is asked and happens, where there is one, none twice of a video."""
    wanted = {(video, query) for video, query, _ in asked}
    of = [e for e in examples if (e.video, e.query) in wanted]
    made = make_negatives(examples, ["other-video"], of=of, seed=seed, encode=SentenceEncoder().encode)
    said = {(e.video, e.query) for e in examples}
    new = dict.fromkeys((row.vid, row.query) for row in made.rows if (row.vid, row.query) not in said)
    return [(video, query, np.zeros((0, 2))) for video, query in new]


def _chosen(
    rows: Sequence[tuple[Source, str, Windows | None]], limit: int | None, seed: int
) -> list[tuple[Source, str, Windows | None]]:
    """At most `limit` rows in their order, half of them with queries that do not happen where there are enough."""
    if limit is None or limit >= len(rows):
        return list(rows)
    order = [int(number) for number in np.random.default_rng(seed).permutation(len(rows))]
    absent = [number for number in order if (truth := rows[number][2]) is not None and not len(truth)]
    others = [number for number in order if number not in set(absent)]
    fewer = min(len(absent), max(limit // 2, limit - len(others)))
    kept = {*absent[:fewer], *others[: limit - fewer]}
    return [row for number, row in enumerate(rows) if number in kept]


def _unknown(path: Path) -> set[str]:
    """The qids of rows of which nobody has said when they happen."""
    return {str(row.qid) for row in read_annotations(path) if row.relevant_windows is None}
