"""Docs that are made from the code are up to date."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROGRAM = runpy.run_path(str(ROOT / "scripts" / "tables.py"))


@pytest.mark.parametrize("name", PROGRAM["TABLES"])
def test_no_table_has_drifted(name: str) -> None:
    page, make = PROGRAM["TABLES"][name]
    text = (ROOT / "docs" / page).read_text("utf-8")
    assert PROGRAM["written"](text, name, make()) == text, "run scripts/tables.py"
