"""Extras: what is installed, what is not, and what cannot be imported."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import pytest

from whenabouts.commands.checks.extras import EXTRAS, extras

ROOT = Path(__file__).parents[3]
NOT_FOR_USERS = {"test", "lint", "docs", "bench", "strength"}


def test_every_extra_for_users_is_looked_at() -> None:
    known = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    assert EXTRAS.keys() == known.keys() - NOT_FOR_USERS


def test_without_a_deep_look_nothing_is_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "deadly_library.py").write_text("import os; os._exit(3)")
    monkeypatch.syspath_prepend(str(tmp_path))
    first, *_ = extras({"deadly": ["deadly_library"], "none": ["no_such_library"]}, load=False)
    assert (first.name, first.state, first.told) == ("extra deadly", "ok", "installed")


def test_extras_are_told_apart_even_if_one_brings_its_process_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "fine_library.py").write_text("print('hello')")
    (tmp_path / "odd_library.py").write_text("raise OSError('libodd.so: cannot open\\nshared object file')")
    (tmp_path / "deadly_library.py").write_text("import os; os._exit(3)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.syspath_prepend(str(tmp_path))
    wanted = {
        "fine": ["fine_library"],
        "odd": ["fine_library", "odd_library"],
        "none": ["no_such_library"],
        "deadly": ["deadly_library"],
    }
    found = {check.name: check for check in extras(wanted, load=True)}
    assert {name: check.state for name, check in found.items()} == {
        "extra fine": "ok",
        "extra odd": "broken",
        "extra none": "absent",
        "extra deadly": "broken",
    }
    assert "libodd.so: cannot open shared object file" in found["extra odd"].told
    assert "the interpreter ended" in found["extra deadly"].told and "\n" not in found["extra odd"].told
    assert "fine_library" not in sys.modules, "they are imported elsewhere"
