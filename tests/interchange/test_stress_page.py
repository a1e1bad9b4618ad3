"""What the page of a stress test holds, before any browser opens it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from whenabouts.errors import InputError
from whenabouts.interchange.stress_page import write_page
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
    page = write_page(report(), tmp_path / "new" / "page.html")
    held = content(page)
    assert Report.from_dict(held["report"]).to_dict() == report().to_dict()
    assert held["found"] == "flaws found: 1; 1 of 3 probes could look"
    assert held["passed_over"] == {"one-frame": "2 queries are too few; 10 are needed", "random": "x"}
    [table, _] = held["findings"]
    assert table["columns"] == ["model", "prior"]
    assert table["table"] == [["AUROC", 0.5, 0.5], ["AURC", None, None]]


@pytest.mark.parametrize("text", ["</script>", "<!--", "\u2028", "\ud800", "/*data*/", "script-digest", "&lt;"])
def test_any_text_is_data_and_nothing_else(text: str, tmp_path: Path) -> None:
    hidden = [
        re.sub(r'(id="(?:data|languages)">).*?(?=</script>)', r"\1", page.read_text("utf-8"), flags=re.S)
        for page in (write_page(report(text), tmp_path / "a.html"), write_page(report("plain"), tmp_path / "b.html"))
    ]
    assert hidden[0] == hidden[1]
    assert content(tmp_path / "a.html")["flaws"] == [{"name": text, "sentence": text}]


def test_the_policy_names_the_script_and_the_style_and_allows_no_other(tmp_path: Path) -> None:
    text = write_page(report(), tmp_path / "page.html").read_text("utf-8")
    for tag in ("script", "style"):
        [body] = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.S)
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in text
    assert "default-src 'none'" in text and not re.search(r"(src|href)=\"?http", text)


def test_a_page_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        write_page(report(), tmp_path / "file" / "page.html")


def test_the_text_tells_flaws_first_and_what_was_not_looked_at() -> None:
    lines = report().text().splitlines()
    assert lines[0] == "x, x: 2 queries, 1 of which happen; videos: 1"
    assert lines[2:7] == [
        "flaws found: 1; 1 of 3 probes could look",
        "  x: x",
        "",
        "not looked at:",
        "  one-frame: 2 queries are too few; 10 are needed",
    ]
    assert any(line.split() == ["AURC", "–", "–"] for line in lines)
