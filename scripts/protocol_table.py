"""Write the table of protocols into docs/metrics.md from the code, so that it cannot drift.

python scripts/protocol_table.py
"""

from __future__ import annotations

from pathlib import Path

from whenabouts.evaluation.protocols import (
    PROTOCOLS,
    DetectionProtocol,
    EvaluationProtocol,
    HighlightProtocol,
    RankedProtocol,
)

PAGE = Path(__file__).parents[1] / "docs" / "metrics.md"
BEGIN, END = "<!-- table of protocols -->", "<!-- end of table -->"
HEAD = "| protocol | from | hit | ranks | tIoU | before counting | no answer | inverted answer | parser |"


def row(protocol: EvaluationProtocol) -> str:
    match protocol:
        case RankedProtocol():
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
                {"error": "refused", "zero": "a miss", "dropped": "is excluded from the mean"}[protocol.missing],
                protocol.inverted,
                protocol.parser or "–",
            ]
        case DetectionProtocol():
            tious = f"{protocol.thresholds[0]:g} … {protocol.thresholds[-1]:g}"
            cells = [f"mAP, one to one, {protocol.evaluator}", "all", tious, "–", "lowers recall", "–", "–"]
        case HighlightProtocol():
            cells = ["`metrics.highlights`", "–", "–", "–", "refused", "–", "–"]
        case _:
            cells = [f"`metrics.{protocol.name}`", "–", "–", "–", "refused", "–", "–"]
    return f"| `{protocol.name}` | {protocol.source} | {' | '.join(cells)} |"


def table() -> str:
    return "\n".join([HEAD, "|---" * 9 + "|", *map(row, PROTOCOLS.values())])


def main() -> None:
    text = PAGE.read_text("utf-8")
    before, rest = text.split(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n{table()}\n{END}{rest.split(END)[1]}", "utf-8")


if __name__ == "__main__":
    main()
