"""No library reports home: `find` in an empty home writes nothing but its cache, with and without a network."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from media import make_video

from whenabouts.telemetry import SWITCHES

CUT = ["unshare", "--map-root-user", "--net"]
FOLDERS = ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "TMPDIR")
WINDOWS = ("USERPROFILE", "APPDATA", "LOCALAPPDATA", "TEMP", "TMP")


def environment(home: Path, cache: Path) -> dict[str, str]:
    """That of a new user: no switch is set, and every folder a library may choose for itself lies in `home`."""
    left = {name: value for name, value in os.environ.items() if name not in SWITCHES and not name.startswith("XDG_")}
    folders = {name: str(home / name.lower()) for name in (*FOLDERS, *WINDOWS)}
    for folder in folders.values():
        Path(folder).mkdir(parents=True)
    return left | folders | {"HOME": str(home), "WHENABOUTS_CACHE": str(cache), "PYTHONDONTWRITEBYTECODE": "1"}


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


def evidence() -> list[str]:
    """What pictures show, and the words in them where those can be read."""
    return ["seen", *(["written"] if find_spec("rapidocr") else [])]


@pytest.mark.parametrize("network", ["as it is", "cut"])
def test_find_writes_nothing_but_its_cache(network: str, tmp_path: Path) -> None:
    if network == "cut" and not can_cut():
        pytest.skip("a process without a network cannot be made here (unshare --net)")
    make_video(tmp_path / "video.mp4", fps=10, seconds=2)
    home, cache = tmp_path / "home", tmp_path / "cache"
    kinds = [word for kind in evidence() for word in ("--evidence", kind)]
    command = [sys.executable, "-m", "whenabouts", "find", str(tmp_path / "video.mp4"), "a number", *kinds, "--json"]
    done = subprocess.run(
        [*(CUT if network == "cut" else []), *command],
        env=environment(home, cache),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert files(home) == []
    assert files(cache) != []


def can_cut() -> bool:
    return (
        bool(shutil.which(CUT[0])) and not subprocess.run([*CUT, "true"], check=False, capture_output=True).returncode
    )


def printed(program: str, **environment: str) -> list[str]:
    """What a fresh process prints."""
    left = {name: value for name, value in os.environ.items() if name not in SWITCHES}
    command = [sys.executable, "-c", program]
    return subprocess.run(command, env=left | environment, capture_output=True, text=True, check=True).stdout.split()


@pytest.mark.parametrize("before", ["", "chosen"])
def test_who_sets_a_switch_keeps_it(before: str) -> None:
    program = f"import whenabouts, os\nprint(*(os.environ[name] for name in {list(SWITCHES)}))"
    assert printed(program, **dict.fromkeys(SWITCHES, before)) == [before or value for value in SWITCHES.values()]


@pytest.mark.parametrize(
    ("library", "off"),
    [
        ("huggingface_hub", "from huggingface_hub.constants import HF_HUB_DISABLE_TELEMETRY as off"),
        ("ray", "from ray._common.usage.usage_lib import usage_stats_enabled as on; off = not on()"),
    ],
)
def test_libraries_understand_their_switches(library: str, off: str) -> None:
    pytest.importorskip(library, reason=f"{library} is not installed")
    assert printed(f"import whenabouts; {off}; print(off)") == ["True"]
