"""Write the tables of the documentation that are made from the code, so that they cannot drift.

    python scripts/tables.py

A page holds a table between `<!-- table: NAME -->` and `<!-- end of table -->`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from whenabouts.benchmarks import BENCHMARKS, Dataset
from whenabouts.evaluation.protocols import PROTOCOLS
from whenabouts.interchange.formats import FORMATS, Format

DOCS = Path(__file__).parents[1] / "docs"


def in_markdown(head: str, rows: Iterable[str]) -> str:
    columns = head.count("|") - 1
    return "\n".join([head, "|---" * columns + "|", *rows])


def formats() -> str:
    def row(name: str, kind: Format) -> str:
        back = "yes, with the video" if kind.timeline else "yes" if kind.read else ""
        return f"| `{name}` | `{kind.suffix}` | {kind.use} | {kind.times} | {back} |".replace("|  |", "| |")

    return in_markdown("| format | suffix | for | times | read back |", (row(*item) for item in FORMATS.items()))


def protocols() -> str:
    rows = [{"protocol": f"`{name}`", "from": kind.source, **kind.rules()} for name, kind in PROTOCOLS.items()]
    return in_markdown(f"| {' | '.join(rows[0])} |", (f"| {' | '.join(row.values())} |" for row in rows))


def benchmarks() -> str:
    def row(kind: Dataset) -> str:
        cells = [f"`{kind.name}`", kind.task, ", ".join(kind.files), f"`{kind.protocol}`", kind.licence, kind.confirmed]
        return f"| {' | '.join(cells)} |"

    head = "| name | task | splits | protocol | licence | how the format is known |"
    return in_markdown(head, (row(BENCHMARKS[name]) for name in BENCHMARKS.own))


TABLES: dict[str, tuple[str, Callable[[], str]]] = {
    "formats": ("export.md", formats),
    "protocols": ("metrics.md", protocols),
    "benchmarks": ("benchmarks.md", benchmarks),
}


def written(text: str, name: str, table: str) -> str:
    """The text of a page with its table made anew."""
    begin, end = f"<!-- table: {name} -->", "<!-- end of table -->"
    before, rest = text.split(begin)
    return f"{before}{begin}\n{table}\n{end}{rest.split(end, 1)[1]}"


def main() -> None:
    for name, (page, make) in TABLES.items():
        path = DOCS / page
        path.write_text(written(path.read_text("utf-8"), name, make()), "utf-8")


if __name__ == "__main__":
    main()
