"""Models of the package and of its dependencies: none without a hash, and none loaded that is another."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from whenabouts.commands.checks.models import PINS, models
from whenabouts.encoders.shipped import SHIPPED
from whenabouts.errors import ModelError

SOURCE = Path(__file__).parents[3] / "src" / "whenabouts"
LOAD_ALL = """
from whenabouts.commands.checks.models import PINS
from whenabouts.errors import ModelError
for name, (pin, run) in PINS.items():
    if pin.module in {names}:
        try:
            run()
        except ModelError as error:
            print(name, "|", error)
"""


def is_text(path: Path) -> bool:
    try:
        path.read_text("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def test_no_file_of_the_package_that_a_reader_cannot_review_lacks_a_hash() -> None:
    files = [path for path in SOURCE.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    opaque = {path.name for path in files if not is_text(path)} | {path.name for path in SHIPPED.folder.iterdir()}
    assert opaque == SHIPPED.sha256.keys()


def test_every_model_is_the_one_that_was_checked() -> None:
    found = list(models(load=False))
    assert [check.told for check in found if check.state != "ok"] == []
    assert len(found) == sum(find_spec(pin.module) is not None for pin, _ in PINS.values())


def test_a_shipped_file_that_was_changed_is_refused(tmp_path: Path) -> None:
    for name in SHIPPED.sha256:
        content = bytearray((SHIPPED.folder / name).read_bytes())
        content[len(content) // 2] ^= 1
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ModelError, match=rf"{name} is not the file that this version .* reinstall it"):
            SHIPPED.checked(tmp_path / name)


def test_a_model_that_a_stranger_put_into_a_package_is_refused_in_a_sentence(tmp_path: Path) -> None:
    names = {pin.module for pin, _ in PINS.values() if "." not in pin.module and find_spec(pin.module)}
    for pin, _ in PINS.values():
        if pin.module in names:
            folder = tmp_path / pin.module / (pin.within or "data")
            folder.mkdir(parents=True)
            (tmp_path / pin.module / "__init__.py").touch()
            for name in [*pin.sha256, "model.bin.part1"]:
                for place in {folder, tmp_path / pin.module / pin.within}:
                    (place / name).write_bytes(b"of a stranger")
    vad = tmp_path / "faster_whisper" / "vad.py"  # as in the package, whose detector reads the file
    if vad.parent.is_dir():
        vad.write_text(
            "VadOptions = dict\ndef get_speech_timestamps(samples, options): raise SystemExit('it was read')"
        )
        (vad.parent / "__init__.py").write_text("WhisperModel = None")
    told = subprocess.run(
        [sys.executable, "-c", LOAD_ALL.format(names=names)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    said = dict(line.split(" | ") for line in told.stdout.splitlines())
    assert said.keys() == {name for name, (pin, _) in PINS.items() if pin.module in names}
    assert all("pip install" in sentence and "sha256" in sentence for sentence in said.values()), said
