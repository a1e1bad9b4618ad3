"""Write the tables of the documentation that are made from the code, so that they cannot drift.

    python scripts/tables.py

A page holds a table between `<!-- table: NAME -->` and `<!-- end of table -->`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from pathlib import Path

from whenabouts import errors
from whenabouts.interchange.formats import FORMATS, Format
from whenabouts.metrics.protocols import PROTOCOLS, Detection, Highlights, Protocol, Ranked

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
    head = "| protocol | from | hit | ranks | tIoU | before counting | no answer | inverted answer | parser |"
    return in_markdown(head, map(_protocol, PROTOCOLS.values()))


def _protocol(protocol: Protocol) -> str:
    match protocol:
        case Ranked():
            hit = (
                "all windows at once, >"
                if protocol.iou == "set"
                else f"{protocol.iou} IoU {'>' if protocol.strict else '>='}"
            )
            before = [f"NMS {protocol.nms}"] if protocol.nms else []
            before += ["truth clamped to the video"] if protocol.truth == "clamped" else []
            cells = [
                hit,
                ", ".join(map(str, protocol.ranks)),
                ", ".join(f"{t:g}" for t in protocol.thresholds),
                "; ".join(before) or "–",
                {"error": "refused", "zero": "a miss", "dropped": "leaves the mean"}[protocol.missing],
                protocol.inverted,
                protocol.parser or "–",
            ]
        case Detection():
            tious = f"{protocol.tious[0]:g} … {protocol.tious[-1]:g}"
            cells = [f"mAP, one to one, {protocol.variant}", "all", tious, "–", "lowers recall", "–", "–"]
        case Highlights():
            cells = [f"`{protocol.module.removeprefix('whenabouts.')}`", "–", "–", "–", "refused", "–", "–"]
    return f"| `{protocol.name}` | {protocol.source} | {' | '.join(cells)} |"


def error_classes() -> str:
    """The family tree of the errors, as the module draws it, and a row for each."""

    def row(kind: type[Exception]) -> str:
        bases = ", ".join(f"`{base.__name__}`" for base in kind.__bases__)
        raised_for = " ".join(inspect.getdoc(kind).partition("\n\n")[0].split())
        return f"| `{kind.__name__}` | {bases} | {raised_for} |"

    tree = [line[4:] for line in errors.__doc__.splitlines() if line.startswith("    ")]
    table = in_markdown("| error | is also | raised for |", (row(getattr(errors, name)) for name in errors.__all__))
    return "\n".join(["```text", *tree, "```", "", table])


TABLES: dict[str, tuple[str, Callable[[], str]]] = {
    "errors": ("errors.md", error_classes),
    "formats": ("export.md", formats),
    "protocols": ("metrics.md", protocols),
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
