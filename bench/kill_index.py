"""Kill an indexing process again and again, and see that nothing is lost, doubled or broken.

    python bench/kill_index.py [--kills 50] [--seed 0] [--quick | --smoke]

Twelve short videos with subtitles, one file that is broken and one copy. A process indexes them and is killed with
SIGKILL: a random part of a second after it reported up to three more videos, or, every fifth time, while it starts.
Every other time two processes run at once. After each kill the library is opened and searched, and must hold whole
videos only. When the kills are over it is indexed to the end and compared, row by row, with a library that was never
interrupted. The last line is JSON: `kills`, `midway` (rounds that ended with some videos done and some not), `broken`,
`lost`, `doubled`.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from _size import parser

from whenabouts.encoders import load_encoder
from whenabouts.library.run import index_folder, open_library
from whenabouts.library.search import search
from whenabouts.library.store import LibraryError
from whenabouts.video.compose import Line, Still, compose

VIDEOS = 12


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--kills", type=int, help="default: 50, 8 with --quick, 1 with --smoke")
    arguments.add_argument("--seed", type=int, default=0)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        tally = kill_loop(Path(folder), options.kills or options.size.pick(50, 8, 1), options.seed)
    print(json.dumps(tally))
    sys.exit(bool(tally["broken"] or tally["lost"] or tally["doubled"]))


def kill_loop(folder: Path, kills: int, seed: int) -> dict[str, int]:
    """Run the kills in an empty folder; returns the counts."""
    rng = np.random.default_rng(seed)
    videos = folder / "videos"
    make_videos(videos, rng)
    whole = open_library(folder / "whole")
    index_folder(whole, videos)
    tally = {"kills": 0, "midway": 0, "broken": 0, "lost": 0, "doubled": 0}
    place = folder / "killed"
    for number in range(kills):
        if place.is_dir() and number % 4 == 0:  # a new beginning: the making of a library is interrupted too
            place.rename(folder / f"killed-{number}")
        processes = [start(videos, place) for _ in range(1 + number % 2)]
        if number % 5:
            hear(processes[0], int(rng.integers(4)) + (number % 4 == 0))
            time.sleep(float(rng.uniform(0, 0.5)))
        else:
            time.sleep(float(rng.uniform(0.3, 3.0)))
        for process in processes:
            tally["kills"] += process.poll() is None
            os.killpg(process.pid, signal.SIGKILL) if process.poll() is None else None
            process.wait()
            process.stderr.close()  # type: ignore[union-attr]
        try:
            tally["midway"] += 0 < inspect(place, tally) < VIDEOS
        except LibraryError as error:
            tally["broken"] += 1
            print(f"after kill {number}: {error}", file=sys.stderr)
    for library in sorted(folder.glob("killed*")):
        finished = open_library(library)
        index_folder(finished, videos)
        ours, theirs = rows(finished), rows(whole)
        tally["lost"] += sum((theirs - ours).values())
        tally["doubled"] += sum((ours - theirs).values())
    return tally


def make_videos(folder: Path, rng: np.random.Generator) -> None:
    """Videos of two stills and a line each, a copy and a broken file."""
    folder.mkdir()
    for number in range(VIDEOS):
        picture = rng.integers(0, 256, (6, 8, 3), np.uint8).repeat(15, 0).repeat(20, 1)
        line = Line(0.5, 1.5, f"This is video number {number}.")
        stills = [Still(picture, 2.0), Still(picture[::-1].copy(), 2.0)]
        compose(folder / f"video {number}.mp4", stills, lines=[line], size=(160, 90), rate=4)
    (folder / "copy.mp4").write_bytes((folder / "video 3.mp4").read_bytes())
    (folder / "broken.mp4").write_bytes(b"no video")


def hear(process: subprocess.Popen[bytes], lines: int) -> None:
    """Wait until a process has printed this many lines, or has ended."""
    for _ in range(lines):
        if not process.stderr.readline():  # type: ignore[union-attr]
            return


def start(videos: Path, place: Path) -> subprocess.Popen[bytes]:
    """Start a process that indexes."""
    command = [sys.executable, "-m", "whenabouts", "index", str(videos), "--library", str(place)]
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "start_new_session": True}
    return subprocess.Popen(command, **quiet)


def inspect(place: Path, tally: dict[str, int]) -> int:
    """Open and search the library; returns the number of its videos and counts duplicated and missing rows."""
    if not (place / "encoder.txt").exists():
        return 0
    library = open_library(place)
    search(library, load_encoder("builtin"), "video number 5")
    videos = library.videos()
    with library.reading() as table:
        counts = {name: Counter(table(name).to_arrow()["sha256"].to_pylist()) for name in ("shots", "lines")}
        tally["doubled"] += table("videos").count_rows() - len(videos)
    for sha256, video in videos.items():
        tally["lost"] += any(counts[name][sha256] < video[name] for name in counts)
        tally["doubled"] += any(counts[name][sha256] > video[name] for name in counts)
    return len(videos)


def rows(library: Any) -> Counter[str]:
    """All rows of a library, as text."""
    with library.reading() as table:
        names = ("videos", "places", "problems", "shots", "lines")
        return Counter(f"{name} {row}" for name in names for row in table(name).to_arrow().to_pylist())


if __name__ == "__main__":
    main()
