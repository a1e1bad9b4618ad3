"""Cases to stress a grounder with: queries on a video, a benchmark with its videos, or composed videos."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from whenabouts.benchmarks import dataset, read_annotations
from whenabouts.errors import InputError, VideoError
from whenabouts.progress import Progress
from whenabouts.synthetic.composed import Split
from whenabouts.trust.probe import Case
from whenabouts.trust.stress.negatives import negatives_for
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
    rows = [
        (e.video, e.query, None if str(e.qid) in unknown else e.windows[e.windows[:, 1] > e.windows[:, 0]])
        for e in benchmark.examples
    ]
    there = [row for row in rows if row[0] in files]
    notes = [f"{len(rows) - len(there)} queries are about videos that are not in {shown(videos)}"]
    notes = notes if len(there) < len(rows) else []
    if not there:
        raise InputError(f"no video of {benchmark.name} is in {shown(videos)}; videos are named as in the annotations")
    if negatives and all(truth is None or len(truth) for _, _, truth in there):
        made = _made(rows, [row[0] for row in there if row[2] is not None], seed)
        there += made
        notes.append(
            f"no query is annotated as not happening, so {len(made)} of other videos are asked that share no word with "
            "what is annotated of a video"
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
    videos: int = 6,
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


def _made(
    rows: Sequence[tuple[str, str, Windows | None]], videos: Sequence[str], seed: int
) -> list[tuple[str, str, Windows | None]]:
    """As many rows with queries that do not happen as there are `videos`, one name per row."""
    queries: dict[str, list[str]] = {}
    for video, query, _ in rows:
        queries.setdefault(video, []).append(query)
    nothing = np.zeros((0, 2))
    return [
        (video, query, nothing)
        for video in dict.fromkeys(videos)
        for query in negatives_for(video, queries, videos.count(video), seed)
    ]


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
