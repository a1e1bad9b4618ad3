"""TimeLens-Bench (arXiv:2512.14698): Charades-STA, ActivityNet Captions and QVHighlights, annotated again.

One JSON object per source: {video: {duration, spans, queries}}, one span per query. The official loader tidies queries
(spaces, and full stops at the ends); so does this reader.
"""

from __future__ import annotations

from pathlib import Path

from whenabouts.benchmarks.example import Dataset, Example
from whenabouts.files.records import Row, read_json

__all__ = ["TIMELENS_BENCH"]


def _read(path: Path, split: str) -> list[Example]:
    examples = []
    for video, data in Row(read_json(path), f"{path}").items():
        row = Row(data, f"{path}, {video}")
        spans, queries, duration = row.table("spans", 2), row.entries("queries"), row.number("duration")
        if len(spans) != len(queries):
            row.refuse("queries", f"has {len(queries)} entries for {len(spans)} spans")
        for i, query in enumerate(queries):
            if not isinstance(query, str):
                row.refuse(f"queries, entry {i + 1},", "must be text")
            words = " ".join(query.split()).strip(".").strip()
            where = f"{path}, {video}, query {i + 1}"
            examples.append(
                Example(f"{video}_{i}", video, words, spans[i : i + 1], duration, numbered=True, where=where)
            )
    return examples


TIMELENS_BENCH = Dataset(
    name="timelens-bench",
    title="TimeLens-Bench",
    task="TSG",
    protocol="timelens",
    licence="academic use; its licence says it is not intended for use within the EU",
    source="https://huggingface.co/datasets/TencentARC/TimeLens-Bench",
    paper="arXiv:2512.14698",
    files={
        source: (f"{source}-timelens.json", f"TimeLens-Bench/{source}-timelens.json")
        for source in ("charades", "activitynet", "qvhighlights")
    },
    read=_read,
    confirmed="by the official loader; the files themselves were not at hand",
    default_split="charades",
)
