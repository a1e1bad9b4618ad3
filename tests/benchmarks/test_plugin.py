"""A data set of another package is evaluated, described and answered like those that come with this one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from processes import LIMIT

from whenabouts.benchmarks import annotations
from whenabouts.synthetic.rendered import Rendered

MODULE = """
import numpy as np
from whenabouts.benchmarks import Dataset, Example
from whenabouts.files.records import read_csv

def read(path, split):
    return [
        Example(row.name("id"), row.text("film"), row.text("text"),
                np.array([[row.number("from"), row.number("to")]]), row.number("length"), where=row.where)
        for row in read_csv(path)
    ]

TINY = Dataset("tiny", "Tiny", "TSG", "timelens", "none", "here", "unpublished", {"test": ("tiny.csv",)}, read, "ours")
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An installed package with a data set, its annotations, and its videos."""
    about = tmp_path / "packages" / "tiny_benchmark-1.0.dist-info"
    about.mkdir(parents=True)
    (about.parent / "tiny_benchmark.py").write_text(MODULE)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: tiny-benchmark\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[whenabouts.benchmarks]\ntiny = tiny_benchmark:TINY\n")
    Rendered(2, scenes=2, queries=1).write(tmp_path, "val")
    rows = annotations.read_annotations(tmp_path / "highlight_val_release.jsonl")
    lines = [f"{a.qid},{a.vid},{a.query},{a.relevant_windows[0][0]},{a.relevant_windows[0][1]},{a.duration}"
             for a in rows if a.relevant_windows]  # fmt: skip
    (tmp_path / "tiny.csv").write_text("\n".join(["id,film,text,from,to,length", *lines]) + "\n")
    return tmp_path


def run(folder: Path, *arguments: object) -> str:
    paths = os.pathsep.join([str(folder / "packages"), *sys.path])
    done = subprocess.run(
        [sys.executable, "-m", "whenabouts", *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_data_set_of_another_package(folder: Path) -> None:
    assert json.loads(run(folder, "dataset", "list", "--json"))[-1]["title"] == "Tiny"
    checked = json.loads(run(folder, "dataset", "check", "tiny", "--data", folder, "--json"))
    assert (checked["name"], checked["defects"]) == ("tiny/test", [])
    answers = folder / "answers.jsonl"
    run(folder, "predict", "tiny", "--data", folder, "--videos", folder, "--out", answers)
    told = json.loads(run(folder, "evaluate", answers, "--benchmark", "tiny", "--ground-truth", folder, "--json"))
    assert (told["benchmark"], told["protocol"], told["queries"]) == ("tiny", "timelens", 2)
    assert told["answered"] == 2


def test_a_file_of_ones_own(folder: Path) -> None:
    """The same commands, with the file's path in place of a name."""
    own = folder / "highlight_val_release.jsonl"
    assert json.loads(run(folder, "dataset", "stats", own, "--json"))["n_queries"] == 2
    answers = folder / "answers.jsonl"
    run(folder, "predict", own, "--videos", folder, "--out", answers)
    told = json.loads(run(folder, "evaluate", answers, "--benchmark", own, "--json"))
    assert (told["benchmark"], told["protocol"], told["answered"]) == (str(own), "own", 2)
