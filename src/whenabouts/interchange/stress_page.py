"""One self-contained HTML page of a stress test: flaws in words, figures beside trivial baselines, curves, receipts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from whenabouts.errors import InputError
from whenabouts.files.atomic import replacing
from whenabouts.interchange.assembled import page
from whenabouts.trust.stress.report import Report

__all__ = ["write_page"]


def write_page(report: Report, out: Path) -> Path:
    """Write the page at `out`, completely or not at all, and return its path. Raises InputError."""
    content = _content(report)
    text = page(
        "stress", ("base", "stress"), ("elements", "language", "icons", "theme", "curve"), content, _said(content)
    )
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with replacing(out) as part:
            part.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"the page cannot be written to {out}: {error.strerror}") from error
    return out


def _content(report: Report) -> dict[str, Any]:
    whole = report.to_dict()
    findings = []
    for finding, row in zip(report.findings, whole["findings"], strict=True):
        columns, rows = report.table_of(finding)
        findings.append({**row, "columns": columns, "table": [[name, *values] for name, values in rows]})
    return {**whole, "findings": findings, "facts": report.facts, "found": report.verdict, "report": whole}


def _said(content: dict[str, Any]) -> list[str]:
    """The sentences and names that a reader's language may have."""
    said = [content["facts"], content["found"], *content["notes"], *content["passed_over"].values()]
    said += [text for flaw in content["flaws"] for text in (flaw["name"], flaw["sentence"])]
    for finding in content["findings"]:
        said += [finding["probe"], *finding["notes"], *finding["columns"], *(row[0] for row in finding["table"])]
        for name, curve in finding["curves"].items():
            said += [name, curve["x_label"], curve["y_label"]]
    return said
