"""Write a benchmark with negatives: the queries that happen, then those that do not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from whenabouts.benchmarks.annotations import Annotation, write_annotations
from whenabouts.benchmarks.example import Benchmark, Example
from whenabouts.errors import InputError
from whenabouts.trust.negatives.elsewhere import Encode
from whenabouts.trust.negatives.make import NEAR, make_negatives

__all__ = ["write_negatives"]


def write_negatives(
    benchmark: Benchmark,
    out: Path,
    kinds: Sequence[str],
    *,
    per_query: int = 1,
    seed: int = 0,
    encode: Encode | None = None,
    near: float = NEAR,
) -> dict[str, Any]:
    """Write an annotation file of one's own, which appears whole or not at all; returns how many rows of which kind.

    Queries with a broken window are left out and counted; ends beyond the video are cut. Raises InputError for a file
    that does not end in `.jsonl` or where no query happens.
    """
    if out.suffix != ".jsonl":
        raise InputError(f"{out}: a file of annotations ends in .jsonl")
    happening = [e for e in benchmark.examples if len(e.windows)]
    sound = [e for e in happening if all(0 <= start < end for start, end in e.windows.tolist())]
    if not sound:
        raise InputError(f"no query of {benchmark.name}, {benchmark.split}, happens: there is nothing to change")
    made = make_negatives(sound, kinds, per_query=per_query, seed=seed, split=benchmark.split, encode=encode, near=near)
    write_annotations(out, [*(_row(e, benchmark.split) for e in sound), *made.rows])
    counts = Counter(row.absent for row in made.rows)
    return {
        "happen": len(sound),
        "broken": len(happening) - len(sound),
        "negatives": {
            kind: {"made": counts[kind], "doubted": made.doubted.get(kind, 0), "unfit": made.unfit.get(kind, 0)}
            for kind in dict.fromkeys(kinds)
        },
    }


def _row(e: Example, split: str) -> Annotation:
    end = e.duration or float("inf")
    windows = tuple((start, min(stop, end)) for start, stop in e.windows.tolist() if start < end)
    return Annotation(
        e.video, e.query, e.duration, windows or tuple(map(tuple, e.windows.tolist())), qid=e.qid, split=split
    )
