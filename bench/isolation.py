"""What it costs to read videos in a child process: `whenabouts find`, or an index, and the same with `--trusted`.

    python bench/isolation.py [--quick | --smoke]

Kinds: "first", a video of ten minutes that is joined from real stills and clips (`synthetic.long_video`), with an empty
cache; "known", the same answered from the cache, which only opens the file; "small", ten minutes of 176x144 at 5 a
second with sound; "large", two minutes of 1920x1080; "many", an index of fifty files of 2 s. Every run is a process of
its own, as the command line is used, and pairs run in turn, A B B A. Of each: the median of seconds of CPU (user and
system, the child's included) and by the clock, and their ratio, with a child against without one.

Prints a table; the last line is JSON: `cpu` and `wall` by kind and way, and their `ratio`, of which CPU must be at most
1.10 for all but "known".
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

import av
import numpy as np
from _size import Size, parser
from second import cost

from whenabouts.synthetic.long_video import VARIATIONS, LongVideos

SRC = Path(__file__).parents[1] / "src"
FIRST, KNOWN = "a chessboard", "a red car"
PROGRAM = (sys.executable, "-m", "whenabouts", "find")
INDEX = """import contextlib, sys, whenabouts
with contextlib.nullcontext() if "--trusted" in sys.argv else whenabouts.isolated():
    whenabouts.index(sys.argv[1], library=sys.argv[2])
"""
WAYS: dict[str, tuple[str, ...]] = {"child": (), "trusted": ("--trusted",)}
KINDS = ("first", "known", "small", "large", "many")


def main() -> None:
    size: Size = parser(__doc__).parse_args().size
    minutes, pairs = size.pick(10.0, 2.0, 0.05), size.pick(3, 2, 1)
    found: dict[str, dict[str, list[dict[str, float]]]] = {kind: {way: [] for way in WAYS} for kind in KINDS}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cuttings = LongVideos.prepare(folder / "cuttings", variations=size.pick(VARIATIONS, 4, 1))
        videos = {
            "first": cuttings.video(folder / "video.mp4", 60.0 * minutes).path,
            "small": made(folder / "small.mp4", 60.0 * minutes, (176, 144), 5),
            "large": made(folder / "large.mp4", 12.0 * minutes, (1920, 1080), 25),
        }
        (folder / "many").mkdir()
        for number in range(size.pick(50, 10, 2)):
            made(folder / "many" / f"{number}.mp4", 2.0, (320, 240), 25)
        for pair in range(pairs):
            for way in sorted(WAYS, reverse=bool(pair % 2)):
                for kind, path in videos.items():
                    found[kind][way].append(asked(fresh(folder, way), (*PROGRAM, str(path), FIRST, "--json"), way))
                    if kind == "first":
                        again = (*PROGRAM, str(path), KNOWN, "--json")
                        found["known"][way].append(asked(folder / f"cache {way}", again, way))
                index = (sys.executable, "-c", INDEX, str(folder / "many"), str(fresh(folder, way) / "library"))
                found["many"][way].append(asked(folder / f"cache {way}", index, way))
    result = figures(found)
    print(f"{'':8}{'with a child':>22}{'trusted':>22}{'ratio of CPU':>14}")
    for question in found:
        cells = [f"{result['cpu'][question][way]:9.2f} s {result['wall'][question][way]:9.2f} s" for way in WAYS]
        print(f"{question:8}{cells[0]:>22}{cells[1]:>22}{result['ratio'][question]['cpu']:14.3f}")
    print(json.dumps(result))


def made(path: Path, seconds: float, size: tuple[int, int], fps: int) -> Path:
    """A video with sound: noise that moves over a slope, and a tone."""
    noise = np.random.default_rng(fps).integers(0, 64, (size[1], size[0], 3), dtype=np.uint8)
    slope = np.linspace(0, 190, size[0]).astype(np.uint8)[None, :, None]
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=fps, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        sound = out.add_stream("aac", rate=44_100, layout="mono")
        tone = (0.2 * np.sin(np.arange(44_100) * 0.06)).astype(np.float32)[None]
        for number in range(round(seconds * fps)):
            picture = np.roll(noise, 3 * number, axis=1) + slope
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
            if number % fps == 0:
                second = av.AudioFrame.from_ndarray(tone, format="fltp", layout="mono")
                second.sample_rate, second.pts = 44_100, number // fps * 44_100
                out.mux(sound.encode(second))
        out.mux(stream.encode(None))
        out.mux(sound.encode(None))
    return path


def fresh(folder: Path, way: str) -> Path:
    """An empty cache."""
    cache = folder / f"cache {way}"
    shutil.rmtree(cache, ignore_errors=True)
    return cache


def asked(cache: Path, command: tuple[str, ...], way: str) -> dict[str, float]:
    """What one command costs."""
    environment = os.environ | {"PYTHONPATH": str(SRC), "WHENABOUTS_CACHE": str(cache)}
    began = time.perf_counter()
    spent = cost([*command, *WAYS[way]], environment)
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
