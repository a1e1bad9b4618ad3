"""What it costs to read a video in a child process: `whenabouts find`, and the same with `--trusted`.

    python bench/isolation.py [--quick | --smoke]

A video of ten minutes is joined from real stills and clips (`synthetic.long_video`). Every question is a process of its
own, as the command line is used, and pairs are asked in turn, A B B A. "first" has an empty cache and decodes all of
the video; "known" is answered from the cache, and only opens the file. Of each: the median of seconds of CPU (user and
system, the child's included) and by the clock, and their ratio, with a child against without one.

Prints a table; the last line is JSON: `cpu` and `wall` by question and way, and their `ratio`, of which CPU must be at
most 1.10 for the first question.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from _size import Size, parser
from second import cost

from whenabouts.synthetic.long_video import VARIATIONS, LongVideos

SRC = Path(__file__).parents[1] / "src"
FIRST, KNOWN = "a chessboard", "a red car"
PROGRAM = (sys.executable, "-m", "whenabouts", "find")
WAYS: dict[str, tuple[str, ...]] = {"child": (), "trusted": ("--trusted",)}


def main() -> None:
    size: Size = parser(__doc__).parse_args().size
    minutes, pairs = size.pick(10.0, 2.0, 0.05), size.pick(3, 2, 1)
    found: dict[str, dict[str, list[dict[str, float]]]] = {
        question: {way: [] for way in WAYS} for question in ("first", "known")
    }
    with tempfile.TemporaryDirectory() as folder:
        videos = LongVideos.prepare(Path(folder) / "cuttings", variations=size.pick(VARIATIONS, 4, 1))
        path = videos.video(Path(folder) / "video.mp4", 60.0 * minutes).path
        for pair in range(pairs):
            for way in sorted(WAYS, reverse=bool(pair % 2)):
                cache = Path(folder) / f"cache {way}"
                shutil.rmtree(cache, ignore_errors=True)
                found["first"][way].append(asked(cache, path, FIRST, way))
        for pair in range(2 * pairs):
            for way in sorted(WAYS, reverse=bool(pair % 2)):
                found["known"][way].append(asked(Path(folder) / f"cache {way}", path, KNOWN, way))
    result = figures(found)
    print(f"{'':8}{'with a child':>22}{'trusted':>22}{'ratio of CPU':>14}")
    for question in found:
        cells = [f"{result['cpu'][question][way]:9.2f} s {result['wall'][question][way]:9.2f} s" for way in WAYS]
        print(f"{question:8}{cells[0]:>22}{cells[1]:>22}{result['ratio'][question]['cpu']:14.3f}")
    print(json.dumps(result))


def asked(cache: Path, video: Path, query: str, way: str) -> dict[str, float]:
    """What one question costs."""
    environment = os.environ | {"PYTHONPATH": str(SRC), "WHENABOUTS_CACHE": str(cache)}
    began = time.perf_counter()
    spent = cost([*PROGRAM, str(video), query, "--json", *WAYS[way]], environment)
    return {"cpu": spent["cpu"], "wall": time.perf_counter() - began}


def figures(found: dict[str, dict[str, list[dict[str, float]]]]) -> dict[str, Any]:
    """The medians, and the ratios of them."""
    result: dict[str, Any] = {
        unit: {
            question: {way: round(median(each[unit] for each in costs), 3) for way, costs in ways.items()}
            for question, ways in found.items()
        }
        for unit in ("cpu", "wall")
    }
    result["ratio"] = {
        question: {
            unit: round(result[unit][question]["child"] / result[unit][question]["trusted"], 3)
            for unit in ("cpu", "wall")
        }
        for question in found
    }
    return result


if __name__ == "__main__":
    main()
