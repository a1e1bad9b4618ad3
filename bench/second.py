"""The second question on a video: what `whenabouts find` costs when the file is known, against the first question.

    python bench/second.py [--quick | --smoke] [--before SRC]

Videos of 1, 4, 16 and 60 minutes are joined from real stills and clips (`synthetic.long_video`). Every question is a
process of its own, as the command line is used, with an empty cache before the first of each video. Of each: seconds of
CPU (user and system) of the first question, the least of several further ones that nobody asked before, and the peak of
memory in MB. The floor is what
Python takes to import the libraries without which there is no answer: NumPy, PyAV, onnxruntime, pydantic and Typer.

--before SRC runs another checkout's `src` in turn with this one, question by question.

Prints a table; the last line is JSON: `cpu` and `peak_mb` by length and question, `ratio_16_to_4` (16 minutes against
4), `floor`, and with --before `before_cpu` and `faster` (above 1 = this checkout takes less).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from _size import Size, parser

from whenabouts.synthetic.long_video import VARIATIONS, LongVideos

SRC = Path(__file__).parents[1] / "src"
FIRST = "a chessboard"
QUERIES = ("a snake in a circle", "an orange flower", "a red car", "a cup of coffee", "two people at a table")
FLOOR = "import av, numpy, onnxruntime, pydantic, typer"
LAUNCHER = """  # is small, as the peak of a process counts what its parent had when it was begun
import os, sys
silent = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
program = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=silent)
_, status, used = os.wait4(program, 0)
print(os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime, used.ru_maxrss)
"""


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--before", type=Path, help="the src folder of another checkout")
    options = arguments.parse_args()
    size: Size = options.size
    minutes = size.pick((1, 4, 16, 60), (1, 4, 16), (0.05,))
    queries = QUERIES[: size.pick(5, 3, 1)]
    sources = {"now": SRC} | ({"before": options.before.resolve()} if options.before else {})
    found: dict[str, dict[str, dict[str, float]]] = {name: {} for name in sources}
    with tempfile.TemporaryDirectory() as folder:
        videos = LongVideos.prepare(Path(folder) / "cuttings", variations=size.pick(VARIATIONS, 4, 1))
        for length in minutes:
            path = videos.video(Path(folder) / f"{length}.mp4", 60.0 * length).path
            costs: dict[str, list[dict[str, float]]] = {name: [] for name in sources}
            for query in (FIRST, *queries):
                for name, src in sources.items():
                    costs[name].append(find(src, Path(folder) / f"cache {name} {length}", path, query))
            for name, (first, *second) in costs.items():
                least = min(second, key=lambda cost: cost["cpu"])
                peak = max(cost["peak_mb"] for cost in second)
                found[name][f"{length} min"] = {
                    "first_cpu": first["cpu"],
                    "first_peak_mb": first["peak_mb"],
                    "second_cpu": least["cpu"],
                    "second_peak_mb": peak,
                }
    floor = min(cost([sys.executable, "-c", FLOOR], os.environ)["cpu"] for _ in range(3))
    table(found, floor)
    print(json.dumps(figures(found, floor)))


def find(src: Path, cache: Path, video: Path, query: str) -> dict[str, float]:
    """Ask in a process of its own."""
    environment = os.environ | {"PYTHONPATH": str(src), "WHENABOUTS_CACHE": str(cache)}
    return cost([sys.executable, "-m", "whenabouts", "find", str(video), query, "--json"], environment)


def cost(command: list[str], environment: Any) -> dict[str, float]:
    """Seconds of CPU and peak of memory of a program."""
    launched = [sys.executable, "-S", "-c", LAUNCHER, *command]
    done = subprocess.run(launched, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    code, cpu, peak = done.stdout.split()
    if code != "0":
        raise SystemExit(f"{' '.join(command)} ended with {code}")
    return {"cpu": round(float(cpu), 3), "peak_mb": int(peak) // 1024}


def table(found: dict[str, dict[str, dict[str, float]]], floor: float) -> None:
    """What was measured, for people."""
    print(f"{'':18}{'first':>10}{'':8}{'second':>10}{'':8}{'over the floor':>16}")
    for name, lengths in found.items():
        for length, row in lengths.items():
            first = f"{row['first_cpu']:8.2f} s {row['first_peak_mb']:4.0f} MB"
            second = f"{row['second_cpu']:8.2f} s {row['second_peak_mb']:4.0f} MB"
            print(f"{name:7}{length:>9}  {first}  {second}  {row['second_cpu'] / floor:10.1f}")
    print(f"floor: {floor:.2f} s ({FLOOR})")


def figures(found: dict[str, dict[str, dict[str, float]]], floor: float) -> dict[str, Any]:
    """What was measured, for programs."""
    now, before = found["now"], found.get("before", {})
    kinds = ("first", "second")
    result: dict[str, Any] = {
        "cpu": {f"{length} {kind}": row[f"{kind}_cpu"] for length, row in now.items() for kind in kinds},
        "peak_mb": {f"{length} {kind}": row[f"{kind}_peak_mb"] for length, row in now.items() for kind in kinds},
        "floor": floor,
    }
    if {"4 min", "16 min"} <= now.keys():
        result["ratio_16_to_4"] = round(now["16 min"]["second_cpu"] / now["4 min"]["second_cpu"], 2)
    if before:
        result["before_cpu"] = {f"{n} {kind}": row[f"{kind}_cpu"] for n, row in before.items() for kind in kinds}
        result["faster"] = {n: round(row["second_cpu"] / now[n]["second_cpu"], 2) for n, row in before.items()}
    return result


if __name__ == "__main__":
    main()
