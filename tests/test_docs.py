"""Docs that are made from the code are up to date."""

from __future__ import annotations

import runpy
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_table_of_protocols_has_not_drifted() -> None:
    program = runpy.run_path(str(ROOT / "scripts" / "protocol_table.py"))
    assert program["table"]() in (ROOT / "docs" / "metrics.md").read_text("utf-8"), "run scripts/protocol_table.py"
