"""Write the table of protocols into docs/metrics.md from the code, so that it cannot drift.

python scripts/protocol_table.py
"""

from __future__ import annotations

from pathlib import Path

from whenabouts.metrics.protocols import PROTOCOLS, Detection, Highlights, Protocol, Ranked

PAGE = Path(__file__).parents[1] / "docs" / "metrics.md"
BEGIN, END = "<!-- table of protocols -->", "<!-- end of table -->"
HEAD = "| protocol | from | hit | ranks | tIoU | before counting | no answer | inverted answer | parser |"


def row(protocol: Protocol) -> str:
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


def table() -> str:
    return "\n".join([HEAD, "|---" * 9 + "|", *map(row, PROTOCOLS.values())])


def main() -> None:
    text = PAGE.read_text("utf-8")
    before, rest = text.split(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n{table()}\n{END}{rest.split(END)[1]}", "utf-8")


if __name__ == "__main__":
    main()
