"""The model card of a run: what it was trained from, on and with, its scores, and signs of reward hacking."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["card"]


def card(receipt: Mapping[str, Any]) -> str:
    """Markdown with the front matter the hub reads, from a receipt of `run.Run.train`."""
    recipe, data = receipt["recipe"], receipt["data"]
    lines = [
        "---",
        *([f"base_model: {receipt['base_model']}"] if receipt["base_model"] else []),
        "library_name: transformers",
        "pipeline_tag: video-text-to-text",
        "tags: [temporal-grounding, moment-retrieval]",
        "---",
        "",
        f"# {receipt['model']}, post-trained with {recipe['name']}",
        "",
        f"Recipe of arXiv:{recipe['arxiv']}; {receipt['updates']} updates on {data['samples']} samples"
        f" (SHA-256 {data['sha256'][:16]}…).",
    ]
    if recipe["unconfirmed"]:
        lines += ["", f"Values the paper or its code did not confirm: {', '.join(recipe['unconfirmed'])}."]
    lines += _scores(receipt.get("scores", {}))
    for title, name in (("Held-out samples", "held_out"), ("Last answers in training", "training")):
        figures = {key: value for key, value in receipt.get(name, {}).items() if value is not None}
        if figures:
            lines += ["", f"## {title}", "", "| figure | value |", "|---|---|"]
            lines += [f"| {key} | {value:.4g} |" for key, value in figures.items()]
    found = dict.fromkeys((*receipt.get("flags", ()), *receipt.get("held_out_flags", ())))
    lines += ["", "## Signs of reward hacking", "", *(f"- {flag}" for flag in found or ["none"])]
    lines += ["", "## Versions", "", ", ".join(f"{k} {v}" for k, v in receipt["versions"].items())]
    lines += ["", "Every setting of the recipe is in `receipt.json`, every update in `log.jsonl`."]
    return "\n".join(lines) + "\n"


def _scores(scores: Mapping[str, Mapping[str, float]]) -> list[str]:
    """The model beside answers that did not need the video, as a table."""
    if not scores:
        return []
    columns = list(next(iter(scores.values())))
    lines = ["", "## Scores, and what answers earn that need no video", ""]
    lines += ["| " + " | ".join(["", *columns]) + " |", "|---" * (len(columns) + 1) + "|"]
    return lines + [
        f"| {name} | " + " | ".join(f"{row[c]:.3f}" for c in columns) + " |" for name, row in scores.items()
    ]
