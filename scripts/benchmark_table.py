"""Write the table of benchmarks into docs/benchmarks.md from the code, so that it cannot drift.

python scripts/benchmark_table.py
"""

from __future__ import annotations

from pathlib import Path

from whenabouts.benchmarks import BENCHMARKS, Dataset

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
BEGIN, END = "<!-- table of benchmarks -->", "<!-- end of table -->"
HEAD = "| name | task | splits | protocol | licence | how the format is known |"


def row(dataset: Dataset) -> str:
    splits = ", ".join(dataset.files)
    cells = [f"`{dataset.name}`", dataset.task, splits, f"`{dataset.protocol}`", dataset.licence, dataset.confirmed]
    return f"| {' | '.join(cells)} |"


def table() -> str:
    return "\n".join([HEAD, "|---" * 6 + "|", *(row(BENCHMARKS[name]) for name in BENCHMARKS.own)])


def main() -> None:
    text = PAGE.read_text("utf-8")
    before, rest = text.split(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n{table()}\n{END}{rest.split(END)[1]}", "utf-8")


if __name__ == "__main__":
    main()
