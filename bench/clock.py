"""Whether every picture is given at its true time, on files of many shapes, beside other readers.

    python bench/clock.py [--quick | --smoke] [--python PYTHON] [--failures]

Makes more than 200 small files: containers and codecs, constant and variable rates, B-frames, offsets, edit lists,
fragments, raw streams, recordings joined byte after byte, and what else is met. Every picture shows its number, so that
it is known which one a reader gives, and the times are known from how the files were made (`_clock_shapes.py`).

A shape is exact for a reader that gives every picture once, in order, within two microseconds of its time; readers
may count from the start that the container states or from its zero. `worst` is the largest error in seconds among
pictures that were given with a time, `failed` counts shapes that were not opened, crashed or took longer than a minute.

Every reader runs in a process of its own, of `--python` if given (for readers installed elsewhere), and is left out
where it is not installed. The last line is one JSON object: `clock_exact` is our share of exact shapes.
"""

from __future__ import annotations

import json
import math
import os
import selectors
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
from _clock_readers import READERS
from _clock_shapes import make, shapes
from _size import parser

PATIENCE = 60.0  # seconds for one file
NEAR = 2e-6  # seconds; the start that a container states is rounded to one microsecond
Truth = list[tuple[int, Fraction]]


@dataclass
class Tally:
    """How a reader did so far."""

    exact: int = 0
    failed: int = 0
    worst: float = 0.0
    inexact: list[str] = field(default_factory=list)


class Reading:
    """A reader in a process that is started anew after it died or took too long."""

    def __init__(self, name: str, python: str) -> None:
        self._command = [python, str(Path(__file__).with_name("_clock_readers.py")), name]
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> bool:
        """Whether the reader is installed."""
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        return self._line(PATIENCE) == '"ready"'

    def read(self, path: Path) -> list[tuple[int | None, float]] | None:
        """Numbers and times of the pictures of a file, None where it failed."""
        if self._process is None and not self.start():
            return None
        assert self._process is not None and self._process.stdin is not None
        try:
            self._process.stdin.write(f"{path}\n")
            self._process.stdin.flush()
            answer = json.loads(self._line(PATIENCE))
        except (OSError, ValueError):
            self.stop()
            return None
        return None if isinstance(answer, str) else [(number, time) for number, time in answer]

    def _line(self, patience: float) -> str:
        assert self._process is not None and self._process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            return self._process.stdout.readline().strip() if selector.select(patience) else ""

    def stop(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
        self._process = None


def stated_start(path: Path) -> float:
    """Where the stamps of a file begin, in seconds, as FFmpeg has it."""
    with av.open(str(path)) as container:
        return (container.start_time or 0) / av.time_base


def error(read: Sequence[tuple[int | None, float]], truth: Truth, start: float) -> tuple[bool, float]:
    """Whether a reading is exact, and its largest error in seconds; counted from the better of the two starts."""
    times = {number: float(time) for number, time in truth}
    if not truth or not read or any(time is None or not math.isfinite(time) for _, time in read):
        return False, 0.0
    whole = [number for number, _ in read] == [number for number, _ in truth]
    given = [(time, times[number]) for number, time in read if number in times]
    errors = [max((abs(time - origin - true) for time, true in given), default=0.0) for origin in (0.0, start)]
    return whole and min(errors) <= NEAR, min(errors)


def main() -> None:
    """Make the shapes, read them all, print the table."""
    options = parser(__doc__)
    options.add_argument("--python", default=sys.executable, help="the Python in which other readers are installed")
    options.add_argument("--failures", action="store_true", help="list the shapes at which each reader was not exact")
    chosen = options.parse_args()
    av.logging.set_level(av.logging.PANIC)
    every = list(shapes())
    every = chosen.size.pick(every, every[::6], [shape for shape in every if shape.name in SMOKE])
    tallies: dict[str, Tally] = {}
    with tempfile.TemporaryDirectory() as folder:
        made = [(shape.name, *make(shape, Path(folder))) for shape in every]
        starts = [stated_start(path) for _, path, _ in made]
        for name in chosen.size.pick([*READERS], [*READERS], ["whenabouts", "PyAV"]):
            reading = Reading(name, sys.executable if name in ("whenabouts", "PyAV") else chosen.python)
            if not reading.start():
                print(f"{name} is not installed, and left out")
                continue
            tallies[name] = tally = Tally()
            for (shape, path, truth), start in zip(made, starts, strict=True):
                got = reading.read(path)
                exact, worst = (False, 0.0) if got is None else error(got, truth, start)
                tally.exact, tally.failed = tally.exact + exact, tally.failed + (got is None)
                tally.worst = max(tally.worst, worst)
                tally.inexact += [] if exact else [shape]
            reading.stop()
    print(f"{'reader':<14}{'exact':>7}{'of':>5}{'worst, s':>12}{'failed':>8}")
    for name, tally in tallies.items():
        print(f"{name:<14}{tally.exact:>7}{len(made):>5}{tally.worst:>12.4g}{tally.failed:>8}")
        if chosen.failures:
            print("   " + " ".join(tally.inexact))
    shares = {f"clock_exact_{name}": tally.exact / len(made) for name, tally in tallies.items()}
    print(json.dumps({"clock_shapes": len(made), "clock_exact": shares.pop("clock_exact_whenabouts")} | shares))


SMOKE = ("h264-vfr-b3-mkv", "joined-ts-b2", "raw-h264-b2", "h264-b2-avi")

if __name__ == "__main__":
    os.environ["OPENCV_FFMPEG_LOGLEVEL"] = "-8"
    main()
