"""`python -m fuzz`: run cases, print the table, and write what broke something into a folder."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from fuzz.cases import Case, cases_of, kept_cases, shares
from fuzz.report import Row, table, write_fault
from fuzz.run import Runner
from fuzz.shrink import shrunk
from fuzz.target import TARGETS
from fuzz.verdict import Outcome

__all__ = ["fuzz", "main"]


def fuzz(
    count: int, seed: int, names: list[str], faults: Path | None = None, *, kept: bool = True, loud: bool = False
) -> dict[str, Row]:
    """Run `count` cases of these targets, after those that are kept; faults are made small and written to a folder."""
    rows: dict[str, Row] = {}
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder, Runner(Path(folder)) as runner:
        for name, share in shares(count, names).items():
            rows[name] = row = Row()
            place = Path(folder) / f"seeds-{name}"
            place.mkdir()
            for case in [*(kept_cases(name) if kept else []), *cases_of(name, share, seed, place)]:
                outcome = runner.run(name, case.name, case.content)
                if row.add(case, outcome) and faults is not None:
                    small = _small(runner, name, case, outcome)
                    told = write_fault(faults, name, small, outcome)
                    print(f"{name}: {outcome.verdict} {outcome.place} ({told})", file=sys.stderr, flush=True)
            if loud:
                print(f"{name}: {' '.join(row.cells())}", file=sys.stderr, flush=True)
    return rows


def _small(runner: Runner, target: str, case: Case, outcome: Outcome) -> Case:
    if outcome.verdict in {"hang", "memory"}:  # costly to see again
        return case
    return case._replace(
        content=shrunk(case.content, lambda less: runner.run(target, case.name, less).kind == outcome.kind)
    )


def main() -> int:
    """The command line; 1 where something broke."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", action="append", choices=TARGETS, help="a target; repeatable")
    parser.add_argument("--faults", type=Path, default=Path("fuzz-faults"), help="folder for what breaks something")
    given = parser.parse_args()
    rows = fuzz(given.cases, given.seed, given.only or list(TARGETS), given.faults, loud=True)
    print(table(rows))
    return int(any(row.faults for row in rows.values()))


if __name__ == "__main__":
    raise SystemExit(main())
