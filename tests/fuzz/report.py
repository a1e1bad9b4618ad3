"""What a run found: a row for each target, and a file for each fault."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fuzz.cases import WHY, Case
from fuzz.verdict import Outcome

__all__ = ["Row", "table", "write_fault"]


@dataclass
class Row:
    """Of one target."""

    verdicts: Counter[str] = field(default_factory=Counter)
    faults: dict[tuple[str, str], tuple[Case, Outcome]] = field(default_factory=dict)
    slowest: float = 0.0
    peak: int = 0

    def add(self, case: Case, outcome: Outcome) -> bool:
        """Count a case; whether it is the first of its kind of fault."""
        self.verdicts[outcome.verdict] += 1
        self.slowest, self.peak = max(self.slowest, outcome.cpu), max(self.peak, outcome.peak)
        if outcome.fine or outcome.kind in self.faults:
            return False
        self.faults[outcome.kind] = case, outcome
        return True

    def cells(self) -> list[str]:
        """As they are printed."""
        told = self.verdicts
        bad = told.total() - told["answered"] - told["refused"]
        numbers = [told.total(), told["answered"], told["refused"], bad, len(self.faults)]
        return [*map(str, numbers), f"{self.slowest:.1f}", f"{self.peak / 2**20:.0f}"]


def table(rows: Mapping[str, Row]) -> str:
    """All rows and their sum, in columns."""
    head = ["target", "cases", "answered", "refused", "faults", "kinds", "slowest CPU s", "peak MB"]
    whole = Row()
    for name, row in rows.items():
        whole.verdicts += row.verdicts
        whole.faults |= {(name, *kind): fault for kind, fault in row.faults.items()}  # type: ignore[misc]
        whole.slowest, whole.peak = max(whole.slowest, row.slowest), max(whole.peak, row.peak)
    lines = [head, *([name, *row.cells()] for name, row in rows.items()), ["all", *whole.cells()]]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(w) if k == 0 else cell.rjust(w) for k, (cell, w) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    )


def write_fault(folder: Path, target: str, case: Case, outcome: Outcome) -> Path:
    """The input and what it did, in a folder of `folder/TARGET` that can be moved to `kept/TARGET` as it is."""
    place = folder / target / hashlib.sha256(case.content).hexdigest()[:8] / case.name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(case.content)
    place.with_name(WHY).write_text(f"{outcome.verdict}: {outcome.place}\n\n{outcome.detail}\n", "utf-8", "replace")
    return place
