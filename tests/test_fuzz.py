"""Damaged inputs of every kind are answered or refused in a sentence, and the program that tries them sees faults."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

if sys.platform != "linux":
    pytest.skip("limits and peaks are those of Linux", allow_module_level=True)
pytest.importorskip("fastapi", reason="the extra serve is not installed")
pytest.importorskip("mcp", reason="the extra mcp is not installed")

import fuzz.target
from fuzz.__main__ import fuzz as run_cases
from fuzz.cases import KEPT, WHY, Case, cases_of, kept_cases
from fuzz.report import table, write_fault
from fuzz.run import Runner
from fuzz.shrink import shrunk
from fuzz.target import TARGETS

CASES = 300

MISBEHAVING = '''
"""Does what no reader may do."""
import ctypes, sys
from fuzz.target import Target
from fuzz.verdict import Wrong
from whenabouts.errors import InputError

def run(path):
    what = path.read_bytes().decode().strip("x")
    if what == "refuse":
        raise InputError("this is refused")
    if what == "silent":
        raise InputError(" ")
    if what == "break":
        {}["no"]
    if what == "wrong":
        raise Wrong("the end is before the start")
    if what == "crash":
        ctypes.string_at(0)
    if what == "memory":
        bytearray(3 * 2**30)
    while what == "hang":
        pass

TARGET = Target(lambda folder: {}, run)
'''


def test_a_few_cases_of_every_target_break_nothing(tmp_path: Path) -> None:
    rows = run_cases(CASES, 1, list(TARGETS), tmp_path / "faults")
    assert not any(row.faults for row in rows.values()), table(rows)
    assert all(row.verdicts["answered"] for row in rows.values()), table(rows)  # else nothing was looked at


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    """A runner that knows a target that misbehaves, with half a second of CPU for a case."""
    place = tmp_path_factory.mktemp("fuzz")
    (place / "misbehaving.py").write_text(MISBEHAVING)
    child = "import sys, fuzz.child, fuzz.targets; fuzz.child.CPU = 0; fuzz.targets.__path__.append(sys.argv[1]); "
    with Runner(place, ["-c", f"{child}fuzz.child.main()", str(place)]) as running:
        yield running


@pytest.mark.parametrize(
    ("what", "verdict"),
    [
        ("answer", "answered"),
        ("refuse", "refused"),
        ("silent", "wrong"),
        ("break", "traceback"),
        ("wrong", "wrong"),
        ("crash", "crash"),
        ("memory", "memory"),
        ("hang", "hang"),
        ("answer", "answered"),
    ],
)
def test_every_fault_is_told_from_the_others(what: str, verdict: str, runner: Runner) -> None:
    assert runner.run("misbehaving", "x.txt", what.encode()).verdict == verdict


def test_what_broke_something_is_made_small_and_written_down(runner: Runner, tmp_path: Path) -> None:
    case = Case("x.txt", b"x" * 300 + b"break" + b"x" * 100)
    outcome = runner.run("misbehaving", *case)
    small = shrunk(case.content, lambda less: runner.run("misbehaving", "x.txt", less).kind == outcome.kind)
    assert small == b"break"
    path = write_fault(tmp_path, "misbehaving", case._replace(content=small), outcome)
    assert path.read_bytes() == b"break"
    assert "KeyError: 'no'" in path.with_name(WHY).read_text()


@pytest.mark.parametrize("name", ["answers", "annotations", "subtitles"])
def test_cases_follow_from_the_seed(name: str) -> None:
    def made(seed: int) -> list[Case]:
        with tempfile.TemporaryDirectory() as folder:
            return list(cases_of(name, 60, seed, Path(folder)))

    assert made(3) == made(3) != made(4)


def test_what_broke_something_once_is_of_a_target() -> None:
    """It is tried in every run, before anything new."""
    assert {path.name for path in KEPT.iterdir() if path.is_dir()} <= set(TARGETS)
    for name in TARGETS:
        for case in kept_cases(name):
            assert len(case.content) < 20_000, f"{name}, {case.name}: make it smaller"


def test_every_target_is_a_file() -> None:
    folder = Path(fuzz.target.__file__).parent / "targets"
    assert {path.stem for path in folder.glob("[a-z]*.py")} == set(TARGETS)
