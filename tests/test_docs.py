"""Docs that are made from the code are up to date."""

from __future__ import annotations

import runpy
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_table_of_protocols_has_not_drifted() -> None:
    program = runpy.run_path(str(ROOT / "scripts" / "protocol_table.py"))
    assert program["table"]() in (ROOT / "docs" / "metrics.md").read_text("utf-8"), "run scripts/protocol_table.py"


def test_every_format_is_in_the_table_of_exports() -> None:
    from whenabouts.interchange.formats import FORMATS

    table = (ROOT / "docs" / "export.md").read_text("utf-8").splitlines()
    rows = [line.split("|") for line in table if line.startswith("| `")]
    told = {(row[1].strip(" `"), row[2].strip(" `"), row[5].strip().startswith("yes")) for row in rows}
    assert told == {(name, kind.suffix, kind.read is not None) for name, kind in FORMATS.items()}


def test_the_table_of_benchmarks_has_not_drifted() -> None:
    program = runpy.run_path(str(ROOT / "scripts" / "benchmark_table.py"))
    assert program["table"]() in (ROOT / "docs" / "benchmarks.md").read_text("utf-8"), "run scripts/benchmark_table.py"
