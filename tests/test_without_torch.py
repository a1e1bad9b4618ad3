"""The default install has no torch: what needs it says which extra brings it, and the rest works."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from media import make_video
from typer.testing import CliRunner

from whenabouts.cli.app import app

BLOCKED = ("torch", "scipy", "transformers", "h5py", "lmdb", "httpx", "rapidocr", "faster_whisper", "opentimelineio")
TRAIN = r"whenabouts: the model 'learned' needs an extra: pip install 'whenabouts[train]'"
EVERY_PART = """
from whenabouts.benchmarks import BENCHMARKS
from whenabouts.encoders import ENCODERS
from whenabouts.errors import MissingExtra
from whenabouts.evidence import KINDS
from whenabouts.grounders import GROUNDERS
from whenabouts.grounders.learned import HEADS
from whenabouts.grounders.llm.papers import PAPERS
from whenabouts.interchange.formats import FORMATS

for registry in (BENCHMARKS, ENCODERS, KINDS, GROUNDERS, HEADS, PAPERS, FORMATS):
    for name in registry:
        try:
            registry[name]
        except MissingExtra as error:
            print(registry.kind, name, error.extra)
"""


def _run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Python with these arguments where no optional library can be imported."""
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a video; Python processes started by the test find none of the optional libraries."""
    block = f"import sys\nsys.modules.update(dict.fromkeys({BLOCKED!r}))\n"
    (tmp_path / "sitecustomize.py").write_text(block)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), *filter(None, sys.path)]))
    make_video(tmp_path / "v.mp4", seconds=2)
    return tmp_path


def _find(bare: Path, model: str | Path) -> str:
    done = _run("-m", "whenabouts", "find", bare / "v.mp4", "a cup", "--model", model)
    assert done.returncode == 1 and not done.stdout
    return done.stderr.strip()


def test_a_system_from_a_folder_names_the_extra_that_it_needs(bare: Path) -> None:
    assert _find(bare, f"trace:{bare}") == (
        "whenabouts: TRACE on this machine needs an extra: pip install 'whenabouts[hub]'"
    )


@pytest.mark.usefixtures("bare")
def test_models_lists_what_it_lists_with_torch() -> None:
    done = _run("-m", "whenabouts", "models", "--json")
    assert done.returncode == 0, done.stderr
    listed = json.loads(done.stdout)
    assert listed == json.loads(CliRunner().invoke(app, ["models", "--json"], catch_exceptions=False).stdout)
    assert {"similarity", "search", "agent:MODEL", "qd-detr", "qwen2.5-vl"} <= {row["name"] for row in listed}


def test_a_model_that_needs_torch_names_the_extra(bare: Path) -> None:
    (bare / "best.pt").write_bytes(b"weights")
    assert _find(bare, bare / "best.pt") == TRAIN
    assert _find(bare, "qd-detr").startswith("whenabouts: qd-detr is a head that needs a checkpoint")
    asked = _find(bare, "qwen2.5-vl")
    assert "\n" not in asked and asked.endswith("needs an extra: pip install 'whenabouts[hub]'")


@pytest.mark.usefixtures("bare")
def test_load_names_the_extra() -> None:
    done = _run("-c", "import whenabouts; whenabouts.load('learned')")
    assert done.stderr.splitlines()[-1].endswith("MissingExtra: " + TRAIN.removeprefix("whenabouts: "))


@pytest.mark.usefixtures("bare")
def test_every_part_loads_or_names_its_extra() -> None:
    done = _run("-c", EVERY_PART)
    assert done.returncode == 0, done.stderr
    missing = done.stdout.splitlines()
    assert "model learned train" in missing and "head qd-detr train" in missing
    torch_needed = ("model learned train", "model meco train", "model timesuite train", "head ")
    assert all(line.startswith(torch_needed) for line in missing), missing
