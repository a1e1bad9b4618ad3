"""What is published: the sdist builds the wheel, and the wheel, installed on its own, finds moments."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import pytest
from media import make_video

import whenabouts

pytest.importorskip("build", reason="the extra test is not installed")
pytest.importorskip("hatchling", reason="the extra test is not installed")

ROOT = Path(__file__).parents[1]
BIN = "Scripts" if os.name == "nt" else "bin"


def run(*command: str | Path, cwd: Path) -> str:
    """What a command prints that knows nothing of this checkout."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False, cwd=cwd, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist and the wheel that was built from the sdist, with the tools installed here."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    [path] = built.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a fresh environment with the wheel; its dependencies are those of this environment."""
    folder = tmp_path_factory.mktemp("fresh")
    run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder)
    python = folder / BIN / Path(sys.executable).name
    run(sys.executable, "-m", "pip", "--python", python, "install", "--no-index", "--no-deps", wheel, cwd=folder)
    packages = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip()
    # A folder that a .pth file adds stands last, and its own .pth files, as that of this checkout, are not followed.
    (Path(packages) / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    return folder / BIN


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    source = ROOT / "src"
    files = {path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file()}
    assert names == {name for name in files if "__pycache__" not in name}
    assert "whenabouts/py.typed" in names
    assert "whenabouts/encoders/weights/efficientnet-lite0.onnx" in names
    assert {"whenabouts/interchange/page/report.html", "whenabouts/server/page/index.html"} <= names


def test_the_sdist_holds_licences_and_tests_and_nothing_that_was_made_here(built: Path) -> None:
    [path] = built.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "README.md", "LICENSE", "NOTICE", "tests/conftest.py"} <= names
    assert not [name for name in names if name.startswith((".venv", "dist/", "demo/")) or "__pycache__" in name]


def test_the_installed_wheel_finds_moments(installed: Path, tmp_path: Path) -> None:
    make_video(tmp_path / "bars.mp4", seconds=2)
    program = installed / "whenabouts"
    version = run(program, "--version", cwd=tmp_path)
    where = "import whenabouts; print(whenabouts.__version__, whenabouts.__file__)"
    told, file = run(installed / "python", "-c", where, cwd=tmp_path).split(maxsplit=1)
    assert told in version and Path(file).is_relative_to(installed.parent)
    [answer] = json.loads(run(program, "find", "bars.mp4", "white bars", "--evidence", "seen", "--json", cwd=tmp_path))
    assert answer["query"] == "white bars" and answer["duration"] == pytest.approx(2, abs=0.1)
    assert all(0 <= m["start"] < m["end"] <= answer["duration"] for m in answer["moments"])


def test_the_citation_tells_the_version() -> None:
    told = dict(line.split(": ", 1) for line in (ROOT / "CITATION.cff").read_text("utf-8").splitlines() if ": " in line)
    assert (told["version"], told["license"]) == (whenabouts.__version__, "Apache-2.0")
