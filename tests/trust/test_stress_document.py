"""What a reader sees of a stress test, on a page and in a terminal."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from whenabouts.documents.chart import Line, Lines
from whenabouts.documents.document import Table
from whenabouts.interchange.document_page import write_page
from whenabouts.trust import Curve, Finding, Flaw
from whenabouts.trust.stress import Report


def report(text: str = "x") -> Report:
    figures = {"AUROC": 0.5, "AUROC of prior": 0.5, "AURC": float("nan")}
    curve = Curve((0.0, 1.0), (0.0, float("inf")), "coverage", "risk")
    return Report(
        model=text,
        subject=text,
        settings={"fps": 2.0},
        cases=(
            {"video": text, "sha256": "ab", "query": text, "truth": [[0.0, 1.0]]},
            {"video": text, "sha256": "ab", "query": text, "truth": None},
        ),
        findings=(
            Finding("abstention", figures, {text: curve}, (Flaw(text, text),), (text,)),
            Finding("one-frame", notes=("2 queries are too few; 10 are needed",)),
        ),
        failed={"random": text},
        notes=(text,),
        receipt={"version": "1", "seed": 0},
    )


def content(page: Path) -> dict[str, Any]:
    [data] = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page.read_text("utf-8"), re.S)
    held: dict[str, Any] = json.loads(data)
    return held


def test_the_report_comes_back_out_of_the_page(tmp_path: Path) -> None:
    page = write_page(report().document(), tmp_path / "page.html", report().to_dict())
    assert Report.from_dict(content(page)["data"]).to_dict() == report().to_dict()


def test_flaws_come_first_and_what_was_not_looked_at_stands_beside() -> None:
    shown = report().document()
    assert shown.verdicts == ("flaws found: 1; 1 of 3 probes could look", "x: x")
    unseen, abstention, receipt, cases = shown.sections
    assert unseen.sentences == ("one-frame: 2 queries are too few; 10 are needed", "random: x")
    assert abstention.tables == (
        Table(("figure", "model", "prior"), (("AUROC", 0.5, 0.5), ("AURC", None, None)), digits=3),
    )
    assert ("fps", "2.0") in receipt.tables[0].rows and receipt.detail
    assert cases.tables[0].rows == (("x", "x", "0.0–1.0 s"), ("x", "x", "unknown"))


def test_what_is_stated_lies_on_the_diagonal() -> None:
    curve = Curve((0.2,), (0.4,), "stated probability", "share")
    finding = Finding("calibration", {"ECE": 0.2}, {"reliability": curve}, rows=({"query": "a", "presence": 0.25},))
    shown = replace(report(), findings=(finding,)).document()
    [chart] = next(section for section in shown.sections if section.title == "calibration").charts
    assert isinstance(chart, Lines) and chart.lines["as stated"] == Line((0.0, 1.0), (0.0, 1.0))
    one = next(section for section in shown.sections if section.title == "calibration: query by query")
    assert one.detail and one.tables[0].rows == (("a", 0.25),)


def test_the_text_tells_flaws_first_and_what_was_not_looked_at() -> None:
    lines = report().text().splitlines()
    assert lines[:9] == [
        "Stress test of x",
        "x: 2 queries, 1 of which happen; videos: 1",
        "",
        "• flaws found: 1; 1 of 3 probes could look",
        "• x: x",
        "",
        "Not looked at",
        "─────────────",
        "one-frame: 2 queries are too few; 10 are needed",
    ]
    assert any(line.split() == ["AURC", "–", "–"] for line in lines)
