"""A broken plugin takes nothing else with it: it is left out with one warning, and an error only by its own name."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from media import make_video

ROOMS = ("evidence", "benchmarks", "formats", "papers", "heads", "grounders")


def _run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *map(str, command)], capture_output=True, text=True, check=False)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a video, and with a package that gives every room one missing part and one of the wrong type."""
    (tmp_path / "broken_parts.py").write_text("CONST = 5\n")
    about = tmp_path / "broken_parts-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: broken-parts\nVersion: 1.0\n")
    rooms = (f"[whenabouts.{room}]\nlost = no_such_module:X\nconst = broken_parts:CONST\n" for room in ROOMS)
    (about / "entry_points.txt").write_text("\n".join(rooms))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), *filter(None, sys.path)]))
    monkeypatch.chdir(tmp_path)
    make_video(tmp_path / "v.mp4", seconds=2)
    return tmp_path


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("arguments", "kinds"),
    [
        (("find", "v.mp4", "white bars"), {"evidence kind"}),
        (("find", "v.mp4", "white bars", "--evidence", "seen", "--save", "x.edl"), {"evidence kind", "format"}),
        (("find", "v.mp4", "white bars", "--search"), {"evidence kind"}),
        (("dataset", "list"), {"benchmark"}),
        (("post-train", "--list"), {"paper"}),
        (("models",), {"paper", "model"}),
    ],
)
def test_the_rest_of_a_room_works(arguments: tuple[str, ...], kinds: set[str]) -> None:
    done = _run("-m", "whenabouts", *arguments)
    assert done.returncode == 0, done.stderr
    told = [line for line in done.stderr.splitlines() if "of the package broken-parts cannot be loaded" in line]
    expected = sorted(f"whenabouts: the {kind} '{name}' of" for kind in kinds for name in ("const", "lost"))
    assert sorted(line.split(" the package")[0] for line in told) == expected, done.stderr


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("name", ["lost", "const"])
@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        (("find", "v.mp4", "white bars", "--evidence"), "evidence kind"),
        (("dataset", "stats"), "benchmark"),
        (("find", "v.mp4", "white bars", "--model", "openai:http://localhost:9/#m", "--prompting"), "paper"),
    ],
)
def test_by_its_name_it_is_one_sentence(arguments: tuple[str, ...], kind: str, name: str) -> None:
    done = _run("-m", "whenabouts", *arguments, name)
    assert done.returncode == 1
    assert f"whenabouts: the {kind} '{name}' of the package broken-parts cannot be loaded (" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.usefixtures("folder")
def test_heads_and_papers_are_recognised_without_it() -> None:
    pytest.importorskip("torch")
    code = """
from whenabouts.grounders.learned import HEADS
from whenabouts.grounders.llm.recognition import paper_for
print(len(list(HEADS.values())), paper_for("hub:const-lost-model").name)
"""
    done = _run("-c", code)
    assert (done.returncode, done.stdout) == (0, "15 qwen2-vl\n"), done.stderr
