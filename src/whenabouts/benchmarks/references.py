"""What several people said of the same queries: references beside the annotations of a split.

Three kinds of file are read:

    CSV         video_id, description, start, end: one opinion a row, in per cent of the video. Otani et al.
                (arXiv:2009.00325) publish five on each of 1000 queries of Charades-STA, 1288 of ActivityNet Captions
    JSON        of TimeLens-Bench, which repairs the annotations of others: one opinion on each of its queries
    JSON Lines  rows of the format of `benchmarks.annotations`, every window of which is one opinion, in seconds

They find their query by its video and the letters of its words: spaces, case and full stops may differ, and a video
may be named with its suffix, or without the `v_` of ActivityNet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whenabouts.benchmarks.annotations import read_annotations
from whenabouts.benchmarks.example import Example
from whenabouts.benchmarks.timelens_bench import TIMELENS_BENCH
from whenabouts.errors import AnnotationError, InputError
from whenabouts.files.records import read_csv
from whenabouts.query.text import letters

__all__ = ["References", "read_references"]

References = dict[str | int, NDArray[np.float64]]

SUFFIXES = (".csv", ".jsonl", ".json")
PER_CENT = 100.0


def read_references(files: Sequence[Path], examples: Sequence[Example]) -> References:
    """Opinions (A, 2) [start, end] in seconds by qid, in the order of the examples, for those queries that have any.

    files: such files, or folders of them; opinions on one query are put together.

    Raises InputError for a path that has no such file, AnnotationError naming file and line for an opinion that is no
    window, for a video whose duration is needed and not known, and where no file is about any of the examples.
    """
    known: dict[tuple[str, str], list[Example]] = {}
    for e in examples:
        known.setdefault((_video(e.video), letters(e.query)), []).append(e)
    found: dict[str | int, list[tuple[float, float]]] = {}
    paths = list(_paths(files))
    for video, query, window, where, share in _opinions(paths):
        for e in known.get((_video(video), letters(query)), ()):
            found.setdefault(e.qid, []).append(_seconds(window, e, where) if share else window)
    if not found:
        names = ", ".join(str(path) for path in files)
        raise AnnotationError(f"{names}: no reference is about a query of this split; give those of its own queries")
    return {e.qid: np.array(found[e.qid], dtype=np.float64) for e in examples if e.qid in found}


def _paths(files: Sequence[Path]) -> Iterator[Path]:
    for path in files:
        if path.is_dir():
            inside = sorted(p for p in path.iterdir() if p.suffix in SUFFIXES)
            if not inside:
                raise InputError(f"{path} has no CSV, JSON or JSON Lines file of references")
            yield from inside
        elif path.suffix not in SUFFIXES:
            raise InputError(f"{path} must be a CSV, JSON or JSON Lines file of references, or a folder of them")
        else:
            yield path


def _opinions(paths: Iterable[Path]) -> Iterator[tuple[str, str, tuple[float, float], str, bool]]:
    """Video, query, window, place, and whether the window is in per cent of the video."""
    for path in paths:
        if path.suffix == ".csv":
            for row in read_csv(path):
                window = row.number("start"), row.number("end")
                if not 0 <= window[0] < window[1] <= PER_CENT:
                    row.refuse("end", f"must be after start, both in per cent of the video, not {window}")
                yield row.text("video_id"), row.text("description"), window, row.where, True
        else:
            lines = path.suffix == ".jsonl"
            for e in [a.to_example() for a in read_annotations(path)] if lines else TIMELENS_BENCH.read(path, ""):
                for start, end in e.windows.tolist():
                    yield e.video, e.query, (start, end), e.where, False


def _seconds(window: tuple[float, float], e: Example, where: str) -> tuple[float, float]:
    if e.duration is None:
        raise AnnotationError(
            f"{where}: the reference is in per cent, and the duration of {e.video} is not known; "
            "give annotations that have it"
        )
    second = e.duration / PER_CENT  # of one per cent, in the order of the official arithmetic
    return window[0] * second, window[1] * second


def _video(name: str) -> str:
    return name.removesuffix(".mp4").removeprefix("v_")
